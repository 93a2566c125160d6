//! What decides a history: a few bytes about the world, then eight for each step of it.
//!
//! Zero always means that nothing happens and all goes well, and a step's bytes say nothing about
//! other steps. So a history becomes simpler when steps are taken out or their bytes set to zero.

use std::fmt;
use std::str::FromStr;

use crate::random::Random;

/// The most steps of a history.
const MOST_STEPS: u64 = 48;

/// One step: something happens, then time passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// Which kinds of trouble are about while time passes, a bit for each.
    pub(crate) hardship: u8,
    /// How much time passes.
    pub(crate) pause: u8,
    /// What happens.
    pub(crate) kind: u8,
    /// Where.
    pub(crate) place: u8,
    /// With which record.
    pub(crate) record: u8,
    /// In which way.
    pub(crate) way: u8,
    /// How much.
    pub(crate) amount: u8,
    /// Decides between equal chances.
    pub(crate) chance: u8,
}

impl Step {
    /// The bytes of a step.
    pub(crate) const BYTES: usize = 8;

    pub(crate) const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let [hardship, pause, kind, place, record, way, amount, chance] = bytes;
        Self {
            hardship,
            pause,
            kind,
            place,
            record,
            way,
            amount,
            chance,
        }
    }

    pub(crate) const fn bytes(self) -> [u8; Self::BYTES] {
        [
            self.hardship,
            self.pause,
            self.kind,
            self.place,
            self.record,
            self.way,
            self.amount,
            self.chance,
        ]
    }
}

/// A history's decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tape {
    /// What the world is like.
    pub(crate) world: Step,
    /// What happens in it, one after the other.
    pub(crate) steps: Vec<Step>,
}

impl Tape {
    /// The tape of this number, always the same.
    pub fn of_seed(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x6b65_7275_656e_0000);
        let world = Step::from_bytes(random.bits().to_le_bytes());
        // Short histories are quick, and enough for most mistakes.
        let longest = 1 + random.below(MOST_STEPS);
        let count = 2 + random.below(longest);
        // Bad times come and go: some histories have few of them.
        let trouble_percent = random.below(101);
        let steps = (0..count).map(|_| {
            let mut step = Step::from_bytes(random.bits().to_le_bytes());
            let sparse = random.bits().to_le_bytes();
            step.hardship &= sparse[0];
            if !random.percent(trouble_percent) {
                step.hardship = 0;
            }
            step
        });
        Self {
            world,
            steps: steps.collect(),
        }
    }

    /// How many steps it has.
    pub const fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether nothing happens in it.
    pub const fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl fmt::Display for Tape {
    /// Hexadecimal digits, a group for each step.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = std::iter::once(&self.world).chain(&self.steps);
        for (number, step) in steps.enumerate() {
            if number > 0 {
                formatter.write_str("-")?;
            }
            for byte in step.bytes() {
                write!(formatter, "{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// A text is no tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseTapeError;

impl fmt::Display for ParseTapeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a tape is groups of sixteen hexadecimal digits with hyphens between")
    }
}

impl std::error::Error for ParseTapeError {}

impl FromStr for Tape {
    type Err = ParseTapeError;

    fn from_str(text: &str) -> Result<Self, ParseTapeError> {
        let step = |group: &str| {
            if group.len() != 2 * Step::BYTES {
                return Err(ParseTapeError);
            }
            let number = u64::from_str_radix(group, 16).map_err(|_| ParseTapeError)?;
            Ok(Step::from_bytes(number.to_be_bytes()))
        };
        let mut steps = text.trim().split('-').map(step);
        let world = steps.next().ok_or(ParseTapeError)??;
        Ok(Self {
            world,
            steps: steps.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tape_is_read_as_it_was_written() {
        for seed in 0..50 {
            let tape = Tape::of_seed(seed);
            assert_eq!(tape.to_string().parse(), Ok(tape));
        }
        assert_eq!("00".parse::<Tape>(), Err(ParseTapeError));
    }
}
