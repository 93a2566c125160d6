//! `keruen import`: files into programmes, each file in one transaction.
//!
//! What a file says and what it would change is decided by `keruen_formats`, which is pure; here
//! are the reading of files, the transaction and the printed report. The server may be running:
//! its devices receive the new rows at their next exchange.

mod folder;
mod pack;

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use keruen_domain::{Clock, ContentHash, DeviceId, Hlc, ScopeId};
use keruen_formats::limits::MAX_FILE_BYTES;
use keruen_formats::pack::Damage;
use keruen_formats::{
    Companions, Draft, Options, Place, ReadError, ReadErrorKind, Report, plan, read,
};
use serde_json::json;

use crate::config::DataFolder;
use crate::machine;
use crate::store::{ImportTransaction, Importer, Merged, SqliteStore, StoreError};

use folder::Folder;
use pack::PackReport;

/// What `keruen import` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArguments {
    /// Files to import: a table (CSV), iCalendar, a frab schedule as XML or JSON, answers of
    /// pretalx's API, Keruen JSON, or a pack
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Name that identifies the programme instead of the one in the file; for one file only
    #[arg(long = "as", value_name = "NAME", value_parser = name)]
    pub name: Option<String>,

    /// Let anyone read the programme
    #[arg(long)]
    pub public: bool,

    /// IANA name of the time zone of files that name none, such as `Asia/Almaty`
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub zone: Option<String>,

    /// Only say what would be added and changed, and what could not be read; write nothing
    #[arg(long)]
    pub preview: bool,

    /// Import also files of which something has to be left out
    #[arg(long)]
    pub yes: bool,

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

fn zone(text: &str) -> Result<String, String> {
    if !keruen_formats::is_zone(text) {
        return Err("the IANA name of a zone, such as Asia/Almaty".to_owned());
    }
    Ok(text.to_owned())
}

/// What became of a file that can be read.
struct Outcome {
    report: Told,
    standing: Standing,
}

/// What there is to tell of it.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Told {
    Schedule(Report),
    Pack(PackReport),
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schedule(report) => report.fmt(formatter),
            Self::Pack(report) => report.fmt(formatter),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// All that the report says is written.
    Imported,
    /// It would be, and was only asked for.
    Previewed,
    /// It would be, but something is left out, and nobody said that the rest is wanted.
    NotAccepted,
}

impl Standing {
    /// What to say about it; nothing where the report says it all.
    const fn remark(self) -> &'static str {
        match self {
            Self::Imported => "",
            Self::Previewed => "  This is a preview: nothing was imported.\n",
            Self::NotAccepted => {
                "  Nothing of this file was imported, since something of it would be left out. To import the rest, give --yes.\n"
            }
        }
    }
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
    /// It is a pack, and not all of it is what it says.
    #[error("{0}")]
    Damaged(#[from] Damage),
    /// What a programme is called and in which zone a table was written, a pack says itself.
    #[error("it is a pack, which takes neither --as nor --zone")]
    NotForPacks,
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

/// Imports each file and prints what became of it. The exit code is 0 if all were imported or previewed, 1 if
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
        let is_wrong = |outcome: &Outcome| outcome.standing == Standing::NotAccepted;
        all_imported &= !result.as_ref().is_ok_and(is_wrong) && result.is_ok();
        match (&result, arguments.json) {
            (Ok(outcome), true) => {
                let imported = outcome.standing == Standing::Imported;
                results
                    .push(json!({"file": shown, "imported": imported, "report": outcome.report}));
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
            (Ok(outcome), false) => {
                println!("{shown}: {}", outcome.report);
                match outcome.standing {
                    Standing::NotAccepted => eprint!("{shown}:\n{}", outcome.standing.remark()),
                    standing => print!("{}", standing.remark()),
                }
            }
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

fn import(path: &Path, arguments: &ImportArguments) -> Result<Outcome, ImportError> {
    if pack::is_pack(path)? {
        let mut standing = Standing::Previewed;
        let report = pack::import(path, arguments, |report| {
            standing = standing_of(arguments, report.leaves_out());
            standing == Standing::Imported
        })?;
        let report = Told::Pack(report);
        return Ok(Outcome { report, standing });
    }
    let bytes = bytes_of(path)?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy());
    let options = Options {
        name: arguments.name.as_deref(),
        fallback_title: stem.as_deref(),
        public: arguments.public,
        zone: arguments.zone.as_deref(),
        into: None,
    };
    let mut folder = Folder::beside(path)?;
    let draft = read(&bytes, &options, &mut folder)?;
    drop(bytes);

    let standing = standing_of(arguments, !draft.skipped.is_empty());
    let report = if standing == Standing::Imported {
        // Only now: a file that is refused must not even make an empty database.
        let mut importer = Importer::open(&arguments.data.path, machine::fresh_identity()?)?;
        let device = DeviceId(u64::from_be_bytes(machine::random_bytes()?));
        importer.import(|transaction| write(&draft, &mut folder, device, transaction))?
    } else {
        foresee(&draft, arguments)?
    };
    let report = Told::Schedule(report);
    Ok(Outcome { report, standing })
}

const fn standing_of(arguments: &ImportArguments, leaves_out: bool) -> Standing {
    match (arguments.preview, leaves_out) {
        (true, _) => Standing::Previewed,
        (false, true) if !arguments.yes => Standing::NotAccepted,
        (false, _) => Standing::Imported,
    }
}

/// What an import would do.
fn foresee(draft: &Draft, arguments: &ImportArguments) -> Result<Report, ImportError> {
    let folder = &arguments.data.path;
    let mut present = Vec::new();
    if SqliteStore::is_in(folder) {
        let mut importer = Importer::open(folder, machine::fresh_identity()?)?;
        let scope = ScopeId::Programme(draft.programme);
        present = importer.import(|transaction| transaction.records(scope))?;
    }
    // Nobody will see this device.
    let mut clock = Clock::new(DeviceId(0), Hlc::default(), 0);
    Ok(plan(draft, &present, &mut clock, machine::unix_ms()).report)
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
