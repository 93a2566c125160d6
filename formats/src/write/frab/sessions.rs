//! Sessions as entries of a schedule.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keruen_domain::model::{MaterialKind, View as _, fields};
use keruen_domain::{Language, SessionId};
use uuid::Uuid;

use super::times::written;
use super::{Entry, Link, Person, Rooms, code_of, plain};
use crate::frab::own::OwnSession;
use crate::text;
use crate::write::Words;
use crate::write::agenda::{Agenda, Text, TimedSession};

/// The longest duration that the schema of XML allows, in minutes.
const MAX_MINUTES: i64 = 99 * 60 + 59;

pub(super) struct Writing<'a> {
    pub(super) agenda: &'a Agenda,
    pub(super) words: &'a Words<'a>,
    pub(super) place: String,
    pub(super) acronym: &'a str,
    pub(super) numbers: BTreeMap<SessionId, u32>,
    pub(super) sessions: BTreeMap<SessionId, OwnSession>,
    pub(super) rooms: BTreeMap<String, Uuid>,
    pub(super) days: BTreeMap<NaiveDate, (Rooms, i32)>,
}

impl Writing<'_> {
    pub(super) fn session(&mut self, timed: &TimedSession) {
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
