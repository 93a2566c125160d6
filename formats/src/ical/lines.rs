//! From text to components and properties, with line numbers.

use icalendar::parser;

use crate::limits::MAX_DEPTH;
use crate::problem::{Notices, Place, ReadError, ReadErrorKind, Reason};

/// What stands between `BEGIN` and `END`.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) properties: Vec<Property>,
    pub(super) children: Vec<Component>,
}

#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) parameters: Vec<(String, String)>,
    /// As it stands, with escapes.
    pub(super) raw: String,
}

impl Component {
    /// The first property of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Property> {
        self.properties
            .iter()
            .find(|property| property.name == name)
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Property> {
        self.properties
            .iter()
            .filter(move |property| property.name == name)
    }

    fn new(name: String, line: usize) -> Self {
        Self {
            name,
            line,
            properties: Vec::new(),
            children: Vec::new(),
        }
    }
}

impl Property {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value without escapes.
    pub(super) fn text(&self) -> String {
        parser::ParseString::from(self.raw.as_str())
            .unescape_text()
            .as_str()
            .to_owned()
    }
}

/// A content line without its folds, and the number of its first physical line.
struct ContentLine {
    text: String,
    line: usize,
}

/// The calendars in the text. What stands outside of them is an error, because whoever cuts a file
/// leaves such pieces.
pub(super) fn read(text: &str, notices: &mut Notices) -> Result<Vec<Component>, ReadError> {
    let mut calendars = Vec::new();
    let mut open: Vec<Component> = Vec::new();
    let mut last_line = 1;
    for content in unfold(text, notices) {
        last_line = content.line;
        let place = Place::Line(content.line);
        let malformed =
            |detail: String| ReadError::new(place.clone(), ReadErrorKind::Malformed(detail));
        if let Some(name) = marker(&content.text, "BEGIN") {
            if open.len() >= MAX_DEPTH {
                return Err(ReadError::new(place, ReadErrorKind::TooDeep));
            }
            if open.is_empty() && name != "VCALENDAR" {
                return Err(malformed(format!("{name} outside of a calendar")));
            }
            open.push(Component::new(name, content.line));
        } else if let Some(name) = marker(&content.text, "END") {
            let closed = open
                .pop()
                .filter(|component| component.name == name)
                .ok_or_else(|| malformed(format!("END:{name} without its BEGIN")))?;
            match open.last_mut() {
                Some(parent) => parent.children.push(closed),
                None => calendars.push(closed),
            }
        } else {
            let Some(component) = open.last_mut() else {
                return Err(malformed("a property outside of a calendar".to_owned()));
            };
            match property(&content) {
                Some(property) => component.properties.push(property),
                None => notices.warn(&place, "", Reason::UnreadableProperty),
            }
        }
    }
    if !open.is_empty() || calendars.is_empty() {
        return Err(ReadError::new(
            Place::Line(last_line),
            ReadErrorKind::Truncated,
        ));
    }
    Ok(calendars)
}

fn marker(line: &str, keyword: &str) -> Option<String> {
    let (name, value) = line.split_once(':')?;
    let value = value.trim();
    let fits = name.trim().eq_ignore_ascii_case(keyword)
        && !value.is_empty()
        && value.len() <= 64
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| value.to_ascii_uppercase())
}

/// Joins folded lines. A line that is neither a property nor folded was broken by a program that
/// wrote a line break as it is: it belongs to the one before.
fn unfold(text: &str, notices: &mut Notices) -> Vec<ContentLine> {
    let mut lines: Vec<ContentLine> = Vec::new();
    for (index, physical) in text.split('\n').enumerate() {
        let number = index + 1;
        for physical in physical.trim_end_matches('\r').split('\r') {
            // Of a folded text, spaces alone may be on a line.
            let folded = physical.strip_prefix([' ', '\t']);
            if physical.trim().is_empty() && (folded.is_none() || lines.is_empty()) {
                continue;
            }
            match (folded, lines.last_mut()) {
                (Some(rest), Some(before)) => before.text.push_str(rest),
                (None, Some(before)) if !begins_a_property(physical) => {
                    before.text.push_str("\\n");
                    before.text.push_str(physical);
                    notices.warn_once(&Place::Line(number), "", Reason::BrokenLine);
                }
                _ => lines.push(ContentLine {
                    text: physical.to_owned(),
                    line: number,
                }),
            }
        }
    }
    lines
}

/// Whether a line looks like `NAME:` or `NAME;`. Names are in capitals in all but a few programs;
/// small letters are believed of the usual names only, since prose has colons, too.
fn begins_a_property(line: &str) -> bool {
    const USUAL: [&str; 22] = [
        "begin",
        "end",
        "uid",
        "summary",
        "description",
        "location",
        "dtstart",
        "dtend",
        "dtstamp",
        "duration",
        "url",
        "status",
        "class",
        "categories",
        "rrule",
        "rdate",
        "exdate",
        "created",
        "sequence",
        "attach",
        "organizer",
        "attendee",
    ];
    let Some(end) = line.find([':', ';']) else {
        return false;
    };
    let name = &line[..end];
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let in_capitals = !name.bytes().any(|byte| byte.is_ascii_lowercase())
        && name.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = name.to_ascii_lowercase();
    is_name && (in_capitals || lower.starts_with("x-") || USUAL.contains(&lower.as_str()))
}

/// Bytes of a property's name and parameters.
const MAX_HEAD_BYTES: usize = 16 * 1024;

fn property(content: &ContentLine) -> Option<Property> {
    let head_end = value_position(&content.text)?;
    if head_end > MAX_HEAD_BYTES {
        return None;
    }
    let (head, value) = content.text.split_at(head_end);
    let raw = value.strip_prefix(':')?.to_owned();
    // The value is kept as it stands: how it is escaped depends on the property.
    let head = [head, ":"].concat();
    let parsed = parser::Property::try_from(head.as_str()).ok();
    let name = head.split([';', ':']).next()?.trim().to_ascii_uppercase();
    let parameters = parsed
        .filter(|parsed| parsed.name.as_str().eq_ignore_ascii_case(&name))
        .map(|parsed| {
            let parameters = parsed.params.iter();
            parameters
                .map(|parameter| {
                    let value = parameter.val.as_ref().map_or("", |value| value.as_str());
                    (
                        parameter.key.as_str().to_ascii_uppercase(),
                        value.to_owned(),
                    )
                })
                .collect()
        });
    Some(Property {
        name,
        line: content.line,
        parameters: parameters.unwrap_or_default(),
        raw,
    })
}

/// Where the first colon outside of quotes is. Quotes that never close are no quotes.
fn value_position(line: &str) -> Option<usize> {
    let mut quoted = false;
    for (position, character) in line.char_indices() {
        match character {
            '"' => quoted = !quoted,
            ':' if !quoted => return Some(position),
            _ => {}
        }
    }
    line.find(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(text: &str) -> (Component, Notices) {
        let mut notices = Notices::default();
        let mut calendars = read(text, &mut notices).expect("readable");
        (calendars.remove(0), notices)
    }

    #[test]
    fn folds_and_raw_breaks_are_mended() {
        let text = "BEGIN:VCALENDAR\r\nDESCRIPTION:one\r\n  two\r\nthree: four\r\n\r\nUID;X=\"a:b\";Y=1:z\r\nEND:VCALENDAR";
        let (calendar, notices) = calendar(text);
        let description = calendar.get("DESCRIPTION").expect("is there").text();
        assert_eq!(description, "one two\nthree: four");
        let uid = calendar.get("UID").expect("is there");
        assert_eq!((uid.raw.as_str(), uid.parameter("X")), ("z", Some("a:b")));
        assert_eq!(uid.parameter("Y"), Some("1"));
        assert_eq!(uid.line, 6);
        let (_, warnings) = notices.into_parts();
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].place, Place::Line(4));
    }

    #[test]
    fn escapes_are_undone_once() {
        let (calendar, _) =
            calendar("BEGIN:VCALENDAR\nSUMMARY:a\\, b\\; c\\\\n\\nd\nEND:VCALENDAR\n");
        assert_eq!(
            calendar.get("SUMMARY").expect("is there").text(),
            "a, b; c\\n\nd"
        );
    }

    #[test]
    fn a_cut_calendar_is_an_error() {
        let whole = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR";
        for end in 0..whole.len() {
            assert!(
                read(&whole[..end], &mut Notices::default()).is_err(),
                "cut at {end}"
            );
        }
        assert!(read(whole, &mut Notices::default()).is_ok());
    }
}
