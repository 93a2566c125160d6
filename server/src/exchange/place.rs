//! Where in a scope's history a cursor stands.
//!
//! A cursor below a tombstone that was removed says that its device may hold what was deleted. That of a
//! device that is reading the scope from its beginning, page by page, says no such thing: it must get
//! past that point, or it would begin again for ever. So while it is below, it is given a *marked*
//! cursor, which is worth as much as no cursor as long as nothing more is removed.
//!
//! ```text
//!  bits of a marked sequence number   63 … 52   51 … 32                          31 … 0
//!                                        0      which removal was the last one   the row that was reached
//! ```
//!
//! Within 53 bits, so that readers of JSON who take numbers for floating ones keep it as it is.

use crate::store::ScopeState;

const POSITION_BITS: u32 = 32;
const POSITIONS: u64 = 1 << POSITION_BITS;
const MARKS: u64 = 1 << 20;

/// A place in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The last row that was read.
    pub(super) sequence: u64,
    /// Whether all up to it was read since the last removal of tombstones.
    pub(super) is_from_beginning: bool,
}

impl Place {
    /// What a device means that names this sequence number, or none at all.
    pub(super) fn named(sequence: Option<u64>, state: &ScopeState) -> Self {
        let sequence = sequence.unwrap_or_default();
        let (mark, reached) = (sequence / POSITIONS, sequence % POSITIONS);
        let is_marked = sequence > state.last_sequence
            && (1..MARKS).contains(&mark)
            && reached <= state.last_sequence;
        if is_marked {
            Self {
                sequence: reached,
                is_from_beginning: mark == mark_of(state),
            }
        } else {
            Self {
                sequence,
                is_from_beginning: sequence == 0,
            }
        }
    }

    /// The sequence number under which a device that read on from here is to name `reached`.
    pub(super) fn reached(self, reached: u64, state: &ScopeState) -> u64 {
        let is_below = (1..state.pruned_through.min(POSITIONS)).contains(&reached);
        if self.is_from_beginning && is_below {
            mark_of(state) * POSITIONS + reached
        } else {
            reached
        }
    }
}

fn mark_of(state: &ScopeState) -> u64 {
    1 + state.pruned_through % (MARKS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(pruned_through: u64) -> ScopeState {
        ScopeState {
            last_sequence: 100,
            pruned_through,
            ..ScopeState::default()
        }
    }

    #[test]
    fn who_begins_gets_past_what_was_removed() {
        let state = state(50);
        let begun = Place::named(None, &state);
        let first = begun.reached(10, &state);
        assert_ne!(first, 10);
        assert!(first < 1 << 53);
        let next = Place::named(Some(first), &state);
        assert_eq!(next.sequence, 10);
        assert!(next.is_from_beginning);
        assert_eq!(next.reached(50, &state), 50);
    }

    #[test]
    fn who_was_there_before_a_removal_is_not_taken_for_new() {
        let old = Place::named(Some(10), &state(50));
        assert!(!old.is_from_beginning);
        let marked = Place::named(None, &state(50)).reached(10, &state(50));
        let after_another = Place::named(Some(marked), &state(60));
        assert_eq!(after_another.sequence, 10);
        assert!(!after_another.is_from_beginning);
    }

    #[test]
    fn a_number_of_no_row_stays_one() {
        for number in [
            101,
            POSITIONS - 1,
            POSITIONS + 101,
            MARKS * POSITIONS,
            u64::MAX,
        ] {
            let place = Place::named(Some(number), &state(50));
            assert_eq!(place.sequence, number);
            assert!(!place.is_from_beginning);
        }
    }
}
