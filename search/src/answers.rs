//! How well documents answer a word, and what was asked last.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::document::{BODY, MARK_BITS, NAME, OFTEN, TITLE};
use crate::query::{Asked, Match};

/// Between two kinds of match, so that the place of a word decides only among equals.
const STEP: u16 = 100;
/// So many words are remembered, each with two bytes for every document.
const MOST_RECENT: usize = 8;

/// Answers to the words asked for last: who types a second word asks for the first with every letter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent(RefCell<VecDeque<(Question, Rc<Answers>)>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    asked: String,
    /// With slips.
    is_forgiving: bool,
}

impl Recent {
    /// The answers to a word, found now unless they are known.
    pub(crate) fn get_or_find(
        &self,
        asked: &Asked,
        is_forgiving: bool,
        find: impl FnOnce() -> Answers,
    ) -> Rc<Answers> {
        let question = Question {
            asked: asked.identity(),
            is_forgiving,
        };
        let mut recent = self.0.borrow_mut();
        let place = recent.iter().position(|(other, _)| *other == question);
        let answers = match place.and_then(|place| recent.remove(place)) {
            Some((_, answers)) => answers,
            None => Rc::new(find()),
        };
        recent.push_back((question, Rc::clone(&answers)));
        if recent.len() > MOST_RECENT {
            recent.pop_front();
        }
        answers
    }
}

/// How well each document answers one word; zero: not at all.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) scores: Vec<u16>,
}

impl Answers {
    pub(crate) fn none(documents: usize) -> Self {
        Self {
            scores: vec![0; documents],
        }
    }

    pub(crate) fn add(&mut self, document: usize, how: Match, marks: u8) {
        let place = PLACES[usize::from(marks) % PLACES.len()];
        if let Some(score) = self.scores.get_mut(document) {
            *score = (*score).max(how as u16 * STEP + place);
        }
    }

    pub(crate) fn forget(&mut self, hidden: &[bool]) {
        for (score, _) in self
            .scores
            .iter_mut()
            .zip(hidden)
            .filter(|(_, hidden)| **hidden)
        {
            *score = 0;
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.scores.iter().filter(|score| **score > 0).count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.scores.iter().all(|score| *score == 0)
    }
}

/// What it is worth where a word occurs, by the marks: below a [`STEP`].
const PLACES: [u16; 1 << MARK_BITS] = {
    let mut places = [0; 1 << MARK_BITS];
    let mut marks = 0;
    while marks < places.len() {
        let bits = marks as u8;
        places[marks] = match (bits & TITLE != 0, bits & NAME != 0) {
            (true, true) => 70,
            (true, false) => 60,
            (false, true) => 40,
            (false, false) => 0,
        };
        if bits & BODY != 0 {
            places[marks] += 5;
        }
        if bits & OFTEN != 0 {
            places[marks] += 5;
        }
        marks += 1;
    }
    places
};
