//! `keruen export`: an event's agenda for other programs.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use keruen_domain::model::{Event, View as _, fields};
use keruen_domain::{EventId, Language, ProgrammeId, Record, ScopeId};
use keruen_formats::write::{Agenda, NothingToWrite, Written, calendar, frab_json, frab_xml};

use super::{Outcome, Refused, open, the_one};
use crate::config::DataFolder;
use crate::people;
use crate::shares::page;
use crate::store::{ImportTransaction as _, StoreError, WriteTransaction};

/// A format that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FormatWord {
    /// iCalendar, for calendars
    Ical,
    /// frab schedule XML, for Giggity, EventFahrplan and others
    FrabXml,
    /// frab schedule JSON
    FrabJson,
}

/// What `keruen export` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArguments {
    /// Identifier of the event, or a part of its title; may be left out if there is one only
    pub event: Option<String>,

    /// In which format
    #[arg(long, value_enum, default_value = "ical")]
    pub format: FormatWord,

    /// Language of the texts; what is not in it comes in another
    #[arg(long, default_value = "en", value_parser = language)]
    pub language: Language,

    /// Write to this file instead of the standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataFolder,
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_word(text).ok_or_else(|| {
        let codes = Language::ALL.iter().map(|language| language.code());
        format!("one of: {}", codes.collect::<Vec<_>>().join(", "))
    })
}

/// Writes the agenda of an event for other programs.
pub fn export(arguments: &ExportArguments) -> Outcome<()> {
    let wanted = arguments.event.as_deref().unwrap_or_default();
    let agenda = open(&arguments.data)?.write(|write| {
        let (event, programme, _) = the_one(wanted, events(&*write)?, |(id, _, titles)| {
            (id.to_string(), titles.clone())
        })?;
        let records = write.records(ScopeId::Programme(programme))?;
        let records: Vec<Arc<Record>> = records.into_iter().map(Arc::new).collect();
        let agenda = Agenda::of(&records, event, arguments.language);
        agenda.ok_or(Refused::Wrong("the event's programme was deleted"))
    })?;
    let written = written(&agenda, arguments)?;
    match &arguments.output {
        Some(file) => fs::write(file, &written.text)
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?,
        None => print!("{}", written.text),
    }
    // Not among the file's own lines.
    eprintln!("{}: {} sessions.", agenda.title(), agenda.len());
    if written.untimed > 0 {
        eprintln!("{} without a time were left out.", written.untimed);
    }
    Ok(())
}

fn written(agenda: &Agenda, arguments: &ExportArguments) -> Result<Written, Refused> {
    let words = page::words_for_files(arguments.language);
    let written = match arguments.format {
        FormatWord::Ical => Ok(calendar(agenda, words.samples)),
        FormatWord::FrabXml => frab_xml(agenda, &words),
        FormatWord::FrabJson => frab_json(agenda, &words),
    };
    let nothing = "the event has no day and no session with a time, so no such file can be written";
    written.map_err(|NothingToWrite| Refused::Wrong(nothing))
}

/// All events with their programmes and titles.
fn events(
    write: &dyn WriteTransaction,
) -> Result<Vec<(EventId, ProgrammeId, Vec<String>)>, StoreError> {
    let mut found = Vec::new();
    for shared in write.shared_scopes()? {
        let ScopeId::Programme(programme) = shared.scope else {
            continue;
        };
        for record in write.records(shared.scope)? {
            let record = Arc::new(record);
            if let Some(event) = Event::of(&record) {
                let titles = people::shown(&record, fields::TITLE).into_values();
                found.push((event.id(), programme, titles.collect()));
            }
        }
    }
    Ok(found)
}
