use std::collections::HashSet;

use keruen_domain::model::{SessionKind, fields};
use keruen_domain::{Collection, FieldKey, Language, PersonId, RecordId, SessionId};

use super::own::{Own, OwnSession};
use super::{Day, Entry, Link, Schedule, Speaker, times};
use crate::Options;
use crate::detect::Format;
use crate::draft::{Draft, Drafting, RecordDraft};
use crate::problem::{Notices, ReadError, ReadErrorKind, Reason};
use crate::text;
use crate::zone::{self, Zone};

pub(super) fn draft(
    schedule: Schedule,
    format: Format,
    notices: Notices,
    options: &Options<'_>,
) -> Result<Draft, ReadError> {
    let title = [schedule.title.as_str(), schedule.acronym.as_str()]
        .into_iter()
        .chain(options.fallback_title)
        .chain(options.name)
        .map(text::line)
        .find(|title| !title.is_empty())
        .unwrap_or_default();
    let name = [schedule.acronym.as_str(), schedule.title.as_str()];
    let name = options
        .name
        .into_iter()
        .chain(name)
        .map(text::line)
        .find(|name| !name.is_empty());
    let name = name.ok_or_else(|| {
        let what = "the conference's acronym or title";
        ReadError::new(schedule.place.clone(), ReadErrorKind::Missing(what))
    })?;
    let own = Own::of(&schedule, options);
    let mut drafting = match own {
        Some(own) => Drafting::of_own(format, own.programme.id),
        None => Drafting::new(format, &name, options),
    };
    drafting.notices = notices;
    let zone = Zone::find(&schedule.zone);
    if zone.is_none() && !schedule.zone.trim().is_empty() {
        let reason = Reason::UnknownZone(text::shown(&schedule.zone));
        drafting.notices.warn(&schedule.place, &title, reason);
    }
    let zone = zone.or_else(|| options.zone());
    match own {
        Some(own) => own.push_origin(&schedule, options, &mut drafting)?,
        None => {
            push_programme(&schedule, &title, &name, options, &mut drafting)?;
            push_event(&schedule, &title, zone, &mut drafting)?;
        }
    }
    let mut mapping = Mapping {
        event: own.map_or_else(
            || drafting.id(Collection::EVENT, EVENT),
            |own| own.event.id.into(),
        ),
        own,
        zone,
        origin: origin_of(&schedule.base_url),
        reported_people: HashSet::new(),
        drafting,
    };
    for day in &schedule.days {
        for entry in &day.entries {
            mapping.entry(entry, day)?;
        }
    }
    mapping.drafting.finish()
}

/// A frab schedule is one event; its identifier within its programme needs no other name.
const EVENT: &str = "event";

fn push_programme(
    schedule: &Schedule,
    title: &str,
    name: &str,
    options: &Options<'_>,
    drafting: &mut Drafting,
) -> Result<(), ReadError> {
    let place = schedule.place.clone();
    let mut record = drafting.begin(Collection::PROGRAMME, name, title, place);
    let notices = &mut drafting.notices;
    record.line(fields::TITLE, None, title, notices);
    for url in [&schedule.url, &schedule.base_url] {
        if text::is_web_address(url) {
            record.member(fields::SOURCES, url, notices);
        }
    }
    if options.public {
        record.set(fields::PUBLIC, true);
    }
    drafting.push(record, name).map(|_| ())
}

fn push_event(
    schedule: &Schedule,
    title: &str,
    zone: Option<Zone>,
    drafting: &mut Drafting,
) -> Result<(), ReadError> {
    let place = schedule.place.clone();
    let mut record = drafting.begin(Collection::EVENT, EVENT, title, place);
    let notices = &mut drafting.notices;
    record.line(fields::TITLE, None, title, notices);
    record.line(fields::CITY, None, &schedule.city, notices);
    record.line(fields::VENUE, None, &schedule.venue, notices);
    if let Some(zone) = zone {
        record.set(fields::ZONE, zone.name());
    }
    let dates = || schedule.days.iter().filter_map(day_date);
    let first = zone::parse_date(&schedule.start).or_else(|| dates().min());
    let last = zone::parse_date(&schedule.end).or_else(|| dates().max());
    for (field, day) in [(fields::FIRST_DAY, first), (fields::LAST_DAY, last)] {
        if let Some(day) = day {
            record.set(field, day.to_string());
        }
    }
    drafting.push(record, EVENT).map(|_| ())
}

fn day_date(day: &Day) -> Option<chrono::NaiveDate> {
    zone::parse_date(&day.date)
}

struct Mapping<'a> {
    /// The records that the schedule was written from, if it is one of ours.
    own: Option<&'a Own>,
    drafting: Drafting,
    event: RecordId,
    zone: Option<Zone>,
    origin: Option<String>,
    reported_people: HashSet<String>,
}

impl Mapping<'_> {
    fn entry(&mut self, entry: &Entry, day: &Day) -> Result<(), ReadError> {
        if let Some((id, own)) = self.own.and_then(|own| own.session(entry)) {
            return self.own_entry(entry, id, own);
        }
        let title = text::line(&entry.title);
        let notices = &mut self.drafting.notices;
        if title.is_empty() {
            notices.skip(&entry.place, &entry.guid, Reason::MissingTitle);
            return Ok(());
        }
        let span = match times::span(entry, day, self.zone, notices) {
            Ok(span) => span,
            Err(reason) => {
                notices.skip(&entry.place, &title, reason);
                return Ok(());
            }
        };
        let source = source_of(entry).unwrap_or_else(|| {
            notices.warn(&entry.place, &title, Reason::MissingId);
            format!("made\n{}\n{title}", span.start.unix_ms())
        });
        let place = entry.place.clone();
        let mut record = self
            .drafting
            .begin(Collection::SESSION, &source, &title, place);
        if self.drafting.holds(Collection::SESSION, record.key.id) {
            let reason = Reason::DuplicateId(text::shown(&source));
            self.drafting.notices.skip(&entry.place, &title, reason);
            return Ok(());
        }
        record.set(fields::EVENT, self.event);
        let notices = &mut self.drafting.notices;
        record.times(span, notices);
        let language = Language::from_tag(entry.language.trim());
        record.line(fields::TITLE, language, &title, notices);
        record.block(fields::ABSTRACT, language, &abstract_of(entry), notices);
        record.line(fields::ROOM, None, &entry.room, notices);
        record.line(fields::TRACK, None, &entry.track, notices);
        record.line(fields::LANGUAGE, None, &entry.language, notices);
        if let Some(kind) = kind_of(&entry.kind) {
            record.set(fields::KIND, kind.word());
        }
        if let Some(url) = self.absolute(&entry.url) {
            record.address(fields::URL, &url, &mut self.drafting.notices);
        }
        for person in &entry.persons {
            self.speaker(person, entry, &mut record)?;
        }
        for link in &entry.links {
            self.link(link, entry, &mut record)?;
        }
        self.drafting.push(record, &source).map(|_| ())
    }

    /// An entry of a schedule of ours. Its people come with it, its links are left as they are.
    fn own_entry(
        &mut self,
        entry: &Entry,
        id: SessionId,
        own: &OwnSession,
    ) -> Result<(), ReadError> {
        let drafting = &mut self.drafting;
        let title = text::line(&entry.title);
        let place = entry.place.clone();
        let mut record = drafting.begin_as(Collection::SESSION, id.into(), &title, place);
        record.set(fields::EVENT, self.event);
        if let Err(reason) = own.fill(entry, &mut record, drafting) {
            drafting.notices.skip(&entry.place, &title, reason);
            return Ok(());
        }
        for person in &entry.persons {
            let name = text::line(&person.name);
            let id: Option<PersonId> = person.key.trim().parse().ok();
            let Some(id) = id.filter(|id| !drafting.holds(Collection::PERSON, (*id).into())) else {
                continue;
            };
            let place = entry.place.clone();
            let mut card = drafting.begin_as(Collection::PERSON, id.into(), &name, place);
            card.line(fields::NAME, None, &name, &mut drafting.notices);
            if !name.is_empty() {
                drafting.push(card, &person.key)?;
            }
        }
        drafting.push(record, &entry.guid).map(|_| ())
    }

    fn speaker(
        &mut self,
        person: &Speaker,
        entry: &Entry,
        session: &mut RecordDraft,
    ) -> Result<(), ReadError> {
        let name = text::line(&person.name);
        if name.is_empty() {
            return Ok(());
        }
        let source = if person.key.trim().is_empty() {
            if self.reported_people.insert(name.clone()) {
                let notices = &mut self.drafting.notices;
                notices.warn_once(&entry.place, &name, Reason::MissingId);
            }
            format!("made\n{name}")
        } else {
            person.key.trim().to_owned()
        };
        let place = entry.place.clone();
        let mut record = self
            .drafting
            .begin(Collection::PERSON, &source, &name, place);
        let id = record.key.id;
        session.member(
            fields::SPEAKERS,
            &id.to_string(),
            &mut self.drafting.notices,
        );
        if let Some(known) = self.drafting.record_mut(Collection::PERSON, id) {
            // Not every mention of a person has the biography.
            if known
                .fields
                .contains_key(&FieldKey::register(fields::SUMMARY))
            {
                return Ok(());
            }
            let mut filled = known.clone();
            filled.block(
                fields::SUMMARY,
                None,
                &person.biography,
                &mut self.drafting.notices,
            );
            if let Some(known) = self.drafting.record_mut(Collection::PERSON, id) {
                *known = filled;
            }
            return Ok(());
        }
        let notices = &mut self.drafting.notices;
        record.line(fields::NAME, None, &name, notices);
        record.block(fields::SUMMARY, None, &person.biography, notices);
        self.drafting.push(record, &source).map(|_| ())
    }

    /// Links of several sessions to one page are one material.
    fn link(
        &mut self,
        link: &Link,
        entry: &Entry,
        session: &mut RecordDraft,
    ) -> Result<(), ReadError> {
        if link.url.trim().is_empty() {
            return Ok(());
        }
        let url = self.absolute(&link.url).unwrap_or_else(|| link.url.clone());
        let url = url.trim();
        let notices = &mut self.drafting.notices;
        if !text::is_web_address(url) || url.len() > crate::limits::MAX_LINE_BYTES {
            let shown = text::shown(url);
            notices.skip(&entry.place, &entry.title, Reason::UnusableAddress(shown));
            return Ok(());
        }
        let title = text::line(&link.title);
        let title = if title.is_empty() { url } else { &title };
        let place = entry.place.clone();
        let mut record = self.drafting.begin(Collection::MATERIAL, url, title, place);
        let id = record.key.id;
        session.member(
            fields::MATERIALS,
            &id.to_string(),
            &mut self.drafting.notices,
        );
        if self.drafting.holds(Collection::MATERIAL, id) {
            return Ok(());
        }
        let notices = &mut self.drafting.notices;
        record.set(fields::KIND, "link");
        record.line(fields::TITLE, None, title, notices);
        record.address(fields::URL, url, notices);
        self.drafting.push(record, url).map(|_| ())
    }

    /// An address as it stands, or one without a host completed by the schedule's.
    fn absolute(&self, url: &str) -> Option<String> {
        let url = url.trim();
        match &self.origin {
            _ if text::is_web_address(url) => Some(url.to_owned()),
            Some(origin) if url.starts_with('/') && !url.starts_with("//") => {
                Some([origin, url].concat())
            }
            _ => None,
        }
    }
}

/// A `guid` is unique everywhere; an `id` where there is none; a `code` as pretalx writes it.
fn source_of(entry: &Entry) -> Option<String> {
    let guid = entry.guid.trim();
    if !guid.is_empty() {
        return Some(guid.to_ascii_lowercase());
    }
    for (prefix, id) in [("id:", &entry.id), ("code:", &entry.code)] {
        if !id.trim().is_empty() {
            return Some([prefix, id.trim()].concat());
        }
    }
    None
}

fn abstract_of(entry: &Entry) -> String {
    let subtitle = text::line(&entry.subtitle);
    let summary = text::block(&entry.summary);
    let description = text::block(&entry.description);
    let mut parts = Vec::new();
    if !subtitle.is_empty() && subtitle != text::line(&entry.title) {
        parts.push(subtitle);
    }
    // Programs that have one text write it twice, or the first lines of it.
    if !summary.is_empty() && !description.starts_with(&summary) {
        parts.push(summary);
    }
    if !description.is_empty() {
        parts.push(description);
    }
    parts.join("\n\n")
}

/// What a session's type, a free text, most likely means.
pub(crate) fn kind_of(text: &str) -> Option<SessionKind> {
    let text = text.to_lowercase();
    if let Some(kind) = SessionKind::from_word(text.trim()) {
        return Some(kind);
    }
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    Some(match () {
        () if text.trim().is_empty() => return None,
        () if says(&[
            "workshop",
            "tutorial",
            "hands-on",
            "мастер-класс",
            "практикум",
        ]) =>
        {
            SessionKind::Workshop
        }
        () if says(&[
            "break",
            "lunch",
            "coffee",
            "dinner",
            "meal",
            "перерыв",
            "обед",
            "үзіліс",
        ]) =>
        {
            SessionKind::Break
        }
        () if says(&["opening", "открытие", "ашылу"]) => SessionKind::Opening,
        () if says(&["closing", "закрытие", "жабылу"]) => SessionKind::Closing,
        () if says(&[
            "panel",
            "discussion",
            "podium",
            "bof",
            "meeting",
            "meetup",
            "дискуссия",
            "круглый стол",
            "талқылау",
        ]) =>
        {
            SessionKind::Discussion
        }
        () if says(&["lightning", "knowledge sharing", "обмен опытом"]) => {
            SessionKind::KnowledgeSharing
        }
        () if says(&["exhibition", "poster", "выставка", "көрме"]) => {
            SessionKind::Exhibition
        }
        () if says(&["excursion", "field trip", "site visit", "экскурсия"]) => {
            SessionKind::SiteVisit
        }
        () if says(&[
            "talk",
            "lecture",
            "keynote",
            "presentation",
            "plenary",
            "лекция",
            "доклад",
            "дәріс",
            "баяндама",
        ]) =>
        {
            SessionKind::Lecture
        }
        () => return None,
    })
}

fn origin_of(base_url: &str) -> Option<String> {
    let base_url = base_url.trim();
    if !text::is_web_address(base_url) {
        return None;
    }
    let host = base_url.find("://")? + 3;
    let end = base_url[host..]
        .find('/')
        .map_or(base_url.len(), |end| host + end);
    Some(base_url[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_understood_where_they_can_be() {
        assert_eq!(
            kind_of("Long talk (45 minutes)"),
            Some(SessionKind::Lecture)
        );
        assert_eq!(
            kind_of("Lightning Talks"),
            Some(SessionKind::KnowledgeSharing)
        );
        assert_eq!(kind_of("BoF"), Some(SessionKind::Discussion));
        assert_eq!(kind_of("Performance"), None);
        assert_eq!(kind_of(""), None);
    }

    #[test]
    fn origins_end_at_the_host() {
        assert_eq!(
            origin_of("https://e.org/a/b").as_deref(),
            Some("https://e.org")
        );
        assert_eq!(origin_of("https://e.org").as_deref(), Some("https://e.org"));
        assert_eq!(origin_of("/a"), None);
    }
}
