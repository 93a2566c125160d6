//! Words that sound alike in Cyrillic and in Latin letters: names of people above all.
//!
//! Both are written in a rough common spelling, in which different ways of romanising are one: zh and j,
//! kh, x and h, y and i, w and v, doubled letters.

/// Words are compared across scripts from here on, in letters of the common spelling.
pub(crate) const FEWEST_LETTERS: usize = 4;
/// Endings that may follow in the other script: Кочетовым for Kochetov.
const MOST_LETTERS_AFTER: usize = 4;

/// The common spelling of a folded word; empty if it is in neither script. A capital stands for a
/// letter that is two in English.
pub(crate) fn sound(folded: &str) -> String {
    sound_like(folded, "").unwrap_or_default()
}

/// The same, given up as soon as it cannot begin like another sound: after so many bytes.
fn sound_like(folded: &str, wanted: &str) -> Result<String, usize> {
    let mut sound = String::with_capacity(folded.len());
    let mut rest = folded.chars().peekable();
    let mut bytes = 0;
    while let Some(letter) = rest.next() {
        bytes += letter.len_utf8();
        // Only the last letter may still change.
        let settled = sound.len().saturating_sub(1).min(wanted.len());
        if sound.as_bytes()[..settled] != wanted.as_bytes()[..settled] {
            return Err(bytes);
        }
        if letter.is_ascii_lowercase() {
            let both = rest.peek().and_then(|&next| digraph(letter, next));
            if both.is_some() {
                bytes += rest.next().map_or(0, char::len_utf8);
            }
            push(&mut sound, both.unwrap_or(single(letter)));
            continue;
        }
        let Some(letters) = romanised(letter) else {
            return Ok(String::new());
        };
        letters.chars().for_each(|letter| push(&mut sound, letter));
    }
    Ok(sound)
}

/// Adds a letter. A doubled letter is one, and i before a vowel is not heard: я is ia, ya and a.
fn push(sound: &mut String, letter: char) {
    if sound.ends_with('i') && matches!(letter, 'a' | 'e' | 'o' | 'u') {
        sound.pop();
    }
    if !sound.ends_with(letter) {
        sound.push(letter);
    }
}

fn digraph(first: char, second: char) -> Option<char> {
    Some(match (first, second) {
        ('k', 'h') => 'h',
        ('z', 'h') => 'j',
        ('g', 'h') => 'g',
        ('s', 'h') => 'S',
        ('c', 'h') => 'C',
        ('t', 's') => 'c',
        ('p', 'h') => 'f',
        _ => return None,
    })
}

fn single(letter: char) -> char {
    match letter {
        'y' => 'i',
        'w' => 'v',
        'q' | 'c' => 'k',
        'x' => 'h',
        other => other,
    }
}

fn romanised(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'ж' => "j",
        'з' => "z",
        'и' | 'ы' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "h",
        'ц' => "c",
        'ч' => "C",
        'ш' | 'щ' => "S",
        'ъ' | 'ь' => "",
        'ю' => "iu",
        'я' => "ia",
        _ => return None,
    })
}

/// Whether a folded word of the other script is meant by a sound; `is_begun`: it may be longer. If it is
/// not: how many bytes it would need to begin with for the same answer, as far as that is seen.
pub(crate) fn heard(asked: &str, folded: &str, is_begun: bool) -> Result<(), Option<usize>> {
    let other = sound_like(folded, asked).map_err(Some)?;
    let Some(after) = other.strip_prefix(asked) else {
        return Err(None);
    };
    let may_follow = asked.len() > FEWEST_LETTERS && after.len() <= MOST_LETTERS_AFTER;
    (after.is_empty() || is_begun || may_follow)
        .then_some(())
        .ok_or(None)
}

/// With what words of the other script may begin that begin with this sound.
pub(crate) fn beginnings(sound: &str, is_cyrillic: bool) -> &'static [&'static str] {
    let Some(first) = sound.chars().next() else {
        return &[];
    };
    // An i before a vowel is not heard.
    if is_cyrillic {
        match first {
            'a' => &["а", "я", "и", "ы"],
            'b' => &["б"],
            'c' => &["ц"],
            'C' => &["ч"],
            'd' => &["д"],
            'e' => &["е", "э", "и", "ы"],
            'f' => &["ф"],
            'g' => &["г"],
            'h' => &["х"],
            'i' => &["и", "ы"],
            'j' => &["ж"],
            'k' => &["к"],
            'l' => &["л"],
            'm' => &["м"],
            'n' => &["н"],
            'o' => &["о", "и", "ы"],
            'p' => &["п"],
            'r' => &["р"],
            's' => &["с"],
            'S' => &["ш", "щ"],
            't' => &["т"],
            'u' => &["у", "ю", "и", "ы"],
            'v' => &["в"],
            'z' => &["з"],
            _ => &[],
        }
    } else {
        match first {
            'a' => &["a", "i", "y"],
            'b' => &["b"],
            'c' => &["ts"],
            'C' => &["ch"],
            'd' => &["d"],
            'e' => &["e", "i", "y"],
            'f' => &["f", "ph"],
            'g' => &["g"],
            'h' => &["h", "kh", "x"],
            'i' => &["i", "y"],
            'j' => &["j", "zh"],
            'k' => &["k", "q", "c"],
            'l' => &["l"],
            'm' => &["m"],
            'n' => &["n"],
            'o' => &["o", "i", "y"],
            'p' => &["p"],
            'r' => &["r"],
            's' => &["s"],
            'S' => &["sh"],
            't' => &["t"],
            'u' => &["u", "i", "y"],
            'v' => &["v", "w"],
            'z' => &["z"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_sound_alike_in_both_scripts() {
        for (one, other) in [
            ("кочетов", "kochetov"),
            ("хожиматов", "khojimatov"),
            ("жолманов", "zholmanov"),
            ("жолманов", "jolmanov"),
            ("евгении", "yevgeniy"),
            ("вавьерня", "wawiernia"),
            ("бозжыра", "bozzhyra"),
            ("сухроб", "sukhrob"),
        ] {
            assert_eq!(sound(one), sound(other), "{one} {other}");
        }
        assert_eq!(sound("2023"), "");
        assert!(heard(&sound("музей"), "museum", false).is_err());
        assert!(heard(&sound("кочетов"), "kochetova", false).is_ok());
    }

    proptest! {
        #[test]
        fn a_word_begins_as_its_sound_says(cyrillic in "[а-я]{4,9}", latin in "[a-z]{4,9}") {
            for (word, is_cyrillic) in [(cyrillic.trim_start_matches(['ь', 'ъ']), true), (latin.as_str(), false)] {
                let sound = sound(word);
                let begins = beginnings(&sound, is_cyrillic).iter().any(|start| word.starts_with(start));
                prop_assert!(begins || sound.is_empty(), "{word} {sound}");
            }
        }
    }
}
