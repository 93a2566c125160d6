/// Growing pauses between attempts, with jitter, so that a hall full of phones does not knock at once.
///
/// The n-th pause is drawn evenly from the upper half of `min(FIRST_MS * 2^n, MAX_MS)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The longest first pause, in milliseconds.
    pub const FIRST_MS: u32 = 2_000;
    /// The longest pause of all: a window of signal may be forty seconds long, so that one attempt
    /// falls into most of them.
    pub const MAX_MS: u32 = 30_000;

    /// Notes a failure and tells how long to wait, in milliseconds. `random` is any 32 random bits.
    pub fn pause_ms(&mut self, random: u32) -> u32 {
        let ceiling = Self::FIRST_MS
            .saturating_mul(1 << self.failures.min(16))
            .min(Self::MAX_MS);
        self.failures = self.failures.saturating_add(1);
        let half = ceiling / 2;
        half + random % (ceiling - half + 1)
    }

    /// Something worked: begin anew.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_bound_and_begin_anew() {
        let mut backoff = Backoff::default();
        let mut last = 0;
        for _ in 0..40 {
            let pause = backoff.pause_ms(u32::MAX);
            assert!(
                pause >= last / 2 && pause <= Backoff::MAX_MS,
                "{pause} after {last}"
            );
            last = pause;
        }
        assert!(last > Backoff::MAX_MS / 2);
        backoff.reset();
        assert!(backoff.pause_ms(7) <= Backoff::FIRST_MS);
    }
}
