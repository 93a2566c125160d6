//! The events of a table, and their zones.

use keruen_domain::model::fields;
use keruen_domain::{Collection, RecordId};

use super::super::cells::Row;
use super::super::columns::{Column, Heading};
use super::sessions::translated;
use super::{EventDays, Mapping, title};
use crate::identity::own;
use crate::problem::{Place, ReadError, Reason};
use crate::text;
use crate::zone::Zone;

/// A table without events is one; its identifier within its programme needs no other name.
const EVENT: &str = "event";

impl Mapping<'_> {
    /// The event that a row names, or the one above it, or the only one.
    pub(super) fn event(&mut self, row: &Row) -> Result<RecordId, ReadError> {
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
}
