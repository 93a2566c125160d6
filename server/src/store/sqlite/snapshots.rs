//! Snapshots and which chunks they consist of.

use keruen_domain::protocol::v1::Cursor;
use keruen_domain::protocol::v2::Chunk;
use keruen_domain::{ContentHash, ScopeId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::scopes;
use crate::store::{Snapshot, StoreError};

/// The newest of a scope.
pub(super) fn newest(
    connection: &Connection,
    scope: ScopeId,
) -> Result<Option<Snapshot>, StoreError> {
    let Some(held) = scopes::find(connection, scope)? else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(
        "SELECT number, epoch, sequence, built_ms FROM snapshots
         WHERE scope = ?1 AND replaced_ms IS NULL",
    )?;
    let found = statement.query_row([held.number], |row| {
        let cursor = Cursor {
            epoch: row.get(1)?,
            sequence: row.get(2)?,
        };
        Ok((row.get::<_, i64>(0)?, cursor, row.get(3)?))
    });
    let Some((number, cursor, built_ms)) = found.optional()? else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(
        "SELECT sha256, size_bytes, records FROM chunks WHERE snapshot = ?1 ORDER BY position",
    )?;
    let chunks = statement.query_map([number], |row| {
        Ok(Chunk {
            sha256: ContentHash(row.get(0)?),
            size_bytes: row.get(1)?,
            records: row.get(2)?,
        })
    })?;
    Ok(Some(Snapshot {
        cursor,
        built_ms,
        chunks: chunks.collect::<Result<_, _>>()?,
    }))
}

/// Whether any snapshot of the scope has this chunk.
pub(super) fn has_chunk(
    connection: &Connection,
    scope: ScopeId,
    content: &ContentHash,
) -> Result<bool, StoreError> {
    let Some(held) = scopes::find(connection, scope)? else {
        return Ok(false);
    };
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM chunks JOIN snapshots ON snapshots.number = chunks.snapshot
         WHERE chunks.sha256 = ?1 AND snapshots.scope = ?2 LIMIT 1",
    )?;
    Ok(statement.exists(params![content.0, held.number])?)
}

/// Puts one in the place of the scope's newest.
pub(super) fn put(
    connection: &Connection,
    scope: ScopeId,
    snapshot: &Snapshot,
) -> Result<(), StoreError> {
    let scope = scopes::find_or_add(connection, scope)?.number;
    connection.execute(
        "UPDATE snapshots SET replaced_ms = ?2 WHERE scope = ?1 AND replaced_ms IS NULL",
        params![scope, snapshot.built_ms],
    )?;
    connection.execute(
        "INSERT INTO snapshots (scope, epoch, sequence, built_ms) VALUES (?1, ?2, ?3, ?4)",
        params![
            scope,
            snapshot.cursor.epoch,
            snapshot.cursor.sequence,
            snapshot.built_ms
        ],
    )?;
    let number = connection.last_insert_rowid();
    let mut statement = connection.prepare_cached(
        "INSERT INTO chunks (snapshot, position, sha256, size_bytes, records)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (position, chunk) in snapshot.chunks.iter().enumerate() {
        statement.execute(params![
            number,
            position,
            chunk.sha256.0,
            chunk.size_bytes,
            chunk.records
        ])?;
    }
    Ok(())
}

/// Forgets what was replaced before this time; returns the chunks that none names any more.
pub(super) fn forget(
    connection: &Connection,
    replaced_before_ms: u64,
) -> Result<Vec<ContentHash>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT sha256 FROM chunks WHERE sha256 NOT IN (
             SELECT chunks.sha256 FROM chunks
             JOIN snapshots ON snapshots.number = chunks.snapshot
             WHERE replaced_ms IS NULL OR replaced_ms >= ?1)",
    )?;
    let unnamed: Vec<ContentHash> = statement
        .query_map([replaced_before_ms], |row| row.get(0).map(ContentHash))?
        .collect::<Result<_, _>>()?;
    connection.execute(
        "DELETE FROM snapshots WHERE replaced_ms < ?1",
        [replaced_before_ms],
    )?;
    Ok(unnamed)
}
