//! Hints: how far scopes go by now, told to whoever keeps a connection open.
//!
//! ```text
//!  a request that wrote ──wake──► watch: reads how far all scopes go, at most once a second
//!  an import beside us, seen by a look now and then       │ what moved
//!                                                          ▼
//!                                     each connection: of that, what its device may read
//! ```

mod seats;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use keruen_domain::protocol::v1::{Cursor, ScopeCursor};
use keruen_domain::{Action, Actor, ProgrammeId, ScopeId, may};
use tokio::sync::{Notify, broadcast};
use tokio::time::{Instant, sleep_until, timeout};

use crate::exchange::{Asker, some_record_of};
use crate::store::{ReadTransaction, Store, StoreError};

pub use seats::{Seat, Seats};

/// At most so often each connection hears something.
const LEAST_PAUSE: Duration = Duration::from_secs(1);
/// How often to look for what others have written into the store, such as an import.
const LOOK_PERIOD: Duration = Duration::from_secs(5);
/// What a connection may leave unread before it is told where everything stands instead.
const BACKLOG: usize = 64;

/// Where scopes stand, passed on from those who write to those who wait.
pub struct Live {
    wake: Notify,
    moves: broadcast::Sender<Arc<Moves>>,
}

/// How far some scopes go at one moment.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    cursors: Vec<ScopeCursor>,
    public_programmes: BTreeSet<ProgrammeId>,
    /// Another one after each change of who may do what.
    pub(crate) people_version: u64,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            wake: Notify::new(),
            moves: broadcast::Sender::new(BACKLOG),
        }
    }
}

impl Live {
    /// Says that something was written.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// From now on, all that moves.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Moves>> {
        self.moves.subscribe()
    }

    /// Passes on what moves in this store, without end.
    pub async fn watch(&self, store: &dyn Store) {
        let mut told = BTreeMap::new();
        let mut people_version = 0;
        loop {
            // Woken or not: others write too.
            let _ = timeout(LOOK_PERIOD, self.wake.notified()).await;
            if self.moves.receiver_count() == 0 {
                continue;
            }
            let pause = Instant::now() + LEAST_PAUSE;
            match store.read(standing).await {
                Ok(standing) => {
                    let is_other = standing.people_version != people_version;
                    people_version = standing.people_version;
                    self.tell(standing, is_other, &mut told);
                }
                Err(error) => tracing::error!(%error, "cannot see what moved"),
            }
            sleep_until(pause).await;
        }
    }

    /// `others_may` says that somebody may do something else now.
    fn tell(&self, standing: Moves, others_may: bool, told: &mut BTreeMap<ScopeId, Cursor>) {
        let mut moves = standing;
        moves
            .cursors
            .retain(|stands| told.insert(stands.scope, stands.cursor) != Some(stands.cursor));
        if others_may || !moves.cursors.is_empty() {
            // Whoever listened may have left.
            let _ = self.moves.send(Arc::new(moves));
        }
    }
}

/// How far all scopes go.
pub fn standing(transaction: &dyn ReadTransaction) -> Result<Moves, StoreError> {
    let epoch = transaction.epoch()?;
    let scopes = transaction.scopes()?.into_iter();
    let visitor = Asker::visitor(keruen_domain::DeviceId(0));
    Ok(Moves {
        cursors: scopes
            .map(|(scope, state)| ScopeCursor {
                scope,
                cursor: Cursor {
                    epoch,
                    sequence: state.last_sequence,
                },
            })
            .collect(),
        public_programmes: visitor.actor(transaction)?.public_programmes,
        people_version: transaction.people_version()?,
    })
}

impl Moves {
    /// What of it this asker, being `member` of what they are, may know, with the scopes as its device
    /// calls them.
    pub fn told_to(&self, asker: &Asker, member: &Actor) -> Vec<ScopeCursor> {
        let actor = Actor {
            public_programmes: self.public_programmes.clone(),
            ..member.clone()
        };
        let cursors = self.cursors.iter();
        cursors
            .filter(|moved| may(&actor, Action::Read, &some_record_of(moved.scope)).is_ok())
            .map(|moved| ScopeCursor {
                scope: asker.told_scope(moved.scope),
                cursor: moved.cursor,
            })
            .collect()
    }

    /// How far the programmes go that somebody has a place in no more, so that their device asks and hears of
    /// it. They knew of them.
    pub fn told_of_leaving(&self, before: &Actor, member: &Actor) -> Vec<ScopeCursor> {
        let has_left = |scope| match scope {
            ScopeId::Programme(id) => {
                before.roles.contains_key(&id) && !member.roles.contains_key(&id)
            }
            _ => false,
        };
        let cursors = self.cursors.iter();
        cursors
            .filter(|stands| has_left(stands.scope))
            .copied()
            .collect()
    }
}
