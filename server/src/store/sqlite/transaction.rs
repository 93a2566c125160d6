//! What is read and written within one transaction.

use std::ops::ControlFlow;

use keruen_domain::{
    ChangeId, Collection, ContentHash, DeviceId, PersonId, Record, RecordKey, ScopeId, Sum,
    encoding,
};
use rusqlite::{Connection, OptionalExtension as _, params};

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
}

impl<'a> SqliteTransaction<'a> {
    pub(super) const fn new(connection: &'a Connection, files: &'a FileFolder) -> Self {
        Self { connection, files }
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
    /// What a row adds to its scope's sum, and whether it is live.
    fn addend(
        &self,
        scope: i64,
        collection: &str,
        id: &uuid::Uuid,
    ) -> Result<Option<(Sum, bool)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT addend, deleted_ms IS NULL FROM records
             WHERE scope = ?1 AND collection = ?2 AND id = ?3",
        )?;
        let found = statement.query_row(params![scope, collection, id.as_bytes()], |row| {
            Ok((scopes::sum_stored(row.get(0)?), row.get(1)?))
        });
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
        scopes::all(self.connection)
    }

    fn scope(&self, scope: ScopeId) -> Result<ScopeState, StoreError> {
        let found = scopes::find(self.connection, scope)?;
        Ok(found.map(|held| held.state).unwrap_or_default())
    }

    fn row(&self, key: &RecordKey) -> Result<Option<Row>, StoreError> {
        let Some(scope) = scopes::find(self.connection, key.scope)? else {
            return Ok(None);
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT sequence, record FROM records WHERE scope = ?1 AND collection = ?2 AND id = ?3",
        )?;
        let id = key.id.uuid();
        let mut rows = statement.query(params![
            scope.number,
            key.collection.to_string(),
            id.as_bytes()
        ])?;
        match rows.next()? {
            Some(row) => decode(row.get(0)?, blob(row, 1)?).map(Some),
            None => Ok(None),
        }
    }

    fn rows_after(
        &self,
        scope: ScopeId,
        sequence: u64,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let Some(held) = scopes::find(self.connection, scope)? else {
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
}

fn blob<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<&'r [u8], StoreError> {
    row.get_ref(column)?
        .as_blob()
        .map_err(|_| StoreError::Damaged { what: "a record" })
}

impl WriteTransaction for SqliteTransaction<'_> {
    fn put(&mut self, record: &Record, now_ms: u64) -> Result<u64, StoreError> {
        let key = record.key;
        let mut held = scopes::find_or_add(self.connection, key.scope)?;
        let collection = key.collection.to_string();
        let id = key.id.uuid();
        if let Some((addend, was_live)) = self.addend(held.number, &collection, &id)? {
            held.state.sum -= addend;
            held.state.live_rows -= u64::from(was_live);
        }
        let addend = Sum::of(record);
        held.state.sum += addend;
        held.state.live_rows += u64::from(!record.is_deleted());
        held.state.last_sequence += 1;
        let sequence = held.state.last_sequence;
        let deleted_ms = record.is_deleted().then_some(now_ms);
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO records (scope, collection, id, sequence, record, addend, deleted_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (scope, collection, id) DO UPDATE SET sequence = excluded.sequence,
                record = excluded.record, addend = excluded.addend, deleted_ms = excluded.deleted_ms",
        )?;
        statement.execute(params![
            held.number,
            collection,
            id.as_bytes(),
            sequence,
            encoding::encode(record),
            scopes::stored_sum(addend),
            deleted_ms,
        ])?;
        scopes::set_state(self.connection, &held)?;
        if key.collection == Collection::PROGRAMME {
            scopes::set_public(self.connection, held.number, is_public(record))?;
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
        statement.execute(params![
            device.0.to_be_bytes(),
            person.uuid().as_bytes(),
            now_ms
        ])?;
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
        pruning::tombstones(self.connection, before_ms, at_most)
    }

    fn prune_changes(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError> {
        pruning::changes(self.connection, before_ms, at_most)
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
        let scope = scopes::find_or_add(self.connection, scope)?.number;
        self.connection.execute(
            "INSERT INTO files (sha256, scope, size_bytes, media_type, name) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (sha256, scope) DO UPDATE SET media_type = excluded.media_type, name = excluded.name",
            params![sha256.0, scope, bytes.len(), media_type, name],
        )?;
        Ok(())
    }
}
