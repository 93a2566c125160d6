//! Just enough reading of our own `index.html`: its tags and their attributes.

use std::ops::Range;

/// The ranges of all tags with the name, from `<` to `>`, in order.
///
/// Good for the entry page, whose attributes hold no `>`.
pub(super) fn tags(html: &str, name: &str) -> Vec<Range<usize>> {
    let opening = format!("<{name}");
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = html[from..].find(&opening) {
        let start = from + offset;
        let Some(length) = html[start..].find('>') else {
            break;
        };
        let end = start + length + 1;
        let after_name = html[start + opening.len()..].chars().next();
        if after_name.is_some_and(|letter| letter.is_whitespace() || letter == '>') {
            found.push(start..end);
        }
        from = end;
    }
    found
}

/// The value of an attribute in a tag, written with double quotes.
pub(super) fn attribute<'html>(tag: &'html str, name: &str) -> Option<&'html str> {
    let opening = format!("{name}=\"");
    let start = tag
        .match_indices(&opening)
        .find(|(at, _)| tag[..*at].ends_with(char::is_whitespace))?
        .0
        + opening.len();
    let length = tag[start..].find('"')?;
    Some(&tag[start..start + length])
}

#[cfg(test)]
mod tests {
    use super::{attribute, tags};

    #[test]
    fn tags_are_found_by_their_whole_name() {
        let html = "<linker><link rel=\"a\"><p><link\nhref=\"b\"/></p>";
        let found: Vec<_> = tags(html, "link")
            .into_iter()
            .map(|range| &html[range])
            .collect();
        assert_eq!(found, ["<link rel=\"a\">", "<link\nhref=\"b\"/>"]);
    }

    #[test]
    fn an_attribute_is_not_taken_for_another_that_ends_alike() {
        let tag = "<link data-href=\"wrong\" href=\"right\">";
        assert_eq!(attribute(tag, "href"), Some("right"));
        assert_eq!(attribute(tag, "rel"), None);
    }
}
