//! Which words are forms of one word.
//!
//! The language of a text is not known, so each word is treated by its letters: Latin as English, Cyrillic
//! with letters that only Kazakh has as Kazakh, other Cyrillic as Russian and as Kazakh.

use rust_stemmers::{Algorithm, Stemmer};

use crate::{fold, kazakh};

/// Shorter stems say nothing.
const FEWEST_LETTERS: usize = 3;

/// What remains of a word without its endings, in folded letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stems {
    folded: String,
    /// Numbers of letters, as bits.
    kazakh: u64,
    russian: Vec<String>,
    english: Option<String>,
}

impl Stems {
    /// Of a word in small letters and the same word folded.
    pub(crate) fn of(lower: &str, folded: &str) -> Self {
        let mut stems = Self {
            folded: folded.to_owned(),
            ..Self::default()
        };
        if lower.chars().all(|letter| letter.is_ascii_alphabetic()) {
            let english = Stemmer::create(Algorithm::English)
                .stem(folded)
                .into_owned();
            stems.english = Some(english).filter(|stem| stem.len() >= FEWEST_LETTERS);
        } else if lower.chars().all(fold::is_cyrillic) {
            stems.kazakh = kazakh::stems(lower);
            if !lower.chars().any(fold::is_kazakh) {
                stems.russian = russian(lower);
            }
        }
        stems
    }

    /// Whether both are forms of one word.
    pub(crate) fn is_kin(&self, other: &Self) -> bool {
        let is_same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        self.russian.iter().any(|stem| other.russian.contains(stem))
            || is_same(&self.english, &other.english)
            || self.is_kazakh_kin(other)
    }

    fn is_kazakh_kin(&self, other: &Self) -> bool {
        let shared = self.kazakh & other.kazakh;
        if shared == 0 {
            return false;
        }
        let pairs = self.folded.chars().zip(other.folded.chars());
        for (length, (one, another)) in (1..).zip(pairs) {
            let ends_here = length >= FEWEST_LETTERS && shared & (1 << length) != 0;
            if ends_here && unvoiced(one) == unvoiced(another) {
                return true;
            }
            if one != another || length >= 63 {
                return false;
            }
        }
        false
    }

    /// With what every kin begins, so that only these need be looked at.
    pub(crate) fn beginnings(&self) -> Vec<&str> {
        let mut found: Vec<&str> = self.russian.iter().map(String::as_str).collect();
        if let Some(stem) = &self.english {
            // city and cities have the stem citi.
            found.push(stem.trim_end_matches(['i', 'e', 'y']));
        }
        let shortest = self.kazakh.trailing_zeros() as usize;
        if (FEWEST_LETTERS..64).contains(&shortest) {
            let stem = first(&self.folded, shortest);
            found.push(match stem.chars().next_back() {
                Some(last) if unvoiced(last) != last || matches!(last, 'п' | 'к') => {
                    first(&self.folded, shortest - 1)
                }
                _ => stem,
            });
        }
        found.retain(|beginning| !beginning.is_empty());
        found
    }

    /// The stems a slip may be in: the words' longest ones below the whole.
    pub(crate) fn shortened(&self) -> impl Iterator<Item = &str> {
        let whole = self.folded.chars().count();
        let below = self.kazakh & !(1_u64.checked_shl(whole as u32).unwrap_or(0));
        let kazakh = match below {
            0 => None,
            bits => Some(first(&self.folded, 63 - bits.leading_zeros() as usize)),
        };
        let russian = self.russian.first().map(String::as_str);
        russian
            .into_iter()
            .chain(kazakh)
            .filter(|stem| *stem != self.folded)
    }
}

fn russian(lower: &str) -> Vec<String> {
    let stemmer = Stemmer::create(Algorithm::Russian);
    let plain = lower.replace('ё', "е");
    let mut stems = vec![stemmer.stem(&plain).into_owned()];
    // The algorithm takes музей for a plural like областей; its other forms show that it is none.
    if let Some(begun) = plain.strip_suffix("ей") {
        stems.push(stemmer.stem(&format!("{begun}ея")).into_owned());
    }
    let folded = stems
        .iter()
        .map(|stem| stem.chars().map(fold::folded).collect::<String>());
    folded
        .filter(|stem| stem.chars().count() >= FEWEST_LETTERS)
        .collect()
}

/// Before a vowel of an ending Kazakh voices the last letter: кітап, кітабы.
fn unvoiced(letter: char) -> char {
    match letter {
        'б' => 'п',
        'г' => 'к',
        other => other,
    }
}

/// The first letters of a word.
pub(crate) fn first(word: &str, letters: usize) -> &str {
    match word.char_indices().nth(letters) {
        Some((end, _)) => &word[..end],
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    fn is_kin(one: &str, other: &str) -> bool {
        let of = |word: &str| {
            let word = words(word).remove(0);
            Stems::of(&word.lower, &word.folded)
        };
        let (one, other) = (of(one), of(other));
        assert_eq!(one.is_kin(&other), other.is_kin(&one));
        if one.is_kin(&other) {
            let begins = |a: &Stems, b: &Stems| {
                a.beginnings()
                    .iter()
                    .any(|start| b.folded.starts_with(start))
            };
            assert!(
                begins(&one, &other) && begins(&other, &one),
                "{one:?} {other:?}"
            );
        }
        one.is_kin(&other)
    }

    #[test]
    fn forms_of_one_word_are_kin() {
        for (one, other) in [
            ("индикаторами", "индикатор"),
            ("областях", "область"),
            ("музеев", "музей"),
            ("workshops", "workshop"),
            ("cities", "city"),
            ("studies", "studying"),
            ("кітабы", "кітап"),
            ("облысындағы", "облысының"),
            ("калалар", "қаланың"),
            ("шеберлердің", "шебер"),
        ] {
            assert!(is_kin(one, other), "{one} {other}");
        }
    }

    #[test]
    fn other_words_are_not() {
        for (one, other) in [
            ("музей", "музыка"),
            ("city", "cite"),
            ("қала", "қалам"),
            ("тема", "тень"),
        ] {
            assert!(!is_kin(one, other), "{one} {other}");
        }
    }
}
