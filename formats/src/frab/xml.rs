//! From XML to the common form. Events of the parser become a small tree with line numbers; no
//! entity is ever expanded but the five of XML, characters and those of HTML.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::own::{self, Own};
use super::{Day, Entry, Link, Schedule, Speaker};
use crate::html;
use crate::limits::{MAX_DEPTH, MAX_ENTRIES};
use crate::problem::{Notices, Place, ReadError, ReadErrorKind, Reason};

#[derive(Debug, Default)]
struct Element {
    name: String,
    line: usize,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn text_of(&self, name: &str) -> String {
        self.child(name).map(Self::whole_text).unwrap_or_default()
    }

    /// Text with that of elements inside, for descriptions with unescaped markup.
    fn whole_text(&self) -> String {
        let mut text = self.text.trim().to_owned();
        for child in &self.children {
            text.push(' ');
            text.push_str(&child.whole_text());
        }
        text.trim().to_owned()
    }

    /// Text as it stands, if nothing else is inside.
    fn text(&self) -> String {
        if self.children.is_empty() {
            self.text.clone()
        } else {
            self.whole_text()
        }
    }

    fn attribute(&self, name: &str) -> String {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    }
}

pub(super) fn read(text: &str, notices: &mut Notices) -> Result<Schedule, ReadError> {
    let Document { root, own } = tree(text, notices)?;
    let missing = |what| ReadError::new(Place::Line(root.line), ReadErrorKind::Missing(what));
    let conference = root
        .child("conference")
        .ok_or_else(|| missing("<conference>"))?;
    let days: Vec<Day> = root.named("day").map(read_day).collect();
    if days.is_empty() {
        return Err(missing("a <day>"));
    }
    Ok(Schedule {
        place: Place::Line(conference.line),
        own,
        title: conference.text_of("title"),
        acronym: conference.text_of("acronym"),
        zone: conference.text_of("time_zone_name"),
        start: conference.text_of("start"),
        end: conference.text_of("end"),
        city: conference.text_of("city"),
        venue: conference.text_of("venue"),
        base_url: conference.text_of("base_url"),
        url: conference.text_of("url"),
        days,
    })
}

fn read_day(day: &Element) -> Day {
    let rooms = day.named("room");
    Day {
        date: day.attribute("date"),
        start: day.attribute("start"),
        entries: rooms
            .flat_map(|room| room.named("event").map(|event| read_entry(event, room)))
            .collect(),
    }
}

fn read_entry(event: &Element, room: &Element) -> Entry {
    let own_room = event.text_of("room");
    let persons = event
        .child("persons")
        .into_iter()
        .flat_map(|list| list.named("person"));
    let links = [("links", "link"), ("attachments", "attachment")]
        .into_iter()
        .filter_map(|(list, item)| Some((event.child(list)?, item)))
        .flat_map(|(list, item)| list.named(item).collect::<Vec<_>>());
    Entry {
        place: Place::Line(event.line),
        guid: event.attribute("guid"),
        id: event.attribute("id"),
        code: event.attribute("code"),
        room: if own_room.is_empty() {
            room.attribute("name")
        } else {
            own_room
        },
        title: event.text_of("title"),
        subtitle: event.text_of("subtitle"),
        date: event.text_of("date"),
        start: event.text_of("start"),
        duration: event.text_of("duration"),
        kind: event.text_of("type"),
        track: event.text_of("track"),
        language: event.text_of("language"),
        summary: event
            .child("abstract")
            .map(Element::text)
            .unwrap_or_default(),
        description: event.text_of("description"),
        url: event.text_of("url"),
        persons: persons.map(read_person).collect(),
        links: links
            .map(|link| Link {
                url: link.attribute("href"),
                title: link.whole_text(),
            })
            .collect(),
    }
}

fn read_person(person: &Element) -> Speaker {
    let key = ["guid", "code", "id"]
        .map(|name| person.attribute(name))
        .into_iter()
        .find(|key| !key.is_empty());
    Speaker {
        key: key.unwrap_or_default(),
        name: person.text.trim().to_owned(),
        biography: person.text_of("biography"),
    }
}

/// Enough for as many entries as are allowed, each with people and links.
const MAX_ELEMENTS: usize = 40 * MAX_ENTRIES;

struct Document {
    root: Element,
    own: Option<Own>,
}

/// The root element with all that it holds.
fn tree(text: &str, notices: &mut Notices) -> Result<Document, ReadError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut lines = LineCounter::new(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut own = None;
    let mut count = 0;
    loop {
        let position = position_of(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            let place = Place::Line(lines.at(position_of(reader.error_position())));
            ReadError::new(place, error_kind(&error))
        })?;
        let line = lines.at(position);
        match event {
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH {
                    return Err(ReadError::new(Place::Line(line), ReadErrorKind::TooDeep));
                }
                if root.is_some() {
                    let kind = ReadErrorKind::Malformed("there is more after the end".to_owned());
                    return Err(ReadError::new(Place::Line(line), kind));
                }
                count += 1;
                if count > MAX_ELEMENTS {
                    let kind = ReadErrorKind::TooManyEntries;
                    return Err(ReadError::new(Place::Line(line), kind));
                }
                open.push(element(&start, line)?);
            }
            Event::End(_) => {
                if let Some(closed) = open.pop() {
                    match open.last_mut() {
                        Some(parent) => parent.children.push(closed),
                        None => root = Some(closed),
                    }
                }
            }
            Event::Text(content) => append(&mut open, &content.xml10_content()),
            Event::CData(content) => append(&mut open, &content.xml10_content()),
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content().into_owned();
                match html::entity(&name) {
                    Some(character) => append(&mut open, character.encode_utf8(&mut [0; 4])),
                    None => {
                        append(&mut open, &["&", &name, ";"].concat());
                        let reason = Reason::UnknownEntity(crate::text::shown(&name));
                        notices.warn_once(&Place::Line(line), "", reason);
                    }
                }
            }
            Event::DocType(definition) if definition.xml10_content().contains('[') => {
                return Err(ReadError::new(
                    Place::Line(line),
                    ReadErrorKind::DocumentType,
                ));
            }
            Event::PI(instruction) if instruction.target() == own::NAME => {
                own = own.or_else(|| Own::parse(instruction.content()));
            }
            // A declaration may name another encoding than UTF-8; where that mattered, decoding has
            // failed before.
            Event::Decl(_)
            | Event::DocType(_)
            | Event::Comment(_)
            | Event::PI(_)
            | Event::Empty(_) => {}
            Event::Eof => break,
        }
    }
    match root {
        Some(root) if open.is_empty() => Ok(Document { root, own }),
        _ => Err(ReadError::new(
            Place::Line(lines.at(text.len())),
            ReadErrorKind::Truncated,
        )),
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn element(start: &BytesStart<'_>, line: usize) -> Result<Element, ReadError> {
    let mut element = Element {
        name: start.local_name().as_ref().to_owned(),
        line,
        ..Element::default()
    };
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| {
            let kind = ReadErrorKind::Malformed(error.to_string());
            ReadError::new(Place::Line(line), kind)
        })?;
        let name = attribute.key.local_name().as_ref().to_owned();
        element
            .attributes
            .push((name, html::decode_entities(&attribute.value)));
    }
    Ok(element)
}

fn error_kind(error: &quick_xml::Error) -> ReadErrorKind {
    match error {
        quick_xml::Error::Syntax(_) => ReadErrorKind::Truncated,
        other => ReadErrorKind::Malformed(other.to_string()),
    }
}

fn position_of(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Counts lines forwards only, so that a large file is walked through once.
struct LineCounter<'a> {
    bytes: &'a [u8],
    position: usize,
    line: usize,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            position: 0,
            line: 1,
        }
    }

    fn at(&mut self, position: usize) -> usize {
        let position = position.min(self.bytes.len());
        if position > self.position {
            let passed = &self.bytes[self.position..position];
            self.line += passed.iter().filter(|byte| **byte == b'\n').count();
            self.position = position;
        }
        self.line
    }
}
