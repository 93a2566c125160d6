//! Texts as they are stored.

use crate::html;
use crate::problem::{Notices, Place, Reason};

/// One line: trimmed, runs of white space and line breaks become one space, no control characters.
pub(crate) fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|character: char| character.is_whitespace() || is_noise(character)) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    line
}

/// A text from the file as it appears in a message: one line, not too long.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    // Four bytes a character at most, and some room for white space.
    let head = &text[..text.floor_char_boundary(MOST * 8)];
    let mut shown: String = line(head).chars().take(MOST).collect();
    if shown.len() < head.trim().len() || head.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Several lines: `\n` between them, no control characters. Otherwise as it stands.
pub(crate) fn lines(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    unified
        .chars()
        .filter(|character| matches!(character, '\n' | '\t') || !is_noise(*character))
        .collect()
}

/// The same without blank lines around. HTML, which some programs export, becomes Markdown.
pub(crate) fn block(text: &str) -> String {
    let clean = lines(text);
    let markdown = if html::is_likely(&clean) {
        // Entities may stand for what was just taken out.
        lines(&html::to_markdown(&clean))
    } else {
        clean
    };
    markdown.trim().to_owned()
}

fn is_noise(character: char) -> bool {
    // Marks that reorder text would let a title dress up as another.
    character.is_control()
        || matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text, or as much of it as fits.
pub(crate) fn cut(
    mut text: String,
    limit_bytes: usize,
    place: &Place,
    entry: &str,
    notices: &mut Notices,
) -> String {
    if text.len() > limit_bytes {
        text.truncate(text.floor_char_boundary(limit_bytes));
        notices.warn(place, entry, Reason::TextCut { limit_bytes });
    }
    text
}

/// Whether this may be shown as a link.
pub(crate) fn is_web_address(url: &str) -> bool {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://"))
        && !url.contains(|character: char| character.is_whitespace() || character.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by `fuzz/`.
    #[test]
    fn entities_bring_in_nothing_that_is_not_taken_as_it_stands() {
        let text = block("<p>a&#x202e;b</p>");
        assert_eq!(text, "ab");
    }

    #[test]
    fn a_line_has_no_breaks_and_no_marks_that_reorder() {
        assert_eq!(line("  a\r\n b\u{202e}c\t d \u{feff}"), "a b c d");
    }

    #[test]
    fn a_cut_text_ends_between_characters() {
        let mut notices = Notices::default();
        let text = cut("қазақ".to_owned(), 3, &Place::File, "x", &mut notices);
        assert_eq!(text, "қ");
        assert_eq!(notices.into_parts().1.len(), 1);
    }

    #[test]
    fn messages_quote_the_beginning_of_long_texts() {
        assert_eq!(shown("short"), "short");
        assert_eq!(
            shown(&"қ".repeat(1_000)),
            ["қ".repeat(80), "…".to_owned()].concat()
        );
    }

    #[test]
    fn only_plain_web_addresses_are_links() {
        assert!(is_web_address("HTTPS://example.org/a"));
        for other in ["javascript:alert(1)", "https", "http://a b", "/path", ""] {
            assert!(!is_web_address(other), "{other}");
        }
    }
}
