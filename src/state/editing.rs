//! Organisers and trainers change the agenda, on this device: what they may, the instants that their times
//! mean, and what would be at the same place or with the same people.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use keruen_domain::access::{Action, Actor, may};
use keruen_domain::model::{Event, Moment, Person, Session, View, fields};
use keruen_domain::zones::{self, Doubt};
use keruen_domain::{
    Collection, EventId, FieldKey, PersonId, ProgrammeId, Record, RecordKey, Role, ScopeId,
    SessionId, Value,
};
use leptos::prelude::untrack;

use super::link::{own_person, remember_person};
use super::{AppState, touch};
use crate::platform::{now_ms, random_bytes, zone_offset_minutes};
use crate::store::Write;

/// What was written into a session's fields.
pub type Edited = Vec<(FieldKey, Value)>;

/// Why another session gets in the way.
#[derive(Clone, Debug, PartialEq)]
pub enum Collision {
    /// It is in the same room at the same time.
    Room(Session),
    /// This person speaks in it at the same time.
    Speaker(Session, Person),
}

impl AppState {
    /// Whether the owner of this device may change a session.
    pub fn may_change(&self, session: &Session) -> bool {
        self.may_write(session.record().key, Some(session.record()))
    }

    /// Whether they may add sessions to an event.
    pub fn may_add_to(&self, event: &Event) -> bool {
        let key = RecordKey {
            collection: Collection::SESSION,
            ..event.record().key
        };
        self.may_write(key, None)
    }

    pub(super) fn may_write(&self, key: RecordKey, before: Option<&Arc<Record>>) -> bool {
        let ScopeId::Programme(programme) = key.scope else {
            return false;
        };
        let Some(role) = self.role_in(programme) else {
            return false;
        };
        let person = own_person();
        let actor = Actor {
            person: Some(person.unwrap_or(PersonId::SELF)),
            roles: [(programme, role)].into(),
            ..Actor::default()
        };
        let change = Record::new(key);
        let action = Action::Write {
            before: before.map(|record| &**record),
            change: &change,
        };
        may(&actor, action, &key).is_ok()
    }

    /// Asks the server who the owner of this device is, where that decides what a trainer may change.
    pub async fn learn_own_person(&self) {
        let is_trainer = self
            .store()
            .roles()
            .iter()
            .any(|of| of.role == Role::Trainer);
        if is_trainer
            && own_person().is_none()
            && let Ok(me) = self.me().await
        {
            remember_person(me.person);
            touch(self.roles_changed);
        }
    }

    /// An identifier for a session that is about to be made.
    pub fn new_session_id() -> SessionId {
        SessionId::new(now_ms(), random_bytes())
    }

    /// Where a session of an event is.
    pub fn session_key(event: &Event, id: SessionId) -> RecordKey {
        RecordKey {
            scope: event.record().key.scope,
            collection: Collection::SESSION,
            id: id.into(),
        }
    }

    /// The cards of a programme's people, by name.
    pub fn people_of(&self, programme: ProgrammeId) -> Vec<Person> {
        let mut people = self.all::<Person>();
        people.retain(|person| person.record().key.scope == ScopeId::Programme(programme));
        people.sort_by(|one, other| one.name().cmp(&other.name()));
        people
    }

    /// The instant when an event's clocks show this, with what is doubtful about it. If neither the app nor the
    /// browser knows the zone, by the event's other sessions.
    pub fn moment_at(&self, event: &Event, wall: NaiveDateTime) -> Option<(Moment, Option<Doubt>)> {
        let by_zone = event.zone().and_then(|zone| {
            zones::instant_of(wall, |unix_ms| {
                zones::offset_minutes(zone, unix_ms).or_else(|| zone_offset_minutes(zone, unix_ms))
            })
        });
        by_zone.or_else(|| {
            const MINUTE_MS: i64 = 60_000;
            let wall_ms = wall.and_utc().timestamp_millis();
            let offset = i64::from(self.now_at(event, wall_ms)?.offset_minutes());
            Some((Moment::new(wall_ms - offset * MINUTE_MS, offset)?, None))
        })
    }

    /// Saves what somebody wrote who had `seen` in front of them; whether that worked, else it says so.
    pub async fn save_session(
        &self,
        key: RecordKey,
        seen: Option<Arc<Record>>,
        edited: Edited,
    ) -> bool {
        let write = Write::having_seen(key, seen, move |edit| {
            for (field, value) in edited {
                edit.set(field, value);
            }
        });
        let is_saved = self.commit_all(vec![write]).await;
        let event = untrack(|| self.session(key.id.into())).and_then(|session| session.event());
        if let Some(event) = event {
            self.look_at_own(event, &[key.id.into()]);
        }
        is_saved
    }

    /// Deletes a session that was made by mistake; whether that worked, else it says so.
    pub async fn delete_session(&self, session: &Session) -> bool {
        let write = Write::new(session.record().key, |edit| {
            edit.delete();
        });
        let is_saved = self.commit_all(vec![write]).await;
        if let Some(event) = session.event() {
            self.look_at_own(event, &[session.id()]);
        }
        is_saved
    }

    /// Makes the sessions of one day once more on another, at the same times of day; whether that worked,
    /// else it says so.
    pub async fn copy_day(&self, event: &Event, from: NaiveDate, to: NaiveDate) -> bool {
        let sessions = untrack(|| self.sessions_on(event.id(), from));
        let mut made = Vec::new();
        let copies = sessions.iter().filter_map(|session| {
            let moved = |of: Option<Moment>| {
                let wall = of?.wall();
                let wall = to.and_time(wall.time()) + (wall.date() - session.start()?.day());
                Some(self.moment_at(event, wall)?.0)
            };
            let (start, end) = (moved(session.start())?, moved(session.end())?);
            let mut edited = contents_of(session);
            edited.extend(times(start, end));
            let id = Self::new_session_id();
            made.push(id);
            let key = Self::session_key(event, id);
            Some(Write::new(key, move |edit| {
                for (field, value) in edited {
                    edit.set(field, value);
                }
            }))
        });
        let copies: Vec<Write> = copies.collect();
        let are_saved = self.commit_all(copies).await;
        self.look_at_own(event.id(), &made);
        are_saved
    }

    /// What would be in the way of a session of an event that was at this time, in this room, with these people.
    pub fn collisions(
        &self,
        session: SessionId,
        event: EventId,
        (start_ms, end_ms): (i64, i64),
        rooms: &[String],
        speakers: &[PersonId],
    ) -> Vec<Collision> {
        let others = self.sessions_of(event, |outline| {
            let span = outline.start.zip(outline.end);
            span.is_some_and(|(start, end)| start.unix_ms() < end_ms && start_ms < end.unix_ms())
        });
        let mut found = Vec::new();
        for other in others {
            if other.id() == session || other.is_cancelled() {
                continue;
            }
            if other
                .room()
                .texts()
                .any(|room| rooms.iter().any(|own| own == room))
            {
                found.push(Collision::Room(other.clone()));
            }
            let both = other.speakers().filter(|person| speakers.contains(person));
            let both = both.filter_map(|person| self.find::<Person>(person));
            found.extend(both.map(|person| Collision::Speaker(other.clone(), person)));
        }
        found
    }
}

/// A session's fields but for its times.
pub(crate) fn contents_of(session: &Session) -> Edited {
    const TIMES: [&str; 3] = [fields::START, fields::END, fields::OFFSET_MINUTES];
    let fields = session.record().fields();
    let fields = fields.filter(|(key, register)| {
        !TIMES.contains(&key.as_str()) && !key.is_deleted() && register.winner().is_some()
    });
    fields
        .map(|(key, register)| (key.clone(), register.value().clone()))
        .collect()
}

/// The fields that say when a session is.
pub(crate) fn times(start: Moment, end: Moment) -> Edited {
    vec![
        (
            FieldKey::register(fields::START),
            Value::Number(start.unix_ms()),
        ),
        (
            FieldKey::register(fields::END),
            Value::Number(end.unix_ms()),
        ),
        (
            FieldKey::register(fields::OFFSET_MINUTES),
            Value::Number(start.offset_minutes().into()),
        ),
    ]
}
