//! `keruen export --format pack`: a programme as one file for phones, and for other servers.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keruen_domain::content::ContentHasher;
use keruen_domain::model::{FileInfo, Material, Programme, View as _};
use keruen_domain::{ContentHash, Language, ProgrammeId, Record, ScopeId, page};
use keruen_formats::pack::zip::Writer;
use keruen_formats::pack::{
    Crc32, FileEntry, MANIFEST, Manifest, PROGRAMME, README, RecordsEntry, given, read_me,
};

use super::{Outcome, Refused};
use crate::machine;
use crate::store::{Elsewhere, ImportTransaction as _, Importer, StoreError, WriteTransaction};

/// Which files go into a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FilesWord {
    /// All, with the small pictures of pictures
    All,
    /// The small pictures of pictures only
    Light,
    /// None
    None,
}

/// Read and written at once.
const PIECE_BYTES: usize = 64 * 1024;

/// A file that goes along, and where its bytes are.
struct Packed {
    entry: FileEntry,
    crc: u32,
    path: PathBuf,
}

/// Writes the pack of a programme to this file or to the standard output.
pub(super) fn write_pack(
    store: &mut Importer,
    programme: ProgrammeId,
    language: Language,
    files: FilesWord,
    elsewhere: Option<&dyn Elsewhere>,
    output: Option<&Path>,
) -> Outcome<()> {
    if output.is_none() && io::stdout().is_terminal() {
        let where_to = "a pack is no text; say with --output where to write it";
        return Err(Refused::Wrong(where_to).into());
    }
    let (records, title, named) = store.write(|write| {
        let records = given(
            ScopeId::Programme(programme),
            &records_of(write, programme)?,
        );
        let of_it = records.iter().find_map(Programme::of);
        let title = of_it.map(|programme| programme.title());
        let title = title.as_ref().and_then(|title| title.best(language));
        let title = title.map_or_else(String::new, |(title, _)| title.to_owned());
        let named = named_files(write, programme, &records, files)?;
        Ok::<_, StoreError>((records, title, named))
    })?;
    let mut packed = Vec::new();
    for (entry, path) in named {
        if let Some(elsewhere) = elsewhere {
            bring(store, elsewhere, &entry)?;
        }
        match sum_of(&path, &entry) {
            Ok(crc) => packed.push(Packed { entry, crc, path }),
            Err(error) => eprintln!("{}: left out, since it cannot be read: {error}", entry.name),
        }
    }
    let page = page::encode(ScopeId::Programme(programme), &records);
    let manifest = Manifest {
        made_ms: machine::unix_ms(),
        programme,
        title,
        records: RecordsEntry {
            sha256: ContentHash::of(&page),
            size_bytes: page.len() as u64,
        },
        notes: None,
        files: packed.iter().map(|packed| packed.entry.clone()).collect(),
    };
    let size_bytes = match output {
        Some(path) => whole_or_not_at_all(path, |file| write(file, &manifest, &page, &packed)),
        None => write(&mut io::stdout().lock(), &manifest, &page, &packed),
    }?;
    eprintln!(
        "{}: {} records and {} files, {size_bytes} bytes.",
        manifest.title,
        records.len(),
        packed.len()
    );
    Ok(())
}

fn records_of(
    write: &dyn WriteTransaction,
    programme: ProgrammeId,
) -> Result<Vec<Arc<Record>>, StoreError> {
    let records = write.records(ScopeId::Programme(programme))?;
    Ok(records.into_iter().map(Arc::new).collect())
}

/// The files of the programme's materials that are here.
fn named_files(
    write: &dyn WriteTransaction,
    programme: ProgrammeId,
    records: &[Arc<Record>],
    files: FilesWord,
) -> Result<Vec<(FileEntry, PathBuf)>, StoreError> {
    let mut wanted: Vec<FileInfo> = Vec::new();
    for material in records.iter().filter_map(Material::of) {
        if files != FilesWord::None {
            wanted.extend(material.forms().map(|forms| forms.light));
        }
        if files == FilesWord::All {
            wanted.extend(material.file());
        }
    }
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for file in wanted {
        let Ok(sha256) = file.sha256.parse() else {
            continue;
        };
        let stored = write.files(&sha256)?.into_iter();
        let mut of_it = stored.filter(|stored| stored.scope == ScopeId::Programme(programme));
        let Some(stored) = of_it.next() else { continue };
        if seen.insert(sha256) {
            let entry = FileEntry {
                sha256,
                size_bytes: stored.size_bytes,
                media_type: stored.media_type,
                name: file.name.to_string(),
            };
            found.push((entry, stored.path));
        }
    }
    Ok(found)
}

/// Sees to it that a file lies in the folder, to be read twice.
fn bring(store: &Importer, elsewhere: &dyn Elsewhere, entry: &FileEntry) -> Result<(), StoreError> {
    let (sha256, size_bytes) = (&entry.sha256, entry.size_bytes);
    store.keep_file(sha256, size_bytes, |output| {
        elsewhere.fetch(sha256, output).map_err(io::Error::other)
    })
}

/// The sum of a file that is still what its name says.
fn sum_of(path: &Path, entry: &FileEntry) -> io::Result<u32> {
    let (mut sum, mut hasher) = (Crc32::default(), ContentHasher::default());
    let size_bytes = read_through(path, |piece| {
        sum.take(piece);
        hasher.take(piece);
        Ok(())
    })?;
    if size_bytes == entry.size_bytes && hasher.finish() == entry.sha256 {
        Ok(sum.finish())
    } else {
        let damaged = "its bytes are not what they were";
        Err(io::Error::new(io::ErrorKind::InvalidData, damaged))
    }
}

fn read_through(path: &Path, mut show: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE_BYTES];
    let mut size_bytes = 0;
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            return Ok(size_bytes);
        }
        show(&piece[..length])?;
        size_bytes += length as u64;
    }
}

/// Makes a file beside the one that is wanted, and renames it once it is whole.
fn whole_or_not_at_all<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Outcome<T>,
) -> Outcome<T> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let unfinished = path.with_file_name(name);
    let cannot = |error: io::Error| format!("cannot write {}: {error}", path.display());
    let written = || {
        let mut file = BufWriter::new(File::create(&unfinished).map_err(cannot)?);
        let value = write(&mut file)?;
        let file = file
            .into_inner()
            .map_err(|error| cannot(error.into_error()))?;
        file.sync_all().map_err(cannot)?;
        fs::rename(&unfinished, path).map_err(cannot)?;
        Ok(value)
    };
    let written = written();
    if written.is_err() {
        // What is there of it is of no use to anybody.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Writes all of it, and returns how many bytes that are.
fn write(
    output: &mut impl Write,
    manifest: &Manifest,
    page: &[u8],
    files: &[Packed],
) -> Outcome<u64> {
    let too_large = "more than 4 GiB or 10,000 files are too much for a pack; --files light leaves the files out";
    let begin = |writer: &mut Writer, name: &str, crc, size_bytes| {
        let header = writer.begin(name, crc, size_bytes);
        header.ok_or(Refused::Wrong(too_large))
    };
    let mut writer = Writer::default();
    let mut size_bytes = 0;
    let (read_me, json) = (read_me(manifest), manifest.to_json());
    for (name, content) in [
        (README, read_me.as_bytes()),
        (MANIFEST, json.as_bytes()),
        (PROGRAMME, page),
    ] {
        let header = begin(&mut writer, name, Crc32::of(content), content.len() as u64)?;
        output.write_all(&header)?;
        output.write_all(content)?;
        size_bytes += (header.len() + content.len()) as u64;
    }
    for file in files {
        let name = file.entry.entry_name();
        let header = begin(&mut writer, &name, file.crc, file.entry.size_bytes)?;
        output.write_all(&header)?;
        let copied = read_through(&file.path, |piece| output.write_all(piece))?;
        if copied != file.entry.size_bytes {
            return Err(format!("{} changed while it was read", file.path.display()).into());
        }
        size_bytes += header.len() as u64 + copied;
    }
    let end = writer.finish().ok_or(Refused::Wrong(too_large))?;
    output.write_all(&end)?;
    output.flush()?;
    Ok(size_bytes + end.len() as u64)
}
