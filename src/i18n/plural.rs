//! Plural categories of whole numbers, after CLDR 47.

use keruen_domain::Language;

/// A plural category; the number is its slot among the four that each plural message has.
/// (CLDR's fourth, `other`, is for fractions in Russian.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PluralForm {
    /// 1; in Russian also 21, 31 … but not 11.
    One = 0,
    /// Russian 2–4, 22–24 … but not 12–14.
    Few = 1,
    /// Russian 0, 5–20, 25–30 …
    Many = 2,
    /// All other numbers.
    Other = 3,
}

/// The category of `count` in a language.
pub(super) const fn form(language: Language, count: u64) -> PluralForm {
    match language {
        Language::English | Language::Kazakh => match count {
            1 => PluralForm::One,
            _ => PluralForm::Other,
        },
        Language::Russian => match (count % 10, count % 100) {
            (_, 11..=14) => PluralForm::Many,
            (1, _) => PluralForm::One,
            (2..=4, _) => PluralForm::Few,
            _ => PluralForm::Many,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_has_three_forms_of_whole_numbers() {
        let all = |numbers: &[u64], expected| {
            numbers
                .iter()
                .all(|count| form(Language::Russian, *count) == expected)
        };
        assert!(all(&[1, 21, 101, 1_001], PluralForm::One));
        assert!(all(&[2, 4, 22, 104], PluralForm::Few));
        assert!(all(&[0, 5, 11, 12, 14, 20, 111, 112], PluralForm::Many));
    }

    #[test]
    fn kazakh_and_english_know_one_and_other() {
        for language in [Language::Kazakh, Language::English] {
            assert_eq!(form(language, 1), PluralForm::One);
            assert_eq!(form(language, 0), PluralForm::Other);
            assert_eq!(form(language, 21), PluralForm::Other);
        }
    }
}
