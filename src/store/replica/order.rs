//! In which order commits are heard of, which need not be that in which they were made: tabs may be
//! frozen, and hear of another's commit after they have made a later one.
//!
//! What the server has is only ever added to, and changes that wait bear the edition of their commit, so
//! most of it may come in any order. But a scope that goes takes everything with it, also what was
//! told of it later.

/// What is known of the editions of commits.
#[derive(Default)]
pub(super) struct Order {
    /// All of up to here was on disk when it was read.
    read: u64,
    /// The latest that was heard of.
    pub(super) latest: u64,
    /// The latest of those that told what the server has.
    told: u64,
    /// The latest of those with which scopes went.
    forgot: u64,
    /// Whether one came too late.
    pub(super) is_broken: bool,
}

impl Order {
    pub(super) fn at(edition: u64) -> Self {
        Self {
            read: edition,
            latest: edition,
            ..Self::default()
        }
    }

    /// A commit is heard of, which `tells` what the server has and with which scopes go if it `forgets`.
    /// Whether it is to be taken in; one that came too late is as good as it can be. One without an
    /// edition says nothing about the order.
    pub(super) fn hear(&mut self, edition: u64, tells: bool, forgets: bool) -> bool {
        if edition == 0 {
            return true;
        }
        if edition <= self.read {
            return false;
        }
        self.is_broken |= tells && edition < self.forgot || forgets && edition < self.told;
        self.latest = self.latest.max(edition);
        if tells {
            self.told = self.told.max(edition);
        }
        if forgets {
            self.forgot = self.forgot.max(edition);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_in_any_order_is_added() {
        let mut order = Order::at(5);
        for edition in [8, 7, 9, 6] {
            assert!(order.hear(edition, true, false));
        }
        // Changes that wait stay when a scope goes.
        assert!(order.hear(11, false, false) && order.hear(10, true, true));
        assert!(!order.is_broken);
        assert_eq!(order.latest, 11);
    }

    #[test]
    fn what_was_read_is_not_heard_again() {
        let mut order = Order::at(5);
        assert!(!order.hear(5, true, true));
        assert!(order.hear(0, true, false));
        assert!(!order.is_broken);
    }

    #[test]
    fn a_scope_that_went_before_or_after_what_was_told_breaks_it() {
        let mut order = Order::at(5);
        order.hear(7, true, false);
        order.hear(6, false, true);
        assert!(order.is_broken);
        let mut order = Order::at(5);
        order.hear(7, false, true);
        order.hear(6, true, false);
        assert!(order.is_broken);
    }
}
