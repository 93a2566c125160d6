use std::collections::HashMap;

use keruen_domain::model::{Moment, SessionKind, SessionStatus, fields};
use keruen_domain::{Collection, RecordId};

use super::{Form, is_status, open_entry, plain_line, set_of_words, translated, word};
use crate::draft::{Drafting, RecordDraft};
use crate::json::{Node, Object};
use crate::problem::{Notices, Place, ReadError, Reason};
use crate::text;
use crate::zone::{self, Doubt, Span, Written, Zone};

/// The events that were read, by their identifiers in the file.
#[derive(Default)]
pub(super) struct Events {
    zones: HashMap<String, Option<Zone>>,
}

pub(super) fn read_event(
    node: Node<'_>,
    events: &mut Events,
    drafting: &mut Drafting,
) -> Result<(), ReadError> {
    let label = super::label_of(&node, "title", "");
    let Some((mut object, source)) = open_entry(node, "title", drafting) else {
        return Ok(());
    };
    let mut record = drafting.begin(Collection::EVENT, &source, &label, object.place());
    let notices = &mut drafting.notices;
    translated(
        &mut object,
        "title",
        fields::TITLE,
        Form::Line,
        &mut record,
        notices,
    );
    translated(
        &mut object,
        "summary",
        fields::SUMMARY,
        Form::Block,
        &mut record,
        notices,
    );
    translated(
        &mut object,
        "city",
        fields::CITY,
        Form::Line,
        &mut record,
        notices,
    );
    translated(
        &mut object,
        "venue",
        fields::VENUE,
        Form::Line,
        &mut record,
        notices,
    );
    plain_line(&mut object, "region", fields::REGION, &mut record, notices);
    word(&mut object, fields::STATUS, is_status, &mut record, notices);
    let zone = read_zone(&mut object, &mut record, notices);
    for field in [fields::FIRST_DAY, fields::LAST_DAY] {
        read_day(&mut object, field, &mut record, notices);
    }
    set_of_words(&mut object, "sample", fields::SAMPLE, &mut record, notices);
    object.finish(notices);
    if drafting.push(record, &source)? {
        events.zones.insert(source, zone);
    }
    Ok(())
}

fn read_zone(
    object: &mut Object<'_>,
    record: &mut RecordDraft,
    notices: &mut Notices,
) -> Option<Zone> {
    let name = object.text(fields::ZONE, notices)?;
    let zone = Zone::find(&name);
    match zone {
        Some(zone) => record.set(fields::ZONE, zone.name()),
        None => {
            let reason = Reason::UnknownZone(text::shown(&name));
            notices.warn(&record.place, &record.label, reason);
        }
    }
    zone
}

fn read_day(
    object: &mut Object<'_>,
    field: &'static str,
    record: &mut RecordDraft,
    notices: &mut Notices,
) {
    let Some(written) = object.text(field, notices) else {
        return;
    };
    match zone::parse_date(&written) {
        Some(day) => record.set(field, day.to_string()),
        None => {
            let reason = Reason::BadTime(text::shown(&written));
            notices.warn(&record.place, &record.label, reason);
        }
    }
}

pub(super) fn read_session(
    node: Node<'_>,
    events: &Events,
    drafting: &mut Drafting,
) -> Result<(), ReadError> {
    let label = super::label_of(&node, "title", "");
    let Some((mut object, source)) = open_entry(node, "title", drafting) else {
        return Ok(());
    };
    let place = object.place();
    let name = if label.is_empty() { &source } else { &label };
    let mut record = drafting.begin(Collection::SESSION, &source, name, place.clone());
    let event = object
        .text("event", &mut drafting.notices)
        .unwrap_or_default();
    let Some(zone) = events.zones.get(event.trim()) else {
        let reason = Reason::UnknownReference(text::shown(&event));
        drafting.notices.skip(&place, name, reason);
        return Ok(());
    };
    record.set(fields::EVENT, drafting.id(Collection::EVENT, event.trim()));
    match read_times(&mut object, *zone, &place, name, &mut drafting.notices) {
        Ok(span) => record.times(span, &mut drafting.notices),
        Err(reason) => {
            drafting.notices.skip(&place, name, reason);
            return Ok(());
        }
    }
    if label.is_empty() {
        drafting.notices.skip(&place, name, Reason::MissingTitle);
        return Ok(());
    }
    let speakers = references(&mut object, "speakers", Collection::PERSON, drafting);
    let materials = references(&mut object, "materials", Collection::MATERIAL, drafting);
    let notices = &mut drafting.notices;
    for (set, members) in [(fields::SPEAKERS, speakers), (fields::MATERIALS, materials)] {
        for member in members {
            record.member(set, &member.to_string(), notices);
        }
    }
    translated(
        &mut object,
        "title",
        fields::TITLE,
        Form::Line,
        &mut record,
        notices,
    );
    translated(
        &mut object,
        "abstract",
        fields::ABSTRACT,
        Form::Block,
        &mut record,
        notices,
    );
    translated(
        &mut object,
        "room",
        fields::ROOM,
        Form::Line,
        &mut record,
        notices,
    );
    plain_line(&mut object, "track", fields::TRACK, &mut record, notices);
    let is_kind = |word: &str| SessionKind::from_word(word).is_some();
    word(&mut object, fields::KIND, is_kind, &mut record, notices);
    let is_status = |word: &str| SessionStatus::from_word(word).is_some();
    word(&mut object, fields::STATUS, is_status, &mut record, notices);
    if let Some(url) = object.text("url", notices) {
        record.address(fields::URL, &url, notices);
    }
    set_of_words(&mut object, "sample", fields::SAMPLE, &mut record, notices);
    object.finish(notices);
    drafting.push(record, &source).map(|_| ())
}

fn read_times(
    object: &mut Object<'_>,
    zone: Option<Zone>,
    place: &Place,
    label: &str,
    notices: &mut Notices,
) -> Result<Span, Reason> {
    let start = object.text("start", notices);
    let end = object.text("end", notices);
    let start = start.ok_or(Reason::MissingStart)?;
    let start = read_time(&start, zone, place, label, notices)?;
    let end_ms = match end {
        Some(end) => read_time(&end, zone, place, label, notices)?.unix_ms(),
        None => start.unix_ms(),
    };
    Ok(Span { start, end_ms })
}

fn read_time(
    written: &str,
    zone: Option<Zone>,
    place: &Place,
    label: &str,
    notices: &mut Notices,
) -> Result<Moment, Reason> {
    let shown = text::line(written);
    let bad = || Reason::BadTime(shown.clone());
    match zone::parse_iso(written).ok_or_else(bad)? {
        Written::Instant(instant) => {
            let zone = zone.unwrap_or(Zone::Fixed(*instant.offset()));
            zone.show(instant).ok_or_else(bad)
        }
        Written::Wall(wall) => {
            let zone = zone.ok_or(Reason::UnknownZone("of the event".to_owned()))?;
            let (moment, doubt) = zone.at(wall).ok_or_else(bad)?;
            match doubt {
                Some(Doubt::Twice) => notices.warn(place, label, Reason::AmbiguousTime(shown)),
                Some(Doubt::Never) => notices.warn(place, label, Reason::SkippedTime(shown)),
                None => {}
            }
            Ok(moment)
        }
    }
}

fn references(
    object: &mut Object<'_>,
    name: &'static str,
    collection: Collection,
    drafting: &mut Drafting,
) -> Vec<RecordId> {
    let mut found = Vec::new();
    for node in object.items(name, &mut drafting.notices) {
        let source = node.text().unwrap_or_default();
        let id = drafting.id(collection, source.trim());
        if drafting.holds(collection, id) {
            found.push(id);
        } else {
            let reason = Reason::UnknownReference(text::shown(&source));
            drafting.notices.warn(&node.place(), "", reason);
        }
    }
    found
}
