//! What a row says of its session.

use std::collections::BTreeSet;

use keruen_domain::model::fields;
use keruen_domain::{Collection, FieldKey, Language, PersonId, RecordId, SessionId, Value};

use super::super::cells::{Row, Table};
use super::super::columns::{Column, Heading, LANGUAGES};
use super::super::{people, times, words};
use super::Mapping;
use crate::draft::{Drafting, RecordDraft};
use crate::identity::own;
use crate::problem::{Place, ReadError, Reason};
use crate::text;
use crate::zone::Span;

impl Mapping<'_> {
    pub(super) fn session(
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
}

/// What a column says in each language that it is there for.
pub(super) fn translated(
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
