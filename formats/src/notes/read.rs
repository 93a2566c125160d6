//! A Markdown file becomes a note.

use chrono::{DateTime, NaiveDate};
use keruen_domain::NoteId;
use keruen_domain::model::{NoteColour, Subject, clean_tag};
use tinyjson::JsonValue;

use super::FENCE;

/// The longest file that becomes a note, in bytes.
pub const MOST_FILE_BYTES: usize = 256 * 1024;
/// The most words and subjects that are taken of a file.
const MOST_OF_EACH: usize = 50;

/// A note that a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadNote {
    /// Its text.
    pub body: String,
    /// When it was begun, in milliseconds since 1970 (UTC).
    pub created_ms: Option<i64>,
    /// The words by which it is found again.
    pub tags: Vec<String>,
    /// By what colour it is found.
    pub colour: NoteColour,
    /// Whether it stands above the others.
    pub is_pinned: bool,
    /// What it is about.
    pub about: Vec<Subject>,
    /// Which note it was, if it is one of ours.
    pub id: Option<NoteId>,
}

/// Why a file does not become a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is longer than [`MOST_FILE_BYTES`].
    TooLong,
    /// It is no text in UTF-8.
    NotText,
    /// Nothing is written in it.
    Empty,
    /// It is an archive that another program made, or one that is damaged.
    OtherArchive,
}

/// Reads a file. Lines at its beginning that say more than is understood here stay in the text: nothing is lost.
pub fn read(bytes: &[u8]) -> Result<ReadNote, Unreadable> {
    if bytes.len() > MOST_FILE_BYTES {
        return Err(Unreadable::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotText)?;
    if text.contains('\0') {
        return Err(Unreadable::NotText);
    }
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut note = ReadNote::default();
    let body = match split(&text) {
        Some((lines, body)) if note.take(lines) => body,
        _ => &text,
    };
    if body.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    note.body = body.to_owned();
    Ok(note)
}

/// The lines between the fences, and what follows them.
fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(FENCE)?.strip_prefix('\n')?;
    if let Some(rest) = rest.strip_prefix("---\n") {
        return Some(("", rest.strip_prefix('\n').unwrap_or(rest)));
    }
    let (lines, rest) = rest.split_once("\n---\n")?;
    Some((lines, rest.strip_prefix('\n').unwrap_or(rest)))
}

impl ReadNote {
    /// Takes what the lines say; whether all of it was understood.
    fn take(&mut self, lines: &str) -> bool {
        let mut is_understood = true;
        let mut lines = lines.lines().peekable();
        while let Some(line) = lines.next() {
            let Some((key, value)) = line.split_once(':') else {
                is_understood &= line.trim().is_empty();
                continue;
            };
            let mut values = values(value.trim());
            // A list may stand below its name, a line each.
            while values.is_empty()
                && let Some(item) = lines.peek().and_then(|line| line.trim().strip_prefix("- "))
            {
                values.extend(scalar(item));
                lines.next();
                while let Some(item) = lines.peek().and_then(|line| line.trim().strip_prefix("- "))
                {
                    values.extend(scalar(item));
                    lines.next();
                }
            }
            is_understood &= self.take_value(key.trim(), &values);
        }
        is_understood
    }

    fn take_value(&mut self, key: &str, values: &[String]) -> bool {
        let first = values.first().map_or("", String::as_str);
        match key {
            "created" | "date" => {
                self.created_ms = moment(first);
                self.created_ms.is_some() || values.is_empty()
            }
            "updated" | "modified" => true,
            "tags" => {
                let tags = values.iter().filter_map(|tag| clean_tag(tag));
                self.tags = tags.take(MOST_OF_EACH).collect();
                self.tags.len() == values.len()
            }
            "colour" => {
                let colour = NoteColour::from_word(first);
                self.colour = colour.unwrap_or_default();
                colour.is_some()
            }
            "pinned" => {
                self.is_pinned = first == "true";
                self.is_pinned || first == "false"
            }
            "about" => {
                let about = values.iter().filter_map(|about| subject(about));
                self.about = about.take(MOST_OF_EACH).collect();
                self.about.len() == values.len()
            }
            "keruen" => {
                self.id = first.parse().ok();
                self.id.is_some()
            }
            _ => false,
        }
    }
}

/// What stands behind a name: one text, or a list between brackets.
fn values(value: &str) -> Vec<String> {
    let inside = value
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let Some(inside) = inside else {
        return scalar(value).into_iter().collect();
    };
    if let Ok(JsonValue::Array(texts)) = value.parse::<JsonValue>() {
        let texts: Option<Vec<String>> = texts
            .into_iter()
            .map(|text| match text {
                JsonValue::String(text) => Some(text),
                _ => None,
            })
            .collect();
        if let Some(texts) = texts {
            return texts;
        }
    }
    inside.split(',').filter_map(scalar).collect()
}

/// A text, with or without quotes; `None` if there is none.
fn scalar(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(JsonValue::String(text)) = text.parse::<JsonValue>() {
        return Some(text);
    }
    let bare = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    let text = bare.unwrap_or(text);
    (!text.is_empty()).then(|| text.to_owned())
}

/// An instant, or the beginning of a day.
fn moment(text: &str) -> Option<i64> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.timestamp_millis());
    }
    let day: NaiveDate = text.get(..10)?.parse().ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

/// What stands in the last brackets.
fn subject(about: &str) -> Option<Subject> {
    let (_, subject) = about.strip_suffix(')')?.rsplit_once('(')?;
    subject.parse().ok()
}
