//! Which trouble is about while time passes.

use crate::random::Random;
use crate::tape::Step;

/// A kind of trouble: a bit of [`Step::hardship`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Requests do not arrive.
    RequestsLost = 1,
    /// Requests arrive twice.
    RequestsDoubled = 2,
    /// Answers do not arrive, or too late.
    AnswersLost = 4,
    /// What arrives is cut, or changed by something on the way.
    Spoilt = 8,
    /// The server cannot, or dies before it has answered.
    ServerBusy = 16,
    /// Storage on the phone fails, or its owner kills the app, inside of a transaction.
    Storage = 32,
    /// Tabs die between two steps.
    Death = 64,
    /// Everything takes long, and another time each time.
    Slow = 128,
}

/// The present times.
pub(crate) struct Hardship {
    mask: u8,
    pub(crate) random: Random,
}

impl Hardship {
    /// The times that a step brings.
    pub(crate) const fn of(step: Step) -> Self {
        Self {
            mask: step.hardship,
            random: Random::new(u64::from_le_bytes(step.bytes())),
        }
    }

    /// Whether this trouble strikes now.
    pub(crate) fn strikes(&mut self, trouble: Trouble, percent: u64) -> bool {
        self.mask & trouble as u8 != 0 && self.random.percent(percent)
    }
}
