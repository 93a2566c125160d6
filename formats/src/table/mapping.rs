use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use keruen_domain::model::{Moment, fields};
use keruen_domain::{
    Collection, FieldKey, Language, PersonId, ProgrammeId, RecordId, SessionId, Value,
};

use super::cells::{Row, Table};
use super::columns::{Column, Heading, LANGUAGES};
use super::{people, times, words};
use crate::Options;
use crate::detect::Format;
use crate::draft::{Draft, Drafting, RecordDraft};
use crate::identity::own;
use crate::problem::{Place, ReadError, ReadErrorKind, Reason};
use crate::text;
use crate::zone::{Span, Zone};

pub(super) fn draft(
    table: &Table,
    notices: crate::problem::Notices,
    options: &Options<'_>,
) -> Result<Draft, ReadError> {
    let rows: Vec<&Row> = table.rows.iter().filter(|row| !row.is_empty()).collect();
    let first = *rows.first().ok_or_else(|| {
        ReadError::new(
            Place::Line(1),
            ReadErrorKind::Missing("any row of a session"),
        )
    })?;
    let named = title(table, first, Column::Programme);
    let name = options.name.map(text::line).or_else(|| named.clone());
    let name = name.or_else(|| options.fallback_title.map(text::line));
    // Whoever names the programme wants that one, whatever the file says.
    let origin = rows.iter().find_map(|row| origin(table, row));
    let origin = origin.filter(|_| options.name.is_none());
    let mut drafting = match (origin, &name) {
        (Some(programme), _) => Drafting::of_own(Format::Csv, programme),
        (None, Some(name)) => Drafting::new(Format::Csv, name),
        (None, None) => {
            let what = "a column with the programme's name (or give one with `--as NAME`)";
            return Err(ReadError::new(Place::Line(1), ReadErrorKind::Missing(what)));
        }
    };
    drafting.notices = notices;
    let name = name.unwrap_or_default();
    if origin.is_none() && named.is_none() && options.name.is_none() {
        let reason = Reason::UnnamedFile;
        drafting.notices.warn(&Place::File, &name, reason);
    }
    let mut mapping = Mapping {
        table,
        origin,
        otherwise: options.zone(),
        above: None,
        events: HashMap::new(),
        order: Vec::new(),
        title: named.clone().unwrap_or_else(|| name.clone()),
        drafting,
    };
    mapping.programme(first, &name, named.is_some(), options)?;
    for row in rows {
        mapping.row(row)?;
    }
    mapping.finish()
}

/// What a translated column says first, in whatever language.
fn title(table: &Table, row: &Row, column: Column) -> Option<String> {
    let headings = LANGUAGES
        .iter()
        .rev()
        .map(|language| Heading::new(column, *language));
    headings
        .map(|heading| text::line(&table.cell(row, heading)))
        .find(|title| !title.is_empty())
}

/// The programme that a row of ours came from.
fn origin(table: &Table, row: &Row) -> Option<ProgrammeId> {
    let columns = [Column::EventId, Column::Id];
    let mut ids = columns.into_iter().map(|column| table.line(row, column));
    ids.find_map(|id| own::parse(&id).map(|(_, programme)| programme))
}

/// What a row leaves out and the one above it says, as in cells that were joined.
#[derive(Clone)]
struct Above {
    event: RecordId,
    day: Option<NaiveDate>,
}

struct EventDays {
    zone: Option<Zone>,
    days: Option<(NaiveDate, NaiveDate)>,
    is_own: bool,
}

struct Mapping<'a> {
    table: &'a Table,
    origin: Option<ProgrammeId>,
    /// The zone of events that name none.
    otherwise: Option<Zone>,
    above: Option<Above>,
    events: HashMap<RecordId, EventDays>,
    order: Vec<RecordId>,
    title: String,
    drafting: Drafting,
}

impl Mapping<'_> {
    fn programme(
        &mut self,
        row: &Row,
        name: &str,
        is_named: bool,
        options: &Options<'_>,
    ) -> Result<(), ReadError> {
        let drafting = &mut self.drafting;
        let place = Place::Line(row.line);
        let label = self.title.clone();
        let mut record = match self.origin {
            Some(programme) => {
                drafting.begin_as(Collection::PROGRAMME, programme.into(), &label, place)
            }
            None => drafting.begin(Collection::PROGRAMME, name, &label, place),
        };
        translated(
            self.table,
            row,
            Column::Programme,
            fields::TITLE,
            &mut record,
            drafting,
        );
        if !is_named && self.origin.is_none() {
            record.line(fields::TITLE, None, name, &mut drafting.notices);
        }
        if options.public {
            record.set(fields::PUBLIC, true);
        }
        drafting.push(record, name).map(drop)
    }

    fn row(&mut self, row: &Row) -> Result<(), ReadError> {
        let label = title(self.table, row, Column::Title).unwrap_or_default();
        let event = self.event(row)?;
        let day = match self.day(row) {
            Ok(day) => day,
            Err(reason) => {
                self.skip(row, Column::Day, &label, reason);
                return Ok(());
            }
        };
        self.above = Some(Above { event, day });
        if label.is_empty() {
            // A heading between the rows, or a note under them.
            self.skip(row, Column::Title, "", Reason::MissingTitle);
            return Ok(());
        }
        let zone = self.events.get(&event).and_then(|event| event.zone);
        let cell = |column| self.table.line(row, column);
        let (start, end) = (cell(Column::Start), cell(Column::End));
        let times = match times::read(day, &start, &end, zone) {
            Ok(times) => times,
            Err(reason) => {
                let is_of_end =
                    matches!(&reason, Reason::BadTime(text) if *text == text::shown(&end));
                let column = if is_of_end {
                    Column::End
                } else {
                    Column::Start
                };
                self.skip(row, column, &label, reason);
                return Ok(());
            }
        };
        let heading = Heading::plain(Column::Start);
        let place = self.table.place(row, heading);
        for doubt in &times.doubts {
            let notices = &mut self.drafting.notices;
            match doubt {
                Reason::NoZone => notices.warn_once(&place, &label, Reason::NoZone),
                doubt => notices.warn(&place, &label, doubt.clone()),
            }
        }
        self.session(row, &label, event, &times)
    }

    fn skip(&mut self, row: &Row, column: Column, label: &str, reason: Reason) {
        let place = LANGUAGES
            .iter()
            .map(|language| Heading::new(column, *language))
            .find(|heading| self.table.has(*heading))
            .map_or(Place::Line(row.line), |heading| {
                self.table.place(row, heading)
            });
        self.drafting.notices.skip(&place, label, reason);
    }

    /// A row's day, or the one above it.
    fn day(&self, row: &Row) -> Result<Option<NaiveDate>, Reason> {
        let written = self.table.line(row, Column::Day);
        if written.is_empty() {
            return Ok(self.above.as_ref().and_then(|above| above.day));
        }
        let day = times::day_of(&written)?;
        day.map(Some)
            .ok_or_else(|| Reason::BadTime(text::shown(&written)))
    }

    /// The event that a row names, or the one above it, or the only one.
    fn event(&mut self, row: &Row) -> Result<RecordId, ReadError> {
        let written_id = self.table.line(row, Column::EventId);
        let own_id = own::parse(&written_id)
            .filter(|(_, programme)| Some(*programme) == self.origin)
            .map(|(event, _)| event);
        let mut said = [Column::Event, Column::City].into_iter();
        let said = said.find_map(|column| title(self.table, row, column));
        if let (None, None, true, Some(above)) = (own_id, &said, written_id.is_empty(), &self.above)
        {
            return Ok(above.event);
        }
        let source = match &said {
            _ if own_id.is_none() && !written_id.is_empty() => written_id,
            Some(said) => said.clone(),
            None => EVENT.to_owned(),
        };
        let drafting = &self.drafting;
        let id = own_id.unwrap_or_else(|| drafting.id(Collection::EVENT, &source));
        if self.events.contains_key(&id) {
            return Ok(id);
        }
        let label = said.clone().unwrap_or_else(|| self.title.clone());
        let place = Place::Line(row.line);
        let mut record = drafting.begin_as(Collection::EVENT, id, &label, place);
        for (column, field) in [
            (Column::Event, fields::TITLE),
            (Column::City, fields::CITY),
            (Column::Venue, fields::VENUE),
        ] {
            translated(
                self.table,
                row,
                column,
                field,
                &mut record,
                &mut self.drafting,
            );
        }
        if own_id.is_none() && title(self.table, row, Column::Event).is_none() {
            record.line(fields::TITLE, None, &label, &mut self.drafting.notices);
        }
        let zone = self.zone(row, &label, own_id.is_some());
        if let Some(zone) = zone {
            record.set(fields::ZONE, zone.name());
        }
        self.events.insert(
            id,
            EventDays {
                zone,
                days: None,
                is_own: own_id.is_some(),
            },
        );
        self.order.push(id);
        self.drafting.push(record, &source)?;
        Ok(id)
    }

    fn zone(&mut self, row: &Row, label: &str, is_own: bool) -> Option<Zone> {
        let written = self.table.line(row, Column::Zone);
        let zone = Zone::find(&written);
        if zone.is_none() && !written.is_empty() {
            let place = self.table.place(row, Heading::plain(Column::Zone));
            let reason = Reason::UnknownZone(text::shown(&written));
            self.drafting.notices.warn(&place, label, reason);
        }
        let above = || {
            let above = self.above.as_ref()?;
            self.events.get(&above.event)?.zone
        };
        zone.or_else(|| above().or(self.otherwise).filter(|_| !is_own))
    }

    fn session(
        &mut self,
        row: &Row,
        label: &str,
        event: RecordId,
        times: &times::Times,
    ) -> Result<(), ReadError> {
        let table = self.table;
        let written_id = table.line(row, Column::Id);
        let known: Option<SessionId> = own::parse(&written_id)
            .filter(|(_, programme)| Some(*programme) == self.origin)
            .map(|(session, _)| session.into());
        let place = Place::Line(row.line);
        let source = if written_id.is_empty() {
            self.drafting
                .notices
                .warn_once(&place, label, Reason::MissingId);
            format!("made\n{}\n{label}", times.start.unix_ms())
        } else {
            written_id
        };
        let id = known.map_or_else(
            || self.drafting.id(Collection::SESSION, &source),
            RecordId::from,
        );
        let mut record = self
            .drafting
            .begin_as(Collection::SESSION, id, label, place.clone());
        if self.drafting.holds(Collection::SESSION, id) {
            let reason = Reason::DuplicateId(text::shown(&source));
            self.drafting.notices.skip(&place, label, reason);
            return Ok(());
        }
        record.set(fields::EVENT, event);
        let end = times.end.unwrap_or(times.start);
        let span = Span {
            start: times.start,
            end_ms: end.unix_ms(),
        };
        record.times(span, &mut self.drafting.notices);
        if times.end.is_none() && known.is_some() {
            // Nobody said when it ends, or somebody took that out.
            record.set(fields::END, Value::Nothing);
        }
        for (column, field) in [
            (Column::Title, fields::TITLE),
            (Column::Room, fields::ROOM),
            (Column::Abstract, fields::ABSTRACT),
        ] {
            translated(table, row, column, field, &mut record, &mut self.drafting);
        }
        self.words(row, &mut record);
        if known.is_some() {
            empty(table, row, &mut record);
        }
        self.speakers(row, known, &mut record)?;
        if self.drafting.push(record, &source)? {
            self.note(event, times.start, end);
        }
        Ok(())
    }

    fn words(&mut self, row: &Row, record: &mut RecordDraft) {
        let table = self.table;
        let notices = &mut self.drafting.notices;
        let kind = table.line(row, Column::Kind);
        let status = table.line(row, Column::Status);
        for (column, field, written, word) in [
            (
                Column::Kind,
                fields::KIND,
                &kind,
                words::find_kind(&kind).map(|kind| kind.word()),
            ),
            (
                Column::Status,
                fields::STATUS,
                &status,
                words::find_status(&status).map(|status| status.word()),
            ),
        ] {
            match word {
                Some(word) => record.set(field, word),
                None if written.is_empty() => {}
                None => {
                    let place = table.place(row, Heading::plain(column));
                    let reason = Reason::UnknownWord(text::shown(written));
                    notices.warn(&place, &record.label, reason);
                }
            }
        }
        record.line(
            fields::TRACK,
            None,
            &table.line(row, Column::Track),
            notices,
        );
        record.line(
            fields::LANGUAGE,
            None,
            &table.line(row, Column::Language),
            notices,
        );
        record.address(fields::URL, &table.line(row, Column::Url), notices);
    }

    /// People by their names. A table of ours says who is who; whoever was taken out of it speaks no longer.
    fn speakers(
        &mut self,
        row: &Row,
        known: Option<SessionId>,
        session: &mut RecordDraft,
    ) -> Result<(), ReadError> {
        let table = self.table;
        let written = table.cell(row, Heading::plain(Column::Speakers));
        let names = people::split(&written);
        let ids = table.cell(row, Heading::plain(Column::SpeakerIds));
        let mut ids: Vec<(PersonId, String)> = people::split(&ids)
            .iter()
            .filter(|_| known.is_some())
            .filter_map(|entry| {
                let (id, name) = entry.split_once(' ')?;
                Some((id.parse().ok()?, name.to_owned()))
            })
            .collect();
        let mut spoken = BTreeSet::new();
        for name in names {
            let position = ids.iter().position(|(_, known)| *known == name);
            let source = ["made\n", &name].concat();
            let id = match position {
                Some(position) => ids.remove(position).0.into(),
                None => self.drafting.id(Collection::PERSON, &source),
            };
            spoken.insert(id);
            let notices = &mut self.drafting.notices;
            session.member(fields::SPEAKERS, &id.to_string(), notices);
            if self.drafting.holds(Collection::PERSON, id) {
                continue;
            }
            let place = table.place(row, Heading::plain(Column::Speakers));
            let mut card = self.drafting.begin_as(Collection::PERSON, id, &name, place);
            card.line(fields::NAME, None, &name, &mut self.drafting.notices);
            self.drafting.push(card, &source)?;
        }
        if table.has(Heading::plain(Column::Speakers)) {
            for (id, _) in ids {
                let key = FieldKey::member(fields::SPEAKERS, &id.to_string());
                if !spoken.contains(&id.into()) {
                    session.fields.insert(key, false.into());
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, event: RecordId, start: Moment, end: Moment) {
        let Some(event) = self.events.get_mut(&event) else {
            return;
        };
        let first = start.day();
        // An end at midnight belongs to the day before.
        let last_ms = (end.unix_ms() - 1).max(start.unix_ms());
        let last = Moment::new(last_ms, i64::from(start.offset_minutes()));
        let last = last.map_or(first, Moment::day);
        event.days = Some(match event.days {
            Some((earliest, latest)) => (earliest.min(first), latest.max(last)),
            None => (first, last),
        });
    }

    fn finish(mut self) -> Result<Draft, ReadError> {
        for id in &self.order {
            let Some(event) = self.events.get(id).filter(|event| !event.is_own) else {
                continue;
            };
            if let (Some((first, last)), Some(record)) =
                (event.days, self.drafting.record_mut(Collection::EVENT, *id))
            {
                record.set(fields::FIRST_DAY, first.to_string());
                record.set(fields::LAST_DAY, last.to_string());
            }
        }
        self.drafting.finish()
    }
}

/// A table without events is one; its identifier within its programme needs no other name.
const EVENT: &str = "event";

/// What a column says in each language that it is there for.
fn translated(
    table: &Table,
    row: &Row,
    column: Column,
    field: &str,
    record: &mut RecordDraft,
    drafting: &mut Drafting,
) {
    for language in LANGUAGES {
        let cell = table.cell(row, Heading::new(column, language));
        let notices = &mut drafting.notices;
        if column == Column::Abstract {
            record.own_block(field, language, &cell, notices);
        } else {
            record.line(field, language, &cell, notices);
        }
    }
}

/// Of a table of ours, what stands empty in a column that is there was taken out.
fn empty(table: &Table, row: &Row, record: &mut RecordDraft) {
    let translated = [
        (Column::Title, fields::TITLE),
        (Column::Room, fields::ROOM),
        (Column::Abstract, fields::ABSTRACT),
    ];
    let plain = [
        (Column::Kind, fields::KIND),
        (Column::Status, fields::STATUS),
        (Column::Track, fields::TRACK),
        (Column::Url, fields::URL),
        (Column::Language, fields::LANGUAGE),
    ];
    let translated = translated.into_iter().flat_map(|(column, field)| {
        LANGUAGES.map(|language| (Heading::new(column, language), key_of(field, language)))
    });
    let plain = plain
        .into_iter()
        .map(|(column, field)| (Heading::plain(column), FieldKey::register(field)));
    for (heading, key) in translated.chain(plain) {
        if table.has(heading) && table.cell(row, heading).is_empty() {
            record.fields.insert(key, Value::Nothing);
        }
    }
}

fn key_of(field: &str, language: Option<Language>) -> FieldKey {
    match language {
        Some(language) => FieldKey::translated(field, language),
        None => FieldKey::register(field),
    }
}
