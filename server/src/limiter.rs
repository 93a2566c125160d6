//! How often somebody may ask: a bucket of tokens each, which fills up at a steady rate.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Buckets kept at most before full ones are forgotten.
const BUCKETS: usize = 20_000;
/// A bucket holds this many seconds' worth of requests.
const BURST_SECONDS: f64 = 20.0;

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_ms: u64,
}

/// Counts requests by who makes them.
pub struct Limiter<K> {
    per_second: f64,
    /// Tokens of a full bucket.
    capacity: f64,
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K: Eq + Hash> Limiter<K> {
    /// Allows this many requests a second in the long run; 0 allows all.
    pub fn new(per_second: u32) -> Self {
        let per_second = f64::from(per_second);
        Self::with_burst(per_second, per_second * BURST_SECONDS)
    }

    /// Allows so many a second in the long run, and so many at once.
    pub fn with_burst(per_second: f64, at_once: f64) -> Self {
        Self {
            per_second,
            capacity: at_once,
            buckets: Mutex::default(),
        }
    }

    /// Takes note of a request; `Err` says in how many milliseconds the next one is allowed.
    pub fn check(&self, who: K, now_ms: u64) -> Result<(), u32> {
        self.look(who, now_ms, 1.0)
    }

    /// Whether one would be allowed now, without taking note of it.
    pub fn would_allow(&self, who: K, now_ms: u64) -> Result<(), u32> {
        self.look(who, now_ms, 0.0)
    }

    fn look(&self, who: K, now_ms: u64, takes: f64) -> Result<(), u32> {
        if self.per_second == 0.0 {
            return Ok(());
        }
        let capacity = self.capacity;
        // Counts are whole whatever a panicking thread did elsewhere.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS {
            buckets.retain(|_, bucket| self.filled(*bucket, now_ms) < capacity);
            if buckets.len() >= BUCKETS {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(who).or_insert(Bucket {
            tokens: capacity,
            filled_ms: now_ms,
        });
        bucket.tokens = self.filled(*bucket, now_ms);
        bucket.filled_ms = now_ms;
        if bucket.tokens < 1.0 {
            let wait_ms = (1.0 - bucket.tokens) / self.per_second * 1_000.0;
            return Err(wait_ms.ceil() as u32);
        }
        bucket.tokens -= takes;
        Ok(())
    }

    fn filled(&self, bucket: Bucket, now_ms: u64) -> f64 {
        let passed_ms = now_ms.saturating_sub(bucket.filled_ms);
        let tokens = bucket.tokens + passed_ms as f64 / 1_000.0 * self.per_second;
        tokens.min(self.capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_then_the_rate_counts_for_each_alone() {
        let limiter = Limiter::new(2);
        for _ in 0..40 {
            assert_eq!(limiter.check("hall", 1_000), Ok(()));
        }
        assert_eq!(limiter.check("hall", 1_000), Err(500));
        assert_eq!(limiter.check("home", 1_000), Ok(()));
        assert_eq!(limiter.check("hall", 1_500), Ok(()));
        assert_eq!(limiter.check("hall", 1_500), Err(500));
        assert_eq!(Limiter::new(0).check("anybody", 0), Ok(()));
    }

    #[test]
    fn looking_takes_nothing() {
        let limiter = Limiter::with_burst(0.5, 2.0);
        for _ in 0..9 {
            assert_eq!(limiter.would_allow("hall", 0), Ok(()));
        }
        assert_eq!(limiter.check("hall", 0), Ok(()));
        assert_eq!(limiter.check("hall", 0), Ok(()));
        assert_eq!(limiter.would_allow("hall", 0), Err(2_000));
        assert_eq!(limiter.would_allow("hall", 2_000), Ok(()));
    }

    #[test]
    fn the_list_of_buckets_stays_short() {
        let limiter = Limiter::new(1);
        for who in 0..100_000 {
            assert_eq!(limiter.check(who, 0), Ok(()));
        }
        assert!(limiter.buckets.lock().unwrap().len() <= BUCKETS);
    }
}
