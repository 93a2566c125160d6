//! Schedules that Keruen itself wrote: they name the records that they came from.
//!
//! The schema allows no elements of one's own. What a schedule cannot say stands once, as JSON, where every
//! reader but this one passes over it: in XML in a processing instruction, in JSON in the conference's
//! `meta`. Such a file holds only what a schedule can say, in one language: what it does not hold is left as
//! it is in the records.

use std::collections::BTreeMap;

use keruen_domain::model::{Moment, SessionKind, fields};
use keruen_domain::{Collection, EventId, Language, PersonId, ProgrammeId, RecordId, SessionId};
use serde::{Deserialize, Serialize};

use super::{Entry, Schedule, times};
use crate::draft::{Drafting, RecordDraft};
use crate::problem::{ReadError, Reason};
use crate::zone::{self, Span, Written};
use crate::{Options, text};

/// The name under which it stands in a file.
pub(crate) const NAME: &str = "keruen";

/// What a schedule of ours says beside what all schedules say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Own {
    pub(crate) programme: Titled<ProgrammeId>,
    pub(crate) event: Titled<EventId>,
    pub(crate) sessions: BTreeMap<SessionId, OwnSession>,
}

/// A record with what it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Titled<Id> {
    pub(crate) id: Id,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
}

/// How to read what the schedule says of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct OwnSession {
    /// Code of the language of its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// Code of the language of its abstract.
    #[serde(rename = "abstract", skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<String>,
    /// Code of the language of its room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) room: Option<String>,
    /// What stands before its title without being of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) mark: String,
    /// The room is not its own, but where the event is.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) no_room: bool,
    /// The language is its own, and not only that of its title.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) spoken: bool,
    /// Nobody said when it ends.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) no_end: bool,
    /// Milliseconds between the second that is written and its start.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) start_ms: i64,
    /// Milliseconds between the duration that is written and its end.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) end_ms: i64,
    /// What the venue's clocks are ahead of UTC, where the date cannot say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offset_minutes: Option<i64>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl Own {
    /// What a schedule says in this JSON; `None` for anything else.
    pub(super) fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// The same of JSON that was read already.
    pub(super) fn of_value(value: &serde_json::Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// The records that the file came from.
    pub(super) fn of<'a>(schedule: &'a Schedule, options: &Options<'_>) -> Option<&'a Self> {
        let own = schedule.own.as_ref();
        own.filter(|own| options.takes_origin(own.programme.id))
    }

    /// The programme and the event, with nothing but what they are called.
    pub(super) fn push_origin(
        &self,
        schedule: &Schedule,
        options: &Options<'_>,
        drafting: &mut Drafting,
    ) -> Result<(), ReadError> {
        let programme = (Collection::PROGRAMME, RecordId::from(self.programme.id));
        let event = (Collection::EVENT, RecordId::from(self.event.id));
        for ((collection, id), title, language) in [
            (programme, &self.programme.title, &self.programme.language),
            (event, &self.event.title, &self.event.language),
        ] {
            let place = schedule.place.clone();
            let mut record = drafting.begin_as(collection, id, &text::line(title), place);
            let language = language_of(language.as_deref());
            record.line(fields::TITLE, language, title, &mut drafting.notices);
            if collection == Collection::PROGRAMME && options.public {
                record.set(fields::PUBLIC, true);
            }
            drafting.push(record, NAME)?;
        }
        Ok(())
    }

    /// The session that an entry came from, and how to read it; `None` for one that was added to the file.
    pub(super) fn session(&self, entry: &Entry) -> Option<(SessionId, &OwnSession)> {
        let id: SessionId = entry.guid.trim().parse().ok()?;
        Some((id, self.sessions.get(&id)?))
    }
}

impl OwnSession {
    /// The fields that the entry says.
    pub(super) fn fill(
        &self,
        entry: &Entry,
        record: &mut RecordDraft,
        drafting: &mut Drafting,
    ) -> Result<(), Reason> {
        let span = self.span(entry)?;
        let notices = &mut drafting.notices;
        record.times(span, notices);
        if self.no_end && span.end_ms == span.start.unix_ms() {
            record.leave(fields::END);
        }
        let title = entry.title.trim_start();
        let title = title.strip_prefix(self.mark.trim()).unwrap_or(title);
        let language = language_of(self.title.as_deref());
        record.line(fields::TITLE, language, title, notices);
        let language = language_of(self.summary.as_deref());
        record.own_block(fields::ABSTRACT, language, &entry.summary, notices);
        if !self.no_room {
            let language = language_of(self.room.as_deref());
            record.line(fields::ROOM, language, &entry.room, notices);
        }
        if self.spoken {
            record.line(fields::LANGUAGE, None, &entry.language, notices);
        }
        record.line(fields::TRACK, None, &entry.track, notices);
        if text::is_web_address(entry.url.trim()) {
            record.address(fields::URL, &entry.url, notices);
        }
        if let Some(kind) = SessionKind::from_word(entry.kind.trim()) {
            record.set(fields::KIND, kind.word());
        }
        for person in &entry.persons {
            let id: Option<PersonId> = person.key.trim().parse().ok();
            let name = text::line(&person.name);
            let (Some(id), false) = (id, name.is_empty()) else {
                continue;
            };
            record.member(fields::SPEAKERS, &id.to_string(), notices);
        }
        Ok(())
    }

    fn span(&self, entry: &Entry) -> Result<Span, Reason> {
        let bad = |text: &str| Reason::BadTime(text::shown(text));
        let Some(Written::Instant(instant)) = zone::parse_iso(&entry.date) else {
            return Err(bad(&entry.date));
        };
        let minutes = i64::from(instant.offset().local_minus_utc() / 60);
        let minutes = self.offset_minutes.unwrap_or(minutes);
        let second_ms = instant.timestamp_millis();
        let start = second_ms
            .checked_add(self.start_ms)
            .and_then(|start_ms| Moment::new(start_ms, minutes))
            .ok_or_else(|| bad(&entry.date))?;
        let duration = times::duration(entry.duration.trim());
        let end_ms = duration
            .and_then(|duration| second_ms.checked_add(duration.num_milliseconds()))
            .and_then(|end_ms| end_ms.checked_add(self.end_ms))
            .ok_or_else(|| bad(&entry.duration))?;
        Ok(Span { start, end_ms })
    }
}

fn language_of(code: Option<&str>) -> Option<Language> {
    code.and_then(Language::from_word)
}
