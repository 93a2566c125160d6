//! Agendas as a table for spreadsheets, and an empty one to begin with.
//!
//! For Excel in Russian: a byte order mark, semicolons and CR LF; nothing in it is calculated. All languages
//! stand side by side, the headings are in one. In the last columns are the identifiers by which the table
//! finds its records when it is read again (`table`).

use std::collections::{BTreeMap, BTreeSet};

use csv::{Terminator, WriterBuilder};
use keruen_domain::Language;
use keruen_domain::model::{Translated, View as _, fields};

use super::agenda::{Agenda, TimedSession};
use super::{NothingToWrite, Written};
use crate::identity::own;
use crate::table::cells::harmless;
use crate::table::columns::{COLUMNS, Column, Heading, LANGUAGES};
use crate::table::{people, times, words};
use crate::zone::{self, Zone};

type Row = BTreeMap<Heading, String>;

/// Writes the sessions of these events of one programme. Headings and words are in the language.
///
/// # Errors
/// If there is no session with a time.
pub fn csv(agendas: &[Agenda], language: Language) -> Result<Written, NothingToWrite> {
    let mut rows = Vec::new();
    let mut untimed = 0;
    for agenda in agendas {
        untimed += agenda.untimed;
        for timed in &agenda.sessions {
            match row(agenda, timed, language) {
                Some(row) => rows.push(row),
                None => untimed += 1,
            }
        }
    }
    if rows.is_empty() {
        return Err(NothingToWrite);
    }
    let text = written(&rows, &ALWAYS, language);
    Ok(Written { text, untimed })
}

/// A table with headings and one row, to be filled.
pub fn template(language: Language) -> String {
    let plain = [
        (Column::Zone, "Asia/Almaty"),
        (Column::Day, "2025-05-12"),
        (Column::Start, "09:00"),
        (Column::End, "10:30"),
        (Column::Kind, words::kind("workshop", language)),
        (Column::Speakers, "Айгүл Серікқызы; Болат Ахметов"),
        (Column::Status, words::status("planned", language)),
        (Column::Url, "https://example.org/session"),
    ];
    let translated = [
        (Column::Title, Language::Kazakh, "Картаны бірге сызамыз"),
        (Column::Title, Language::Russian, "Рисуем карту вместе"),
        (Column::Title, Language::English, "Drawing a map together"),
        (
            Column::Abstract,
            Language::Kazakh,
            "Не болатыны, бір-екі сөйлем",
        ),
        (
            Column::Abstract,
            Language::Russian,
            "Что будет, в одном-двух предложениях",
        ),
        (
            Column::Abstract,
            Language::English,
            "What happens, in a sentence or two",
        ),
    ];
    let own = match language {
        Language::Kazakh => [
            "Форум 2025",
            "Астанадағы үш күн",
            "Астана",
            "Академия",
            "Үлкен зал",
            "Мұра",
        ],
        Language::Russian => [
            "Форум 2025",
            "Три дня в Астане",
            "Астана",
            "Академия",
            "Большой зал",
            "Наследие",
        ],
        Language::English => [
            "Forum 2025",
            "Three days in Astana",
            "Astana",
            "Academy",
            "Great hall",
            "Heritage",
        ],
    };
    let columns = [
        Column::Programme,
        Column::Event,
        Column::City,
        Column::Venue,
        Column::Room,
        Column::Track,
    ];
    let mut row = Row::new();
    for (column, text) in plain.into_iter().chain(columns.into_iter().zip(own)) {
        row.insert(Heading::plain(column), text.to_owned());
    }
    for (column, language, text) in translated {
        row.insert(Heading::new(column, Some(language)), text.to_owned());
    }
    written(&[row], &[], language)
}

/// Columns that are there also if nothing stands in them, so that it can be written into them.
const ALWAYS: [Heading; 13] = [
    Heading::plain(Column::Zone),
    Heading::plain(Column::Day),
    Heading::plain(Column::Start),
    Heading::plain(Column::End),
    Heading::new(Column::Title, Some(Language::Kazakh)),
    Heading::new(Column::Title, Some(Language::Russian)),
    Heading::new(Column::Title, Some(Language::English)),
    Heading::plain(Column::Kind),
    Heading::plain(Column::Speakers),
    Heading::plain(Column::Track),
    Heading::plain(Column::Status),
    Heading::plain(Column::Url),
    Heading::plain(Column::Id),
];

fn row(agenda: &Agenda, timed: &TimedSession, language: Language) -> Option<Row> {
    let session = &timed.session;
    if ![timed.start, timed.end]
        .into_iter()
        .all(zone::is_of_these_times)
    {
        return None;
    }
    // A name that is read as another one is not written.
    let zone = agenda
        .zone
        .filter(|zone| agenda.event.zone() == Some(&zone.name()));
    let has_end = session.record().value(fields::END).as_number().is_some();
    let end = Some(timed.end).filter(|_| has_end);
    let [day, start, end] = times::write(timed.start, end, zone)?;
    let mut row = Row::new();
    for (column, texts) in [
        (Column::Programme, agenda.programme.title()),
        (Column::Event, agenda.event.title()),
        (Column::City, agenda.event.city()),
        (Column::Venue, agenda.event.venue()),
        (Column::Title, session.title()),
        (Column::Room, session.room()),
        (Column::Abstract, session.summary()),
    ] {
        insert_translated(&mut row, column, &texts);
    }
    let (names, ids) = speakers(agenda, timed);
    let programme = agenda.programme.id();
    let text = |name| session.text(name).unwrap_or_default();
    for (column, content) in [
        (Column::Zone, zone.map(Zone::name).unwrap_or_default()),
        (Column::Day, day),
        (Column::Start, start),
        (Column::End, end),
        (
            Column::Kind,
            words::kind(text(fields::KIND), language).to_owned(),
        ),
        (
            Column::Status,
            words::status(text(fields::STATUS), language).to_owned(),
        ),
        (Column::Speakers, people::joined(&names)),
        (Column::Track, text(fields::TRACK).to_owned()),
        (Column::Url, text(fields::URL).to_owned()),
        (Column::Language, text(fields::LANGUAGE).to_owned()),
        (Column::Id, own::name(session.id().into(), programme)),
        (
            Column::EventId,
            own::name(agenda.event.id().into(), programme),
        ),
        (Column::SpeakerIds, people::joined(&ids)),
    ] {
        row.insert(Heading::plain(column), content);
    }
    Some(row)
}

fn insert_translated(row: &mut Row, column: Column, texts: &Translated) {
    for language in LANGUAGES {
        let text = match language {
            Some(language) => texts.exactly(language),
            None => texts.without_language(),
        };
        if let Some(text) = text {
            row.insert(Heading::new(column, language), text.to_owned());
        }
    }
}

/// Names, and the same behind the identifiers of those who have them.
fn speakers(agenda: &Agenda, timed: &TimedSession) -> (Vec<String>, Vec<String>) {
    let people = timed.session.speakers();
    let people = people.filter_map(|id| agenda.people.get(&id));
    let mut named: Vec<(String, String)> = people
        .filter_map(|person| {
            let name = crate::text::line(person.name()?);
            let id = format!("{} {name}", person.id());
            (!name.is_empty()).then_some((name, id))
        })
        .collect();
    named.sort_unstable();
    named.into_iter().unzip()
}

/// The columns in which something stands, and those that are always there.
fn written(rows: &[Row], always: &[Heading], language: Language) -> String {
    let mut used: BTreeSet<Heading> = always.iter().copied().collect();
    for row in rows {
        let filled = row.iter().filter(|(_, content)| !content.is_empty());
        used.extend(filled.map(|(heading, _)| *heading));
    }
    let headings: Vec<Heading> = COLUMNS
        .iter()
        .flat_map(|column| LANGUAGES.map(|language| Heading::new(*column, language)))
        .filter(|heading| used.contains(heading))
        .collect();
    let mut writer = WriterBuilder::new()
        .delimiter(b';')
        .terminator(Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    // Into memory nothing fails to be written.
    let _ = writer.write_record(headings.iter().map(|heading| heading.name(language)));
    for row in rows {
        let cells = headings.iter().map(|heading| row.get(heading));
        let cells = cells.map(|cell| harmless(&plain(cell.map_or("", String::as_str))));
        let _ = writer.write_record(cells);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Without what no text has, and a spreadsheet would stumble over.
fn plain(text: &str) -> String {
    let is_held = |character: &char| matches!(character, '\n' | '\t') || !character.is_control();
    text.chars().filter(is_held).collect()
}
