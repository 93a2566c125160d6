//! Which addresses a text may lead to.

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A page of the app, or a place on the page.
    Inside(String),
    /// Elsewhere.
    Outside(String),
}

/// The destination of an address, if it is one of the harmless kinds.
///
/// An address must *begin* with one of the allowed forms. So everything else is refused without
/// having to know it: `javascript:`, `data:`, addresses with spaces or control characters before or
/// within the scheme, and `//host`, which looks like a page of the app.
pub(crate) fn destination(address: &str) -> Option<Destination> {
    const OUTSIDE: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];
    let begins_with = |start: &str| {
        let found = address.get(..start.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    if OUTSIDE.into_iter().any(begins_with) {
        return Some(Destination::Outside(address.to_owned()));
    }
    // Browsers take `\` for `/`, and drop tabs and line ends, in the start of an address.
    let is_path = address.starts_with('/')
        && !address[1..]
            .starts_with(|second: char| matches!(second, '/' | '\\') || second.is_control());
    (is_path || address.starts_with('#')).then(|| Destination::Inside(address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_mail_and_telephone_lead_outside() {
        for address in [
            "https://example.org/a?b#c",
            "HTTP://example.org",
            "mailto:a@example.org",
            "tel:+77",
        ] {
            assert_eq!(
                destination(address),
                Some(Destination::Outside(address.to_owned()))
            );
        }
    }

    #[test]
    fn paths_and_fragments_stay_inside() {
        for address in ["/material/1", "/", "#part"] {
            assert_eq!(
                destination(address),
                Some(Destination::Inside(address.to_owned()))
            );
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let refused = [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://example.org/1",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "\\\\evil.example",
            "relative.html",
            "",
            "https:evil.example",
        ];
        for address in refused {
            assert_eq!(destination(address), None, "{address:?}");
        }
    }
}
