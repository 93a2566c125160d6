//! The index: a sealed part and what has changed since.

use std::rc::Rc;

use crate::answers::{Answers, Recent};
use crate::bytes::Damage;
use crate::document::{Document, Indexed, forms};
use crate::highlight::contains_phrase;
use crate::overlay::Overlay;
use crate::query::{Asked, Match, Query};
use crate::results::{Hit, Options, Results};
use crate::segment::{Entry, Segment, Writer};

/// A key must fit.
const LONGEST_KEY: usize = 255;
/// So many changes are carried before [`Index::wants_sealing`].
const MOST_CHANGES: usize = 256;

/// Finds documents by their words.
#[derive(Clone, Debug, Default)]
pub struct Index {
    sealed: Segment,
    /// Documents of the sealed part that were replaced or removed since.
    hidden: Vec<bool>,
    overlay: Overlay,
    /// Of this index as it is now.
    recent: Recent,
}

impl Index {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what [`Index::seal`] made. Nothing is unpacked: this takes as long as reading the bytes once.
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly those: the index is then to be made anew.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Damage> {
        let sealed = Segment::open(bytes)?;
        Ok(Self {
            hidden: vec![false; sealed.len()],
            sealed,
            overlay: Overlay::default(),
            recent: Recent::default(),
        })
    }

    /// Takes what [`Index::seal_changes`] made of an index with the same sealed part, instead of the
    /// changes that there are now.
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly those, or changes to another index; nothing is taken then.
    pub fn open_changes(&mut self, bytes: &[u8]) -> Result<(), Damage> {
        self.overlay = Overlay::open(bytes, self.sealed.sum())?;
        self.recent = Recent::default();
        self.hidden.fill(false);
        for (key, _) in self.overlay.changes() {
            if let Some(number) = self.sealed.find(key) {
                self.hidden[number] = true;
            }
        }
        Ok(())
    }

    /// Unites everything, and gives the bytes for [`Index::open`]; the same documents give the same bytes,
    /// however they came. Changes sealed before are worth nothing afterwards.
    pub fn seal(&mut self) -> &[u8] {
        if self.overlay.change_count() > 0 || self.sealed.bytes().is_empty() {
            let bytes = self.united();
            // What was written a line above can be read.
            if let Ok(sealed) = Segment::open(bytes) {
                self.hidden = vec![false; sealed.len()];
                self.sealed = sealed;
                self.overlay = Overlay::default();
                self.recent = Recent::default();
            }
        }
        self.sealed.bytes()
    }

    /// The changes since [`Index::seal`] or [`Index::open`]: few bytes.
    #[must_use]
    pub fn seal_changes(&self) -> Vec<u8> {
        self.overlay.seal(self.sealed.sum())
    }

    /// So much has changed that it is time for [`Index::seal`].
    #[must_use]
    pub fn wants_sealing(&self) -> bool {
        self.overlay.change_count() > MOST_CHANGES.max(self.sealed.len() / 16)
    }

    /// Adds a document or replaces the one of this key. A key of more than 255 bytes is not taken.
    pub fn put(&mut self, document: &Document<'_>) {
        if document.key.len() > LONGEST_KEY {
            return;
        }
        self.recent = Recent::default();
        self.overlay.put(document.key, Indexed::of(document));
        if let Some(number) = self.sealed.find(document.key) {
            self.hidden[number] = true;
        }
    }

    /// Removes a document, if it is there.
    pub fn remove(&mut self, key: &[u8]) {
        self.recent = Recent::default();
        let number = self.sealed.find(key);
        self.overlay.remove(key, number.is_some());
        if let Some(number) = number {
            self.hidden[number] = true;
        }
    }

    /// The fingerprint that a document was put with.
    #[must_use]
    pub fn fingerprint(&self, key: &[u8]) -> Option<u64> {
        match self.overlay.find(key) {
            Some(change) => change.map(|document| document.fingerprint),
            None => Some(self.sealed.entry(self.sealed.find(key)?).fingerprint),
        }
    }

    /// All keys and the fingerprints that they were put with, in no particular order.
    pub fn fingerprints(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let all =
            (0..self.sealed.len() + self.overlay.len()).filter_map(|number| self.entry(number));
        all.map(|entry| (entry.key, entry.fingerprint))
    }

    /// How many documents there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fingerprints().count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fingerprints().next().is_none()
    }

    /// What is found when so much has been typed: the last word may be the beginning of one, a letter
    /// or a space after it ends it. All words must be there, in any order; if no document has them all,
    /// slips are forgiven, and then documents with some are given.
    #[must_use]
    pub fn search(&self, query: &str, options: &Options<'_>) -> Results {
        let query = Query::parse(query);
        let needed: Vec<&Asked> = query
            .asked
            .iter()
            .filter(|asked| !asked.is_common)
            .collect();
        if needed.is_empty() {
            return Results::default();
        }
        let mut answers: Vec<Rc<Answers>> =
            needed.iter().map(|asked| self.answers(asked)).collect();
        let mut is_forgiven: Vec<bool> = needed.iter().map(|asked| !asked.forgives()).collect();
        for number in 0..needed.len() {
            if answers[number].is_empty() && !is_forgiven[number] {
                answers[number] = self.forgiving_answers(needed[number]);
                is_forgiven[number] = true;
            }
        }
        let mut found = self.with_all(&answers, &query, options);
        if found.is_empty() && is_forgiven.contains(&false) {
            for number in (0..needed.len()).filter(|&number| !is_forgiven[number]) {
                answers[number] = self.forgiving_answers(needed[number]);
            }
            found = self.with_all(&answers, &query, options);
        }
        let is_partial = found.is_empty() && needed.len() > 1;
        if is_partial {
            found = self.with_some(&answers);
        }
        let mut results = self.best(found, options);
        results.is_partial = is_partial && !results.totals.is_empty();
        results
    }

    /// A living document by its number: the sealed ones come first.
    fn entry(&self, number: usize) -> Option<Entry<'_>> {
        if let Some(&is_hidden) = self.hidden.get(number) {
            return (!is_hidden).then(|| self.sealed.entry(number));
        }
        let (key, document) = self.overlay.document(number - self.hidden.len())?;
        Some(Entry {
            key,
            kind: document.kind,
            length: document.length,
            fingerprint: document.fingerprint,
        })
    }

    fn answers(&self, asked: &Asked) -> Rc<Answers> {
        self.recent.get_or_find(asked, false, || {
            let mut answers = Answers::none(self.hidden.len() + self.overlay.len());
            for beginning in asked.beginnings() {
                self.each_term(beginning, &mut answers, |term| {
                    let (folded, lower) = forms(term);
                    asked.answer(lower, folded)
                });
            }
            answers.forget(&self.hidden);
            answers
        })
    }

    /// Those, and the ones with a slip.
    fn forgiving_answers(&self, asked: &Asked) -> Rc<Answers> {
        let exact = self.answers(asked);
        self.recent.get_or_find(asked, true, || {
            let mut answers = Answers::clone(&exact);
            let mut letters = self.sealed.first_letters();
            letters.extend(self.overlay.first_letters());
            letters.sort_unstable();
            letters.dedup();
            for beginning in asked.slip_beginnings(&letters) {
                self.each_term(&beginning, &mut answers, |term| {
                    asked.slip_of(forms(term).0).map(|()| Match::Slip)
                });
            }
            answers.forget(&self.hidden);
            answers
        })
    }

    fn each_term(
        &self,
        beginning: &str,
        answers: &mut Answers,
        answer: impl Fn(&str) -> Result<Match, usize>,
    ) {
        self.sealed
            .each_term(beginning, |term, postings| match answer(term) {
                Ok(how) => {
                    for (document, marks) in postings {
                        answers.add(document, how, marks);
                    }
                    0
                }
                Err(passed_over) => passed_over,
            });
        self.overlay.each_term(beginning, |term, postings| {
            if let Ok(how) = answer(term) {
                for &(document, marks) in postings {
                    answers.add(self.hidden.len() + document as usize, how, marks);
                }
            }
        });
    }

    /// Documents that answer every word, with their scores.
    fn with_all(
        &self,
        answers: &[Rc<Answers>],
        query: &Query,
        options: &Options<'_>,
    ) -> Vec<(u32, usize)> {
        let Some((first, others)) = answers.split_first() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (document, &score) in first
            .scores
            .iter()
            .enumerate()
            .filter(|(_, score)| **score > 0)
        {
            let rest = others
                .iter()
                .map(|answers| u32::from(answers.scores[document]));
            let Some(sum) = rest.into_iter().try_fold(u32::from(score), |sum, score| {
                (score > 0).then_some(sum + score)
            }) else {
                continue;
            };
            if self.has_phrases(document, query, options) {
                found.push((self.with_length(sum, document), document));
            }
        }
        found
    }

    /// Documents that answer any word: the rarer the word, the more it counts.
    fn with_some(&self, answers: &[Rc<Answers>]) -> Vec<(u32, usize)> {
        let total = self.hidden.len() + self.overlay.len();
        let living = self.len();
        let rarities: Vec<u32> = answers
            .iter()
            .map(|answers| {
                let share = living / answers.count().max(1);
                usize::BITS - share.leading_zeros() + 1
            })
            .collect();
        let mut found = Vec::new();
        for document in 0..total {
            let scores = answers.iter().zip(&rarities);
            let sum: u32 = scores
                .map(|(answers, rarity)| u32::from(answers.scores[document]) * rarity)
                .sum();
            if sum > 0 {
                found.push((self.with_length(sum, document), document));
            }
        }
        found
    }

    /// Among equals the shorter document is more about the word.
    fn with_length(&self, score: u32, document: usize) -> u32 {
        let length = match document.checked_sub(self.hidden.len()) {
            None => self.sealed.length(document),
            Some(number) => self
                .overlay
                .document(number)
                .map_or(0, |(_, document)| document.length),
        };
        score * 32 + 31_u32.saturating_sub(u32::from(length))
    }

    fn has_phrases(&self, document: usize, query: &Query, options: &Options<'_>) -> bool {
        let (false, Some(text_of)) = (query.phrases.is_empty(), options.text_of) else {
            return true;
        };
        let text = self.entry(document).and_then(|entry| text_of(entry.key));
        text.is_some_and(|text| {
            query
                .phrases
                .iter()
                .all(|phrase| contains_phrase(&text, phrase))
        })
    }

    fn best(&self, found: Vec<(u32, usize)>, options: &Options<'_>) -> Results {
        let mut results = Results::default();
        let mut wanted = Vec::with_capacity(found.len());
        let mut totals = [0_usize; 1 + u8::MAX as usize];
        for (score, number) in found {
            let kind = self.kind(number);
            totals[usize::from(kind)] += 1;
            if options.kinds.is_none_or(|kinds| kinds.contains(&kind)) {
                wanted.push((score, number));
            }
        }
        let totals = (0..=u8::MAX).zip(totals).filter(|(_, total)| *total > 0);
        results.totals = totals.collect();
        // Sealed documents are in the order of their keys.
        let key = |number: usize| self.entry(number).map(|entry| entry.key);
        let order = |&(score, number): &(u32, usize), &(other_score, other): &(u32, usize)| {
            other_score
                .cmp(&score)
                .then_with(|| match number.max(other) < self.hidden.len() {
                    true => number.cmp(&other),
                    false => key(number).cmp(&key(other)),
                })
        };
        if wanted.len() > options.limit && options.limit > 0 {
            wanted.select_nth_unstable_by(options.limit - 1, order);
        }
        wanted.truncate(options.limit);
        wanted.sort_unstable_by(order);
        let hits = wanted.into_iter().filter_map(|(score, number)| {
            let entry = self.entry(number)?;
            Some(Hit {
                key: entry.key.to_vec(),
                kind: entry.kind,
                score,
            })
        });
        results.hits = hits.collect();
        results
    }

    fn kind(&self, number: usize) -> u8 {
        match number.checked_sub(self.hidden.len()) {
            None => self.sealed.kind(number),
            Some(number) => self
                .overlay
                .document(number)
                .map_or(0, |(_, document)| document.kind),
        }
    }

    /// The bytes of one segment with all that lives.
    fn united(&self) -> Vec<u8> {
        let mut order: Vec<usize> = (0..self.hidden.len() + self.overlay.len())
            .filter(|&number| self.entry(number).is_some())
            .collect();
        order.sort_unstable_by_key(|&number| self.entry(number).map(|entry| entry.key));
        let mut places = vec![None; self.hidden.len() + self.overlay.len()];
        let mut writer = Writer::new();
        for (place, &number) in order.iter().enumerate() {
            places[number] = Some(place as u32);
            if let Some(entry) = self.entry(number) {
                writer.document(&entry);
            }
        }
        let place = |number: usize| places.get(number).copied().flatten();
        let mut changed: Vec<(&str, &[(u32, u8)])> = Vec::new();
        self.overlay
            .each_term("", |term, postings| changed.push((term, postings)));
        let mut changed = changed.into_iter().peekable();
        let added = |all: &mut Vec<(u32, u8)>, postings: &[(u32, u8)]| {
            let living = postings.iter().filter_map(|&(number, marks)| {
                Some((place(self.hidden.len() + number as usize)?, marks))
            });
            all.extend(living);
        };
        let mut all = Vec::new();
        self.sealed.each_term("", |term, postings| {
            while let Some((earlier, postings)) = changed.next_if(|(other, _)| *other < term) {
                all.clear();
                added(&mut all, postings);
                write_term(&mut writer, earlier, &mut all);
            }
            all.clear();
            all.extend(postings.filter_map(|(number, marks)| Some((place(number)?, marks))));
            if let Some((_, postings)) = changed.next_if(|(other, _)| *other == term) {
                added(&mut all, postings);
            }
            write_term(&mut writer, term, &mut all);
            0
        });
        for (term, postings) in changed {
            all.clear();
            added(&mut all, postings);
            write_term(&mut writer, term, &mut all);
        }
        writer.finish()
    }
}

fn write_term(writer: &mut Writer, term: &str, postings: &mut [(u32, u8)]) {
    if !postings.is_empty() {
        postings.sort_unstable();
        writer.term(term.as_bytes(), postings);
    }
}
