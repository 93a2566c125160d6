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
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{
    DateTime, FixedOffset, NaiveDate, NaiveTime, Offset as _, SecondsFormat, TimeDelta,
    Timelike as _, Utc,
};
use keruen_domain::model::{MaterialKind, Moment, View as _, fields};
use keruen_domain::{Language, SessionId};
use uuid::Uuid;

use super::agenda::{Agenda, Text, TimedSession};
use super::{NothingToWrite, Words, Written};
use crate::frab::own::{Own, OwnSession, Titled};
use crate::text;
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

/// The longest duration that the schema of XML allows, in minutes.
const MAX_MINUTES: i64 = 99 * 60 + 59;

/// What dates in XML may be ahead of UTC at most, in minutes.
const MAX_OFFSET_MINUTES: i32 = 14 * 60;

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
            .map(|(date, (rooms, offset_minutes))| day(agenda.zone, date, rooms, offset_minutes))
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

/// From midnight to midnight. `offset_minutes` is for events whose zone is not known.
fn day(zone: Option<Zone>, date: NaiveDate, rooms: Rooms, offset_minutes: i32) -> Day {
    let fixed = Zone::Fixed(offset_of(offset_minutes));
    let midnight = |date: NaiveDate| {
        let wall = date.and_time(NaiveTime::MIN);
        let at = |zone: Zone| zone.at(wall).map(|(moment, _)| moment);
        let moment = zone.and_then(at).or_else(|| at(fixed));
        moment.and_then(written).unwrap_or_default()
    };
    let next = midnight(date.succ_opt().unwrap_or(date));
    let end = next - TimeDelta::seconds(1);
    let end = zone
        .and_then(|zone| zone.show(end))
        .and_then(written)
        .unwrap_or(end);
    Day {
        date,
        start: midnight(date),
        end,
        rooms,
    }
}

fn offset_of(minutes: i32) -> FixedOffset {
    let minutes = if minutes.abs() > MAX_OFFSET_MINUTES {
        0
    } else {
        minutes
    };
    FixedOffset::east_opt(minutes * 60).unwrap_or(Utc.fix())
}

/// To the second, with the offset that it has there if a date may have it.
fn written(moment: Moment) -> Option<DateTime<FixedOffset>> {
    let instant = DateTime::from_timestamp_millis(moment.unix_ms())?.with_nanosecond(0)?;
    Some(instant.with_timezone(&offset_of(moment.offset_minutes())))
}

struct Writing<'a> {
    agenda: &'a Agenda,
    words: &'a Words<'a>,
    place: String,
    acronym: &'a str,
    numbers: BTreeMap<SessionId, u32>,
    sessions: BTreeMap<SessionId, OwnSession>,
    rooms: BTreeMap<String, Uuid>,
    days: BTreeMap<NaiveDate, (Rooms, i32)>,
}

impl Writing<'_> {
    fn session(&mut self, timed: &TimedSession) {
        let Some(start) = written(timed.start) else {
            return;
        };
        let session = &timed.session;
        let id = session.id();
        let title = self.agenda.best(&session.title());
        let summary = self.agenda.best(&session.summary());
        let room = self.agenda.best(&session.room());
        let is_cancelled = timed.is_cancelled(&self.agenda.event);
        let mark = match self.words.cancelled {
            word if is_cancelled => format!("[{word}] "),
            _ => String::new(),
        };
        let spoken = session.text(fields::LANGUAGE);
        let second_ms = start.timestamp_millis();
        let length_ms = timed.end.unix_ms() - second_ms;
        let minutes = (length_ms / 60_000).clamp(0, MAX_MINUTES);
        let shown_minutes = start.offset().local_minus_utc() / 60;
        let offset_minutes = Some(timed.start.offset_minutes())
            .filter(|minutes| *minutes != shown_minutes)
            .map(i64::from);
        self.sessions.insert(
            id,
            OwnSession {
                title: title.as_ref().and_then(code_of),
                summary: summary.as_ref().and_then(code_of),
                room: room.as_ref().and_then(code_of),
                mark: mark.clone(),
                no_room: room.is_none(),
                spoken: spoken.is_some(),
                no_end: session.record().value(fields::END).as_number().is_none(),
                start_ms: timed.start.unix_ms() - second_ms,
                end_ms: length_ms - minutes * 60_000,
                offset_minutes,
            },
        );
        let language = title.as_ref().and_then(|text| text.language);
        let room = room.map_or_else(|| self.place.clone(), |room| plain(&room.content));
        let content = |text: Option<Text>| text.map_or_else(String::new, |it| plain(&it.content));
        let entry = Entry {
            guid: id,
            number: self.numbers.get(&id).copied().unwrap_or(1),
            slug: format!("{}-{}", self.acronym, id.uuid().simple()),
            room: room.clone(),
            title: [mark, content(title)].concat(),
            subtitle: String::new(),
            kind: plain(session.text(fields::KIND).unwrap_or_default()),
            track: plain(session.text(fields::TRACK).unwrap_or_default()),
            language: plain(spoken.or(language.map(Language::code)).unwrap_or_default()),
            start,
            minutes,
            summary: content(summary),
            description: match session.record().members(fields::SAMPLE).next() {
                Some(_) => plain(self.words.samples),
                None => String::new(),
            },
            url: session
                .text(fields::URL)
                .filter(|url| is_uri(url))
                .map(str::to_owned),
            persons: self.persons(timed),
            links: self.links(timed),
        };
        let event = self.agenda.event.id().uuid();
        let guid = || Uuid::new_v5(&event, room.as_bytes());
        self.rooms.entry(room.clone()).or_insert_with(guid);
        let day = self.days.entry(start.date_naive());
        let (rooms, _) = day.or_insert_with(|| (Vec::new(), shown_minutes));
        match rooms.iter_mut().find(|(name, _)| *name == room) {
            Some((_, entries)) => entries.push(entry),
            None => rooms.push((room, vec![entry])),
        }
    }

    fn persons(&self, timed: &TimedSession) -> Vec<Person> {
        let people = timed.session.speakers();
        let people = people.filter_map(|id| self.agenda.people.get(&id));
        let mut persons: Vec<Person> = people
            .filter_map(|person| {
                let summary = self.agenda.best(&person.translated(fields::SUMMARY));
                Some(Person {
                    guid: person.id().to_string(),
                    name: plain(person.name()?),
                    summary: summary.map_or_else(String::new, |text| plain(&text.content)),
                })
            })
            .collect();
        persons.sort_by(|one, other| (&one.name, &one.guid).cmp(&(&other.name, &other.guid)));
        persons
    }

    fn links(&self, timed: &TimedSession) -> Vec<Link> {
        let materials = timed.session.materials();
        let materials = materials.filter_map(|id| self.agenda.materials.get(&id));
        let links = materials.filter(|material| material.kind() == MaterialKind::Link);
        let mut links: Vec<Link> = links
            .filter_map(|material| {
                let title = self.agenda.best(&material.title());
                Some(Link {
                    url: material.url().filter(|url| is_uri(url))?.to_owned(),
                    title: title.map_or_else(String::new, |text| plain(&text.content)),
                })
            })
            .collect();
        links.sort_by(|one, other| (&one.title, &one.url).cmp(&(&other.title, &other.url)));
        links
    }
}

/// Whether both schemas take it for an address: a web address of nothing but what may stand in one.
fn is_uri(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=%#".contains(&byte);
    let is_escape = |part: &str| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    (url.starts_with("https://") || url.starts_with("http://"))
        && text::is_web_address(url)
        && !host.is_empty()
        && host.bytes().all(is_name)
        && port.len() <= 5
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && rest.bytes().all(is_allowed)
        && rest.matches('#').count() <= 1
        && rest.split('%').skip(1).all(is_escape)
}

/// `01:30`.
fn duration(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// With seconds, and `+05:00` or `Z`.
fn date_time(time: DateTime<FixedOffset>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What the clocks show.
fn clock(time: DateTime<FixedOffset>) -> String {
    time.format("%H:%M").to_string()
}

const GENERATOR: &str = "Keruen";
const GENERATOR_VERSION: &str = env!("CARGO_PKG_VERSION");
/// In what steps apps may draw the time.
const TIMESLOT: &str = "00:15";
