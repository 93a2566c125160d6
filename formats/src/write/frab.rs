//! An agenda as a schedule of frab, in both notations: what Giggity, EventFahrplan and conference software read.
//!
//! ```text
//!  Agenda ──schedule──► Schedule: what both notations say ──xml──► text
//!                                                         └─json──► text
//! ```
//!
//! The same records give the same bytes. Both are valid against the schemas of c3voc. What they cannot say
//! stands where they let programs say their own (`frab::own`), so that the file can be read back into the
//! records that it came from.

mod json;
mod sessions;
mod times;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat};
use keruen_domain::SessionId;
use keruen_domain::model::View as _;
use uuid::Uuid;

use sessions::Writing;

use super::agenda::{Agenda, Text, TimedSession};
use super::{NothingToWrite, Words, Written};
use crate::frab::own::{Own, Titled};
use crate::zone::{self, Zone};

/// What both notations say.
struct Schedule {
    title: String,
    /// Of letters and digits, as both schemas want it.
    acronym: String,
    /// Grows with every edit.
    version: String,
    zone: Option<String>,
    first: NaiveDate,
    last: NaiveDate,
    days: Vec<Day>,
    rooms: BTreeMap<String, Uuid>,
    own: Own,
}

/// With their sessions, in the order in which the first of them begin.
type Rooms = Vec<(String, Vec<Entry>)>;

struct Day {
    date: NaiveDate,
    start: DateTime<FixedOffset>,
    end: DateTime<FixedOffset>,
    rooms: Rooms,
}

struct Entry {
    guid: SessionId,
    /// Unique in the schedule, and the same each time.
    number: u32,
    slug: String,
    room: String,
    title: String,
    subtitle: String,
    kind: String,
    track: String,
    language: String,
    start: DateTime<FixedOffset>,
    minutes: i64,
    summary: String,
    description: String,
    url: Option<String>,
    persons: Vec<Person>,
    links: Vec<Link>,
}

struct Person {
    guid: String,
    name: String,
    summary: String,
}

struct Link {
    url: String,
    title: String,
}

/// The agenda as XML, valid against `schedule.xml.xsd`.
///
/// # Errors
/// If it has no session with a time and no day either: the schema wants a day.
pub fn frab_xml(agenda: &Agenda, words: &Words<'_>) -> Result<Written, NothingToWrite> {
    let (schedule, untimed) = schedule(agenda, words)?;
    Ok(Written {
        text: xml::write(&schedule),
        untimed,
    })
}

/// The agenda as JSON, valid against `frab-schema.json`.
///
/// # Errors
/// The same.
pub fn frab_json(agenda: &Agenda, words: &Words<'_>) -> Result<Written, NothingToWrite> {
    let (schedule, untimed) = schedule(agenda, words)?;
    Ok(Written {
        text: json::write(&schedule),
        untimed,
    })
}

fn schedule(agenda: &Agenda, words: &Words<'_>) -> Result<(Schedule, usize), NothingToWrite> {
    let sessions: Vec<&TimedSession> = agenda
        .sessions
        .iter()
        .filter(|timed| zone::is_of_these_times(timed.start) && zone::is_of_these_times(timed.end))
        .collect();
    let untimed = agenda.untimed + agenda.sessions.len() - sessions.len();
    let acronym = ["keruen_", &tail_of(agenda.event.id().uuid())].concat();
    let place = place_of(agenda);
    let mut writing = Writing {
        agenda,
        words,
        place,
        acronym: &acronym,
        numbers: numbers(&sessions),
        sessions: BTreeMap::new(),
        rooms: BTreeMap::new(),
        days: BTreeMap::new(),
    };
    for timed in &sessions {
        writing.session(timed);
    }
    if writing.days.is_empty() {
        let date = agenda.event.first_day().ok_or(NothingToWrite)?;
        writing.days.insert(date, (Vec::new(), 0));
    }
    let Writing {
        sessions: own_sessions,
        rooms,
        days,
        ..
    } = writing;
    let dates = || days.keys().copied();
    let first = dates().chain(agenda.event.first_day()).min();
    let last = dates().chain(agenda.event.last_day()).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Err(NothingToWrite);
    };
    let title = agenda.best(&agenda.event.title());
    let of_programme = agenda.best(&agenda.programme.title());
    let shown = title.as_ref().or(of_programme.as_ref());
    let own = Own {
        programme: titled(agenda.programme.id(), of_programme.as_ref()),
        event: titled(agenda.event.id(), title.as_ref()),
        sessions: own_sessions,
    };
    let schedule = Schedule {
        title: shown.map_or_else(String::new, |text| plain(&text.content)),
        version: version_of(agenda),
        zone: agenda
            .zone
            .map(Zone::name)
            .filter(|name| is_zone_name(name)),
        first,
        last,
        days: days
            .into_iter()
            .map(|(date, (rooms, offset_minutes))| {
                times::day(agenda.zone, date, rooms, offset_minutes)
            })
            .collect(),
        rooms,
        own,
        acronym: acronym.clone(),
    };
    Ok((schedule, untimed))
}

fn titled<Id>(id: Id, title: Option<&Text>) -> Titled<Id> {
    Titled {
        id,
        title: title.map_or_else(String::new, |text| text.content.clone()),
        language: title.and_then(code_of),
    }
}

fn code_of(text: &Text) -> Option<String> {
    text.language.map(|language| language.code().to_owned())
}

/// What stands for the room where a session has none.
fn place_of(agenda: &Agenda) -> String {
    let house = agenda.best(&agenda.event.venue());
    let town = agenda.best(&agenda.event.city());
    house
        .or(town)
        .map_or_else(|| "–".to_owned(), |text| plain(&text.content))
}

/// The end of an identifier, which is random in all of them.
fn tail_of(id: Uuid) -> String {
    let digits = id.simple().to_string();
    digits[digits.len() - 12..].to_owned()
}

/// Some readers want small numbers: the end of each identifier, or the next one that is free.
fn numbers(sessions: &[&TimedSession]) -> BTreeMap<SessionId, u32> {
    let ids: BTreeSet<SessionId> = sessions.iter().map(|timed| timed.session.id()).collect();
    let mut taken = BTreeSet::new();
    ids.into_iter()
        .map(|id| {
            let [.., a, b, c, d] = *id.uuid().as_bytes();
            let mut number = (u32::from_be_bytes([a, b, c, d]) & 0x7fff_ffff).max(1);
            while !taken.insert(number) {
                number = number % 0x7fff_ffff + 1;
            }
            (id, number)
        })
        .collect()
}

/// When something in it was last edited.
fn version_of(agenda: &Agenda) -> String {
    let of_event = agenda.event.record().last_edit();
    let of_event = of_event.map_or(0, |stamp| stamp.time.unix_ms());
    let of_sessions = agenda.sessions.iter().map(TimedSession::edited_ms);
    let last_ms = of_sessions.chain([of_event]).max().unwrap_or_default();
    let last_ms = i64::try_from(last_ms).unwrap_or_default();
    let last = DateTime::from_timestamp_millis(last_ms).unwrap_or_default();
    last.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What the schema of JSON takes for a zone's name.
fn is_zone_name(name: &str) -> bool {
    let begins_a_name = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .is_some_and(|first| first.is_ascii_uppercase())
            && letters
                .next()
                .is_some_and(|second| second.is_ascii_lowercase())
    };
    let is_plain = |area: &str| {
        area.chars()
            .skip(1)
            .all(|letter| letter.is_ascii_lowercase())
    };
    name == "UTC"
        || name.split_once('/').is_some_and(|(area, city)| {
            begins_a_name(area) && is_plain(area) && begins_a_name(city)
        })
}

/// A text without what XML cannot hold.
fn plain(text: &str) -> String {
    let is_held = |character: &char| match character {
        '\t' | '\n' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => !other.is_control(),
    };
    text.chars().filter(is_held).collect()
}

const GENERATOR: &str = "Keruen";
const GENERATOR_VERSION: &str = env!("CARGO_PKG_VERSION");
/// In what steps apps may draw the time.
const TIMESLOT: &str = "00:15";
