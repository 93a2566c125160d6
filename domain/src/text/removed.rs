//! Which characters of a piece were removed, and when: a set that only grows.
//!
//! `1763780000:0-4,9;1763780360:12-15`: characters 0 to 4 and 9 at one time, in seconds since 1970
//! (UTC), 12 to 15 at another. What several people removed at once is united; the earliest time
//! stays.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Neighbouring characters that were removed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Removal {
    /// The first character's number in its piece.
    pub(super) from: u32,
    /// The number after the last one's; greater than `from`.
    pub(super) to: u32,
    /// When, in seconds since 1970 (UTC).
    pub(super) at_s: u64,
}

/// The removals of a field. What cannot be read removes nothing.
pub(super) fn read(value: &str) -> impl Iterator<Item = Removal> {
    value.split(';').filter_map(read_group).flatten()
}

fn read_group(group: &str) -> Option<impl Iterator<Item = Removal>> {
    let (at, ranges) = group.split_once(':')?;
    let at_s = at.parse().ok()?;
    let removal = move |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (from, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        let to = last.checked_add(1)?;
        (from < to).then_some(Removal { from, to, at_s })
    };
    Some(ranges.split(',').filter_map(removal))
}

/// What all of these remove together: in order, none touching another of its time.
pub(super) fn unite(removals: impl IntoIterator<Item = Removal>) -> Vec<Removal> {
    // Where how many more of a time begin or end.
    let mut borders: Vec<(u32, u64, i32)> = Vec::new();
    for Removal { from, to, at_s } in removals {
        borders.extend([(from, at_s, 1), (to, at_s, -1)]);
    }
    borders.sort_unstable();
    let mut united: Vec<Removal> = Vec::new();
    let mut open: BTreeMap<u64, i32> = BTreeMap::new();
    let mut from = 0;
    for (border, at_s, more) in borders {
        if let Some((&earliest_s, _)) = open.first_key_value()
            && from < border
        {
            match united.last_mut() {
                Some(last) if last.to == from && last.at_s == earliest_s => last.to = border,
                _ => united.push(Removal {
                    from,
                    to: border,
                    at_s: earliest_s,
                }),
            }
        }
        from = border;
        let count = open.entry(at_s).or_default();
        *count += more;
        if *count == 0 {
            open.remove(&at_s);
        }
    }
    united
}

/// The value of a field that says this; `removals` as [`unite`] gives them.
pub(super) fn write(removals: &[Removal]) -> String {
    let mut by_time: BTreeMap<u64, String> = BTreeMap::new();
    for Removal { from, to, at_s } in removals {
        let ranges = by_time.entry(*at_s).or_default();
        let comma = if ranges.is_empty() { "" } else { "," };
        let last = to - 1;
        let outcome = if *from == last {
            write!(ranges, "{comma}{last}")
        } else {
            write!(ranges, "{comma}{from}-{last}")
        };
        debug_assert!(outcome.is_ok(), "a string takes what is written into it");
    }
    let groups: Vec<String> = by_time
        .into_iter()
        .map(|(at_s, ranges)| format!("{at_s}:{ranges}"))
        .collect();
    groups.join(";")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::reproducible;

    fn removal() -> impl Strategy<Value = Removal> {
        (0_u32..12, 1_u32..5, 0_u64..4).prop_map(|(from, length, at_s)| Removal {
            from,
            to: from + length,
            at_s,
        })
    }

    fn earliest(removals: &[Removal], offset: u32) -> Option<u64> {
        let over = removals
            .iter()
            .filter(|removal| removal.from <= offset && offset < removal.to);
        over.map(|removal| removal.at_s).min()
    }

    proptest! {
        #![proptest_config(reproducible(500))]

        #[test]
        fn united_and_written_and_read_it_says_the_same(removals in vec(removal(), 0..8)) {
            let united = unite(removals.iter().copied());
            for offset in 0..20 {
                prop_assert_eq!(earliest(&united, offset), earliest(&removals, offset));
            }
            prop_assert!(united.windows(2).all(|pair| pair[0].to <= pair[1].from));
            prop_assert_eq!(unite(read(&write(&united))), united);
        }

        #[test]
        fn nothing_makes_the_reader_panic(value in "[0-9:;,-]{0,40}|.{0,20}") {
            let _ = unite(read(&value));
        }
    }

    #[test]
    fn what_is_no_range_removes_nothing() {
        for value in [
            "",
            "5",
            "1:",
            "1:5-3",
            "1:-3",
            "1:3-",
            "1:0-4294967295",
            "x:1-2",
        ] {
            assert_eq!(unite(read(value)), [], "{value}");
        }
    }
}
