//! The words of a text, as they are written and as they are compared.

use std::ops::Range;

use crate::fold;

/// Longer words are cut, so that nonsense in a text cannot fill the index.
const LONGEST_BYTES: usize = 96;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Where it stands, in bytes.
    pub(crate) range: Range<usize>,
    /// In small letters, without apostrophes and stress; letters are otherwise as written.
    pub(crate) lower: String,
    /// Letter by letter the folded form of `lower`.
    pub(crate) folded: String,
    /// Several words that hyphens join, written as one; the single ones come before it.
    pub(crate) is_joined: bool,
}

/// All words in their order. `Кзыл-Орда` gives `кзыл`, `орда` and `кзылорда`.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut chain_start = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((start, letter)) = rest.next() {
        if !letter.is_alphanumeric() {
            continue;
        }
        let mut end = start + letter.len_utf8();
        while let Some(&(at, next)) = rest.peek() {
            let continues = next.is_alphanumeric()
                || fold::is_mark(next)
                || (fold::is_apostrophe(next) && is_letter_at(text, at + next.len_utf8()));
            if !continues {
                break;
            }
            end = at + next.len_utf8();
            rest.next();
        }
        let is_linked = found
            .last()
            .is_some_and(|before| is_hyphen(&text[before.range.end..start]));
        if !is_linked {
            push_joined(&mut found, chain_start);
            chain_start = found.len();
        }
        let (lower, folded) = forms(&text[start..end]);
        found.push(Word {
            range: start..end,
            lower,
            folded,
            is_joined: false,
        });
    }
    push_joined(&mut found, chain_start);
    found
}

fn is_letter_at(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_some_and(char::is_alphanumeric)
}

fn is_hyphen(between: &str) -> bool {
    matches!(between, "-" | "\u{2010}" | "\u{2011}")
}

/// Adds the words from `start` on as one, if they are several.
fn push_joined(found: &mut Vec<Word>, start: usize) {
    let (Some(first), Some(last)) = (found.get(start), found.last()) else {
        return;
    };
    if found.len() - start < 2 || last.is_joined {
        return;
    }
    let range = first.range.start..last.range.end;
    let mut lower: String = found[start..]
        .iter()
        .map(|word| word.lower.as_str())
        .collect();
    cut(&mut lower);
    let folded = lower.chars().map(fold::folded).collect();
    found.push(Word {
        range,
        lower,
        folded,
        is_joined: true,
    });
}

/// A written word in small letters, and folded.
fn forms(written: &str) -> (String, String) {
    let written = without_possessive(written);
    let has_cyrillic = written.chars().any(fold::is_cyrillic);
    let is_disguised = has_cyrillic
        && written
            .chars()
            .any(|letter| fold::look_alike(letter).is_some())
        && written
            .chars()
            .filter(|letter| letter.is_ascii_alphabetic())
            .all(|letter| fold::look_alike(letter).is_some());
    let mut lower = String::with_capacity(written.len());
    for letter in written.chars() {
        let letter = match is_disguised {
            true => fold::look_alike(letter).unwrap_or(letter),
            false => letter,
        };
        for small in letter.to_lowercase() {
            if fold::is_apostrophe(small) {
                continue;
            }
            if !fold::is_mark(small) {
                lower.push(small);
                continue;
            }
            let before = lower.chars().next_back();
            if let Some(whole) = before.and_then(|before| fold::composed(before, small)) {
                lower.pop();
                lower.push(whole);
            }
        }
    }
    cut(&mut lower);
    let folded = lower.chars().map(fold::folded).collect();
    (lower, folded)
}

/// English writes an apostrophe and an s after a name.
fn without_possessive(written: &str) -> &str {
    let Some(name) = written.strip_suffix(['s', 'S']) else {
        return written;
    };
    match name.strip_suffix(['\'', '\u{2019}']) {
        Some(name) if name.len() > 2 && name.is_ascii() => name,
        _ => written,
    }
}

fn cut(word: &mut String) {
    let mut end = word.len().min(LONGEST_BYTES);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    word.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn spellings_of_one_name_fold_to_one() {
        assert_eq!(
            folded("Қызылорда Ұлытау Жетісу"),
            ["кызылорда", "улытау", "жетису"]
        );
        assert_eq!(folded("Oʻzbek o'zbek O’zbek ozbek"), ["ozbek"; 4]);
        assert_eq!(folded("Тоҷикӣ точики"), ["точики"; 2]);
        assert_eq!(folded("и\u{306} й И\u{306}"), ["и"; 3]);
        assert_eq!(words("и\u{306}")[0].lower, "й");
    }

    #[test]
    fn latin_letters_in_a_cyrillic_word_are_cyrillic() {
        assert_eq!(folded("Aқтау АКTAУ"), ["актау"; 2]);
        assert_eq!(folded("Wебинар"), ["wебинар"]);
    }

    #[test]
    fn hyphens_make_parts_and_a_whole() {
        assert_eq!(
            folded("в Кзыл-Орде - и"),
            ["в", "кзыл", "орде", "кзылорде", "и"]
        );
        assert_eq!(
            folded("Culture|2030, Ministry's"),
            ["culture", "2030", "ministry"]
        );
    }

    #[test]
    fn a_word_says_where_it_stands() {
        let text = "«Ақтау» Нур-Султан";
        let found: Vec<&str> = words(text)
            .iter()
            .map(|word| &text[word.range.clone()])
            .collect();
        assert_eq!(found, ["Ақтау", "Нур", "Султан", "Нур-Султан"]);
    }
}
