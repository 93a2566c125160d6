//! `keruen export`: agendas for other programs, and `keruen template`: a table to be filled.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keruen_domain::model::{Event, Programme, View as _, fields};
use keruen_domain::{EventId, Language, ProgrammeId, Record, ScopeId};
use keruen_formats::write::{Agenda, NothingToWrite, Written, calendar, csv, frab_json, frab_xml};

use super::pack::{FilesWord, write_pack};
use super::{Outcome, Refused, open, the_one};
use crate::bucket::{BlockingBucket, BucketOptions};
use crate::config::DataFolder;
use crate::pages;
use crate::people;
use crate::store::{Elsewhere, ImportTransaction as _, StoreError, WriteTransaction};

/// A format that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FormatWord {
    /// iCalendar, for calendars
    Ical,
    /// frab schedule XML, for Giggity, EventFahrplan and others
    FrabXml,
    /// frab schedule JSON
    FrabJson,
    /// A table for spreadsheets; also of a whole programme
    Csv,
    /// A programme with its materials for phones and other servers, which take it without a network
    Pack,
}

/// What `keruen export` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArguments {
    /// Identifier of the event, or a part of its title; for a table also of a programme, for a pack only. May be
    /// left out if there is one only
    #[arg(value_name = "EVENT|PROGRAMME")]
    pub wanted: Option<String>,

    /// In which format
    #[arg(long, value_enum, default_value = "ical")]
    pub format: FormatWord,

    /// Language of the texts; what is not in it comes in another
    #[arg(long, default_value = "en", value_parser = language)]
    pub language: Language,

    /// Which files go into a pack
    #[arg(long, value_enum, default_value = "all")]
    pub files: FilesWord,

    /// Write to this file instead of the standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataFolder,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub bucket: BucketOptions,
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_word(text).ok_or_else(|| {
        let codes = Language::ALL.iter().map(|language| language.code());
        format!("one of: {}", codes.collect::<Vec<_>>().join(", "))
    })
}

/// What `keruen template` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct TemplateArguments {
    /// Language of the headings
    #[arg(long, default_value = "en", value_parser = language)]
    pub language: Language,

    /// Write to this file instead of the standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Writes a table with headings and an example, to be filled and imported.
pub fn template(arguments: &TemplateArguments) -> Outcome<()> {
    let text = keruen_formats::write::template(arguments.language);
    put(&text, arguments.output.as_deref())
}

/// Writes agendas for other programs.
pub fn export(arguments: &ExportArguments) -> Outcome<()> {
    let wanted = arguments.wanted.as_deref().unwrap_or_default();
    if arguments.format == FormatWord::Pack {
        let mut store = open(&arguments.data)?;
        let programme = store.write(|write| the_programme(write, wanted))?;
        let bucket = BlockingBucket::open(&arguments.bucket)?;
        let elsewhere = bucket.as_ref().map(|bucket| bucket as &dyn Elsewhere);
        let (language, output) = (arguments.language, arguments.output.as_deref());
        return write_pack(
            &mut store,
            programme,
            language,
            arguments.files,
            elsewhere,
            output,
        );
    }
    let agendas = open(&arguments.data)?.write(|write| {
        let (programme, events) = chosen(write, wanted, arguments.format)?;
        let records = write.records(ScopeId::Programme(programme))?;
        let records: Vec<Arc<Record>> = records.into_iter().map(Arc::new).collect();
        let agenda = |event: &EventId| Agenda::of(&records, *event, arguments.language);
        Ok::<_, Refused>(events.iter().filter_map(agenda).collect::<Vec<_>>())
    })?;
    let written = written(&agendas, arguments)?;
    put(&written.text, arguments.output.as_deref())?;
    // Not among the file's own lines.
    for agenda in &agendas {
        eprintln!("{}: {} sessions.", agenda.title(), agenda.len());
    }
    if written.untimed > 0 {
        eprintln!("{} without a time were left out.", written.untimed);
    }
    Ok(())
}

fn put(text: &str, output: Option<&Path>) -> Outcome<()> {
    match output {
        Some(file) => fs::write(file, text)
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?,
        None => print!("{text}"),
    }
    Ok(())
}

fn written(agendas: &[Agenda], arguments: &ExportArguments) -> Result<Written, Refused> {
    let words = pages::words_for_files(arguments.language);
    let gone = Refused::Wrong("the event's programme was deleted");
    let agenda = agendas.first().ok_or(gone)?;
    let written = match arguments.format {
        FormatWord::Ical => Ok(calendar(agenda, words.samples)),
        FormatWord::FrabXml => frab_xml(agenda, &words),
        FormatWord::FrabJson => frab_json(agenda, &words),
        FormatWord::Csv => csv(agendas, arguments.language),
        FormatWord::Pack => return Err(Refused::Wrong("a pack is of a programme")),
    };
    let nothing = "there is no session with a time, so no such file can be written";
    written.map_err(|NothingToWrite| Refused::Wrong(nothing))
}

/// The programme, and which events of it, in the order of their days.
fn chosen(
    write: &dyn WriteTransaction,
    wanted: &str,
    format: FormatWord,
) -> Result<(ProgrammeId, Vec<EventId>), Refused> {
    let events = events(write)?;
    if format == FormatWord::Csv {
        match the_programme(write, wanted) {
            Ok(programme) => {
                let of_it = events.iter().filter(|event| event.programme == programme);
                let mut of_it: Vec<_> = of_it.map(|event| (&event.first_day, event.id)).collect();
                of_it.sort_unstable();
                return Ok((programme, of_it.into_iter().map(|(_, id)| id).collect()));
            }
            // Then it may be an event.
            Err(Refused::Nobody(_)) => {}
            Err(refused) => return Err(refused),
        }
    }
    let event = the_one(wanted, events, |event| {
        (event.id.to_string(), event.titles.clone())
    })?;
    Ok((event.programme, vec![event.id]))
}

fn the_programme(write: &dyn WriteTransaction, wanted: &str) -> Result<ProgrammeId, Refused> {
    let programme = the_one(wanted, programmes(write)?, |(id, titles)| {
        (id.to_string(), titles.clone())
    })?;
    Ok(programme.0)
}

struct Known {
    id: EventId,
    programme: ProgrammeId,
    titles: Vec<String>,
    first_day: Option<String>,
}

/// All events.
fn events(write: &dyn WriteTransaction) -> Result<Vec<Known>, StoreError> {
    let mut found = Vec::new();
    for shared in write.shared_scopes()? {
        let ScopeId::Programme(programme) = shared.scope else {
            continue;
        };
        for record in write.records(shared.scope)? {
            let record = Arc::new(record);
            if let Some(event) = Event::of(&record) {
                let titles = people::shown(&record, fields::TITLE).into_values();
                found.push(Known {
                    id: event.id(),
                    programme,
                    titles: titles.collect(),
                    first_day: event.first_day().map(|day| day.to_string()),
                });
            }
        }
    }
    Ok(found)
}

/// All programmes with their titles.
fn programmes(write: &dyn WriteTransaction) -> Result<Vec<(ProgrammeId, Vec<String>)>, StoreError> {
    let mut found = Vec::new();
    for shared in write.shared_scopes()? {
        let records = write.records(shared.scope)?;
        let programme = records.into_iter().map(Arc::new);
        found.extend(programme.filter_map(|record| {
            let programme = Programme::of(&record)?;
            let titles = people::shown(&record, fields::TITLE).into_values();
            Some((programme.id(), titles.collect()))
        }));
    }
    Ok(found)
}
