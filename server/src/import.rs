//! `keruen import`: files into programmes, each file in one transaction.
//!
//! What a file says and what it would change is decided by `keruen_formats`, which is pure; here
//! are the reading of files, the transaction and the printed report. The server may be running:
//! its devices receive the new rows at their next exchange.

mod folder;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use keruen_domain::{Clock, ContentHash, DeviceId, Hlc, ScopeId};
use keruen_formats::limits::MAX_FILE_BYTES;
use keruen_formats::{
    Companions, Draft, Options, Place, ReadError, ReadErrorKind, Report, plan, read,
};
use serde_json::json;

use crate::config::DataFolder;
use crate::machine;
use crate::store::{ImportTransaction, Importer, Merged, StoreError};

use folder::Folder;

/// What `keruen import` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArguments {
    /// Files to import: a table (CSV), iCalendar, a frab schedule as XML or JSON, answers of
    /// pretalx's API, or Keruen JSON
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Name that identifies the programme instead of the one in the file; for one file only
    #[arg(long = "as", value_name = "NAME", value_parser = name)]
    pub name: Option<String>,

    /// Let anyone read the programme
    #[arg(long)]
    pub public: bool,

    /// Print the reports as JSON
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataFolder,
}

/// A longer name was meant for something else.
const LONGEST_NAME: usize = 200;

fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(format!("a name has 1 to {LONGEST_NAME} bytes"));
    }
    Ok(name.to_owned())
}

/// Why nothing of a file was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// The file cannot be taken.
    #[error("{0}")]
    Refused(#[from] ReadError),
    /// A file of a material was another one when it was to be stored.
    #[error("{0:?} changed during the import; try again")]
    FileChanged(String),
    /// The machine gives no random bits.
    #[error(transparent)]
    NoRandomBits(#[from] machine::NoRandomBits),
    /// The database did not take it; nothing was written.
    #[error("{}", with_causes(.0))]
    Store(#[from] StoreError),
}

/// Imports each file and prints what became of it. The exit code is 0 if all were imported, 1 if
/// any was not, 2 for arguments that contradict each other.
pub fn run(arguments: &ImportArguments) -> ExitCode {
    if arguments.name.is_some() && arguments.files.len() > 1 {
        eprintln!("keruen: --as names one programme; import the files one by one");
        return ExitCode::from(2);
    }
    let mut all_imported = true;
    let mut results = Vec::new();
    for path in &arguments.files {
        let shown = path.display().to_string();
        let result = import(path, arguments);
        all_imported &= result.is_ok();
        match (&result, arguments.json) {
            (Ok(report), true) => {
                results.push(json!({"file": shown, "imported": true, "report": report}));
            }
            (Err(error), true) => {
                let place = match error {
                    ImportError::Refused(error) => json!(error.place),
                    _ => json!(Place::File),
                };
                results.push(json!({
                    "file": shown, "imported": false, "error": error.to_string(), "place": place,
                }));
            }
            (Ok(report), false) => println!("{shown}: {report}"),
            (Err(error), false) => {
                eprintln!("{shown}: {error}\n  Nothing of this file was imported.");
            }
        }
    }
    if arguments.json {
        println!("{:#}", json!(results));
    }
    if all_imported {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn import(path: &Path, arguments: &ImportArguments) -> Result<Report, ImportError> {
    let bytes = bytes_of(path)?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy());
    let options = Options {
        name: arguments.name.as_deref(),
        fallback_title: stem.as_deref(),
        public: arguments.public,
    };
    let mut folder = Folder::beside(path)?;
    let draft = read(&bytes, &options, &mut folder)?;
    drop(bytes);

    // Only now: a file that is refused must not even make an empty database.
    let mut importer = Importer::open(&arguments.data.path, machine::fresh_identity()?)?;
    let device = DeviceId(u64::from_be_bytes(machine::random_bytes()?));
    importer.import(|transaction| write(&draft, &mut folder, device, transaction))
}

/// One byte more than allowed is enough for the reader to refuse it.
fn bytes_of(path: &Path) -> Result<Vec<u8>, ImportError> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    if metadata.len() > limit {
        let error = ReadError {
            place: Place::File,
            kind: ReadErrorKind::TooLarge,
        };
        return Err(error.into());
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn write(
    draft: &Draft,
    folder: &mut Folder,
    device: DeviceId,
    transaction: &mut dyn ImportTransaction,
) -> Result<Report, ImportError> {
    let scope = ScopeId::Programme(draft.programme);
    let present = transaction.records(scope)?;
    let mut clock = Clock::new(device, Hlc::default(), 0);
    let now_ms = machine::unix_ms();
    let mut plan = plan(draft, &present, &mut clock, now_ms);
    for change in std::mem::take(&mut plan.changes) {
        let key = change.key;
        let is_new = transaction.record(&key)?.is_none();
        match transaction.write(change, now_ms)? {
            Merged::Changed { .. } | Merged::Unchanged => {}
            Merged::TooLarge => plan.note_too_large(&key, !is_new),
        }
    }
    for file in &draft.files {
        let changed = || ImportError::FileChanged(file.path.clone());
        let bytes = folder.read(&file.path).map_err(|_| changed())?;
        let sha256 = ContentHash::of(&bytes);
        if sha256.to_string() != file.sha256 {
            return Err(changed());
        }
        transaction.put_file(scope, &bytes, &sha256, file.media_type, &file.name)?;
    }
    Ok(plan.report)
}

fn with_causes(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
