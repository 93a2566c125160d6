//! Copies of a data folder: made while a server runs on it, whole or not there, and put back.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use keruen_domain::ContentHash;
use rusqlite::Connection;

use super::check::{Findings, check};
use super::connection::{self, DATABASE_FILE, Database, make_private_folder};
use crate::store::{Elsewhere, Identity, StoreError};

/// Why a copy was not made, or not put back. Nothing that was there is touched.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is something already where the copy should go.
    #[error("{} is there already", .0.display())]
    Taken(PathBuf),
    /// There is no database in the folder.
    #[error("{} holds no data of Keruen", .0.display())]
    Nothing(PathBuf),
    /// What would have been made is not whole.
    #[error("the copy is not whole: {}", .0.join("; "))]
    NotWhole(Vec<String>),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies everything in this data folder to `to`, which must not be there yet: as it is at one moment,
/// even while a server is running on it. The copy was checked when it appears.
///
/// Snapshots are left out; a server makes them again.
pub fn back_up(
    folder: &Path,
    to: &Path,
    elsewhere: Option<&dyn Elsewhere>,
) -> Result<Findings, CopyError> {
    if !folder.join(DATABASE_FILE).is_file() {
        return Err(CopyError::Nothing(folder.to_owned()));
    }
    if to.exists() {
        return Err(CopyError::Taken(to.to_owned()));
    }
    appear(to, |unfinished| {
        let from = Database::new(folder);
        let made = Database::new(unfinished);
        copy_database(&from.open_reading()?, &unfinished.join(DATABASE_FILE))?;
        let copy = made.open_writing_as_it_is()?;
        copy.execute_batch("DELETE FROM chunks; DELETE FROM snapshots;")
            .map_err(StoreError::from)?;
        copy_files(&copy, &from, &made, elsewhere)
    })
}

/// Puts a copy back as the data folder `to`, as a new history. What lies there now, if anything, is moved
/// to `aside`, which must be given for that and must not be there yet. No server may be running on `to`.
pub fn restore(
    copy: &Path,
    to: &Path,
    aside: Option<&Path>,
    fresh: Identity,
) -> Result<Findings, CopyError> {
    if !copy.join(DATABASE_FILE).is_file() {
        return Err(CopyError::Nothing(copy.to_owned()));
    }
    let is_taken = fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some());
    match aside {
        None if is_taken => return Err(CopyError::Taken(to.to_owned())),
        Some(aside) if aside.exists() => return Err(CopyError::Taken(aside.to_owned())),
        _ => {}
    }
    let made = beside(to, "restoring");
    let findings = fill(&made, |unfinished| {
        let from = Database::new(copy);
        let made = Database::new(unfinished);
        copy_database(&from.open_reading()?, &unfinished.join(DATABASE_FILE))?;
        let (connection, _) = made.open_writing(fresh)?;
        connection
            .execute_batch("DELETE FROM chunks; DELETE FROM snapshots;")
            .map_err(StoreError::from)?;
        connection::set_epoch(&connection, fresh.epoch)?;
        copy_files(&connection, &from, &made, None)
    })?;
    match aside.filter(|_| is_taken) {
        Some(aside) => rename(to, aside)?,
        // An empty folder may be in the way.
        None => drop(fs::remove_dir(to)),
    }
    rename(&made, to)?;
    Ok(findings)
}

/// Makes a folder appear whole: filled under another name, checked, then named.
fn appear(
    to: &Path,
    work: impl FnOnce(&Path) -> Result<(), CopyError>,
) -> Result<Findings, CopyError> {
    let unfinished = beside(to, "part");
    let findings = fill(&unfinished, work)?;
    rename(&unfinished, to)?;
    Ok(findings)
}

/// Fills a new folder and checks it; leaves nothing behind when that fails.
fn fill(
    folder: &Path,
    work: impl FnOnce(&Path) -> Result<(), CopyError>,
) -> Result<Findings, CopyError> {
    make_private_folder(folder).map_err(|source| failed(folder, source))?;
    let filled = work(folder).and_then(|()| {
        let findings = check(folder, None)?;
        if findings.faults.is_empty() {
            Ok(findings)
        } else {
            Err(CopyError::NotWhole(findings.faults))
        }
    });
    if filled.is_err() {
        // It says what went wrong; that a rest could not be removed matters less.
        let _ = fs::remove_dir_all(folder);
    }
    filled
}

/// One statement that reads one moment, whatever is written meanwhile; the copy has no rests of what was
/// deleted.
fn copy_database(from: &Connection, to: &Path) -> Result<(), CopyError> {
    let name = to.to_str().ok_or(StoreError::Damaged {
        what: "the name of the folder is no text; a path",
    })?;
    from.execute("VACUUM INTO ?1", [name])
        .map_err(StoreError::from)?;
    let written = File::open(to).and_then(|file| file.sync_all());
    written.map_err(|source| failed(to, source))
}

fn copy_files(
    copy: &Connection,
    from: &Database,
    to: &Database,
    elsewhere: Option<&dyn Elsewhere>,
) -> Result<(), CopyError> {
    let mut statement = copy
        .prepare("SELECT sha256, max(size_bytes) FROM files GROUP BY sha256")
        .map_err(StoreError::from)?;
    let names = statement
        .query_map([], |row| {
            Ok((ContentHash(row.get(0)?), row.get::<_, u64>(1)?))
        })
        .map_err(StoreError::from)?;
    for name in names {
        let (name, size_bytes) = name.map_err(StoreError::from)?;
        let path = from.files().path(&name);
        match (fs::read(&path), elsewhere) {
            (Ok(bytes), _) => to.files().put(&name, &bytes)?,
            // It lay there only for a while.
            (Err(error), Some(elsewhere)) if error.kind() == io::ErrorKind::NotFound => {
                to.files().fill(&name, size_bytes, |output| {
                    elsewhere.fetch(&name, output).map_err(io::Error::other)
                })?;
            }
            (Err(error), _) => return Err(failed(&path, error)),
        }
    }
    Ok(())
}

/// A name next to the folder's own, so that renaming stays on one disk.
fn beside(folder: &Path, what: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(format!(".{what}-{}", std::process::id()));
    name.into()
}

fn rename(from: &Path, to: &Path) -> Result<(), CopyError> {
    let renamed = fs::rename(from, to).and_then(|()| match to.parent() {
        Some(above) if !above.as_os_str().is_empty() => File::open(above)?.sync_all(),
        _ => Ok(()),
    });
    renamed.map_err(|source| failed(to, source))
}

fn failed(path: &Path, source: std::io::Error) -> CopyError {
    let path = path.to_owned();
    StoreError::Folder { path, source }.into()
}
