//! From talks and slots to records.

mod sessions;
mod times;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use keruen_domain::model::{Moment, SessionKind, SessionStatus, fields};
use keruen_domain::{Collection, Language, RecordId};

use super::words::Words;
use super::{Lists, id_of};
use crate::Options;
use crate::detect::Format;
use crate::draft::{Draft, Drafting, RecordDraft};
use crate::json::Node;
use crate::problem::{Notices, Place, ReadError, ReadErrorKind, Reason};
use crate::text;
use crate::zone::{self, Span, Zone};
use sessions::lines;

pub(super) fn draft(
    lists: &Lists<'_>,
    notices: Notices,
    options: &Options<'_>,
) -> Result<Draft, ReadError> {
    let event = lists.root.get("event");
    let titled = |node: &Node<'_>| Words::member(node, "name", None);
    let title = event.as_ref().map(titled).unwrap_or_default();
    let slug = event.as_ref().map(|event| event.text_of("slug"));
    let label = title.label();
    let named = slug
        .map(|slug| text::line(&slug))
        .filter(|slug| !slug.is_empty())
        .or_else(|| Some(label.clone()).filter(|label| !label.is_empty()));
    let name = options.name.map(text::line).or_else(|| named.clone());
    let name = name.or_else(|| options.fallback_title.map(text::line));
    let name = name.filter(|name| !name.is_empty()).ok_or_else(|| {
        let what = "`event` with its `slug` (or give a name with `--as NAME`)";
        ReadError::of_file(ReadErrorKind::Missing(what))
    })?;
    let mut drafting = Drafting::new(Format::Pretalx, &name, options);
    drafting.notices = notices;
    if named.is_none() && options.name.is_none() {
        drafting
            .notices
            .warn(&Place::File, &name, Reason::UnnamedFile);
    }
    if lists.is_partial {
        drafting.holds_a_part();
    }
    let title = if label.is_empty() {
        Words(vec![(None, name.clone())])
    } else {
        title
    };
    let zone = zone_of(lists, event.as_ref(), &mut drafting.notices);
    let zone = zone.or_else(|| options.zone());
    let mut mapping = Mapping {
        lists,
        zone,
        event: drafting.id(Collection::EVENT, EVENT),
        days: None,
        slots: HashMap::new(),
        drafting,
    };
    mapping.programme(&title, &name, options)?;
    mapping.event(&title, event.as_ref())?;
    mapping.slots = slots_by_talk(lists);
    for talk in &lists.talks {
        mapping.talk(talk)?;
    }
    for slot in &lists.slots {
        mapping.lone_slot(slot)?;
    }
    mapping.finish(event.as_ref())
}

/// A conference is one event; its identifier within its programme needs no other name.
const EVENT: &str = "event";

fn zone_of(lists: &Lists<'_>, event: Option<&Node<'_>>, notices: &mut Notices) -> Option<Zone> {
    let nodes = event.into_iter().chain([&lists.root]);
    let name = nodes.filter_map(|node| node.get("timezone")).next()?;
    let written = name.text().unwrap_or_default();
    let zone = Zone::find(&written);
    if zone.is_none() && !written.trim().is_empty() {
        let reason = Reason::UnknownZone(text::shown(&written));
        notices.warn(&name.place(), "", reason);
    }
    zone
}

/// Slots that stand beside the talks and name them.
fn slots_by_talk<'a>(lists: &Lists<'a>) -> HashMap<String, Vec<Node<'a>>> {
    let mut slots: HashMap<String, Vec<Node<'a>>> = HashMap::new();
    for slot in &lists.slots {
        let Some(talk) = slot.get("submission") else {
            continue;
        };
        if let Some(code) = talk.text().or_else(|| id_of(&talk)) {
            slots.entry(code).or_default().push(slot.clone());
        }
    }
    slots
}

struct Mapping<'a, 'l> {
    lists: &'l Lists<'a>,
    zone: Option<Zone>,
    event: RecordId,
    days: Option<(NaiveDate, NaiveDate)>,
    /// By the codes of their talks.
    slots: HashMap<String, Vec<Node<'a>>>,
    drafting: Drafting,
}

impl<'a> Mapping<'a, '_> {
    fn programme(
        &mut self,
        title: &Words,
        name: &str,
        options: &Options<'_>,
    ) -> Result<(), ReadError> {
        let drafting = &mut self.drafting;
        let label = title.label();
        let mut record = drafting.begin(Collection::PROGRAMME, name, &label, Place::File);
        lines(&mut record, fields::TITLE, title, &mut drafting.notices);
        if options.public {
            record.set(fields::PUBLIC, true);
        }
        drafting.push(record, name).map(drop)
    }

    fn event(&mut self, title: &Words, event: Option<&Node<'_>>) -> Result<(), ReadError> {
        let drafting = &mut self.drafting;
        let place = event.map_or(Place::File, Node::place);
        let mut record = drafting.begin(Collection::EVENT, EVENT, &title.label(), place);
        lines(&mut record, fields::TITLE, title, &mut drafting.notices);
        if let Some(zone) = self.zone {
            record.set(fields::ZONE, zone.name());
        }
        drafting.push(record, EVENT).map(drop)
    }

    fn talk(&mut self, talk: &Node<'a>) -> Result<(), ReadError> {
        let locale = Language::from_tag(&talk.text_of("content_locale"));
        let title = Words::member(talk, "title", locale);
        let label = title.label();
        let place = talk.place();
        if !talk.value.is_object() || label.is_empty() {
            let code = id_of(talk).unwrap_or_default();
            self.drafting
                .notices
                .skip(&place, &code, Reason::MissingTitle);
            return Ok(());
        }
        let state = talk
            .get("state")
            .map(|state| (state.place(), Words::of(&state, None).label()));
        let mut is_cancelled = false;
        match &state {
            Some((_, state)) if matches!(state.as_str(), "canceled" | "cancelled") => {
                is_cancelled = true;
            }
            Some((place, state)) if !is_programme(state) => {
                let reason = Reason::NotAccepted(text::shown(state));
                self.drafting.notices.skip(place, &label, reason);
                return Ok(());
            }
            _ => {}
        }
        let code = id_of(talk);
        let mut slots = own_slots(talk, self.lists);
        if let Some(beside) = code.as_ref().and_then(|code| self.slots.remove(code)) {
            slots.extend(beside);
        }
        slots.retain(|slot| slot.get("start").is_some());
        if slots.is_empty() {
            self.drafting
                .notices
                .skip(&place, &label, Reason::MissingStart);
            return Ok(());
        }
        let mut taken = HashSet::new();
        for slot in slots {
            let span = match self.span(&slot, talk, &label) {
                Ok(span) => span,
                Err(reason) => {
                    self.drafting.notices.skip(&slot.place(), &label, reason);
                    continue;
                }
            };
            // The same slot may stand in the talk and beside it.
            if taken.contains(&span.start) {
                continue;
            }
            let source = match &code {
                Some(code) if taken.is_empty() => code.clone(),
                Some(code) => format!("{code}\n{}", span.start.unix_ms()),
                None => {
                    self.drafting
                        .notices
                        .warn(&place, &label, Reason::MissingId);
                    format!("made\n{}\n{label}", span.start.unix_ms())
                }
            };
            taken.insert(span.start);
            let place = place.clone();
            let drafting = &mut self.drafting;
            let mut record = drafting.begin(Collection::SESSION, &source, &label, place.clone());
            if drafting.holds(Collection::SESSION, record.key.id) {
                let reason = Reason::DuplicateId(text::shown(&source));
                drafting.notices.skip(&place, &label, reason);
                continue;
            }
            self.fill(&mut record, talk, &slot, span, &title, locale)?;
            if is_cancelled {
                record.set(fields::STATUS, SessionStatus::Cancelled.word());
            }
            self.push(record, &source, span)?;
        }
        Ok(())
    }

    /// A slot without a talk is a break; one with a talk that is in no list brings it along.
    fn lone_slot(&mut self, slot: &Node<'a>) -> Result<(), ReadError> {
        if let Some(talk) = slot.get("submission") {
            let code = talk.text().or_else(|| id_of(&talk)).unwrap_or_default();
            if !self.slots.contains_key(&code) {
                return Ok(());
            }
            if talk.value.is_object() {
                return self.talk(&talk);
            }
            let reason = Reason::UnknownReference(text::shown(&code));
            self.drafting.notices.skip(&slot.place(), "", reason);
            return Ok(());
        }
        let title = Words::member(slot, "description", None);
        let label = title.label();
        if label.is_empty() {
            // Time that is kept free.
            return Ok(());
        }
        let span = match self.span(slot, slot, &label) {
            Ok(span) => span,
            Err(reason) => {
                self.drafting.notices.skip(&slot.place(), &label, reason);
                return Ok(());
            }
        };
        let source = match id_of(slot) {
            Some(id) => ["slot:", &id].concat(),
            None => format!("made\n{}\n{label}", span.start.unix_ms()),
        };
        let drafting = &mut self.drafting;
        let mut record = drafting.begin(Collection::SESSION, &source, &label, slot.place());
        record.set(fields::EVENT, self.event);
        record.times(span, &mut drafting.notices);
        lines(&mut record, fields::TITLE, &title, &mut drafting.notices);
        let kind = crate::frab::kind_of(&label).unwrap_or(SessionKind::Break);
        record.set(fields::KIND, kind.word());
        self.room(&mut record, slot);
        self.push(record, &source, span)
    }

    fn push(&mut self, record: RecordDraft, source: &str, span: Span) -> Result<(), ReadError> {
        if self.drafting.push(record, source)? {
            let first = span.start.day();
            // An end at midnight belongs to the day before.
            let last_ms = (span.end_ms - 1).max(span.start.unix_ms());
            let last = Moment::new(last_ms, i64::from(span.start.offset_minutes()));
            let last = last.map_or(first, Moment::day);
            self.days = Some(match self.days {
                Some((earliest, latest)) => (earliest.min(first), latest.max(last)),
                None => (first, last),
            });
        }
        Ok(())
    }

    fn finish(mut self, event: Option<&Node<'_>>) -> Result<Draft, ReadError> {
        let nodes: Vec<&Node<'_>> = event.into_iter().chain([&self.lists.root]).collect();
        let said = |names: [&str; 2]| {
            let texts = nodes
                .iter()
                .flat_map(|node| names.map(|name| node.text_of(name)));
            texts.filter_map(|text| zone::parse_date(&text)).next()
        };
        let first = said(["date_from", "event_start"]).or(self.days.map(|(first, _)| first));
        let last = said(["date_to", "event_end"]).or(self.days.map(|(_, last)| last));
        if let Some(record) = self.drafting.record_mut(Collection::EVENT, self.event) {
            for (field, day) in [(fields::FIRST_DAY, first), (fields::LAST_DAY, last)] {
                if let Some(day) = day {
                    record.set(field, day.to_string());
                }
            }
        }
        self.drafting.finish()
    }
}

/// Whether a talk in this state is of the programme.
fn is_programme(state: &str) -> bool {
    matches!(state, "" | "accepted" | "confirmed")
}

/// The slots that a talk itself has: inside, by their identifiers, or in its own fields.
fn own_slots<'a>(talk: &Node<'a>, lists: &Lists<'a>) -> Vec<Node<'a>> {
    let mut slots: Vec<Node<'a>> = talk.get("slot").into_iter().collect();
    for slot in talk.get("slots").iter().flat_map(Node::items) {
        match slot.text() {
            Some(id) => slots.extend(lists.slots_by_id.get(id.trim()).cloned()),
            None => slots.push(slot),
        }
    }
    if talk.get("start").is_some() {
        slots.push(talk.clone());
    }
    slots
}
