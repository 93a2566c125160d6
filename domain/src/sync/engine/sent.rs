//! What a request carried, and what its answer means for it.

use crate::change::Change;
use crate::encoding;
use crate::id::ChangeId;
use crate::mutation::{self, Mutation};
use crate::protocol::limits;
use crate::protocol::v1::{Outcome, ScopeCursor};
use crate::protocol::v2::ScopeSum;
use crate::protocol::v2::{ScopeSnapshot, SyncRequest, SyncResponse};
use crate::record::ScopeId;
use crate::sync::{Engine, Outgoing, SavePlan, Summed};

/// What a request carried, as far as its answer is judged by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// The changes, oldest first.
    pub(super) changes: Vec<ChangeId>,
    pub(super) cursors: Vec<ScopeCursor>,
    /// Left out to see whether the exchange works without it.
    left_out: Option<Suspect>,
    /// Whether there are more changes than it carried.
    more: bool,
    /// Whether chunks of snapshots are missing.
    lacks_chunks: bool,
    /// Whether sums were to be compared.
    pub(super) carries_sums: bool,
}

/// What is said beside the changes and cursors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) suspect: Option<Suspect>,
    pub(super) page_records: u32,
    pub(super) takes_snapshots: bool,
    pub(super) sums: Vec<Summed>,
}

/// What comes after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Next {
    /// There is more to exchange at once.
    pub(super) more: bool,
    /// There are chunks to be fetched.
    pub(super) fetch: bool,
}

/// A change that alone made a request that the server would not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Suspect {
    /// Which change.
    pub(super) change: ChangeId,
    /// What becomes of it if the exchange works without it.
    pub(super) outcome: Outcome,
}

impl Sent {
    /// The request for what waits on the device, and what to remember of it.
    pub(super) fn of(mut outgoing: Outgoing, manner: Manner) -> (Self, SyncRequest) {
        let suspect = manner.suspect;
        let is_suspect =
            |change: &Change| suspect.is_some_and(|suspect| suspect.change == change.id);
        let left_out = suspect.filter(|_| outgoing.changes.iter().any(is_suspect));
        outgoing.changes.retain(|change| !is_suspect(change));
        let fitting = fitting(&outgoing.changes);
        let more = outgoing.more || fitting < outgoing.changes.len();
        outgoing.changes.truncate(fitting);
        let mut sent = Self {
            changes: outgoing.changes.iter().map(|change| change.id).collect(),
            cursors: outgoing.cursors.clone(),
            left_out,
            more,
            lacks_chunks: !outgoing.missing.is_empty(),
            carries_sums: false,
        };
        // A sum of before something else was read would only look different.
        let is_of_now = |summed: &Summed| outgoing.cursors.contains(&summed.at);
        let sums = manner.sums.into_iter().filter(is_of_now);
        let sums = sums.map(|summed| ScopeSum {
            scope: summed.at.scope,
            sum: summed.sum,
        });
        let sums: Vec<_> = sums.take(limits::MAX_SCOPES).collect();
        sent.carries_sums = !sums.is_empty();
        let request = SyncRequest {
            sums,
            changes: outgoing.changes,
            cursors: outgoing.cursors,
            page_records: manner.page_records,
            takes_snapshots: manner.takes_snapshots,
        };
        (sent, request)
    }

    /// What to save of an answer, and what comes after it.
    pub(super) fn judge(&self, response: SyncResponse, clock_offset_ms: i64) -> (SavePlan, Next) {
        let mut plan = SavePlan {
            roles: response.roles,
            clock_offset_ms,
            asked: self.cursors.clone(),
            more: response.more,
            joined: response.joined,
            ..SavePlan::default()
        };
        // An answer about something that was not asked settles nothing, a second one neither.
        let mut unanswered = self.changes.clone();
        for result in response.results {
            if let Some(position) = unanswered.iter().position(|id| *id == result.change) {
                unanswered.swap_remove(position);
                settle(&mut plan, result.change, result.outcome);
            }
        }
        // The exchange works without it: it is to blame.
        if let Some(suspect) = self.left_out {
            settle(&mut plan, suspect.change, suspect.outcome);
        }
        // Losing a scope removes rows, so only those are believed that the device named, and never
        // its owner's own.
        plan.revoked = response.revoked;
        plan.revoked
            .retain(|scope| *scope != ScopeId::OWN && self.cursor_of(*scope).is_some());
        for reread in response.reread {
            let scope = reread.scope;
            let is_said = plan.reread.iter().any(|said| said.scope == scope);
            if self.cursor_of(scope).is_some() && !plan.revoked.contains(&scope) && !is_said {
                plan.reread.push(reread);
            }
        }
        self.take_snapshots(&mut plan, response.snapshots);
        let mut moved = !plan.reread.is_empty();
        for page in response.pages {
            // What is to be read anew begins with the next request.
            if plan.reread.iter().any(|reread| reread.scope == page.scope) {
                continue;
            }
            let cursor = ScopeCursor {
                scope: page.scope,
                cursor: page.cursor,
            };
            plan.records.extend(page.records);
            if mutation::is(Mutation::HalfAPage) {
                plan.records.truncate(plan.records.len() / 2);
            }
            // The snapshot says where its scope will be.
            if plan.snapshots.iter().any(|of| of.scope == page.scope) {
                continue;
            }
            moved |= self.cursor_of(page.scope) != Some(&cursor);
            plan.cursors.push(cursor);
        }
        // What leaves the outbox and what moves a cursor is finite; a promise alone is not.
        let shorter = plan.settled.len() + plan.refused.len() + plan.not_understood.len() > 0;
        let next = Next {
            more: (response.more || !plan.reread.is_empty()) && moved || self.more && shorter,
            fetch: self.lacks_chunks || !plan.snapshots.is_empty(),
        };
        (plan, next)
    }

    /// A snapshot is the beginning of a scope, so that one of a scope that the device has read, or
    /// is reading, says nothing. The own scope has another name there.
    fn take_snapshots(&self, plan: &mut SavePlan, snapshots: Vec<ScopeSnapshot>) {
        for snapshot in snapshots {
            let ScopeSnapshot { scope, cursor, .. } = snapshot;
            let is_said = plan.snapshots.iter().any(|said| said.scope == scope);
            let is_new = scope != ScopeId::OWN && self.cursor_of(scope).is_none() && !is_said;
            if is_new && snapshot.chunks.is_empty() {
                plan.cursors.push(ScopeCursor { scope, cursor });
            } else if is_new && snapshot.chunks.len() <= limits::MAX_CHUNKS {
                plan.snapshots.push(snapshot);
            }
        }
    }

    fn cursor_of(&self, scope: ScopeId) -> Option<&ScopeCursor> {
        self.cursors.iter().find(|known| known.scope == scope)
    }
}

fn settle(plan: &mut SavePlan, change: ChangeId, outcome: Outcome) {
    match outcome {
        Outcome::Accepted | Outcome::Bounded => plan.settled.push(change),
        Outcome::Refused(_) if mutation::is(Mutation::RefusedIsForgotten) => {
            plan.settled.push(change);
        }
        Outcome::NotUnderstood if mutation::is(Mutation::NotUnderstoodIsForgotten) => {
            plan.settled.push(change);
        }
        Outcome::Refused(refusal) => plan.refused.push((change, refusal)),
        Outcome::NotUnderstood => plan.not_understood.push(change),
    }
}

/// How many of these changes fit into one request: at least one, or none would ever be sent.
fn fitting(changes: &[Change]) -> usize {
    let mut bytes = 0;
    let fitting = changes.iter().take_while(|change| {
        bytes += encoding::encode(*change).len();
        bytes <= Engine::REQUEST_BYTES
    });
    fitting.count().max(1).min(changes.len())
}
