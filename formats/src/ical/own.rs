//! Calendars that Keruen itself wrote: they name the records that they came from.
//!
//! Such a file holds only what a calendar can say, in one language: what it does not hold is left as it
//! is in the records.

use keruen_domain::model::fields;
use keruen_domain::{Collection, EventId, Language, ProgrammeId, RecordId, SessionId};

use super::lines::{Component, Property};
use crate::draft::{Drafting, RecordDraft};
use crate::identity::own;
use crate::problem::{Place, ReadError};
use crate::{Options, text};

/// Of which programme the calendar is: its title, its identifier as a parameter.
pub(crate) const PROGRAMME: &str = "X-KERUEN-PROGRAMME";
/// Of which event the calendar is: its title, its identifier as a parameter.
pub(crate) const EVENT: &str = "X-KERUEN-EVENT";
/// The room, where the place says more.
pub(crate) const ROOM: &str = "X-KERUEN-ROOM";
/// What happens in the session, where the description says more.
pub(crate) const ABSTRACT: &str = "X-KERUEN-ABSTRACT";
/// Parameter: an identifier.
pub(crate) const ID: &str = "X-ID";
/// Parameter of a time in UTC: what the venue's clocks are ahead of it, in minutes.
pub(crate) const OFFSET_MINUTES: &str = "X-OFFSET-MINUTES";
/// Parameter of a status: it is that of the whole event.
pub(crate) const OF_EVENT: &str = "X-OF-EVENT";

/// What a calendar calls a session.
pub(crate) fn uid(session: SessionId, programme: ProgrammeId) -> String {
    own::name(session.into(), programme)
}

/// The records that a calendar came from.
pub(super) struct Origin<'a> {
    pub(super) programme: ProgrammeId,
    pub(super) programme_title: &'a Property,
    pub(super) event: EventId,
    pub(super) event_title: &'a Property,
}

impl<'a> Origin<'a> {
    /// The records that the file came from; `None` if it came from elsewhere, or is several in one.
    pub(super) fn of(calendars: &'a [Component]) -> Option<Self> {
        let [calendar] = calendars else {
            return None;
        };
        let programme_title = calendar.get(PROGRAMME)?;
        let event_title = calendar.get(EVENT)?;
        Some(Self {
            programme: programme_title.parameter(ID)?.parse().ok()?,
            programme_title,
            event: event_title.parameter(ID)?.parse().ok()?,
            event_title,
        })
    }

    /// The record that this identifier of an entry names, if it is one of the programme.
    pub(super) fn session(&self, uid: &str) -> Option<RecordId> {
        let (session, programme) = own::parse(uid)?;
        (programme == self.programme).then_some(session)
    }

    /// The programme, with nothing but what it is called.
    pub(super) fn push_programme(
        &self,
        options: &Options<'_>,
        drafting: &mut Drafting,
    ) -> Result<(), ReadError> {
        let id = self.programme.into();
        let mut record = titled(Collection::PROGRAMME, id, self.programme_title, drafting);
        if options.public {
            record.set(fields::PUBLIC, true);
        }
        drafting.push(record, PROGRAMME).map(drop)
    }

    /// The event, with nothing but what it is called.
    pub(super) fn push_event(&self, drafting: &mut Drafting) -> Result<(), ReadError> {
        let id = self.event.into();
        let record = titled(Collection::EVENT, id, self.event_title, drafting);
        drafting.push(record, EVENT).map(drop)
    }
}

fn titled(
    collection: Collection,
    id: RecordId,
    title: &Property,
    drafting: &mut Drafting,
) -> RecordDraft {
    let text = title.text();
    let place = Place::Line(title.line);
    let mut record = drafting.begin_as(collection, id, &text::line(&text), place);
    let language = title.parameter("LANGUAGE").and_then(Language::from_tag);
    record.line(fields::TITLE, language, &text, &mut drafting.notices);
    record
}
