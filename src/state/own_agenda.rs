//! One's own agenda: the sessions that a person marked, and what of them gets into each other's way.

use keruen_domain::model::{Event, Mark, Session, View, fields};
use keruen_domain::{Collection, FieldKey, RecordKey, ScopeId, SessionId};

use super::AppState;
use crate::store::Write;

/// Why two sessions do not go together.
#[derive(Clone, Debug, PartialEq)]
pub enum Clash {
    /// They are at the same time.
    Overlap(Session),
    /// The time between them is too short for the way from one venue to the other.
    Way(Session),
}

impl Clash {
    /// The other session.
    pub const fn session(&self) -> &Session {
        let (Self::Overlap(session) | Self::Way(session)) = self;
        session
    }
}

impl AppState {
    /// Whether a session is in one's own agenda.
    pub fn is_mine(&self, session: SessionId) -> bool {
        let mark = self.record(&mark_key(session));
        mark.as_ref()
            .and_then(Mark::of)
            .is_some_and(|mark| mark.is_mine())
    }

    /// Puts a session into one's own agenda, or takes it out.
    pub fn set_mine(&self, session: SessionId, is_mine: bool) {
        self.commit(Write::new(mark_key(session), move |edit| {
            edit.set(FieldKey::register(fields::MINE), is_mine);
        }));
    }

    /// The sessions of one's own agenda by their start.
    pub fn own_agenda(&self) -> Vec<Session> {
        self.track(&[Collection::MARK]);
        let marks: Vec<SessionId> = {
            let store = self.store();
            let replica = store.replica();
            let marks = replica.all::<Mark>().filter(Mark::is_mine);
            marks.map(|mark| mark.id()).collect()
        };
        let found = marks.into_iter().filter_map(|id| self.session(id));
        let mut sessions: Vec<Session> = found.collect();
        sessions.sort_by_key(|session| (session.start(), session.end(), session.id()));
        sessions
    }

    /// What of one's own agenda a session does not go together with, whether it is in it or not.
    pub fn clashes(&self, session: &Session) -> Vec<Clash> {
        let own = self.own_agenda();
        let others = own.into_iter().filter(|other| other.id() != session.id());
        others
            .filter_map(|other| self.clash(session, other))
            .collect()
    }

    fn clash(&self, session: &Session, other: Session) -> Option<Clash> {
        /// Less is too short from one place to another.
        const WAY_MS: i64 = 60 * 60_000;
        if session.is_cancelled() || other.is_cancelled() {
            return None;
        }
        let [one, two] =
            [session, &other].map(|of| Some((of.start()?.unix_ms(), of.end()?.unix_ms())));
        let ((start, end), (other_start, other_end)) = (one?, two?);
        if start < other_end && other_start < end {
            return Some(Clash::Overlap(other));
        }
        let is_soon = (start - other_end).max(other_start - end) < WAY_MS;
        (is_soon && self.is_elsewhere(session, &other)).then_some(Clash::Way(other))
    }

    /// Whether two sessions are at different venues.
    fn is_elsewhere(&self, one: &Session, other: &Session) -> bool {
        if one.event() == other.event() {
            return false;
        }
        let place = |session: &Session| {
            let event: Event = self.event(session.event()?)?;
            Some((event.city(), event.venue()))
        };
        place(one) != place(other)
    }
}

fn mark_key(session: SessionId) -> RecordKey {
    RecordKey {
        scope: ScopeId::OWN,
        collection: Collection::MARK,
        id: session.into(),
    }
}
