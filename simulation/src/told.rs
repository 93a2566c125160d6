//! What happened how often, so that histories in which nothing happens do not pass for a proof.

use std::collections::BTreeMap;
use std::fmt;

/// How often what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told(BTreeMap<&'static str, u64>);

impl Told {
    pub(crate) fn count(&mut self, what: &'static str) {
        self.add_times(what, 1);
    }

    pub(crate) fn add_times(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    /// Adds what happened elsewhere.
    pub fn add(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            self.add_times(what, *times);
        }
    }

    /// How often this happened.
    pub fn times(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or_default()
    }

    /// What of [`EVERYTHING`] happened less often than this.
    pub fn missing(&self, least: u64) -> Vec<&'static str> {
        let rare = |what: &&'static str| self.times(what) < least;
        EVERYTHING.into_iter().filter(rare).collect()
    }
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, times) in &self.0 {
            writeln!(formatter, "{times:>12}  {what}")?;
        }
        Ok(())
    }
}

/// All that must happen in many histories.
const EVERYTHING: [&str; 62] = [
    "answer about another place",
    "answer cut",
    "answer late",
    "answer lost",
    "backup put back",
    "backup put back that nobody could make up for",
    "both tabs led",
    "browser died",
    "change accepted",
    "change refused",
    "chunk cut",
    "chunk kept",
    "chunk lost",
    "chunk not there",
    "clock jumped by minutes",
    "clock jumped by years",
    "commit took an edit that nobody heard of",
    "deletions forgotten",
    "died in a transaction",
    "edit failed",
    "edit made",
    "edit of what was seen before",
    "exchange in version 1",
    "hint given",
    "import",
    "import in sealed pages",
    "joined",
    "looked at the same record in two tabs",
    "offered again",
    "out of reach",
    "page full",
    "power loss took commits",
    "power lost",
    "programme hidden",
    "programme shown",
    "read anew: diverged",
    "read anew: other history",
    "read anew: too old",
    "reading failed",
    "record deleted",
    "record restored",
    "refusal dismissed",
    "request cut",
    "request doubled",
    "request late",
    "request lost",
    "row vanished from the disk",
    "rows moved into pages",
    "saving failed",
    "scope revoked",
    "scope summed up",
    "server busy",
    "server too small",
    "snapshot made",
    "stamp bounded",
    "stamps corrected",
    "tab died",
    "token ended",
    "versions disputed",
    "word removed",
    "word written",
    "word written in what was seen before",
];
