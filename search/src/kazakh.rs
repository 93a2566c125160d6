//! The light rule for Kazakh: which beginnings of a word may be the word without its endings.
//!
//! Endings come in a fixed order: the plural, then whose it is, then the case. They are taken off from
//! the end, each kind at most once, where the vowel before allows it. Every form on the way is kept,
//! because many words end by nature like an ending (пайда, алтын); two words are kin when they share a
//! form. The rule reads folded letters as well, as people type them without a Kazakh keyboard.

/// No form is shorter than this.
const FEWEST_LETTERS: usize = 3;
/// Forms are kept as bits.
const MOST_LETTERS: usize = 63;

/// Case, and the ending of what is somewhere (Ақтаудағы), in folded letters except for й.
const CASES: [&str; 39] = [
    "ндагы",
    "ндеги",
    "дагы",
    "деги",
    "тагы",
    "теги", // what is there
    "нын",
    "нин",
    "дын",
    "дин",
    "тын",
    "тин", // whose
    "нан",
    "нен",
    "дан",
    "ден",
    "тан",
    "тен", // from where
    "мен",
    "бен",
    "пен", // with what
    "нда",
    "нде",
    "да",
    "де",
    "та",
    "те", // where
    "га",
    "ге",
    "ка",
    "ке",
    "на",
    "не", // where to
    "ны",
    "ни",
    "ды",
    "ди",
    "ты",
    "ти", // what
];
/// Whose it is: his or theirs, ours, yours.
const POSSESSIVES: [&str; 10] = [
    "сы", "си", "ы", "и", "ымыз", "имиз", "мыз", "миз", "ыныз", "иниз",
];
/// More than one.
const PLURALS: [&str; 6] = ["лар", "лер", "дар", "дер", "тар", "тер"];

/// The numbers of letters, as bits, after which a word may end without its endings; its whole
/// length is always one. `letters` are small letters as written.
pub(crate) fn stems(letters: &str) -> u64 {
    let letters: Vec<char> = letters.chars().collect();
    if letters.len() > MOST_LETTERS {
        return 0;
    }
    let whole = bit(letters.len());
    let after_case = whole | shortened(&letters, whole, &CASES) | short_accusative(&letters);
    let after_possessive = after_case | shortened(&letters, after_case, &POSSESSIVES);
    after_possessive | shortened(&letters, after_possessive, &PLURALS)
}

fn bit(length: usize) -> u64 {
    1 << length
}

/// After possession the accusative is a mere н: облысын.
fn short_accusative(letters: &[char]) -> u64 {
    match letters {
        [.., 'ы' | 'і' | 'и', 'н'] if letters.len() > FEWEST_LETTERS => bit(letters.len() - 1),
        _ => 0,
    }
}

/// The lengths that remain when one of the endings is taken off at one of the lengths.
fn shortened(letters: &[char], lengths: u64, endings: &[&str]) -> u64 {
    let mut found = 0;
    for length in (0..=letters.len()).filter(|&length| lengths & bit(length) != 0) {
        for ending in endings {
            let mut written = letters[..length].iter().rev();
            let mut wanted = ending.chars().rev();
            let fits = wanted.all(|wanted| written.next().is_some_and(|&one| is_same(one, wanted)));
            let (stem, end) = letters[..length].split_at(written.len());
            if fits && stem.len() >= FEWEST_LETTERS && is_in_harmony(stem, end) {
                found |= bit(stem.len());
            }
        }
    }
    found
}

fn is_same(written: char, wanted: char) -> bool {
    // й is a letter of its own here: the endings have none.
    written != 'й' && crate::fold::folded(written) == wanted
}

/// How the vowels of a word sound; endings follow the last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sound {
    Back,
    Front,
    /// Loan-words, and letters that may be typed for others.
    Either,
}

fn sound(letter: char) -> Option<Sound> {
    Some(match letter {
        'ы' | 'ұ' | 'я' => Sound::Back,
        'ә' | 'е' | 'э' | 'і' | 'ө' | 'ү' => Sound::Front,
        'а' | 'о' | 'у' | 'и' | 'ю' | 'ё' => Sound::Either,
        _ => return None,
    })
}

/// Whether an ending may follow: `мен` has one form for all.
fn is_in_harmony(stem: &[char], ending: &[char]) -> bool {
    if matches!(ending, ['м' | 'б' | 'п', 'е', 'н']) {
        return true;
    }
    let Some(mut before) = stem.iter().rev().find_map(|&letter| sound(letter)) else {
        return false;
    };
    // With a Kazakh keyboard ә, ө and ү would have been written where they are meant.
    let is_typed_exactly = stem
        .iter()
        .chain(ending)
        .any(|&letter| crate::fold::is_kazakh(letter));
    if before == Sound::Either && is_typed_exactly {
        let last = stem.iter().rev().find(|&&letter| sound(letter).is_some());
        if matches!(last, Some('а' | 'о')) {
            before = Sound::Back;
        }
    }
    let after = ending.iter().find_map(|&letter| match letter {
        'а' | 'ы' => Some(Sound::Back),
        'е' | 'і' => Some(Sound::Front),
        _ => None,
    });
    match (before, after) {
        (Sound::Either, _) | (_, None) => true,
        (before, Some(after)) => before == after,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn forms(word: &str) -> Vec<String> {
        let stems = stems(word);
        let lengths = (0..64).filter(|&length| stems & bit(length) != 0);
        lengths
            .map(|length| word.chars().take(length).collect())
            .collect()
    }

    #[test]
    fn endings_come_off() {
        for (word, stem) in [
            ("облысында", "облыс"),
            ("облыстың", "облыс"),
            ("облысының", "облыс"),
            ("қалаларымызда", "қала"),
            ("мәдениеттің", "мәдениет"),
            ("мәдениетке", "мәдениет"),
            ("ақтаудағы", "ақтау"),
            ("семинарлардан", "семинар"),
            ("қатысушылармен", "қатысушы"),
            ("қатысушыларының", "қатысушы"),
            ("кызылордада", "кызылорда"),
            ("алтынның", "алтын"),
            ("тарихы", "тарих"),
        ] {
            assert!(
                forms(word).contains(&stem.to_owned()),
                "{word}: {:?}",
                forms(word)
            );
        }
    }

    #[test]
    fn vowels_must_agree() {
        assert_eq!(forms("жерда"), ["жерда"]);
        assert_eq!(forms("қалаге"), ["қалаге"]);
        assert!(forms("жерде").contains(&"жер".to_owned()));
    }

    proptest! {
        #[test]
        fn no_form_is_shorter_than_three_letters(word in "[а-яәғқңөұүһі]{1,20}") {
            let count = word.chars().count();
            for form in forms(&word) {
                prop_assert!(form.chars().count() >= FEWEST_LETTERS.min(count));
                prop_assert!(word.starts_with(&form));
            }
        }

        #[test]
        fn a_plural_in_its_case_is_kin_to_the_word(word in "[бгджзклмнпрст][аоұы][бгджзклмнпрст][аы][қрлмс]") {
            for ending in ["лар", "лардың", "ларға", "ларды", "ларда", "лардан", "лары", "ларында"] {
                let longer = format!("{word}{ending}");
                prop_assert!(forms(&longer).contains(&word), "{}", longer);
            }
        }
    }
}
