//! People's own agendas as calendars to subscribe to.
//!
//! ```text
//!  secret ──hash──► whose ──► their marks ──may?──► sessions of all programmes ──► one calendar
//! ```
//!
//! Whoever has the address is its person for this one thing: what they may not read any more is not in it
//! from the next time on that it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keruen_domain::model::{Mark, Session, View};
use keruen_domain::protocol::calendar::{Feed, limits::MAX_SESSIONS, paths::END};
use keruen_domain::{
    Action, Actor, Collection, EventId, Language, PersonId, ProgrammeId, Record, RecordId,
    RecordKey, ScopeId, SessionId, may,
};
use keruen_formats::write::{Agenda, feed};

use crate::error::ApiError;
use crate::exchange::{Asker, some_record_of};
use crate::network::Network;
use crate::pages;
use crate::people::{Denial, Failed};
use crate::secrets::SecretHash;
use crate::state::AppState;
use crate::store::{ReadTransaction, StoreError, WriteTransaction};

/// Longer ones are nobody's.
const LONGEST_SECRET: usize = 64;

/// Whether the asker has one.
pub fn shown(transaction: &dyn ReadTransaction, asker: &Asker) -> Result<Option<Feed>, Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    let made_ms = transaction.calendar_of(person)?;
    Ok(made_ms.map(|made_ms| Feed { made_ms }))
}

/// Gives the asker one with this secret; the one before is void.
pub fn make(
    transaction: &mut dyn WriteTransaction,
    asker: &Asker,
    hash: &SecretHash,
    now_ms: u64,
) -> Result<(), Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    transaction.put_calendar(person, hash, now_ms)?;
    tracing::info!(%person, "the address of a calendar was made");
    Ok(())
}

/// Takes the asker's away.
pub fn revoke(transaction: &mut dyn WriteTransaction, asker: &Asker) -> Result<(), Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    transaction.remove_calendar(person)?;
    tracing::info!(%person, "the address of a calendar was taken back");
    Ok(())
}

/// The calendar with this name, as the last part of its address is. What opens nothing is not found, after
/// the same look into the store.
pub async fn calendar(
    state: &AppState,
    name: &str,
    address: Option<Network>,
    language: Language,
) -> Result<String, ApiError> {
    let now_ms = (state.now_ms)();
    let wrong = &state.shares.wrong_secrets;
    if let Some(address) = address {
        let allowed = wrong.would_allow(address, now_ms);
        allowed.map_err(|retry_after_ms| ApiError::TooMany { retry_after_ms })?;
    }
    let secret = name
        .strip_suffix(END)
        .filter(|it| it.len() <= LONGEST_SECRET);
    let hash = SecretHash::of(secret.unwrap_or_default());
    let operator = state.store.identity().organiser;
    let is_operated = state.organiser_token.is_some();
    let found = state.store.read(move |read| {
        let Some(person) = read.calendar(&hash)? else {
            return Ok(None);
        };
        let owner = Asker {
            person: Some(person),
            organises_everything: is_operated && person == operator,
            ..Asker::visitor(keruen_domain::DeviceId(0))
        };
        let actor = owner.actor(read)?;
        Look { read, actor }.agendas(person, language).map(Some)
    });
    let Some(agendas) = found.await?.filter(|_| secret.is_some()) else {
        // The next one is limited, this one is answered.
        let _ = address.map(|address| wrong.check(address, now_ms));
        return Err(ApiError::NotFound);
    };
    let write = move || {
        let (title, samples) = (pages::my_agenda(language), pages::about_samples(language));
        feed(title, language, &agendas, samples).text
    };
    let written = tokio::task::spawn_blocking(write).await;
    written.map_err(|_| StoreError::Closed.into())
}

/// A look through what somebody may read.
struct Look<'a> {
    read: &'a dyn ReadTransaction,
    actor: Actor,
}

impl Look<'_> {
    /// The marked sessions, by their events.
    fn agendas(&self, person: PersonId, language: Language) -> Result<Vec<Agenda>, StoreError> {
        let mut marked = self.marked(person)?;
        let mut agendas = Vec::new();
        for shared in self.read.shared_scopes()? {
            let ScopeId::Programme(programme) = shared.scope else {
                continue;
            };
            if marked.is_empty() {
                break;
            }
            let sessions = self.sessions(programme, &marked)?;
            for session in &sessions {
                marked.remove(&session.id());
            }
            agendas.extend(self.agendas_of(programme, &sessions, language)?);
        }
        Ok(agendas)
    }

    /// What is in somebody's own agenda: of too many, what is newest.
    fn marked(&self, person: PersonId) -> Result<BTreeSet<SessionId>, StoreError> {
        let scope = ScopeId::Person(person);
        if may(&self.actor, Action::Read, &some_record_of(scope)).is_err() {
            return Ok(BTreeSet::new());
        }
        let marks = self.read.collection(scope, Collection::MARK)?;
        let marks = marks
            .into_iter()
            .filter_map(|mark| Mark::of(&Arc::new(mark)));
        let mine = marks.filter(Mark::is_mine).map(|mark| mark.id());
        let mut marked: BTreeSet<SessionId> = mine.collect();
        while marked.len() > MAX_SESSIONS {
            marked.pop_first();
        }
        Ok(marked)
    }

    /// Those of a programme, as far as they may be read.
    fn sessions(
        &self,
        programme: ProgrammeId,
        marked: &BTreeSet<SessionId>,
    ) -> Result<Vec<Session>, StoreError> {
        let scope = ScopeId::Programme(programme);
        if may(&self.actor, Action::Read, &some_record_of(scope)).is_err() {
            return Ok(Vec::new());
        }
        let found = marked.iter().map(|id| {
            let record = self.record(programme, Collection::SESSION, (*id).into())?;
            Ok(record.and_then(|record| Session::of(&record)))
        });
        found.filter_map(Result::transpose).collect()
    }

    fn agendas_of(
        &self,
        programme: ProgrammeId,
        sessions: &[Session],
        language: Language,
    ) -> Result<Vec<Agenda>, StoreError> {
        let mut of_event: BTreeMap<EventId, Vec<&Session>> = BTreeMap::new();
        for session in sessions {
            if let Some(event) = session.event() {
                of_event.entry(event).or_default().push(session);
            }
        }
        let mut agendas = Vec::new();
        for (event, sessions) in of_event {
            let speakers = sessions.iter().flat_map(|session| session.speakers());
            let speakers: BTreeSet<PersonId> = speakers.collect();
            let others = speakers
                .into_iter()
                .map(|id| (Collection::PERSON, id.into()));
            let others = others.chain([
                (Collection::PROGRAMME, programme.into()),
                (Collection::EVENT, event.into()),
            ]);
            let mut records: Vec<Arc<Record>> =
                sessions.iter().map(|it| it.record().clone()).collect();
            for (collection, id) in others {
                records.extend(self.record(programme, collection, id)?);
            }
            agendas.extend(Agenda::of(&records, event, language));
        }
        Ok(agendas)
    }

    /// A record of a programme, if there is one that may be read.
    fn record(
        &self,
        programme: ProgrammeId,
        collection: Collection,
        id: RecordId,
    ) -> Result<Option<Arc<Record>>, StoreError> {
        let key = RecordKey {
            scope: ScopeId::Programme(programme),
            collection,
            id,
        };
        if may(&self.actor, Action::Read, &key).is_err() {
            return Ok(None);
        }
        let row = self.read.row(&key)?;
        Ok(row.map(|row| Arc::new(row.record)))
    }
}
