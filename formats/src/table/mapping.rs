//! From rows to records.

mod events;
mod sessions;

use std::collections::HashMap;

use chrono::NaiveDate;
use keruen_domain::model::{Moment, fields};
use keruen_domain::{Collection, ProgrammeId, RecordId};

use super::cells::{Row, Table};
use super::columns::{Column, Heading, LANGUAGES};
use super::times;
use crate::Options;
use crate::detect::Format;
use crate::draft::{Draft, Drafting};
use crate::identity::own;
use crate::problem::{Place, ReadError, ReadErrorKind, Reason};
use crate::text;
use crate::zone::Zone;

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
    let origin = rows.iter().find_map(|row| origin(table, row));
    let origin = origin.filter(|origin| options.takes_origin(*origin));
    let mut drafting = match (origin, &name) {
        (Some(programme), _) => Drafting::of_own(Format::Csv, programme),
        (None, Some(name)) => Drafting::new(Format::Csv, name, options),
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
        sessions::translated(
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
