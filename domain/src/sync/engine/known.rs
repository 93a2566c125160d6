//! How far the scopes are known, and how far the server says that they go.

use std::collections::BTreeMap;

use super::sent::Sent;
use crate::protocol::v1::{Cursor, ScopeCursor};
use crate::record::ScopeId;
use crate::sync::SavePlan;

/// What hints are held against.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    read: BTreeMap<ScopeId, Cursor>,
    /// What the server said since the last request.
    hints: BTreeMap<ScopeId, Cursor>,
}

impl Known {
    /// A request is sent: its answer covers all that was hinted at before.
    pub(super) fn ask(&mut self) {
        self.hints.clear();
    }

    /// An answer came.
    pub(super) fn read(&mut self, sent: &Sent, plan: &SavePlan) {
        let held = sent.cursors.iter().chain(&plan.cursors);
        self.read = held.map(|at| (at.scope, at.cursor)).collect();
        let snapshots = plan.snapshots.iter();
        self.read
            .extend(snapshots.map(|snapshot| (snapshot.scope, snapshot.cursor)));
        let reread = plan.reread.iter().map(|reread| reread.scope);
        for scope in reread.chain(plan.revoked.iter().copied()) {
            self.read.remove(&scope);
        }
    }

    /// Whether nothing was ever read.
    pub(super) fn is_nothing(&self) -> bool {
        self.read.is_empty()
    }

    pub(super) fn hint(&mut self, hints: Vec<ScopeCursor>) {
        self.hints
            .extend(hints.into_iter().map(|at| (at.scope, at.cursor)));
    }

    /// Whether the server has said since the last request how far the scopes go, and all of that is known.
    pub(super) fn is_all(&self) -> bool {
        !self.is_behind() && self.read.keys().all(|scope| self.hints.contains_key(scope))
    }

    /// Whether something was hinted at that is not known.
    pub(super) fn is_behind(&self) -> bool {
        self.hints.iter().any(|(scope, hinted)| {
            let is_behind =
                |read: &Cursor| read.epoch != hinted.epoch || read.sequence < hinted.sequence;
            self.read.get(scope).is_none_or(is_behind)
        })
    }
}
