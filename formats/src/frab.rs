//! The schedule format of frab, in both notations, as frab, pretalx, wafer and others write it.
//!
//! ```text
//!  JSON ─┐
//!        ├─► Schedule: texts as they stand, with their places ─► Draft
//!  XML ──┘
//! ```

mod json;
mod mapping;
pub(crate) mod own;
pub(crate) use mapping::kind_of;
mod times;
mod xml;

use serde_json::Value;

use crate::Options;
use crate::detect::Format;
use crate::draft::Draft;
use crate::json::Node;
use crate::problem::{Notices, Place, ReadError};

/// A conference as its file describes it. Absent texts are empty.
#[derive(Debug)]
struct Schedule {
    place: Place,
    /// Of one that Keruen wrote: what only it says.
    own: Option<own::Own>,
    title: String,
    acronym: String,
    zone: String,
    start: String,
    end: String,
    city: String,
    venue: String,
    base_url: String,
    url: String,
    days: Vec<Day>,
}

#[derive(Debug)]
struct Day {
    date: String,
    start: String,
    entries: Vec<Entry>,
}

/// What frab calls an event is a session here.
#[derive(Debug)]
struct Entry {
    place: Place,
    guid: String,
    id: String,
    code: String,
    room: String,
    title: String,
    subtitle: String,
    date: String,
    start: String,
    duration: String,
    kind: String,
    track: String,
    language: String,
    summary: String,
    description: String,
    url: String,
    persons: Vec<Speaker>,
    links: Vec<Link>,
}

#[derive(Debug)]
struct Speaker {
    key: String,
    name: String,
    biography: String,
}

#[derive(Debug)]
struct Link {
    url: String,
    title: String,
}

pub(crate) fn read_json(value: &Value, options: &Options<'_>) -> Result<Draft, ReadError> {
    let mut notices = Notices::default();
    let schedule = json::read(&Node::root(value), &mut notices)?;
    mapping::draft(schedule, Format::FrabJson, notices, options)
}

pub(crate) fn read_xml(text: &str, options: &Options<'_>) -> Result<Draft, ReadError> {
    let mut notices = Notices::default();
    let schedule = xml::read(text, &mut notices)?;
    mapping::draft(schedule, Format::FrabXml, notices, options)
}
