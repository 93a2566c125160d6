//! Numbers and amounts of data.

use keruen_domain::Language;

use crate::i18n::Messages;

/// A whole number with its thousands set apart: `12,345` or `12 345`.
pub fn number(language: Language, number: u64) -> String {
    let digits = number.to_string();
    let separator = match language {
        Language::English => ',',
        // A space that does not break, so that a number stays on one line.
        Language::Kazakh | Language::Russian => '\u{a0}',
    };
    let mut written = String::with_capacity(digits.len() * 2);
    for (position, digit) in digits.char_indices() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            written.push(separator);
        }
        written.push(digit);
    }
    written
}

/// An amount of data with two digits that matter: `48 KB`, `1.2 MB`. Units are powers of 1,000, as
/// mobile plans count them.
pub fn size(messages: &Messages, size_bytes: u64) -> String {
    const KILOBYTE: u64 = 1_000;
    const MEGABYTE: u64 = 1_000_000;
    const GIGABYTE: u64 = 1_000_000_000;
    let language = messages.language();
    // A larger unit begins where rounding reaches it: 999,500 bytes are not `1,000 KB`.
    let written = match size_bytes {
        0..KILOBYTE => messages.common_size_bytes(&number(language, size_bytes)),
        KILOBYTE..999_500 => {
            messages.common_size_kilobytes(&in_unit(language, size_bytes, KILOBYTE))
        }
        999_500..999_500_000 => {
            messages.common_size_megabytes(&in_unit(language, size_bytes, MEGABYTE))
        }
        _ => messages.common_size_gigabytes(&in_unit(language, size_bytes, GIGABYTE)),
    };
    written.replace(' ', "\u{a0}")
}

/// `size_bytes / unit`, with one decimal below ten.
fn in_unit(language: Language, size_bytes: u64, unit: u64) -> String {
    let (whole, rest) = (size_bytes / unit, size_bytes % unit);
    let tenths = whole.saturating_mul(10) + (rest * 10 + unit / 2) / unit;
    if tenths >= 100 || tenths.is_multiple_of(10) {
        return number(language, whole + u64::from(rest * 2 >= unit));
    }
    let mark = match language {
        Language::English => ".",
        Language::Kazakh | Language::Russian => ",",
    };
    [
        &number(language, tenths / 10),
        mark,
        &number(language, tenths % 10),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(number(Language::English, 999), "999");
        assert_eq!(number(Language::English, 1_234_567), "1,234,567");
        assert_eq!(number(Language::Russian, 12_345), "12\u{a0}345");
        assert_eq!(number(Language::Kazakh, 0), "0");
    }

    #[test]
    fn sizes_have_two_digits_that_matter() {
        let english =
            |size_bytes| size(Messages::of(Language::English), size_bytes).replace('\u{a0}', " ");
        assert_eq!(english(0), "0 B");
        assert_eq!(english(999), "999 B");
        assert_eq!(english(1_000), "1 KB");
        assert_eq!(english(1_240), "1.2 KB");
        assert_eq!(english(9_960), "10 KB");
        assert_eq!(english(48_400), "48 KB");
        assert_eq!(english(999_499), "999 KB");
        assert_eq!(english(999_500), "1 MB");
        assert_eq!(english(2_350_000_000), "2.4 GB");
        assert_eq!(english(u64::MAX), "18,446,744,074 GB");
    }

    #[test]
    fn the_decimal_mark_and_the_unit_follow_the_language() {
        let [russian, kazakh] = [Language::Russian, Language::Kazakh].map(Messages::of);
        assert_eq!(size(russian, 1_200_000), "1,2\u{a0}МБ");
        assert_eq!(size(kazakh, 48_000), "48\u{a0}КБ");
    }
}
