//! The removal of what need not be remembered any more, a piece at a time.

use rusqlite::{Connection, params};

use crate::store::StoreError;

/// Removes tombstones that were put before this time, oldest first.
pub(super) fn tombstones(
    connection: &Connection,
    before_ms: u64,
    at_most: u32,
) -> Result<u32, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT rowid, scope, sequence FROM records WHERE deleted_ms < ?1
         ORDER BY deleted_ms LIMIT ?2",
    )?;
    let found: Vec<(i64, i64, u64)> = statement
        .query_map(params![before_ms, at_most], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    let mut remove = connection.prepare_cached("DELETE FROM records WHERE rowid = ?1")?;
    let mut note = connection.prepare_cached(
        "UPDATE scopes SET pruned_through = max(pruned_through, ?2) WHERE number = ?1",
    )?;
    let mut removed = 0;
    for (row, scope, sequence) in found {
        remove.execute([row])?;
        note.execute(params![scope, sequence])?;
        removed += 1;
    }
    Ok(removed)
}

/// Forgets changes that were accepted before this time.
pub(super) fn changes(
    connection: &Connection,
    before_ms: u64,
    at_most: u32,
) -> Result<u32, StoreError> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM changes WHERE id IN (
             SELECT id FROM changes WHERE accepted_ms < ?1 ORDER BY accepted_ms LIMIT ?2)",
    )?;
    let forgotten = statement.execute(params![before_ms, at_most])?;
    Ok(u32::try_from(forgotten).unwrap_or(u32::MAX))
}
