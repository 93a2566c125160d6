use chrono::NaiveDate;

use super::{Translated, View, fields, moment::parse_day};
use crate::id::ProgrammeId;
use crate::record::ScopeId;

super::view! {
    /// The whole undertaking.
    Programme, ProgrammeId, PROGRAMME
}

impl Programme {
    /// What it is called.
    pub fn title(&self) -> Translated {
        self.translated(fields::TITLE)
    }

    /// Who holds it, a line each.
    pub fn organisers(&self) -> Translated {
        self.translated(fields::ORGANISERS)
    }

    /// Whether anyone may read it.
    pub fn is_public(&self) -> bool {
        self.0.value(fields::PUBLIC).is_set()
    }

    /// Where its facts come from.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.0.members(fields::SOURCES)
    }
}

super::words! {
    /// Whether an event took place.
    EventStatus {
        /// It is planned or going on.
        Planned = "planned",
        /// It took place.
        Held = "held",
        /// The sources announce it and do not say whether it took place.
        Announced = "announced",
        /// It was called off.
        Cancelled = "cancelled",
    } fallback Planned
}

super::view! {
    /// One gathering of a programme in one place.
    Event, EventId, EVENT
}

impl Event {
    /// The programme it belongs to.
    pub fn programme(&self) -> Option<ProgrammeId> {
        match self.0.key.scope {
            ScopeId::Programme(programme) => Some(programme),
            // A copy says it, since it lies elsewhere.
            ScopeId::Group(_) | ScopeId::Person(_) => {
                let programme = self.0.value(fields::PROGRAMME).as_reference();
                programme.map(ProgrammeId::from)
            }
        }
    }

    /// What it is called.
    pub fn title(&self) -> Translated {
        self.translated(fields::TITLE)
    }

    /// The town.
    pub fn city(&self) -> Translated {
        self.translated(fields::CITY)
    }

    /// The house.
    pub fn venue(&self) -> Translated {
        self.translated(fields::VENUE)
    }

    /// IANA name of the venue's zone.
    pub fn zone(&self) -> Option<&str> {
        self.text(fields::ZONE)
    }

    /// First day, by the venue's calendar.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.text(fields::FIRST_DAY).and_then(parse_day)
    }

    /// Last day, by the venue's calendar; not before the first.
    pub fn last_day(&self) -> Option<NaiveDate> {
        let last = self.text(fields::LAST_DAY).and_then(parse_day);
        last.max(self.first_day())
    }

    /// Whether it took place.
    pub fn status(&self) -> EventStatus {
        EventStatus::from_word_or_fallback(self.text(fields::STATUS))
    }
}

super::view! {
    /// Somebody's card in a programme.
    Person, PersonId, PERSON
}

impl Person {
    /// Their name.
    pub fn name(&self) -> Option<&str> {
        self.text(fields::NAME)
    }

    /// Where they work.
    pub fn organisation(&self) -> Translated {
        self.translated(fields::ORGANISATION)
    }

    /// What they do there.
    pub fn post(&self) -> Translated {
        self.translated(fields::POST)
    }
}
