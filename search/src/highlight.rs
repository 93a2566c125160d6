//! Where a text answers a query.

use std::ops::Range;

use crate::query::Query;
use crate::words::{Word, words};

/// The words of a text that answer a query, as ranges of bytes in their order; words that only a
/// slip joins count where nothing better answers.
#[must_use]
pub fn highlights(text: &str, query: &str) -> Vec<Range<usize>> {
    let query = Query::parse(query);
    let found = words(text);
    let mut marked = vec![false; found.len()];
    for asked in query.asked.iter().filter(|asked| !asked.is_common) {
        let mut is_answered = false;
        for (word, mark) in found.iter().zip(&mut marked) {
            if asked.answer(&word.lower, &word.folded).is_ok() {
                *mark = true;
                is_answered = true;
            }
        }
        if is_answered || !asked.forgives() {
            continue;
        }
        for (word, mark) in found.iter().zip(&mut marked) {
            *mark |= asked.slip_of(&word.folded).is_ok();
        }
    }
    let answering = found.into_iter().zip(marked).filter(|(_, mark)| *mark);
    united(answering.map(|(word, _)| word.range).collect())
}

/// Ranges in order, none within or across another.
fn united(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// The part of a text, of about so many letters, that answers a query best, and what is to be
/// highlighted in it: ranges of bytes of the whole text. It begins and ends between words.
#[must_use]
pub fn excerpt(text: &str, query: &str, about_chars: usize) -> (Range<usize>, Vec<Range<usize>>) {
    let marked = highlights(text, query);
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    if starts.len() <= about_chars {
        return (0..text.len(), marked);
    }
    let letter_at = |at: usize| starts.partition_point(|&start| start < at);
    let byte_of = |letter: usize| starts.get(letter).copied().unwrap_or(text.len());
    // A quarter before the first highlight, for the context.
    let window = |range: &Range<usize>| {
        let from = letter_at(range.start).saturating_sub(about_chars / 4);
        let from = from.min(starts.len() - about_chars);
        byte_of(from)..byte_of(from + about_chars)
    };
    let within = |window: &Range<usize>| {
        let inside = marked
            .iter()
            .filter(|range| window.start <= range.start && range.end <= window.end);
        inside.count()
    };
    // The first among equals.
    let best = marked.iter().map(window).rev().max_by_key(within);
    let best = best.unwrap_or(0..byte_of(about_chars));
    let shown = between_words(text, best);
    let inside = marked
        .into_iter()
        .filter(|range| shown.start <= range.start && range.end <= shown.end);
    let inside = inside.collect();
    (shown, inside)
}

/// Shrinks a range to whole words, unless nothing would remain.
fn between_words(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let begins_within = text[..range.start]
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric);
    let ends_within = text[range.end..]
        .chars()
        .next()
        .is_some_and(char::is_alphanumeric);
    let start = match part.find(char::is_whitespace) {
        Some(space) if begins_within => range.start + space,
        _ => range.start,
    };
    let end = match part.rfind(char::is_whitespace) {
        Some(space) if ends_within => range.start + space,
        _ => range.end,
    };
    if start >= end {
        return range;
    }
    let shown = &text[start..end];
    let trimmed = shown.trim_start();
    let start = end - trimmed.len();
    start..start + trimmed.trim_end().len()
}

/// Whether folded words follow each other somewhere in a text.
pub(crate) fn contains_phrase(text: &str, phrase: &[String]) -> bool {
    let single: Vec<Word> = words(text)
        .into_iter()
        .filter(|word| !word.is_joined)
        .collect();
    single
        .windows(phrase.len().max(1))
        .any(|some| some.iter().map(|word| &word.folded).eq(phrase))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked<'text>(text: &'text str, query: &str) -> Vec<&'text str> {
        let ranges = highlights(text, query);
        ranges.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn what_answers_is_marked_as_it_is_written() {
        let text = "Семинар в Ақтауда: Индикаторы культуры, cities and Кзыл-Орда.";
        assert_eq!(marked(text, "актау"), ["Ақтауда"]);
        assert_eq!(
            marked(text, "индикаторами куль"),
            ["Индикаторы", "культуры"]
        );
        assert_eq!(marked(text, "city"), ["cities"]);
        assert_eq!(marked(text, "қызылорда"), ["Кзыл-Орда"]);
        assert_eq!(marked(text, "сименар "), ["Семинар"; 0]);
        assert_eq!(marked(text, "симинар "), ["Семинар"]);
    }

    #[test]
    fn an_excerpt_shows_the_words_in_context() {
        let text = format!(
            "{} нужное слово здесь {}",
            "начало ".repeat(50),
            "конец ".repeat(50)
        );
        let (shown, marked) = excerpt(&text, "слово", 60);
        assert!(text[shown.clone()].contains("нужное слово здесь"));
        assert!(text[shown.clone()].chars().count() <= 60);
        assert_eq!(marked.len(), 1);
        assert_eq!(&text[marked[0].clone()], "слово");
        assert!(!text[shown].contains("нач ала"));
    }

    proptest! {
        #[test]
        fn ranges_lie_on_letters_within_the_text(
            text in "([a-zа-яәғқңөұүһі'ʻ\u{306}\u{301}İ«» .-]|\\PC){0,80}",
            query in "([a-zа-яәғқі'\" -]|\\PC){0,12}",
            about in 0_usize..50,
        ) {
            let ranges = highlights(&text, &query);
            prop_assert!(ranges.iter().all(|range| text.get(range.clone()).is_some_and(|part| !part.is_empty())));
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
            let (shown, inside) = excerpt(&text, &query, about);
            prop_assert!(text.get(shown.clone()).is_some());
            prop_assert!(inside.iter().all(|range| shown.start <= range.start && range.end <= shown.end));
        }

        #[test]
        fn a_word_of_a_text_finds_itself(text in "([a-zа-яәғқңөұүһі'\u{306}-]| ){1,40}") {
            for word in words(&text) {
                prop_assert!(!highlights(&text, &text[word.range.clone()]).is_empty(), "{}", word.folded);
            }
        }
    }
}
