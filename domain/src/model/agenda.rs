use super::{Moment, Translated, View, fields};
use crate::id::{EventId, MaterialId, PersonId};
use crate::page;
use crate::record::Record;
use crate::value::{FieldKey, Value};

super::words! {
    /// What happens in a session.
    SessionKind {
        /// Opening.
        Opening = "opening",
        /// Strategic session.
        StrategicSession = "strategic-session",
        /// Lecture.
        Lecture = "lecture",
        /// Workshop.
        Workshop = "workshop",
        /// Project work.
        ProjectWork = "project-work",
        /// Group work.
        GroupWork = "group-work",
        /// Discussion.
        Discussion = "discussion",
        /// Knowledge sharing.
        KnowledgeSharing = "knowledge-sharing",
        /// Site visit.
        SiteVisit = "site-visit",
        /// Exhibition.
        Exhibition = "exhibition",
        /// Assessment.
        Assessment = "assessment",
        /// A pause: coffee, lunch.
        Break = "break",
        /// Closing.
        Closing = "closing",
    } fallback Lecture
}

super::words! {
    /// Whether a session takes place.
    SessionStatus {
        /// It does.
        Planned = "planned",
        /// It was called off, and stays in the agenda so that people see it.
        Cancelled = "cancelled",
    } fallback Planned
}

super::view! {
    /// One item of an event's agenda.
    Session, SessionId, SESSION
}

impl Session {
    /// The event it is part of.
    pub fn event(&self) -> Option<EventId> {
        self.0
            .value(fields::EVENT)
            .as_reference()
            .map(EventId::from)
    }

    /// What happens in it.
    pub fn kind(&self) -> SessionKind {
        SessionKind::from_word_or_fallback(self.text(fields::KIND))
    }

    /// Whether it was called off.
    pub fn is_cancelled(&self) -> bool {
        let status = SessionStatus::from_word_or_fallback(self.text(fields::STATUS));
        status == SessionStatus::Cancelled
    }

    /// What it is called.
    pub fn title(&self) -> Translated {
        self.translated(fields::TITLE)
    }

    /// What it is about.
    pub fn summary(&self) -> Translated {
        self.translated(fields::ABSTRACT)
    }

    /// Where in the venue.
    pub fn room(&self) -> Translated {
        self.translated(fields::ROOM)
    }

    /// When it begins.
    pub fn start(&self) -> Option<Moment> {
        moment(
            self.0.value(fields::START),
            self.0.value(fields::OFFSET_MINUTES),
        )
    }

    /// When it ends; not before it begins.
    pub fn end(&self) -> Option<Moment> {
        let end = moment(
            self.0.value(fields::END),
            self.0.value(fields::OFFSET_MINUTES),
        );
        end.max(self.start())
    }

    /// Who speaks.
    pub fn speakers(&self) -> impl Iterator<Item = PersonId> {
        self.0
            .members(fields::SPEAKERS)
            .filter_map(|member| member.parse().ok())
    }

    /// What belongs to it.
    pub fn materials(&self) -> impl Iterator<Item = MaterialId> {
        self.0
            .members(fields::MATERIALS)
            .filter_map(|member| member.parse().ok())
    }
}

fn moment(unix_ms: &Value, offset_minutes: &Value) -> Option<Moment> {
    Moment::new(
        unix_ms.as_number()?,
        offset_minutes.as_number().unwrap_or(0),
    )
}

/// Where a session is in an agenda, known without reading the rest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionOutline {
    /// The event it is part of.
    pub event: Option<EventId>,
    /// When it begins.
    pub start: Option<Moment>,
    /// When it ends; not before it begins.
    pub end: Option<Moment>,
}

impl SessionOutline {
    /// The outline of a session's record; `None` if it is deleted.
    pub fn of(record: &Record) -> Option<Self> {
        let value = |name| record.value(name).clone();
        Self::from_values(Self::FIELDS.map(value))
    }

    /// The outline of a session in a sealed page, see [`page::peek`]; `None` if it is deleted.
    pub fn peek(content: &[u8]) -> Option<Self> {
        Self::from_values(page::peek(content, Self::FIELDS))
    }

    /// In ascending order.
    const FIELDS: [&str; 5] = [
        fields::END,
        fields::EVENT,
        fields::OFFSET_MINUTES,
        fields::START,
        FieldKey::DELETED,
    ];

    fn from_values([end, event, offset_minutes, start, deleted]: [Value; 5]) -> Option<Self> {
        let start = moment(&start, &offset_minutes);
        let outline = Self {
            event: event.as_reference().map(EventId::from),
            start,
            end: moment(&end, &offset_minutes).max(start),
        };
        (!deleted.is_set()).then_some(outline)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::id::RecordId;
    use crate::{Author, Collection, DeviceId, Edit, Hlc, ProgrammeId, RecordKey, ScopeId, Stamp};

    #[test]
    fn an_outline_is_what_the_session_says() {
        assert!(SessionOutline::FIELDS.is_sorted());
        let key = RecordKey {
            scope: ScopeId::Programme(ProgrammeId::new(1, [1; 10])),
            collection: Collection::SESSION,
            id: RecordId::new(1, [2; 10]),
        };
        let stamp = |unix_ms| Stamp {
            time: Hlc::from_unix_ms(unix_ms),
            device: DeviceId(1),
        };
        let mut edit = Edit::new(key, None, stamp(1), Author::Machine);
        edit.set(FieldKey::register(fields::TITLE), "Ашылу")
            .set(FieldKey::register(fields::EVENT), RecordId::new(1, [3; 10]))
            .set(FieldKey::register(fields::OFFSET_MINUTES), 300)
            .set(FieldKey::register(fields::START), 1_747_000_000_000)
            .set(FieldKey::register(fields::END), 1_746_000_000_000);
        let mut record = edit.finish().expect("a new session is an edit");
        let session = Session::of(&Arc::new(record.clone())).expect("a session");
        let outline = SessionOutline::of(&record).expect("it is not deleted");
        assert_eq!(outline.event, session.event());
        assert!(outline.event.is_some() && outline.start.is_some());
        assert_eq!(outline.start, session.start());
        assert_eq!(outline.end, session.end());
        let peek = |record: &Record| {
            let page = page::encode(record.key.scope, std::slice::from_ref(record));
            let directory = page::index(&page).expect("the page is whole");
            SessionOutline::peek(directory.places[0].content(&page))
        };
        assert_eq!(peek(&record), Some(outline));
        let mut edit = Edit::new(key, Some(&record), stamp(2), Author::Person);
        edit.delete();
        let deletion = edit.finish().expect("a deletion is an edit");
        record.merge(deletion);
        assert_eq!(SessionOutline::of(&record), None);
        assert_eq!(peek(&record), None);
    }
}
