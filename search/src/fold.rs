//! Letters as they are compared: lower-case without Turkish casing, and folded.

/// Deleted inside words: what is typed for the apostrophe-like letters of o‘zbek, and apostrophes.
pub(crate) fn is_apostrophe(letter: char) -> bool {
    matches!(
        letter,
        '\u{2bb}' | '\u{2bc}' | '\u{2018}' | '\u{2019}' | '\'' | '`' | '\u{b4}'
    )
}

/// Marks that follow their letter: half of a letter as some keyboards write it, or a stress.
pub(crate) fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// The letter that a mark makes of the one before, where the languages here have such a letter.
pub(crate) fn composed(letter: char, mark: char) -> Option<char> {
    Some(match (letter, mark) {
        ('и', '\u{306}') => 'й',
        ('е', '\u{308}') => 'ё',
        ('у', '\u{306}') => 'ў',
        ('и', '\u{304}') => 'ӣ',
        ('у', '\u{304}') => 'ӯ',
        ('g', '\u{306}') => 'ğ',
        ('s', '\u{327}') => 'ş',
        ('n', '\u{303}') => 'ñ',
        ('o', '\u{308}') => 'ö',
        ('u', '\u{308}') => 'ü',
        ('u', '\u{304}') => 'ū',
        ('a', '\u{308}') => 'ä',
        ('e', '\u{301}') => 'é',
        _ => return None,
    })
}

/// The letter that stands for this lower-case one when spellings are compared. Of folded letters,
/// the letter itself.
pub(crate) fn folded(letter: char) -> char {
    match letter {
        'ә' | 'ə' => 'а',
        'ғ' => 'г',
        'қ' => 'к',
        'ң' => 'н',
        'ө' => 'о',
        'ұ' | 'ү' | 'ў' | 'ӯ' => 'у',
        'һ' | 'ҳ' => 'х',
        'і' | 'ӣ' | 'й' => 'и',
        'ё' => 'е',
        'ҷ' => 'ч',
        'ğ' => 'g',
        'ı' | 'ì'..='ï' => 'i',
        'ş' => 's',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' | 'ū' => 'u',
        'à'..='å' => 'a',
        'è'..='ë' => 'e',
        'ç' => 'c',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

/// Letters of Kazakh that Russian does not have.
pub(crate) fn is_kazakh(letter: char) -> bool {
    matches!(letter, 'ә' | 'ғ' | 'қ' | 'ң' | 'ө' | 'ұ' | 'ү' | 'һ' | 'і')
}

/// Cyrillic of any language.
pub(crate) fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{52f}')
}

/// The Cyrillic letter that looks like this Latin one. Capitals differ: H is Н, but h is һ.
pub(crate) fn look_alike(letter: char) -> Option<char> {
    Some(match letter {
        'a' | 'A' => 'а',
        'B' => 'в',
        'c' | 'C' => 'с',
        'e' | 'E' => 'е',
        'H' => 'н',
        'h' => 'һ',
        'i' | 'I' => 'і',
        'k' | 'K' => 'к',
        'm' | 'M' => 'м',
        'o' | 'O' => 'о',
        'p' | 'P' => 'р',
        't' | 'T' => 'т',
        'x' | 'X' => 'х',
        'y' | 'Y' => 'у',
        'ə' | 'Ə' => 'ә',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_twice_is_folding_once() {
        for letter in '\0'..='\u{2fff}' {
            assert_eq!(folded(folded(letter)), folded(letter), "{letter}");
        }
    }
}
