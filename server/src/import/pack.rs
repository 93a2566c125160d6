//! `keruen import` of a pack: a programme from another server, or from a phone that has what no server has.
//!
//! Whoever runs the command vouches for the pack, as for any file that they import: nobody signs packs.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

use keruen_domain::model::fields;
use keruen_domain::{
    Author, Clock, Collection, DeviceId, Edit, FieldKey, ProgrammeId, Record, RecordKey, ScopeId,
};
use keruen_formats::Counts;
use keruen_formats::pack::{Contents, ENDING, Opening, PackedFile, README};
use serde::Serialize;

use super::{ImportArguments, ImportError};
use crate::machine;
use crate::store::{
    ImportTransaction as _, Importer, Merged, SqliteStore, StoreError, WriteTransaction,
};

/// The story of a pack.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct PackReport {
    format: &'static str,
    programme: String,
    title: String,
    added: Counts,
    changed: Counts,
    unchanged: Counts,
    /// Files that the programme did not have.
    new_files: usize,
    new_files_bytes: u64,
    /// Files that are not what their names say: they are left out.
    wrong_files: Vec<String>,
    /// Records that name a time that has not come: they are left out.
    of_the_future: usize,
    /// Records that are beyond the limits: they are left out.
    too_large: usize,
    /// Notes: only phones take them, for the person to whom they are given.
    notes: usize,
}

impl PackReport {
    /// Whether something of the pack would be missing that the server could have had.
    pub(super) const fn leaves_out(&self) -> bool {
        !self.wrong_files.is_empty() || self.of_the_future > 0 || self.too_large > 0
    }
}

impl fmt::Display for PackReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} ({})", self.title, self.format)?;
        writeln!(formatter, "  added:     {}", self.added)?;
        writeln!(formatter, "  changed:   {}", self.changed)?;
        writeln!(formatter, "  unchanged: {}", self.unchanged)?;
        let (files, bytes) = (self.new_files, self.new_files_bytes);
        writeln!(formatter, "  new files: {files} ({bytes} bytes)")?;
        for name in &self.wrong_files {
            writeln!(formatter, "  skipped: {name} is not what its name says")?;
        }
        for (count, why) in [
            (self.of_the_future, "written in a future that is none"),
            (self.too_large, "beyond the limits"),
            (self.notes, "notes: only phones take them"),
        ] {
            if count > 0 {
                writeln!(formatter, "  skipped: {count} ({why})")?;
            }
        }
        Ok(())
    }
}

/// Whether the file at this path is to be read as a pack: by its name, or by how every pack begins.
pub(super) fn is_pack(path: &Path) -> io::Result<bool> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut begin = Vec::new();
    File::open(path)?.take(40).read_to_end(&mut begin)?;
    let is_archive = begin.starts_with(b"PK");
    Ok(is_archive && (name.ends_with(ENDING) || begin.ends_with(README.as_bytes())))
}

/// Reads a pack, compares all of it with what it says of itself, and merges it, if that is wanted.
pub(super) fn import(
    path: &Path,
    arguments: &ImportArguments,
    is_taken: impl FnOnce(&PackReport) -> bool,
) -> Result<PackReport, ImportError> {
    if arguments.name.is_some() || arguments.zone.is_some() {
        return Err(ImportError::NotForPacks);
    }
    let mut file = File::open(path)?;
    let mut contents = open(&mut file)?;
    let of_the_future = contents.leave_out_the_future(machine::unix_ms());
    for record in &mut contents.records {
        // Who may read a programme is decided here, and smaller pictures are made here.
        let is_ours = |name: &str| name == fields::PUBLIC || fields::MADE.contains(&name);
        record.keep_fields(|key| !is_ours(key.as_str()));
    }
    let (files, wrong): (Vec<_>, Vec<_>) = contents
        .named_files()
        .cloned()
        .partition(|file| file.media_type.is_some());
    let mut report = PackReport {
        format: "Keruen pack",
        programme: contents.manifest.programme.to_string(),
        title: contents.manifest.title.clone(),
        wrong_files: wrong.into_iter().map(|file| file.entry.name).collect(),
        of_the_future,
        notes: contents.notes.len(),
        ..PackReport::default()
    };
    foresee(&contents, &files, arguments, &mut report)?;
    if is_taken(&report) {
        take(&mut file, contents, &files, arguments, &mut report)?;
    }
    Ok(report)
}

fn open(file: &mut File) -> Result<Contents, ImportError> {
    let mut opening = Opening::new(file.metadata()?.len())?;
    while let Some(range) = opening.wanted() {
        opening.take(&bytes_of(file, range)?)?;
    }
    Ok(opening
        .finish()
        .ok_or(io::Error::from(io::ErrorKind::UnexpectedEof))?)
}

/// What of the file lies there: fewer bytes if it ends before.
fn bytes_of(file: &mut File, range: Range<u64>) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = Vec::new();
    file.take(range.end - range.start).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Says what it would bring.
fn foresee(
    contents: &Contents,
    files: &[PackedFile],
    arguments: &ImportArguments,
    report: &mut PackReport,
) -> Result<(), ImportError> {
    let folder = &arguments.data.path;
    let nothing = !SqliteStore::is_in(folder);
    let mut importer = match nothing {
        // A pack that is only looked at must not even make an empty database.
        true => None,
        false => Some(Importer::open(folder, machine::fresh_identity()?)?),
    };
    let scope = ScopeId::Programme(contents.manifest.programme);
    let mut weigh = |write: Option<&dyn WriteTransaction>| {
        for record in &contents.records {
            let known = match write {
                Some(write) => write.record(&record.key)?,
                None => None,
            };
            let counts = match known {
                None => &mut report.added,
                Some(known) if is_left(&known, record) => &mut report.unchanged,
                Some(_) => &mut report.changed,
            };
            counts.count(record.key.collection);
        }
        for file in files {
            let is_here = match write {
                Some(write) => has_file(write, scope, file)?,
                None => false,
            };
            if !is_here {
                report.new_files += 1;
                report.new_files_bytes += file.entry.size_bytes;
            }
        }
        Ok::<_, StoreError>(())
    };
    match &mut importer {
        Some(importer) => importer.write(|write| weigh(Some(write)))?,
        None => weigh(None)?,
    }
    Ok(())
}

/// Whether a record that is here stays as it is: all of it was known, or it is the card of a person, who is known
/// here better than there.
fn is_left(known: &Record, record: &Record) -> bool {
    known.includes(record) || record.key.collection == Collection::PERSON
}

fn has_file(
    write: &dyn WriteTransaction,
    scope: ScopeId,
    file: &PackedFile,
) -> Result<bool, StoreError> {
    let stored = write.files(&file.entry.sha256)?;
    Ok(stored.iter().any(|stored| stored.scope == scope))
}

/// Takes it: first the files' bytes, which do no harm if nothing follows, then the rest in one transaction.
fn take(
    file: &mut File,
    contents: Contents,
    files: &[PackedFile],
    arguments: &ImportArguments,
    report: &mut PackReport,
) -> Result<(), ImportError> {
    let mut importer = Importer::open(&arguments.data.path, machine::fresh_identity()?)?;
    for of in files {
        importer.keep_file(&of.entry.sha256, of.entry.size_bytes, |output| {
            file.seek(SeekFrom::Start(of.content.start))?;
            io::copy(&mut file.take(of.entry.size_bytes), output).map(drop)
        })?;
    }
    let scope = ScopeId::Programme(contents.manifest.programme);
    let device = DeviceId(u64::from_be_bytes(machine::random_bytes()?));
    let now_ms = machine::unix_ms();
    importer.write(|write| {
        for of in files {
            let (entry, media_type) = (&of.entry, of.media_type.unwrap_or_default());
            write.note_file(
                scope,
                entry.size_bytes,
                &entry.sha256,
                media_type,
                &entry.name,
            )?;
        }
        for record in contents.records {
            let (key, known) = (record.key, write.record(&record.key)?);
            if known.as_ref().is_some_and(|known| is_left(known, &record)) {
                continue;
            }
            if let Merged::TooLarge = write.write(record, now_ms)? {
                report.too_large += 1;
                let counts = match known {
                    None => &mut report.added,
                    Some(_) => &mut report.changed,
                };
                counts.discount(key.collection);
            }
        }
        if arguments.public {
            make_public(write, scope, contents.manifest.programme, device, now_ms)?;
        }
        Ok::<_, ImportError>(())
    })
}

fn make_public(
    write: &mut dyn WriteTransaction,
    scope: ScopeId,
    programme: ProgrammeId,
    device: DeviceId,
    now_ms: u64,
) -> Result<(), StoreError> {
    let key = RecordKey {
        scope,
        collection: Collection::PROGRAMME,
        id: programme.into(),
    };
    let Some(before) = write.record(&key)? else {
        return Ok(());
    };
    let mut clock = Clock::new(device, before.latest_named(), 0);
    let stamp = clock.stamp(now_ms);
    let mut edit = Edit::new(key, Some(&before), stamp, Author::Machine);
    edit.set(FieldKey::register(fields::PUBLIC), true);
    if let Some(change) = edit.finish() {
        write.write(change, now_ms)?;
    }
    Ok(())
}
