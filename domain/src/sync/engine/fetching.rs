//! Chunks of snapshots on their way: a few at a time, the most urgent first.

use std::collections::VecDeque;

use crate::sync::{ChunkName, FetchFailure};

/// How many chunks travel beside each other. Two at first and on a slow link: the next one is asked
/// for while one is coming, or the link would rest for as long as a question travels; and what a
/// person writes waits for two at most. More where they come quickly: storing several at once takes
/// little longer than storing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lanes(usize);

impl Default for Lanes {
    fn default() -> Self {
        Self(Self::LEAST)
    }
}

impl Lanes {
    const LEAST: usize = 2;
    const MOST: usize = 8;
    /// So long the chunks that travel together may take for each of them to be quick.
    const QUICK_MS: u64 = 3_000;
    const SLOW_MS: u64 = 5_000;

    /// A chunk took so long.
    const fn took(&mut self, travelled_ms: u64) {
        if travelled_ms > Self::SLOW_MS {
            self.0 = Self::LEAST;
        } else if travelled_ms * (self.0 as u64) < Self::QUICK_MS && self.0 < Self::MOST {
            self.0 *= 2;
        }
    }
}

/// What is being fetched, and what is to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fetching {
    queue: VecDeque<ChunkName>,
    /// Each with the time at which it was asked for.
    under_way: Vec<(ChunkName, u64)>,
    failure: Option<FetchFailure>,
}

impl Fetching {
    pub(super) fn of(missing: Vec<ChunkName>) -> Self {
        Self {
            queue: missing.into(),
            under_way: Vec::new(),
            failure: None,
        }
    }

    /// The chunks to be asked for now. None any more once one has failed.
    pub(super) fn next(&mut self, lanes: Lanes, now_ms: u64) -> Vec<ChunkName> {
        if self.failure.is_some() {
            return Vec::new();
        }
        let free = lanes.0.saturating_sub(self.under_way.len());
        let next: Vec<_> = self.queue.drain(..free.min(self.queue.len())).collect();
        self.under_way
            .extend(next.iter().map(|chunk| (*chunk, now_ms)));
        next
    }

    /// Notes what came of a chunk; `false` if it was not under way.
    pub(super) fn came(
        &mut self,
        chunk: ChunkName,
        result: Result<(), FetchFailure>,
        lanes: &mut Lanes,
        now_ms: u64,
    ) -> bool {
        let Some(position) = self.under_way.iter().position(|(of, _)| *of == chunk) else {
            return false;
        };
        let (_, asked_ms) = self.under_way.swap_remove(position);
        match result {
            Ok(()) => lanes.took(now_ms.saturating_sub(asked_ms)),
            Err(failure) => {
                *lanes = Lanes::default();
                self.failure.get_or_insert(failure);
            }
        }
        true
    }

    pub(super) const fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(super) const fn failure(&self) -> Option<FetchFailure> {
        self.failure
    }
}
