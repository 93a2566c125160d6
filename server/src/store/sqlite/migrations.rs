//! The steps that lead to today's tables. A released step is never edited: add one.

use rusqlite::Connection;

use crate::store::StoreError;

const STEPS: &[&str] = &[include_str!("../../../migrations/sqlite/0001_initial.sql")];

/// Runs the steps that this database has not seen. The caller holds a transaction.
pub(super) fn run(connection: &Connection) -> Result<(), StoreError> {
    let done: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if done > STEPS.len() {
        return Err(StoreError::TooNew {
            found: done,
            newest: STEPS.len(),
        });
    }
    for (index, step) in STEPS.iter().enumerate().skip(done) {
        connection.execute_batch(step)?;
        connection.pragma_update(None, "user_version", index + 1)?;
    }
    Ok(())
}
