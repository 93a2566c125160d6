//! What is put into the index.

use std::collections::BTreeMap;

use crate::words::words;

/// Occurs in the title.
pub(crate) const TITLE: u8 = 1;
/// Occurs among the names or tags.
pub(crate) const NAME: u8 = 2;
/// Occurs in the body.
pub(crate) const BODY: u8 = 4;
/// Occurs often.
pub(crate) const OFTEN: u8 = 8;
/// How many bits these are.
pub(crate) const MARK_BITS: u32 = 4;
const OFTEN_IS: usize = 3;

/// Between the folded form of a term and the form as written, where they differ.
pub(crate) const FORM: char = '\0';

/// Something that can be found: its texts may be in several languages, one after another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Document<'text> {
    /// Whose it is: at most 255 bytes that mean something to the caller.
    pub key: &'text [u8],
    /// What it is, by the caller's own numbers.
    pub kind: u8,
    /// Changes with the texts; the index only keeps it.
    pub fingerprint: u64,
    /// Above all.
    pub title: &'text str,
    /// People, places, organisations.
    pub names: &'text str,
    /// Words that it bears.
    pub tags: &'text str,
    /// All the rest.
    pub body: &'text str,
}

/// A document as the index keeps it beside its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Indexed {
    pub(crate) kind: u8,
    pub(crate) fingerprint: u64,
    /// Bits of the number of words: short documents come first.
    pub(crate) length: u8,
    /// Where each of its terms occurs.
    pub(crate) terms: BTreeMap<String, u8>,
}

impl Indexed {
    pub(crate) fn of(document: &Document<'_>) -> Self {
        let mut terms: BTreeMap<String, (u8, usize)> = BTreeMap::new();
        let mut count = 0_usize;
        let fields = [
            (document.title, TITLE),
            (document.names, NAME),
            (document.tags, NAME),
            (document.body, BODY),
        ];
        for (text, mark) in fields {
            for word in words(text) {
                count += 1;
                let mut term = word.folded;
                // A zero byte cannot be in a word: it is no letter.
                if word.lower != term {
                    term.push(FORM);
                    term.push_str(&word.lower);
                }
                let (marks, times) = terms.entry(term).or_default();
                *marks |= mark;
                *times += 1;
            }
        }
        let terms = terms.into_iter().map(|(term, (marks, times))| {
            let often = if times >= OFTEN_IS { OFTEN } else { 0 };
            (term, marks | often)
        });
        Self {
            kind: document.kind,
            fingerprint: document.fingerprint,
            length: (usize::BITS - count.leading_zeros()) as u8,
            terms: terms.collect(),
        }
    }
}

/// The folded form of a term and the form as written.
pub(crate) fn forms(term: &str) -> (&str, &str) {
    match term.split_once(FORM) {
        Some((folded, lower)) => (folded, lower),
        None => (term, term),
    }
}
