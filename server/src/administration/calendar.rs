//! `keruen calendar`: an event's agenda for other programs.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use keruen_domain::model::{Event, View as _, fields};
use keruen_domain::{EventId, Language, ProgrammeId, Record, ScopeId};
use keruen_formats::write::{Agenda, calendar};

use super::{Outcome, Refused, open, the_one};
use crate::config::DataFolder;
use crate::people;
use crate::shares::page;
use crate::store::{ImportTransaction as _, StoreError, WriteTransaction};

/// What `keruen calendar` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct CalendarArguments {
    /// Identifier of the event, or a part of its title; may be left out if there is one only
    pub event: Option<String>,

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

/// Writes the agenda of an event as iCalendar.
pub fn write_calendar(arguments: &CalendarArguments) -> Outcome<()> {
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
    let about_samples = page::about_samples(arguments.language);
    let written = calendar(&agenda, about_samples);
    match &arguments.output {
        Some(file) => fs::write(file, &written.text)
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?,
        None => print!("{}", written.text),
    }
    // Not among the calendar's own lines.
    eprintln!("{}: {} sessions.", agenda.title(), agenda.len());
    if written.untimed > 0 {
        eprintln!("{} without a time were left out.", written.untimed);
    }
    Ok(())
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
