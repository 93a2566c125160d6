//! The queue of files that are to come: in which order, when not, and how long it will take.

use std::cmp::Reverse;

/// One that waits, as far as its place in the queue depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// When its next session begins, in milliseconds since 1970 (UTC); `None` if none is ahead.
    pub needed_ms: Option<i64>,
    /// When somebody asked for it, likewise.
    pub asked_ms: u64,
    /// Its length.
    pub size_bytes: u64,
    /// Whether the person has put it off.
    pub is_paused: bool,
    /// Whether the person wants it whatever the connection costs.
    pub at_any_cost: bool,
}

impl Waiting {
    /// By this the queue is sorted: what is needed soonest comes first, what no session ahead uses comes
    /// last; of those needed at the same time the one that was asked for first, and of those asked for
    /// together the small ones, so that many are there soon.
    pub fn place(&self) -> impl Ord + use<> {
        (
            self.needed_ms.unwrap_or(i64::MAX),
            self.asked_ms,
            self.size_bytes,
        )
    }
}

/// What the browser says of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Whether it is one that usually costs nothing; `None` where the browser does not tell.
    pub is_free: Option<bool>,
    /// Whether the person told the phone to save data.
    pub saves_data: bool,
}

/// What the person chose for this phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thrift {
    /// Files come only where the browser says that it is on Wi-Fi or a cable.
    pub only_free: bool,
    /// Large files come only when each is asked for again; `None` does as the phone does.
    pub saves_data: Option<bool>,
}

/// Why a file that waits does not come now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// The person has put it off.
    Paused,
    /// It may come only on Wi-Fi.
    OnlyFree,
    /// It is large, and data are saved.
    SavesData,
}

/// While data are saved, files up to this length come, larger ones only when asked for again.
pub const SMALL_BYTES: u64 = 2_000_000;

impl Thrift {
    /// Why this one does not come now, if it does not.
    pub fn holds_back(&self, waiting: &Waiting, connection: Connection) -> Option<HeldBack> {
        let saves_data = self.saves_data.unwrap_or(connection.saves_data);
        if waiting.is_paused {
            Some(HeldBack::Paused)
        } else if waiting.at_any_cost {
            None
        } else if self.only_free && connection.is_free == Some(false) {
            Some(HeldBack::OnlyFree)
        } else if saves_data && connection.is_free != Some(true) && waiting.size_bytes > SMALL_BYTES
        {
            Some(HeldBack::SavesData)
        } else {
            None
        }
    }

    /// Whether what nobody asked for may come by itself: a few KB that belong to the data of a programme.
    pub fn lets_light_come(&self, connection: Connection) -> bool {
        let saves_data = self.saves_data.unwrap_or(connection.saves_data);
        let costs = connection.is_free == Some(false);
        !(self.only_free && costs) && (!saves_data || connection.is_free == Some(true))
    }
}

/// What comes by itself is never longer than this, in bytes: it is no light form then.
pub const MOST_LIGHT_BYTES: u64 = 64 * 1024;

/// How many bytes came in a second lately. Counts what came while something was under way, so that pauses
/// say nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Speed {
    bytes_per_second: u64,
}

impl Speed {
    /// A shorter time says nothing.
    pub const LEAST_MS: u64 = 200;

    /// One that was noted before.
    pub const fn of(bytes_per_second: u64) -> Self {
        Self { bytes_per_second }
    }

    /// What was measured; `None` if nothing was yet.
    pub fn bytes_per_second(&self) -> Option<u64> {
        (self.bytes_per_second > 0).then_some(self.bytes_per_second)
    }

    /// So much came in this time. A long time counts for more than a short one.
    pub fn note(&mut self, bytes: u64, time_ms: u64) {
        const MEMORY_MS: u64 = 20_000;
        if time_ms < Self::LEAST_MS {
            return;
        }
        let now = bytes.saturating_mul(1_000) / time_ms;
        let weight = time_ms.min(MEMORY_MS);
        self.bytes_per_second = if self.bytes_per_second == 0 {
            now
        } else {
            let before = self.bytes_per_second.saturating_mul(MEMORY_MS - weight);
            before.saturating_add(now.saturating_mul(weight)) / MEMORY_MS
        }
        .max(1);
    }

    /// How many minutes so many bytes take, at least one; `None` if nothing was measured yet.
    pub fn minutes(&self, bytes: u64) -> Option<u64> {
        let seconds = bytes.div_ceil(self.bytes_per_second()?);
        Some(seconds.div_ceil(60).max(1))
    }
}

/// The room that is left to other things: notes, and what the exchange brings, in bytes.
pub const RESERVE_BYTES: u64 = 16_000_000;

/// How many bytes may still be kept, where `used` of `quota` are taken; `None` where the browser does not
/// tell.
pub fn room_bytes(used: Option<u64>, quota: Option<u64>) -> Option<u64> {
    let free = quota?.saturating_sub(used?);
    Some(free.saturating_sub(RESERVE_BYTES))
}

/// A file on the device, as far as it matters when room is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removable<T> {
    /// Which.
    pub file: T,
    /// Its length.
    pub size_bytes: u64,
    /// When the last session that uses it ends, in milliseconds since 1970 (UTC); `None` if none does.
    pub last_used_ms: Option<i64>,
    /// Whether the person wants it to stay.
    pub is_pinned: bool,
    /// Whether the server still has it, as far as is known.
    pub can_come_again: bool,
}

impl<T> Removable<T> {
    /// Whether it may go without somebody choosing it: all its sessions are over, it can come again, and nobody
    /// wants it to stay. What no session uses may be needed at any time.
    fn may_go(&self, now_ms: i64) -> bool {
        let is_over = self.last_used_ms.is_some_and(|ends_ms| ends_ms < now_ms);
        is_over && self.can_come_again && !self.is_pinned
    }
}

/// What may go to make so much room, in the order of [`in_order_of_removal`] and no more than is needed; nothing
/// where all of it would not be enough.
pub fn to_make_room<T>(
    mut files: Vec<Removable<T>>,
    lacks_bytes: u64,
    now_ms: i64,
) -> Vec<Removable<T>> {
    files.retain(|file| file.may_go(now_ms));
    let mut freed_bytes = 0_u64;
    let mut chosen = Vec::new();
    for file in in_order_of_removal(files) {
        if freed_bytes >= lacks_bytes {
            break;
        }
        freed_bytes = freed_bytes.saturating_add(file.size_bytes);
        chosen.push(file);
    }
    if freed_bytes < lacks_bytes {
        chosen.clear();
    }
    chosen
}

/// What could go to make room: what was over longest ago first, and of several of one time the largest.
pub fn in_order_of_removal<T>(mut files: Vec<Removable<T>>) -> Vec<Removable<T>> {
    files.sort_by_key(|file| {
        (
            file.last_used_ms.unwrap_or(i64::MIN),
            Reverse(file.size_bytes),
        )
    });
    files
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn waiting(needed_ms: Option<i64>, asked_ms: u64, size_bytes: u64) -> Waiting {
        Waiting {
            needed_ms,
            asked_ms,
            size_bytes,
            is_paused: false,
            at_any_cost: false,
        }
    }

    #[test]
    fn tomorrow_comes_first_and_what_nobody_needs_last() {
        let mut queue = [
            waiting(None, 1, 1),
            waiting(Some(200), 1, 1),
            waiting(Some(100), 9, 500),
            waiting(Some(100), 9, 5),
            waiting(Some(100), 3, 900),
        ];
        queue.sort_by_key(Waiting::place);
        let order: Vec<_> = queue
            .iter()
            .map(|one| (one.needed_ms, one.asked_ms, one.size_bytes))
            .collect();
        assert_eq!(
            order,
            [
                (Some(100), 3, 900),
                (Some(100), 9, 5),
                (Some(100), 9, 500),
                (Some(200), 1, 1),
                (None, 1, 1),
            ]
        );
    }

    #[test]
    fn thrift_holds_back_what_costs_and_lets_through_what_is_wanted_at_any_cost() {
        let large = waiting(None, 0, SMALL_BYTES + 1);
        let small = waiting(None, 0, SMALL_BYTES);
        let (free, paid, unknown) = (Some(true), Some(false), None);
        let on = |is_free, saves_data| Connection {
            is_free,
            saves_data,
        };
        let nothing = Thrift::default();
        let only_free = Thrift {
            only_free: true,
            ..nothing
        };
        let saving = |saves_data| Thrift {
            saves_data: Some(saves_data),
            ..nothing
        };
        for (thrift, one, connection, expected) in [
            (nothing, large, on(paid, false), None),
            (nothing, large, on(paid, true), Some(HeldBack::SavesData)),
            (nothing, large, on(unknown, true), Some(HeldBack::SavesData)),
            (nothing, large, on(free, true), None),
            (nothing, small, on(paid, true), None),
            (saving(false), large, on(paid, true), None),
            (
                saving(true),
                large,
                on(unknown, false),
                Some(HeldBack::SavesData),
            ),
            (only_free, small, on(paid, false), Some(HeldBack::OnlyFree)),
            (only_free, small, on(free, false), None),
            (only_free, small, on(unknown, false), None),
        ] {
            assert_eq!(
                thrift.holds_back(&one, connection),
                expected,
                "{thrift:?} {one:?}"
            );
            let wanted = Waiting {
                at_any_cost: true,
                ..one
            };
            assert_eq!(thrift.holds_back(&wanted, connection), None);
            let paused = Waiting {
                is_paused: true,
                ..wanted
            };
            let held_back = thrift.holds_back(&paused, connection);
            assert_eq!(held_back, Some(HeldBack::Paused));
        }
    }

    #[test]
    fn what_comes_by_itself_costs_nobody_who_saves() {
        let on = |is_free, saves_data| Connection {
            is_free,
            saves_data,
        };
        let thrift = |only_free, saves_data| Thrift {
            only_free,
            saves_data,
        };
        for (thrift, connection, expected) in [
            (thrift(false, None), on(None, false), true),
            (thrift(false, None), on(Some(false), false), true),
            (thrift(false, None), on(None, true), false),
            (thrift(false, None), on(Some(true), true), true),
            (thrift(false, Some(true)), on(None, false), false),
            (thrift(false, Some(true)), on(Some(true), false), true),
            (thrift(false, Some(false)), on(Some(false), true), true),
            (thrift(true, None), on(Some(false), false), false),
            (thrift(true, None), on(None, false), true),
            (thrift(true, None), on(Some(true), false), true),
        ] {
            let comes = thrift.lets_light_come(connection);
            assert_eq!(comes, expected, "{thrift:?} {connection:?}");
        }
    }

    #[test]
    fn the_speed_is_that_of_the_last_seconds() {
        let mut speed = Speed::default();
        assert_eq!(speed.minutes(1), None);
        speed.note(1_000_000, Speed::LEAST_MS - 1);
        assert_eq!(speed.bytes_per_second(), None);
        speed.note(100_000, 1_000);
        assert_eq!(speed.bytes_per_second(), Some(100_000));
        assert_eq!(speed.minutes(0), Some(1));
        assert_eq!(speed.minutes(100_000 * 60), Some(1));
        assert_eq!(speed.minutes(100_000 * 60 + 1), Some(2));
        for _ in 0..200 {
            speed.note(10_000, 1_000);
        }
        let settled = speed.bytes_per_second().expect("measured");
        assert!((10_000..11_000).contains(&settled), "{settled}");
        speed.note(0, 60_000);
        assert_eq!(speed.bytes_per_second(), Some(1), "still there, and slow");
        speed.note(u64::MAX, 1_000);
        assert!(speed.minutes(u64::MAX).is_some());
    }

    #[test]
    fn some_room_is_left_to_notes() {
        assert_eq!(room_bytes(None, Some(1)), None);
        assert_eq!(room_bytes(Some(9), Some(8)), Some(0));
        assert_eq!(room_bytes(Some(0), Some(RESERVE_BYTES + 5)), Some(5));
    }

    #[test]
    fn what_is_over_goes_before_what_is_to_come() {
        let file = |name, size_bytes, last_used_ms| Removable {
            file: name,
            size_bytes,
            last_used_ms,
            is_pinned: false,
            can_come_again: true,
        };
        let files = vec![
            file("tomorrow", 900, Some(9)),
            file("small of long ago", 1, Some(1)),
            file("large of long ago", 2, Some(1)),
            file("of no session", 3, None),
        ];
        let order: Vec<_> = in_order_of_removal(files)
            .into_iter()
            .map(|file| file.file)
            .collect();
        assert_eq!(
            order,
            [
                "of no session",
                "large of long ago",
                "small of long ago",
                "tomorrow"
            ]
        );
    }

    proptest! {
        #[test]
        fn what_goes_by_itself_is_over_can_come_again_and_is_no_more_than_needed(
            files in proptest::collection::vec(
                (0_u64..100, proptest::option::of(0_i64..20), any::<bool>(), any::<bool>()),
                0..20,
            ),
            lacks_bytes in 0_u64..300,
            now_ms in 0_i64..20,
        ) {
            let files = (0..).zip(files);
            let files: Vec<_> = files
                .map(|(file, (size_bytes, last_used_ms, is_pinned, can_come_again))| Removable {
                    file,
                    size_bytes,
                    last_used_ms,
                    is_pinned,
                    can_come_again,
                })
                .collect();
            let may_go = |file: &&Removable<i32>| {
                !file.is_pinned
                    && file.can_come_again
                    && file.last_used_ms.is_some_and(|ends_ms| ends_ms < now_ms)
            };
            let most: u64 = files.iter().filter(may_go).map(|file| file.size_bytes).sum();
            let gone = to_make_room(files.clone(), lacks_bytes, now_ms);
            prop_assert!(gone.iter().all(|file| may_go(&file)));
            prop_assert!(gone.is_sorted_by_key(|file| file.last_used_ms));
            let freed: u64 = gone.iter().map(|file| file.size_bytes).sum();
            prop_assert_eq!(freed >= lacks_bytes, most >= lacks_bytes);
            prop_assert!(most >= lacks_bytes || gone.is_empty());
            if let Some((last, before)) = gone.split_last() {
                let before: u64 = before.iter().map(|file| file.size_bytes).sum();
                prop_assert!(before < lacks_bytes, "{last:?} goes in vain");
            }
            // What stays is not over for longer than what goes.
            let stays = files.iter().filter(may_go).filter(|file| gone.iter().all(|of| of.file != file.file));
            let last = gone.last().and_then(|file| file.last_used_ms);
            for file in stays {
                prop_assert!(last.is_none() || file.last_used_ms >= last);
            }
        }
    }
}
