//! Content lines of iCalendar (RFC 5545, section 3.1).
//!
//! The crate `icalendar`, which reads them here, gives a time stamp and a random identifier to every
//! component that it writes, time zones included, which may have neither.

/// The most bytes of a line, without its end (RFC 5545, section 3.1).
const MAX_LINE_BYTES: usize = 75;

/// A calendar in the making.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn into_text(self) -> String {
        self.0
    }

    pub(super) fn begin(&mut self, component: &str) {
        self.raw("BEGIN", &[], component);
    }

    pub(super) fn end(&mut self, component: &str) {
        self.raw("END", &[], component);
    }

    /// A property of the type TEXT.
    pub(super) fn text(&mut self, name: &str, parameters: &[(&str, &str)], value: &str) {
        self.raw(name, parameters, &escaped(value, true));
    }

    /// A property of the type TEXT of which commas make a list.
    pub(super) fn list(&mut self, name: &str, value: &str) {
        self.raw(name, &[], &escaped(value, false));
    }

    /// A property whose value needs no escapes. What could end its line is left out all the same.
    pub(super) fn raw(&mut self, name: &str, parameters: &[(&str, &str)], value: &str) {
        let mut line = name.to_owned();
        for (parameter, value) in parameters {
            line.extend([";", parameter, "=", &quoted(value)]);
        }
        line.push(':');
        line.extend(value.chars().filter(|it| !it.is_control() || *it == '\t'));
        self.folded(&line);
    }

    fn folded(&mut self, line: &str) {
        let mut rest = line;
        let mut room = MAX_LINE_BYTES;
        while rest.len() > room {
            let (fitting, others) = rest.split_at(rest.floor_char_boundary(room));
            self.0.extend([fitting, "\r\n "]);
            rest = others;
            // The space that begins the line is one of its bytes.
            room = MAX_LINE_BYTES - 1;
        }
        self.0.extend([rest, "\r\n"]);
    }
}

/// Section 3.3.11. What is no text, such as a line's end, does not end the property.
fn escaped(value: &str, with_commas: bool) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            ';' => escaped.push_str("\\;"),
            ',' if with_commas => escaped.push_str("\\,"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push('\t'),
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Section 3.2: a parameter's value may hold anything but quotes and controls, if it stands in quotes.
fn quoted(value: &str) -> String {
    let allowed = |character: &char| *character != '"' && !character.is_control();
    let plain: String = value.chars().filter(allowed).collect();
    if plain.contains([':', ';', ',']) {
        ["\"", &plain, "\""].concat()
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line_of(value: &str) -> String {
        let mut lines = Lines::default();
        lines.text("SUMMARY", &[], value);
        lines.into_text()
    }

    #[test]
    fn what_would_end_a_property_is_escaped() {
        assert_eq!(
            line_of("a;b,c\\d\r\ne\u{7}"),
            "SUMMARY:a\\;b\\,c\\\\d\\ne\r\n"
        );
        let mut lines = Lines::default();
        lines.text("SUMMARY", &[("ALTREP", "x:\"y\"\r\nz")], "v");
        assert_eq!(lines.into_text(), "SUMMARY;ALTREP=\"x:yz\":v\r\n");
        let mut lines = Lines::default();
        lines.raw("URL", &[], "https://e.org/\r\nEND:VEVENT\n\u{85}");
        assert_eq!(lines.into_text(), "URL:https://e.org/END:VEVENT\r\n");
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_or_cuts_a_character(value in "\\PC{0,300}") {
            let text = line_of(&value);
            prop_assert!(text.ends_with("\r\n"));
            for line in text.split_terminator("\r\n") {
                prop_assert!(line.len() <= MAX_LINE_BYTES, "{line}");
            }
            let unfolded = text.replace("\r\n ", "");
            prop_assert_eq!(unfolded.trim_end_matches("\r\n"), ["SUMMARY:", &escaped(&value, true)].concat());
        }
    }
}
