//! What happened how often, so that histories in which nothing happens do not pass for a proof.

use std::collections::BTreeMap;

/// How often what happened in a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told(BTreeMap<&'static str, u64>);

impl Told {
    pub(crate) fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (what, times) in other.0 {
            *self.0.entry(what).or_default() += times;
        }
    }

    pub(crate) fn must_have_everything(&self) {
        for what in [
            "accepted",
            "busy",
            "clock jumped",
            "crashed",
            "deleted",
            "disputed",
            "doubled",
            "joined",
            "led by another",
            "lost answer",
            "lost request",
            "out of reach",
            "refused",
            "save failed",
            "token refused",
            "unreadable",
        ] {
            let times = self.0.get(what).copied().unwrap_or_default();
            assert!(times > 20, "{what}: {times} times in {self:?}");
        }
    }
}
