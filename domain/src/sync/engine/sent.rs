//! What a request carried, and what its answer means for it.

use crate::change::Change;
use crate::encoding;
use crate::id::ChangeId;
use crate::protocol::v1::{Outcome, ScopeCursor};
use crate::protocol::v2::{SyncRequest, SyncResponse};
use crate::record::ScopeId;
use crate::sync::{Engine, Outgoing, SavePlan};

/// What a request carried, as far as its answer is judged by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// The changes, oldest first.
    pub(super) changes: Vec<ChangeId>,
    cursors: Vec<ScopeCursor>,
    /// Left out to see whether the exchange works without it.
    left_out: Option<Suspect>,
    /// Whether there are more changes than it carried.
    more: bool,
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
    pub(super) fn of(
        mut outgoing: Outgoing,
        suspect: Option<Suspect>,
        page_records: u32,
    ) -> (Self, SyncRequest) {
        let is_suspect =
            |change: &Change| suspect.is_some_and(|suspect| suspect.change == change.id);
        let left_out = suspect.filter(|_| outgoing.changes.iter().any(is_suspect));
        outgoing.changes.retain(|change| !is_suspect(change));
        let fitting = fitting(&outgoing.changes);
        let more = outgoing.more || fitting < outgoing.changes.len();
        outgoing.changes.truncate(fitting);
        let sent = Self {
            changes: outgoing.changes.iter().map(|change| change.id).collect(),
            cursors: outgoing.cursors.clone(),
            left_out,
            more,
        };
        let request = SyncRequest {
            changes: outgoing.changes,
            cursors: outgoing.cursors,
            page_records,
            takes_snapshots: false,
            sums: Vec::new(),
        };
        (sent, request)
    }

    /// What to save of an answer, and whether there is more to exchange at once.
    pub(super) fn judge(&self, response: SyncResponse, clock_offset_ms: i64) -> (SavePlan, bool) {
        let mut plan = SavePlan {
            roles: response.roles,
            clock_offset_ms,
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
        let mut moved = false;
        for page in response.pages {
            let cursor = ScopeCursor {
                scope: page.scope,
                cursor: page.cursor,
            };
            moved |= self.cursor_of(page.scope) != Some(&cursor);
            plan.cursors.push(cursor);
            plan.records.extend(page.records);
        }
        // What leaves the outbox and what moves a cursor is finite; a promise alone is not.
        let shorter = plan.settled.len() + plan.refused.len() + plan.not_understood.len() > 0;
        let more = response.more && moved || self.more && shorter;
        (plan, more)
    }

    fn cursor_of(&self, scope: ScopeId) -> Option<&ScopeCursor> {
        self.cursors.iter().find(|known| known.scope == scope)
    }
}

fn settle(plan: &mut SavePlan, change: ChangeId, outcome: Outcome) {
    match outcome {
        Outcome::Accepted | Outcome::Bounded => plan.settled.push(change),
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
