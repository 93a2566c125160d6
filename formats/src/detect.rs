//! What a file is, by its content: names lie.

use std::borrow::Cow;

use serde_json::Value;

use crate::limits::MAX_FILE_BYTES;
use crate::problem::{Place, ReadError, ReadErrorKind};
use crate::{pretalx, table};

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Keruen's own JSON.
    Keruen,
    /// frab schedule as JSON, as pretalx and others write it.
    FrabJson,
    /// frab schedule as XML.
    FrabXml,
    /// iCalendar.
    Calendar,
    /// A table of a spreadsheet.
    Csv,
    /// Answers of the API of pretalx.
    Pretalx,
}

impl Format {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keruen => "Keruen JSON",
            Self::FrabJson => "frab schedule JSON",
            Self::FrabXml => "frab schedule XML",
            Self::Calendar => "iCalendar",
            Self::Csv => "CSV",
            Self::Pretalx => "pretalx API JSON",
        }
    }

    /// Part of every identifier made from such a file: never changes.
    pub(crate) const fn family(self) -> &'static str {
        match self {
            Self::Keruen => "keruen",
            Self::FrabJson | Self::FrabXml => "frab",
            Self::Calendar => "icalendar",
            Self::Csv => "csv",
            Self::Pretalx => "pretalx",
        }
    }
}

/// A file whose format is known and whose outer form is sound.
pub(crate) enum Document<'a> {
    Keruen(Value),
    FrabJson(Value),
    Pretalx(Value),
    FrabXml(&'a str),
    Calendar(&'a str),
    Table(&'a str),
}

pub(crate) fn open(text: &str) -> Result<Document<'_>, ReadError> {
    let begin = text.trim_start();
    if begin.is_empty() {
        return Err(ReadError::of_file(ReadErrorKind::Empty));
    }
    let first_line = begin.lines().next().unwrap_or("").trim_end();
    if first_line.eq_ignore_ascii_case("BEGIN:VCALENDAR") {
        Ok(Document::Calendar(text))
    } else if begin.starts_with(['{', '[']) {
        json(text)
    } else if begin.starts_with('<') {
        xml(text, begin)
    } else if table::looks_like_one(begin) {
        Ok(Document::Table(text))
    } else {
        Err(not_recognised(None))
    }
}

/// The file as text, without a byte order mark: UTF-8, or UTF-16 that has one, as Excel writes it.
pub(crate) fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(ReadError::of_file(ReadErrorKind::TooLarge));
    }
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes).map(Cow::Borrowed),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, ReadError> {
    let mut text = String::with_capacity(bytes.len());
    let not_text = |text: &str| {
        let line = 1 + text.matches('\n').count();
        ReadError::new(Place::Line(line), ReadErrorKind::NotText)
    };
    let units = bytes.chunks_exact(2);
    let is_whole = units.remainder().is_empty();
    let units = units.map(|pair| unit([pair[0], pair[1]]));
    for character in char::decode_utf16(units) {
        match character {
            Ok('\0') | Err(_) => return Err(not_text(&text)),
            Ok(character) => text.push(character),
        }
    }
    if is_whole {
        Ok(Cow::Owned(text))
    } else {
        Err(not_text(&text))
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, ReadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let not_text = |valid_bytes: usize| {
        let line = 1 + bytes[..valid_bytes]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        ReadError::new(Place::Line(line), ReadErrorKind::NotText)
    };
    if let Some(position) = bytes.iter().position(|byte| *byte == 0) {
        return Err(not_text(position));
    }
    std::str::from_utf8(bytes).map_err(|error| not_text(error.valid_up_to()))
}

fn json(text: &str) -> Result<Document<'static>, ReadError> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let kind = if error.is_eof() {
            ReadErrorKind::Truncated
        } else if error.to_string().starts_with("recursion limit") {
            ReadErrorKind::TooDeep
        } else {
            ReadErrorKind::Malformed(error.to_string())
        };
        ReadError::new(Place::Line(error.line()), kind)
    })?;
    if value.get("keruen").is_some() {
        Ok(Document::Keruen(value))
    } else if value.get("schedule").is_some_and(Value::is_object) {
        Ok(Document::FrabJson(value))
    } else if pretalx::looks_like_one(&value) {
        Ok(Document::Pretalx(value))
    } else if value.get("$schema").is_some() || value.get("definitions").is_some() {
        Err(not_recognised(Some("a JSON Schema")))
    } else {
        Err(not_recognised(Some("other JSON")))
    }
}

fn xml<'a>(text: &'a str, begin: &str) -> Result<Document<'a>, ReadError> {
    let root = root_element(begin);
    match root {
        Some(root) if root.eq_ignore_ascii_case("html") => Err(not_recognised(Some("a web page"))),
        Some(root) if root.rsplit(':').next() == Some("schedule") => Ok(Document::FrabXml(text)),
        Some(root) if root.rsplit(':').next() == Some("schema") => {
            Err(not_recognised(Some("an XML Schema")))
        }
        Some(_) => Err(not_recognised(Some("other XML"))),
        None => Err(not_recognised(None)),
    }
}

/// The name of the first element, past declarations, comments and a document type.
fn root_element(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start().strip_prefix('<')?;
        let end = if text.starts_with("!--") {
            text.find("-->")? + 3
        } else if text.starts_with("!DOCTYPE html") || text.starts_with("!doctype html") {
            return Some("html");
        } else if text.starts_with(['?', '!']) {
            // A document type with definitions is refused by the reader; its name is enough here.
            if let Some(doctype) = text.strip_prefix("!DOCTYPE") {
                let mut words = doctype.split(|character: char| {
                    character.is_whitespace() || matches!(character, '>' | '[')
                });
                return words.find(|word| !word.is_empty());
            }
            text.find('>')? + 1
        } else {
            let end = text.find(|character: char| {
                character.is_whitespace() || matches!(character, '>' | '/')
            })?;
            return Some(&text[..end]);
        };
        text = &text[end..];
    }
}

fn not_recognised(looks_like: Option<&'static str>) -> ReadError {
    ReadError::of_file(ReadErrorKind::NotRecognised(looks_like))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> ReadErrorKind {
        let opened = text_of(bytes).and_then(|text| open(&text).map(drop));
        opened.expect_err("should not be recognised").kind
    }

    #[test]
    fn formats_are_told_by_content() {
        assert!(matches!(open("{\"keruen\":1}"), Ok(Document::Keruen(_))));
        assert!(matches!(
            open("\r\n{\"schedule\":{}}"),
            Ok(Document::FrabJson(_))
        ));
        assert!(matches!(
            open("<?xml version='1.0'?>\n<!-- x -->\n<schedule>"),
            Ok(Document::FrabXml(_))
        ));
        assert!(matches!(
            open("begin:vcalendar\r\n"),
            Ok(Document::Calendar(_))
        ));
        for answer in [
            "[{\"code\":\"A\",\"title\":\"T\"}]",
            "{\"results\":[{\"code\":\"A\",\"title\":{\"en\":\"T\"}}]}",
            "{\"talks\":[]}",
            "{\"submissions\":{\"results\":[]}}",
        ] {
            assert!(matches!(open(answer), Ok(Document::Pretalx(_))), "{answer}");
        }
        for table in [
            "Дата;Начало;Название\n",
            "title,start\n",
            "\"Атауы (kk)\"\tКүні\n",
            "sep=;\r\nНазвание;Начало\r\n",
        ] {
            assert!(matches!(open(table), Ok(Document::Table(_))), "{table}");
        }
    }

    #[test]
    fn texts_of_spreadsheets_are_read() {
        let utf16: Vec<u8> = "Қала\t😀"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        let file = [&[0xfe, 0xff], utf16.as_slice()].concat();
        assert_eq!(text_of(&file).as_deref(), Ok("Қала\t😀"));
        assert_eq!(text_of(b"\xef\xbb\xbfa").as_deref(), Ok("a"));
    }

    #[test]
    fn other_files_are_refused_with_what_they_look_like() {
        assert_eq!(error(b""), ReadErrorKind::Empty);
        assert_eq!(error(b" \r\n"), ReadErrorKind::Empty);
        assert_eq!(error(b"%PDF-1.7"), ReadErrorKind::NotRecognised(None));
        assert_eq!(error(b"PK\x03\x04\x00"), ReadErrorKind::NotText);
        assert_eq!(error(b"\xff\xfeB\x00\x01"), ReadErrorKind::NotText);
        assert_eq!(error(b"\xff\xfe\x00\xd8"), ReadErrorKind::NotText);
        assert_eq!(error(b"\xfe\xff\x00B"), ReadErrorKind::NotRecognised(None));
        // Windows-1251 and similar.
        assert_eq!(error(b"\xcd\xe0\xe7;\xc4"), ReadErrorKind::NotText);
        assert_eq!(
            error("Имя;Возраст\nА;1\n".as_bytes()),
            ReadErrorKind::NotRecognised(None)
        );
        assert_eq!(
            error(b"<!doctype html><html>"),
            ReadErrorKind::NotRecognised(Some("a web page"))
        );
        assert_eq!(
            error(b"<xs:schema xmlns:xs='x'>"),
            ReadErrorKind::NotRecognised(Some("an XML Schema"))
        );
        assert_eq!(
            error(b"{\"$schema\":\"x\"}"),
            ReadErrorKind::NotRecognised(Some("a JSON Schema"))
        );
        for other in ["{\"results\":[{\"id\":1}]}", "[]", "[1]", "{\"talks\":1}"] {
            assert_eq!(
                error(other.as_bytes()),
                ReadErrorKind::NotRecognised(Some("other JSON"))
            );
        }
        assert_eq!(error(b"{\"keruen\":"), ReadErrorKind::Truncated);
        assert_eq!(
            error("{\"a\":".repeat(500).as_bytes()),
            ReadErrorKind::TooDeep
        );
        assert_eq!(
            error(&vec![b' '; MAX_FILE_BYTES + 1]),
            ReadErrorKind::TooLarge
        );
    }
}
