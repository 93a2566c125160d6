//! How many phones of a programme have what its next days need: each tells of itself, trainers and organisers
//! hear a count. Nobody hears whose they are, or what is on them.
//!
//! Questions are asked as those of [`super::people`].

use serde::{Deserialize, Serialize};

use crate::id::ProgrammeId;

/// Where each question is asked.
pub mod paths {
    /// [`super::TellReady`] → `()`. By the programme's members.
    pub const TELL: &str = "/api/v1/readiness/tell";
    /// [`OfProgramme`](super::super::people::OfProgramme) → [`super::PhonesReady`]. By its trainers and
    /// organisers.
    pub const COUNT: &str = "/api/v1/readiness";
}

/// Limits that both sides know.
pub mod limits {
    /// Of fewer phones it is not told how many are ready.
    pub const LEAST_PHONES: u32 = 3;
    /// Nothing is kept for longer than this, in milliseconds.
    pub const MOST_AHEAD_MS: u64 = 14 * 24 * 60 * 60 * 1_000;
}

/// Whether the asking device has everything for the next days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TellReady {
    /// Of which programme.
    pub programme: ProgrammeId,
    /// Whether it does.
    pub is_ready: bool,
    /// Until when that matters: the end of those days, in milliseconds since 1970 (UTC). It is forgotten then.
    pub until_ms: u64,
}

/// How many phones of a programme have everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhonesReady {
    /// How many have told.
    pub phones: u32,
    /// How many of them are ready; not told of fewer than [`limits::LEAST_PHONES`].
    pub ready: Option<u32>,
}

/// What a device told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whether it had everything.
    pub is_ready: bool,
    /// Until when that matters.
    pub until_ms: u64,
    /// When it told, in milliseconds since 1970 (UTC) by its own clock.
    pub told_ms: u64,
}

impl TellReady {
    /// Whether this is to be told now: when it is something else, and not too soon again; and twice a day, since
    /// the server may have forgotten it.
    pub fn is_due(&self, before: Option<&Told>, now_ms: u64) -> bool {
        const LEAST_MS: u64 = 10 * 60 * 1_000;
        const AGAIN_MS: u64 = 12 * 60 * 60 * 1_000;
        let Some(before) = before else {
            return true;
        };
        let is_other = before.is_ready != self.is_ready || before.until_ms != self.until_ms;
        // By a clock that was put back, it was told in the future.
        let age_ms = before.told_ms.abs_diff(now_ms);
        age_ms >= AGAIN_MS || is_other && age_ms >= LEAST_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_when_it_changed_and_twice_a_day_and_not_more_often() {
        const NOW_MS: u64 = 1_747_000_000_000;
        const MINUTE_MS: u64 = 60_000;
        let stand = |is_ready, until_ms| TellReady {
            programme: ProgrammeId::new(1, [1; 10]),
            is_ready,
            until_ms,
        };
        let before = Told {
            is_ready: false,
            until_ms: 5,
            told_ms: NOW_MS,
        };
        assert!(stand(true, 5).is_due(None, NOW_MS));
        for (now, minutes, expected) in [
            (stand(false, 5), 11 * 60, false),
            (stand(false, 5), 12 * 60, true),
            (stand(true, 5), 0, false),
            (stand(true, 5), 9, false),
            (stand(true, 5), 10, true),
            (stand(false, 6), 10, true),
        ] {
            for now_ms in [NOW_MS + minutes * MINUTE_MS, NOW_MS - minutes * MINUTE_MS] {
                assert_eq!(
                    now.is_due(Some(&before), now_ms),
                    expected,
                    "{now:?} {minutes}"
                );
            }
        }
    }
}
