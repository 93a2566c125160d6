//! Opening the database.

use std::fs::DirBuilder;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keruen_domain::PersonId;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior};

use super::migrations;
pub(super) use super::migrations::NEWEST as KEPT_VERSION;
use crate::store::files::FileFolder;
use crate::store::{Identity, StoreError, UnfinishedFolder};

pub(super) const DATABASE_FILE: &str = "keruen.db";
const FILE_FOLDER: &str = "files";
const CHUNK_FOLDER: &str = "chunks";
const UNFINISHED_FOLDER: &str = "unfinished";
/// How long to wait for another process, such as an import, to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// Memory for pages of one connection, in KiB (negative, as SQLite wants it).
const CACHE_KIB: i64 = -2_000;
/// The same for the one that writes. A request's changes lie all over the tables, and each looks at a
/// dozen pages: with too few of them in memory, a quarter of the time goes into reading them again.
const WRITING_CACHE_KIB: i64 = -8_000;
/// Pages that a transaction has changed before some of them are written, and written again when they
/// change again. At most 16 MB, and none of it between transactions.
const SPILL_PAGES: i64 = 4_096;
/// Statements of ours that a connection keeps prepared.
const PREPARED_STATEMENTS: usize = 64;

/// Where a store lies.
#[derive(Clone)]
pub(super) struct Database {
    folder: PathBuf,
    files: FileFolder,
    unfinished: UnfinishedFolder,
    chunks: FileFolder,
}

impl Database {
    pub(super) fn new(folder: &Path) -> Self {
        let files = FileFolder::new(folder.join(FILE_FOLDER));
        Self {
            folder: folder.to_owned(),
            unfinished: UnfinishedFolder::new(folder.join(UNFINISHED_FOLDER), files.clone()),
            files,
            chunks: FileFolder::new(folder.join(CHUNK_FOLDER)),
        }
    }

    pub(super) const fn files(&self) -> &FileFolder {
        &self.files
    }

    pub(super) const fn unfinished(&self) -> &UnfinishedFolder {
        &self.unfinished
    }

    pub(super) const fn chunks(&self) -> &FileFolder {
        &self.chunks
    }

    /// A connection that may write, to a database that exists and has today's tables.
    pub(super) fn open_writing(
        &self,
        fresh: Identity,
    ) -> Result<(Connection, Identity), StoreError> {
        make_private_folder(&self.folder).map_err(|source| StoreError::Folder {
            path: self.folder.clone(),
            source,
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut connection = self.open(flags)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", WRITING_CACHE_KIB)?;
        connection.pragma_update(None, "cache_spill", SPILL_PAGES)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        migrations::run(&transaction)?;
        let identity = identity(&transaction, fresh)?;
        transaction.commit()?;
        Ok((connection, identity))
    }

    /// A connection that may write to a database whatever its tables are, and leaves nothing beside its
    /// one file.
    pub(super) fn open_writing_as_it_is(&self) -> Result<Connection, StoreError> {
        let connection = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "journal_mode", "DELETE")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(connection)
    }

    /// A connection that cannot write.
    pub(super) fn open_reading(&self) -> Result<Connection, StoreError> {
        self.open(OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    fn open(&self, flags: OpenFlags) -> Result<Connection, StoreError> {
        let path = self.folder.join(DATABASE_FILE);
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        Ok(connection)
    }
}

/// People's notes are in it: not for other users of the machine.
pub(super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

const EPOCH: &str = "epoch";
const ORGANISER: &str = "organiser";

fn identity(connection: &Connection, fresh: Identity) -> Result<Identity, StoreError> {
    let organiser: Option<[u8; 16]> = meta(connection, ORGANISER)?;
    let Some(organiser) = organiser else {
        set_meta(
            connection,
            ORGANISER,
            fresh.organiser.uuid().as_bytes().as_slice(),
        )?;
        set_epoch(connection, fresh.epoch)?;
        return Ok(fresh);
    };
    Ok(Identity {
        epoch: epoch(connection)?,
        organiser: PersonId::from_uuid(uuid::Uuid::from_bytes(organiser)),
    })
}

pub(super) fn epoch(connection: &Connection) -> Result<u32, StoreError> {
    meta(connection, EPOCH)?.ok_or(StoreError::Damaged { what: "the epoch" })
}

pub(super) fn set_epoch(connection: &Connection, epoch: u32) -> Result<(), StoreError> {
    set_meta(connection, EPOCH, epoch)
}

fn meta<T: rusqlite::types::FromSql>(
    connection: &Connection,
    name: &str,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    let value = statement.query_row([name], |row| row.get(0)).optional()?;
    Ok(value)
}

fn set_meta(
    connection: &Connection,
    name: &str,
    value: impl rusqlite::ToSql,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        rusqlite::params![name, value],
    )?;
    Ok(())
}
