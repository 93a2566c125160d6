//! What is asked for, and what is found.

use std::collections::BTreeMap;

/// Gives all text of a document: to see whether words in quotes follow each other.
pub type TextOf<'caller> = &'caller dyn Fn(&[u8]) -> Option<String>;

/// How a search is done.
#[derive(Clone, Copy)]
pub struct Options<'caller> {
    /// Only documents of these kinds; `None`: of all.
    pub kinds: Option<&'caller [u8]>,
    /// At most so many hits.
    pub limit: usize,
    /// Without it, words in quotes need not follow each other, but must be as written.
    pub text_of: Option<TextOf<'caller>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            kinds: None,
            limit: 50,
            text_of: None,
        }
    }
}

/// A document that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Whose it is.
    pub key: Vec<u8>,
    /// What it is.
    pub kind: u8,
    /// To be compared within one search only.
    pub score: u32,
}

/// What was found, the best first; the same index and question give the same order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// As many as were asked for.
    pub hits: Vec<Hit>,
    /// How many documents of each kind were found, whatever kinds were asked for.
    pub totals: BTreeMap<u8, usize>,
    /// No document has all words: these have some.
    pub is_partial: bool,
}
