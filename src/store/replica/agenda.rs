//! The sessions of each event by their start: what most views ask for, some for every event.

use std::collections::HashMap;
use std::rc::Rc;

use keruen_domain::model::SessionOutline;
use keruen_domain::{Collection, EventId, RecordKey, ScopeId};

use super::held::Records;

/// A session's place in an agenda.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Which session.
    pub session: RecordKey,
    /// When it is.
    pub outline: SessionOutline,
}

/// Made without reading the sessions themselves.
pub(super) type Agenda = HashMap<EventId, Rc<[Slot]>>;

pub(super) fn of<'a>(
    sessions: impl Iterator<Item = (ScopeId, &'a Records)>,
    counts: impl Fn(&RecordKey) -> bool,
) -> Agenda {
    let mut slots: HashMap<EventId, Vec<Slot>> = HashMap::new();
    let each = sessions.flat_map(|(scope, records)| {
        records.iter().map(move |(id, held)| {
            let key = RecordKey {
                scope,
                collection: Collection::SESSION,
                id: *id,
            };
            (key, held)
        })
    });
    for (session, held) in each.filter(|(key, _)| counts(key)) {
        let outline = match held.unread() {
            Some(sealed) => SessionOutline::peek(sealed.content()),
            None => held.known().and_then(|record| SessionOutline::of(&record)),
        };
        if let Some(outline) = outline
            && let Some(event) = outline.event
        {
            slots
                .entry(event)
                .or_default()
                .push(Slot { session, outline });
        }
    }
    let sorted = slots.into_iter().map(|(event, mut slots)| {
        slots.sort_unstable_by_key(|slot| (slot.outline.start, slot.outline.end, slot.session.id));
        (event, slots.into())
    });
    sorted.collect()
}
