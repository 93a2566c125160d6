use chrono::NaiveDate;
use keruen_domain::model::{Moment, SessionStatus, fields};
use keruen_domain::{Collection, Language};

use super::lines::{Component, Property};
use super::own::{self, Origin};
use super::repetition::{self, Exceptions};
use super::text_of;
use super::times::{self, Times, Zones};
use crate::Options;
use crate::draft::Drafting;
use crate::frab::kind_of;
use crate::problem::{Place, ReadError, ReadErrorKind, Reason};
use crate::text;
use crate::zone::{Span, Zone};

pub(super) fn push_programme(
    calendars: &[Component],
    title: &str,
    name: &str,
    place: Place,
    options: &Options<'_>,
    drafting: &mut Drafting,
) -> Result<(), ReadError> {
    if !super::has_sessions(calendars) {
        let kind = ReadErrorKind::Missing("any entry (VEVENT)");
        return Err(ReadError::new(place, kind));
    }
    let mut record = drafting.begin(Collection::PROGRAMME, name, title, place);
    let notices = &mut drafting.notices;
    record.line(fields::TITLE, None, title, notices);
    let description = calendars
        .iter()
        .find_map(|calendar| calendar.get("X-WR-CALDESC"))
        .map(|property| property.text())
        .filter(|description| text::line(description) != title);
    record.block(
        fields::SUMMARY,
        None,
        &description.unwrap_or_default(),
        notices,
    );
    for calendar in calendars {
        let address = calendar.get("URL").map(|property| property.text());
        if let Some(url) = address.filter(|url| text::is_web_address(url)) {
            record.member(fields::SOURCES, &url, notices);
        }
    }
    if options.public {
        record.set(fields::PUBLIC, true);
    }
    drafting.push(record, name).map(|_| ())
}

/// A calendar is one event; its identifier within its programme needs no other name.
const EVENT: &str = "event";

/// The calendar's entries on their way to sessions.
pub(super) struct Agenda<'a> {
    title: &'a str,
    zones: &'a Zones,
    /// The records that the calendar was written from, if it is one of ours.
    origin: Option<&'a Origin<'a>>,
    event: keruen_domain::RecordId,
    exceptions: Exceptions,
    /// Until when go entries that repeat without an end.
    last_day: Option<NaiveDate>,
    /// How often each zone was met: the venue's is the one that most times are in.
    met: Vec<(Zone, usize)>,
    days: Option<(NaiveDate, NaiveDate)>,
}

impl<'a> Agenda<'a> {
    pub(super) fn new(
        title: &'a str,
        calendars: &[Component],
        zones: &'a Zones,
        origin: Option<&'a Origin<'a>>,
        drafting: &Drafting,
    ) -> Self {
        Self {
            title,
            zones,
            origin,
            event: origin.map_or_else(
                || drafting.id(Collection::EVENT, EVENT),
                |origin| origin.event.into(),
            ),
            exceptions: Exceptions::of(calendars, zones),
            last_day: repetition::last_day(calendars),
            met: Vec::new(),
            days: None,
        }
    }

    pub(super) fn entry(
        &mut self,
        entry: &Component,
        drafting: &mut Drafting,
    ) -> Result<(), ReadError> {
        let place = Place::Line(entry.line);
        let notices = &mut drafting.notices;
        let title = text_of(entry, "SUMMARY").unwrap_or_default();
        let uid = text_of(entry, "UID");
        if title.is_empty() {
            notices.skip(&place, uid.as_deref().unwrap_or(""), Reason::MissingTitle);
            return Ok(());
        }
        let times = match times::read(entry, &title, self.zones, notices) {
            Ok(times) => times,
            Err(reason) => {
                notices.skip(&place, &title, reason);
                return Ok(());
            }
        };
        if entry.get("ATTENDEE").is_some() || entry.get("ORGANIZER").is_some() {
            notices.warn_once(&place, &title, Reason::PeopleLeftOut);
        }
        let known = uid.as_deref().and_then(|uid| self.origin?.session(uid));
        let source = match (uid, text_of(entry, "RECURRENCE-ID")) {
            (Some(uid), Some(occurrence)) => [&uid, "\n", &occurrence].concat(),
            (Some(uid), None) => uid,
            (None, _) => {
                notices.warn(&place, &title, Reason::MissingId);
                format!("made\n{}\n{title}", times.start.unix_ms())
            }
        };
        let is_repeated = entry.get("RRULE").is_some() || entry.get("RDATE").is_some();
        if known.is_some() || !is_repeated || entry.get("RECURRENCE-ID").is_some() {
            return self.occurrence(entry, &title, &source, known, &times, drafting);
        }
        let repetition = repetition::read(
            entry,
            &title,
            self.zones,
            &self.exceptions,
            self.last_day,
            &mut drafting.notices,
        );
        if repetition.has_first {
            self.occurrence(entry, &title, &source, None, &times, drafting)?;
        }
        for begins in &repetition.others {
            let notices = &mut drafting.notices;
            match times::again(entry, begins, &times, &title, self.zones, notices) {
                Ok(times) => {
                    let source = [&source, "\n", &begins.name()].concat();
                    self.occurrence(entry, &title, &source, None, &times, drafting)?;
                }
                Err(reason) => notices.skip(&place, &title, reason),
            }
        }
        Ok(())
    }

    /// One session of an entry.
    fn occurrence(
        &mut self,
        entry: &Component,
        title: &str,
        source: &str,
        known: Option<keruen_domain::RecordId>,
        times: &Times,
        drafting: &mut Drafting,
    ) -> Result<(), ReadError> {
        let place = Place::Line(entry.line);
        let id = known.unwrap_or_else(|| drafting.id(Collection::SESSION, source));
        let mut record = drafting.begin_as(Collection::SESSION, id, title, place);
        let notices = &mut drafting.notices;
        record.set(fields::EVENT, self.event);
        record.times(span(times), notices);
        for (own, name, field) in [
            (None, "SUMMARY", fields::TITLE),
            (Some(own::ROOM), "LOCATION", fields::ROOM),
        ] {
            if let Some(property) = Self::property(entry, own, name) {
                record.line(field, language_of(property), &property.text(), notices);
            }
        }
        if let Some(property) = Self::property(entry, Some(own::ABSTRACT), "DESCRIPTION") {
            let (language, text) = (language_of(property), property.text());
            match known {
                Some(_) => record.own_block(fields::ABSTRACT, language, &text, notices),
                None => record.block(fields::ABSTRACT, language, &text, notices),
            }
        }
        if let Some(url) = entry.get("URL") {
            record.address(fields::URL, &url.text(), notices);
        }
        if is_cancelled(entry, known.is_some()) {
            record.set(fields::STATUS, SessionStatus::Cancelled.word());
        }
        let categories = text_of(entry, "CATEGORIES").unwrap_or_default();
        record.line(fields::TRACK, None, &categories, notices);
        if known.is_none() {
            if let Some(kind) = kind_of(&categories) {
                record.set(fields::KIND, kind.word());
            }
            self.attachments(entry, &mut record, drafting)?;
        }
        if drafting.push(record, source)? {
            self.note(times);
        }
        Ok(())
    }

    /// What calendars of ours say by itself, where the property that everybody reads says more.
    fn property<'e>(entry: &'e Component, own: Option<&str>, name: &str) -> Option<&'e Property> {
        own.and_then(|own| entry.get(own))
            .or_else(|| entry.get(name))
    }

    /// Links become materials; files that stand in the calendar itself do not.
    fn attachments(
        &self,
        entry: &Component,
        session: &mut crate::draft::RecordDraft,
        drafting: &mut Drafting,
    ) -> Result<(), ReadError> {
        for property in entry.all("ATTACH") {
            let url = property.text();
            let url = url.trim();
            let place = Place::Line(property.line);
            if !text::is_web_address(url) || url.len() > crate::limits::MAX_LINE_BYTES {
                let shown = text::shown(url);
                let reason = Reason::UnusableAddress(shown);
                drafting.notices.skip(&place, &session.label, reason);
                continue;
            }
            let title = property.parameter("FILENAME").unwrap_or(url);
            let mut record = drafting.begin(Collection::MATERIAL, url, title, place);
            let id = record.key.id;
            session.member(fields::MATERIALS, &id.to_string(), &mut drafting.notices);
            if drafting.holds(Collection::MATERIAL, id) {
                continue;
            }
            record.set(fields::KIND, "link");
            record.line(fields::TITLE, None, title, &mut drafting.notices);
            record.address(fields::URL, url, &mut drafting.notices);
            drafting.push(record, url)?;
        }
        Ok(())
    }

    fn note(&mut self, times: &Times) {
        if let Some(zone) = times.zone {
            match self.met.iter_mut().find(|(known, _)| *known == zone) {
                Some((_, count)) => *count += 1,
                None => self.met.push((zone, 1)),
            }
        }
        let first = times.start.day();
        // An end at midnight belongs to the day before.
        let last_ms = (times.end_ms - 1).max(times.start.unix_ms());
        let last = Moment::new(last_ms, i64::from(times.start.offset_minutes()));
        let last = last.map_or(first, Moment::day);
        self.days = Some(match self.days {
            Some((earliest, latest)) => (earliest.min(first), latest.max(last)),
            None => (first, last),
        });
    }

    pub(super) fn finish(self, drafting: &mut Drafting) -> Result<(), ReadError> {
        if let Some(origin) = self.origin {
            return origin.push_event(drafting);
        }
        let mut record = drafting.begin(Collection::EVENT, EVENT, self.title, Place::File);
        record.line(fields::TITLE, None, self.title, &mut drafting.notices);
        // The first of those met equally often, whatever the order of later entries.
        let mut most: Option<(Zone, usize)> = None;
        for (zone, count) in self.met {
            if most.is_none_or(|(_, greatest)| count > greatest) {
                most = Some((zone, count));
            }
        }
        let zone = self
            .zones
            .default
            .or(most.map(|(zone, _)| zone))
            .unwrap_or(Zone::UTC);
        record.set(fields::ZONE, zone.name());
        if let Some((first, last)) = self.days {
            record.set(fields::FIRST_DAY, first.to_string());
            record.set(fields::LAST_DAY, last.to_string());
        }
        drafting.push(record, EVENT).map(|_| ())
    }
}

/// Whether this entry was called off; one that names its session, not only because its event was.
fn is_cancelled(entry: &Component, is_known: bool) -> bool {
    entry.get("STATUS").is_some_and(|status| {
        let is_events = is_known && status.parameter(own::OF_EVENT).is_some();
        !is_events && status.text().trim().eq_ignore_ascii_case("CANCELLED")
    })
}

fn language_of(property: &Property) -> Option<Language> {
    property.parameter("LANGUAGE").and_then(Language::from_tag)
}

fn span(times: &Times) -> Span {
    Span {
        start: times.start,
        end_ms: times.end_ms,
    }
}
