//! What is read and written within one transaction.

use std::cell::RefCell;
use std::ops::ControlFlow;

use keruen_domain::protocol::files::Parts;
use keruen_domain::{
    ChangeId, Collection, ContentHash, DeviceId, PersonId, Record, RecordKey, ScopeId, Sum,
    encoding,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::scopes::Held;
use super::{connection, pruning, scopes, snapshots};
use crate::store::files::FileFolder;
use crate::store::{
    Acceptance, ReadTransaction, Row, ScopeState, SharedScope, Snapshot, StoreError, StoredFile,
    WriteTransaction, is_public,
};

/// Statements within a transaction that somebody else begins and ends.
pub(super) struct SqliteTransaction<'a> {
    connection: &'a Connection,
    files: &'a FileFolder,
    /// The scope that was last written to, which is the next one too as a rule: its state is in the table
    /// when the transaction is finished.
    scope: RefCell<Option<(ScopeId, Held)>>,
    /// The row that was last asked for, which is put next as a rule; `None` inside: there is none.
    row: RefCell<Option<(RecordKey, Option<HeldRow>)>>,
}

/// What of a row its successor needs.
#[derive(Clone, Copy)]
struct HeldRow {
    number: i64,
    /// What it adds to its scope's sum.
    addend: Sum,
    is_live: bool,
}

impl HeldRow {
    /// The first three columns.
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            addend: scopes::sum_stored(row.get(1)?),
            is_live: row.get(2)?,
        })
    }
}

impl<'a> SqliteTransaction<'a> {
    pub(super) const fn new(connection: &'a Connection, files: &'a FileFolder) -> Self {
        Self {
            connection,
            files,
            scope: RefCell::new(None),
            row: RefCell::new(None),
        }
    }

    pub(super) const fn connection(&self) -> &'a Connection {
        self.connection
    }

    /// Writes what is not in the tables yet. To be called before the changes are committed.
    pub(super) fn finish(&self) -> Result<(), StoreError> {
        self.row.take();
        match self.scope.take() {
            Some((_, held)) => scopes::set_state(self.connection, &held),
            None => Ok(()),
        }
    }
}

fn decode(sequence: u64, bytes: &[u8]) -> Result<Row, StoreError> {
    let record = encoding::decode(bytes).map_err(|_| StoreError::Damaged { what: "a record" })?;
    Ok(Row {
        sequence,
        record,
        size_bytes: bytes.len(),
    })
}

impl SqliteTransaction<'_> {
    /// The number and state of a scope; `None` if nothing was ever put into it.
    fn find(&self, scope: ScopeId) -> Result<Option<Held>, StoreError> {
        match &*self.scope.borrow() {
            Some((written, held)) if *written == scope => Ok(Some(held.clone())),
            _ => scopes::find(self.connection, scope),
        }
    }

    /// The row to which another content of it is put, if there is one.
    fn row_before(&self, scope: i64, key: &RecordKey) -> Result<Option<HeldRow>, StoreError> {
        if let Some((_, row)) = self.row.take().filter(|(of, _)| of == key) {
            return Ok(row);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT rowid, addend, deleted_ms IS NULL FROM records
             WHERE scope = ?1 AND collection = ?2 AND id = ?3",
        )?;
        let id = key.id.uuid();
        let found = statement.query_row(
            params![scope, key.collection.to_string(), id.as_bytes()],
            HeldRow::of,
        );
        Ok(found.optional()?)
    }
}

impl ReadTransaction for SqliteTransaction<'_> {
    fn epoch(&self) -> Result<u32, StoreError> {
        connection::epoch(self.connection)
    }

    fn shared_scopes(&self) -> Result<Vec<SharedScope>, StoreError> {
        scopes::shared(self.connection)
    }

    fn scopes(&self) -> Result<Vec<(ScopeId, ScopeState)>, StoreError> {
        self.finish()?;
        scopes::all(self.connection)
    }

    fn scope(&self, scope: ScopeId) -> Result<ScopeState, StoreError> {
        let found = self.find(scope)?;
        Ok(found.map(|held| held.state).unwrap_or_default())
    }

    fn row(&self, key: &RecordKey) -> Result<Option<Row>, StoreError> {
        let Some(scope) = self.find(key.scope)? else {
            return Ok(None);
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT rowid, addend, deleted_ms IS NULL, sequence, record FROM records
             WHERE scope = ?1 AND collection = ?2 AND id = ?3",
        )?;
        let id = key.id.uuid();
        let mut rows = statement.query(params![
            scope.number,
            key.collection.to_string(),
            id.as_bytes()
        ])?;
        let found = rows.next()?;
        let held = found.map(HeldRow::of).transpose()?;
        self.row.replace(Some((*key, held)));
        found
            .map(|row| decode(row.get(3)?, blob(row, 4)?))
            .transpose()
    }

    fn rows_after(
        &self,
        scope: ScopeId,
        sequence: u64,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let Some(held) = self.find(scope)? else {
            return Ok(());
        };
        if sequence >= held.state.last_sequence {
            return Ok(());
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT sequence, record FROM records WHERE scope = ?1 AND sequence > ?2 ORDER BY sequence",
        )?;
        let mut rows = statement.query(params![held.number, sequence])?;
        while let Some(row) = rows.next()? {
            match decode(row.get(0)?, blob(row, 1)?) {
                Ok(row) => {
                    if visit(row).is_break() {
                        break;
                    }
                }
                // One damaged record must not keep the others from every device.
                Err(error) => {
                    tracing::error!(%scope, sequence = row.get::<_, u64>(0)?, %error, "a row was left out");
                }
            }
        }
        Ok(())
    }

    fn accepted_change(&self, change: ChangeId) -> Result<Option<Acceptance>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT digest, bounded FROM changes WHERE id = ?1")?;
        let id = change.uuid();
        let acceptance = statement.query_row([id.as_bytes()], |row| {
            Ok(Acceptance {
                content: ContentHash(row.get(0)?),
                bounded: row.get(1)?,
            })
        });
        Ok(acceptance.optional()?)
    }

    fn device_seen_ms(
        &self,
        device: DeviceId,
        person: PersonId,
    ) -> Result<Option<u64>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT last_seen_ms FROM devices WHERE id = ?1 AND person = ?2")?;
        let person = person.uuid();
        let seen = statement.query_row(params![device.0.to_be_bytes(), person.as_bytes()], |row| {
            row.get(0)
        });
        Ok(seen.optional()?)
    }

    fn snapshot(&self, scope: ScopeId) -> Result<Option<Snapshot>, StoreError> {
        snapshots::newest(self.connection, scope)
    }

    fn has_chunk(&self, scope: ScopeId, content: &ContentHash) -> Result<bool, StoreError> {
        snapshots::has_chunk(self.connection, scope, content)
    }

    fn files_in(&self, scope: ScopeId) -> Result<Vec<(ContentHash, u64)>, StoreError> {
        let Some(scope) = scopes::find(self.connection, scope)? else {
            return Ok(Vec::new());
        };
        let mut statement = self
            .connection
            .prepare_cached("SELECT sha256, size_bytes FROM files WHERE scope = ?1")?;
        let files = statement.query_map([scope.number], |row| {
            Ok((ContentHash(row.get(0)?), row.get(1)?))
        })?;
        Ok(files.collect::<Result<_, _>>()?)
    }

    fn files(&self, sha256: &ContentHash) -> Result<Vec<StoredFile>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT scopes.kind, scopes.id, files.size_bytes, files.media_type, files.name
             FROM files JOIN scopes ON scopes.number = files.scope
             WHERE files.sha256 = ?1 ORDER BY scopes.number",
        )?;
        let mut rows = statement.query([sha256.0])?;
        let mut files = Vec::new();
        while let Some(row) = rows.next()? {
            files.push(StoredFile {
                sha256: *sha256,
                scope: scopes::from_columns(
                    row.get_ref(0)?.as_str().unwrap_or_default(),
                    row.get(1)?,
                )?,
                path: self.files.path(sha256),
                size_bytes: row.get(2)?,
                media_type: row.get(3)?,
                name: row.get(4)?,
            });
        }
        Ok(files)
    }

    fn file_parts(&self, sha256: &ContentHash) -> Result<Option<Parts>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT size_bytes, part_bytes, parts FROM file_parts WHERE sha256 = ?1",
        )?;
        let mut rows = statement.query([sha256.0])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let (hashes, rest) = blob(row, 2)?.as_chunks::<32>();
        let parts = Parts {
            size_bytes: row.get(0)?,
            part_bytes: row.get(1)?,
            sha256: hashes.iter().copied().map(ContentHash).collect(),
        };
        if rest.is_empty() && parts.are_whole() {
            Ok(Some(parts))
        } else {
            Err(StoreError::Damaged {
                what: "a file's list of parts",
            })
        }
    }
}

fn blob<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<&'r [u8], StoreError> {
    row.get_ref(column)?
        .as_blob()
        .map_err(|_| StoreError::Damaged { what: "a record" })
}

impl WriteTransaction for SqliteTransaction<'_> {
    fn put_encoded(
        &mut self,
        record: &Record,
        encoded: Vec<u8>,
        now_ms: u64,
    ) -> Result<u64, StoreError> {
        let key = record.key;
        let written = self.scope.take();
        let mut held = match written {
            Some((scope, held)) if scope == key.scope => held,
            written => {
                if let Some((_, held)) = written {
                    scopes::set_state(self.connection, &held)?;
                }
                scopes::find_or_add(self.connection, key.scope)?
            }
        };
        let before = self.row_before(held.number, &key)?;
        if let Some(before) = before {
            held.state.sum -= before.addend;
            held.state.live_rows -= u64::from(before.is_live);
        }
        let addend = Sum::of_encoded(record, &encoded);
        held.state.sum += addend;
        held.state.live_rows += u64::from(!record.is_deleted());
        held.state.last_sequence += 1;
        let sequence = held.state.last_sequence;
        let deleted_ms = record.is_deleted().then_some(now_ms);
        let addend = scopes::stored_sum(addend);
        match before {
            Some(before) => {
                let mut statement = self.connection.prepare_cached(
                    "UPDATE records SET sequence = ?2, record = ?3, addend = ?4, deleted_ms = ?5
                     WHERE rowid = ?1",
                )?;
                statement.execute(params![
                    before.number,
                    sequence,
                    encoded,
                    addend,
                    deleted_ms
                ])?;
            }
            None => {
                let mut statement = self.connection.prepare_cached(
                    "INSERT INTO records (scope, collection, id, sequence, record, addend, deleted_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?;
                statement.execute(params![
                    held.number,
                    key.collection.to_string(),
                    key.id.uuid().as_bytes(),
                    sequence,
                    encoded,
                    addend,
                    deleted_ms,
                ])?;
            }
        }
        let number = held.number;
        self.scope.replace(Some((key.scope, held)));
        if key.collection == Collection::PROGRAMME {
            scopes::set_public(self.connection, number, is_public(record))?;
        }
        Ok(sequence)
    }

    fn note_accepted(
        &mut self,
        change: ChangeId,
        acceptance: Acceptance,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO changes (id, digest, bounded, accepted_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, bounded = excluded.bounded,
                accepted_ms = excluded.accepted_ms",
        )?;
        statement.execute(params![
            change.uuid().as_bytes(),
            acceptance.content.0,
            acceptance.bounded,
            now_ms
        ])?;
        Ok(())
    }

    fn note_device(
        &mut self,
        device: DeviceId,
        person: PersonId,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO devices (id, person, first_seen_ms, last_seen_ms) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (id) DO UPDATE SET person = excluded.person, last_seen_ms = excluded.last_seen_ms",
        )?;
        let (id, owner) = (device.0.to_be_bytes(), person.uuid().into_bytes());
        statement.execute(params![id, owner, now_ms])?;
        let mut statement = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO writers (device, person) VALUES (?1, ?2)")?;
        statement.execute(params![id, owner])?;
        Ok(())
    }

    fn put_snapshot(&mut self, scope: ScopeId, snapshot: &Snapshot) -> Result<(), StoreError> {
        snapshots::put(self.connection, scope, snapshot)
    }

    fn forget_snapshots(
        &mut self,
        replaced_before_ms: u64,
    ) -> Result<Vec<ContentHash>, StoreError> {
        snapshots::forget(self.connection, replaced_before_ms)
    }

    fn prune_tombstones(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError> {
        self.finish()?;
        pruning::tombstones(self.connection, before_ms, at_most)
    }

    fn prune_changes(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError> {
        pruning::changes(self.connection, before_ms, at_most)
    }

    fn put_file_parts(&mut self, sha256: &ContentHash, parts: &Parts) -> Result<(), StoreError> {
        let hashes: Vec<u8> = parts.sha256.iter().flat_map(|part| part.0).collect();
        self.connection.execute(
            "INSERT INTO file_parts (sha256, size_bytes, part_bytes, parts) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (sha256) DO UPDATE SET size_bytes = excluded.size_bytes,
                part_bytes = excluded.part_bytes, parts = excluded.parts",
            params![sha256.0, parts.size_bytes, parts.part_bytes, hashes],
        )?;
        Ok(())
    }

    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &ContentHash,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        // The bytes first: an entry never points to nothing. Bytes without an entry do no harm.
        self.files.put(sha256, bytes)?;
        self.note_file(scope, bytes.len() as u64, sha256, media_type, name)
    }

    fn forget_file(&mut self, scope: ScopeId, sha256: &ContentHash) -> Result<(), StoreError> {
        if let Some(scope) = scopes::find(self.connection, scope)? {
            self.connection.execute(
                "DELETE FROM files WHERE sha256 = ?1 AND scope = ?2",
                params![sha256.0, scope.number],
            )?;
        }
        Ok(())
    }

    fn note_file(
        &mut self,
        scope: ScopeId,
        size_bytes: u64,
        sha256: &ContentHash,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        let scope = scopes::find_or_add(self.connection, scope)?.number;
        self.connection.execute(
            "INSERT INTO files (sha256, scope, size_bytes, media_type, name) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (sha256, scope) DO UPDATE SET media_type = excluded.media_type, name = excluded.name",
            params![sha256.0, scope, size_bytes, media_type, name],
        )?;
        Ok(())
    }
}
