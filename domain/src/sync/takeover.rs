//! When a tab that follows takes the lead from a leader that gives no sign of life.
//!
//! One tab exchanges with the server, the others follow. A browser may freeze the leader without
//! taking the lead from it, and then nobody exchanges. So a tab that somebody looks at asks the
//! leader for a sign of life now and then. The leader answers by a timer that runs at once, because
//! messages reach frozen pages too. A leader that counted beats by itself would look dead in the
//! background, where timers that follow each other may run once a minute.

/// What a following tab does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nothing.
    Rest,
    /// Ask the leader for a sign of life.
    Ask,
    /// Take the lead.
    Take,
}

/// What a following tab knows of its leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Takeover {
    /// How often the leader was asked since it last answered.
    unanswered: u32,
}

impl Takeover {
    /// How often a following tab looks, in milliseconds.
    pub const LOOK_EVERY_MS: u32 = 5_000;
    /// So many questions without an answer, and the leader counts as frozen.
    pub const MOST_UNANSWERED: u32 = 3;
    /// Of all tabs of a browser, one takes the lead from another no more often than this, in
    /// milliseconds: tabs that cannot hear each other must not wrest it from each other all day.
    pub const AT_MOST_EVERY_MS: u64 = 5 * 60 * 1_000;

    /// The leader gave a sign of life; or this tab was frozen itself, and may have missed it.
    pub const fn heard(&mut self) {
        self.unanswered = 0;
    }

    /// It is time to look. `matters` says whether somebody sees this tab or it has something to
    /// send; `now_ms` is the phone's clock, and `last_taken_ms` when a tab of this browser last took
    /// the lead from another, both in milliseconds since 1970 (UTC).
    pub fn look(&mut self, matters: bool, now_ms: u64, last_taken_ms: Option<u64>) -> Look {
        if !matters {
            self.unanswered = 0;
            return Look::Rest;
        }
        if self.unanswered < Self::MOST_UNANSWERED {
            self.unanswered += 1;
            return Look::Ask;
        }
        // A clock that was set back must not forbid it for a year.
        if last_taken_ms.is_some_and(|last| now_ms.abs_diff(last) < Self::AT_MOST_EVERY_MS) {
            return Look::Ask;
        }
        self.unanswered = 0;
        Look::Take
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP_MS: u64 = Takeover::LOOK_EVERY_MS as u64;

    #[test]
    fn a_leader_that_answers_is_left_alone() {
        let mut takeover = Takeover::default();
        for step in 0..1_000 {
            assert_eq!(takeover.look(true, step * STEP_MS, None), Look::Ask);
            // Not every answer is quick.
            if step % u64::from(Takeover::MOST_UNANSWERED) == 0 {
                takeover.heard();
            }
        }
    }

    #[test]
    fn a_silent_leader_loses_the_lead_after_three_questions() {
        let mut takeover = Takeover::default();
        let looks = [0, 1, 2, 3, 4].map(|step| takeover.look(true, step * STEP_MS, None));
        let expected = [Look::Ask, Look::Ask, Look::Ask, Look::Take, Look::Ask];
        assert_eq!(looks, expected);
    }

    #[test]
    fn a_tab_to_which_it_does_not_matter_never_takes_the_lead() {
        let mut takeover = Takeover::default();
        for step in 0..100 {
            // Seen now and then, never long enough to be sure.
            let matters = step % 4 != 3;
            assert_ne!(takeover.look(matters, step * STEP_MS, None), Look::Take);
        }
    }

    #[test]
    fn tabs_that_never_hear_each_other_take_it_once_in_five_minutes() {
        let mut tabs = [Takeover::default(); 3];
        let mut taken: Vec<u64> = Vec::new();
        for now_ms in (0..3_600_000).step_by(1_000) {
            for (tab, takeover) in (0_u64..).zip(&mut tabs) {
                let is_its_turn = now_ms % STEP_MS == tab * 1_000;
                if is_its_turn && takeover.look(true, now_ms, taken.last().copied()) == Look::Take {
                    taken.push(now_ms);
                }
            }
        }
        assert!((11..=12).contains(&taken.len()), "{taken:?}");
        for pair in taken.windows(2) {
            assert!(pair[1] - pair[0] >= Takeover::AT_MOST_EVERY_MS);
        }
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_forbid_it() {
        const YEAR_MS: u64 = 365 * 24 * 3_600_000;
        let mut takeover = Takeover {
            unanswered: Takeover::MOST_UNANSWERED,
        };
        assert_eq!(takeover.look(true, 1_000, Some(YEAR_MS)), Look::Take);
    }
}
