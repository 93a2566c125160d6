//! An agenda as iCalendar (RFC 5545, with names of RFC 7986).
//!
//! The same records give the same bytes. Everything that is only Keruen's own stands in properties and
//! parameters whose names begin with `X-`, so that the file can be read back into the records that it
//! came from (`ical::own`).

use chrono::{DateTime, NaiveDateTime, Utc};
use keruen_domain::Language;
use keruen_domain::model::{Moment, View as _, fields};

use super::agenda::{Agenda, Text, TimedSession};
use super::lines::Lines;
use super::{Written, zones};
use crate::ical::own;
use crate::zone::Zone;

const PRODUCT: &str = "-//Keruen//Agenda//EN";

/// 2020-01-01, from which sequence numbers count: they are to have 31 bits.
const SEQUENCE_BEGINS_MS: u64 = 1_577_836_800_000;

/// How often whoever subscribes to a feed is asked to look: what is moved on the day is to be seen that day.
const REFRESH: &str = "PT1H";

/// Writes the agenda as a calendar. Sessions of which something was made up for the sample programmes say
/// so in these words.
pub fn calendar(agenda: &Agenda, about_samples: &str) -> Written {
    let title = agenda.best(&agenda.event.title());
    let mut lines = begun(title.as_ref());
    if let Some(zone) = agenda.zone {
        lines.text("X-WR-TIMEZONE", &[], &zone.name());
    }
    write_origin(&mut lines, agenda, title.as_ref());
    finished(lines, std::slice::from_ref(agenda), about_samples, None)
}

/// Writes sessions of several events as one calendar of this name, for somebody who subscribes to it. It
/// names no programme, and is read back as a calendar like any other.
pub fn feed(title: &str, language: Language, agendas: &[Agenda], about_samples: &str) -> Written {
    let title = Text {
        content: title.to_owned(),
        language: Some(language),
    };
    let mut lines = begun(Some(&title));
    lines.raw("REFRESH-INTERVAL", &[("VALUE", "DURATION")], REFRESH);
    lines.raw("X-PUBLISHED-TTL", &[], REFRESH);
    finished(lines, agendas, about_samples, None)
}

/// Writes sessions of several events as one calendar of this name, for a phone's own calendar: each rings so
/// many minutes before it begins (RFC 5545, section 3.6.6).
pub fn reminders(
    title: &str,
    language: Language,
    agendas: &[Agenda],
    about_samples: &str,
    minutes_before: u32,
) -> Written {
    let title = Text {
        content: title.to_owned(),
        language: Some(language),
    };
    let lines = begun(Some(&title));
    finished(lines, agendas, about_samples, Some(minutes_before))
}

fn begun(title: Option<&Text>) -> Lines {
    let mut lines = Lines::default();
    lines.begin("VCALENDAR");
    lines.raw("VERSION", &[], "2.0");
    lines.text("PRODID", &[], PRODUCT);
    lines.raw("CALSCALE", &[], "GREGORIAN");
    if let Some(title) = title {
        for name in ["NAME", "X-WR-CALNAME"] {
            lines.text(name, &language_of(title), &title.content);
        }
    }
    lines
}

fn finished(
    mut lines: Lines,
    agendas: &[Agenda],
    about_samples: &str,
    alarm_minutes: Option<u32>,
) -> Written {
    for (zone, first, last) in spans(agendas) {
        zones::write(&mut lines, zone, first, last);
    }
    for agenda in agendas {
        for timed in &agenda.sessions {
            lines.begin("VEVENT");
            write_session(&mut lines, agenda, timed, about_samples);
            if let Some(minutes) = alarm_minutes {
                write_alarm(&mut lines, agenda, timed, minutes);
            }
            lines.end("VEVENT");
        }
    }
    lines.end("VCALENDAR");
    Written {
        text: lines.into_text(),
        untimed: agendas.iter().map(|agenda| agenda.untimed).sum(),
    }
}

/// From when until when each zone is told in.
fn spans(agendas: &[Agenda]) -> Vec<(Zone, DateTime<Utc>, DateTime<Utc>)> {
    let mut spans: Vec<(Zone, DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for agenda in agendas {
        let first = agenda.sessions.iter().map(|timed| timed.start).min();
        let last = agenda.sessions.iter().map(|timed| timed.end).max();
        let (Some(zone), Some(first), Some(last)) =
            (agenda.zone, first.and_then(instant), last.and_then(instant))
        else {
            continue;
        };
        match spans.iter_mut().find(|(known, ..)| *known == zone) {
            Some(span) => (span.1, span.2) = (span.1.min(first), span.2.max(last)),
            None => spans.push((zone, first, last)),
        }
    }
    spans
}

/// Of which programme and event it is.
fn write_origin(lines: &mut Lines, agenda: &Agenda, title: Option<&Text>) {
    let programme = agenda.best(&agenda.programme.title());
    let origins = [
        (
            own::PROGRAMME,
            agenda.programme.id().to_string(),
            programme.as_ref(),
        ),
        (own::EVENT, agenda.event.id().to_string(), title),
    ];
    for (name, id, title) in origins {
        let mut parameters = vec![(own::ID, id.as_str())];
        parameters.extend(title.map(language_of).unwrap_or_default());
        lines.text(name, &parameters, title.map_or("", |title| &title.content));
    }
}

fn write_session(lines: &mut Lines, agenda: &Agenda, timed: &TimedSession, about_samples: &str) {
    let session = &timed.session;
    let uid = own::uid(session.id(), agenda.programme.id());
    lines.text("UID", &[], &uid);
    let edited = utc_text(timed.edited_ms());
    // Of a calendar that is no message, both are the same (section 3.8.7.2).
    lines.raw("DTSTAMP", &[], &edited);
    lines.raw("LAST-MODIFIED", &[], &edited);
    let sequence = timed.moved_ms().saturating_sub(SEQUENCE_BEGINS_MS) / 1_000;
    let sequence = sequence.min(i32::MAX.unsigned_abs().into());
    lines.raw("SEQUENCE", &[], &sequence.to_string());
    write_time(lines, "DTSTART", agenda.zone, timed.start);
    if timed.end > timed.start {
        write_time(lines, "DTEND", agenda.zone, timed.end);
    }
    if let Some(title) = agenda.best(&session.title()) {
        lines.text("SUMMARY", &language_of(&title), &title.content);
    }
    write_place(lines, agenda, timed);
    write_description(lines, agenda, timed, about_samples);
    if let Some(track) = session.text(fields::TRACK) {
        lines.list("CATEGORIES", track);
    }
    if let Some(url) = session.text(fields::URL) {
        lines.raw("URL", &[], url);
    }
    if timed.is_cancelled(&agenda.event) {
        let of_event: &[_] = match session.is_cancelled() {
            true => &[],
            false => &[(own::OF_EVENT, "TRUE")],
        };
        lines.raw("STATUS", of_event, "CANCELLED");
    }
}

fn write_alarm(lines: &mut Lines, agenda: &Agenda, timed: &TimedSession, minutes: u32) {
    lines.begin("VALARM");
    lines.raw("ACTION", &[], "DISPLAY");
    lines.raw("TRIGGER", &[], &format!("-PT{minutes}M"));
    let title = agenda.best(&timed.session.title());
    let title = title.map(|title| title.content).unwrap_or_default();
    lines.text("DESCRIPTION", &[], &title);
    lines.end("VALARM");
}

/// The room, the house and the town. What of it is the room is said, if it is not all of it.
fn write_place(lines: &mut Lines, agenda: &Agenda, timed: &TimedSession) {
    let room = agenda.best(&timed.session.room());
    let house = agenda.best(&agenda.event.venue());
    let town = agenda.best(&agenda.event.city());
    let parts: Vec<&str> = [&room, &house, &town]
        .into_iter()
        .flatten()
        .map(|text| text.content.as_str())
        .collect();
    if parts.is_empty() {
        return;
    }
    let is_room_alone = room.is_some() && parts.len() == 1;
    let language = room.as_ref().filter(|_| is_room_alone);
    let parameters = language.map(language_of).unwrap_or_default();
    lines.text("LOCATION", &parameters, &parts.join(", "));
    if !is_room_alone {
        write_own(lines, own::ROOM, room.as_ref());
    }
}

/// Who speaks, what happens, and whether that is a sample. What of it is what happens is said, if it is not
/// all of it.
fn write_description(
    lines: &mut Lines,
    agenda: &Agenda,
    timed: &TimedSession,
    about_samples: &str,
) {
    let summary = agenda.best(&timed.session.summary());
    let names = agenda.speakers(&timed.session).join(", ");
    let mut samples = timed.session.record().members(fields::SAMPLE);
    let sample = samples.next().map_or("", |_| about_samples);
    let content = summary.as_ref().map_or("", |text| &text.content);
    let parts: Vec<&str> = [&*names, content, sample]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        return;
    }
    let is_summary_alone = summary.is_some() && parts.len() == 1;
    let language = summary.as_ref().filter(|_| is_summary_alone);
    let parameters = language.map(language_of).unwrap_or_default();
    lines.text("DESCRIPTION", &parameters, &parts.join("\n\n"));
    if !is_summary_alone {
        write_own(lines, own::ABSTRACT, summary.as_ref());
    }
}

/// A text that stands in the file together with others, by itself.
fn write_own(lines: &mut Lines, name: &str, text: Option<&Text>) {
    let parameters = text.map(language_of).unwrap_or_default();
    lines.text(name, &parameters, text.map_or("", |text| &text.content));
}

fn language_of(text: &Text) -> Vec<(&'static str, &'static str)> {
    let language = text.language.map(|language| ("LANGUAGE", language.code()));
    language.into_iter().collect()
}

/// By the venue's clocks where they tell the instant, otherwise in UTC.
fn write_time(lines: &mut Lines, name: &str, zone: Option<Zone>, moment: Moment) {
    let shows = |zone: &Zone| {
        let found = zone.at(moment.wall());
        found.is_some_and(|(shown, _)| shown == moment)
    };
    match zone.filter(|zone| matches!(zone, Zone::Named(_)) && shows(zone)) {
        Some(zone) => lines.raw(name, &[("TZID", &zone.name())], &wall_text(moment.wall())),
        None => {
            let minutes = moment.offset_minutes().to_string();
            let milliseconds = u64::try_from(moment.unix_ms()).unwrap_or_default();
            lines.raw(
                name,
                &[(own::OFFSET_MINUTES, &minutes)],
                &utc_text(milliseconds),
            );
        }
    }
}

fn instant(moment: Moment) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(moment.unix_ms())
}

/// A time without a zone.
pub(super) fn wall_text(wall: NaiveDateTime) -> String {
    wall.format("%Y%m%dT%H%M%S").to_string()
}

fn utc_text(unix_ms: u64) -> String {
    let milliseconds = i64::try_from(unix_ms).unwrap_or(i64::MAX);
    let instant = DateTime::from_timestamp_millis(milliseconds).unwrap_or_default();
    [&wall_text(instant.naive_utc()), "Z"].concat()
}
