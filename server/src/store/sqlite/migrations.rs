//! The steps that lead to today's tables. A released step is never edited: add one.

use keruen_domain::{Record, Sum, encoding};
use rusqlite::{Connection, params};

use super::scopes::stored_sum;
use crate::store::{StoreError, deleted_at_ms};

/// One version of the tables to the next.
struct Step {
    tables: &'static str,
    /// What is to be done with the rows that are there.
    rows: fn(&Connection) -> Result<(), StoreError>,
}

const STEPS: &[Step] = &[
    Step {
        tables: include_str!("../../../migrations/sqlite/0001_initial.sql"),
        rows: |_| Ok(()),
    },
    Step {
        tables: include_str!("../../../migrations/sqlite/0002_snapshots.sql"),
        rows: sum_up,
    },
    Step {
        tables: include_str!("../../../migrations/sqlite/0003_people.sql"),
        rows: |_| Ok(()),
    },
    Step {
        tables: include_str!("../../../migrations/sqlite/0004_shares.sql"),
        rows: |_| Ok(()),
    },
    Step {
        tables: include_str!("../../../migrations/sqlite/0005_groups.sql"),
        rows: |_| Ok(()),
    },
    Step {
        tables: include_str!("../../../migrations/sqlite/0006_removals.sql"),
        rows: |_| Ok(()),
    },
    Step {
        tables: include_str!("../../../migrations/sqlite/0007_calendars.sql"),
        rows: |_| Ok(()),
    },
    Step {
        tables: include_str!("../../../migrations/sqlite/0008_file_parts.sql"),
        rows: |_| Ok(()),
    },
    Step {
        tables: include_str!("../../../migrations/sqlite/0009_files_by_scope.sql"),
        rows: |_| Ok(()),
    },
    Step {
        tables: include_str!("../../../migrations/sqlite/0010_writers.sql"),
        rows: |_| Ok(()),
    },
];

/// The version of the tables after the last step.
pub(super) const NEWEST: usize = STEPS.len();

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
        connection.execute_batch(step.tables)?;
        (step.rows)(connection)?;
        connection.pragma_update(None, "user_version", index + 1)?;
    }
    Ok(())
}

/// The sums, counts and times of deletion for rows that were written before these were kept. When a
/// tombstone was written was not noted; when it was made, by its own stamp, is near enough.
fn sum_up(connection: &Connection) -> Result<(), StoreError> {
    let mut read =
        connection.prepare("SELECT rowid, record FROM records WHERE rowid > ?1 LIMIT 1000")?;
    let mut write =
        connection.prepare("UPDATE records SET addend = ?2, deleted_ms = ?3 WHERE rowid = ?1")?;
    let mut last = i64::MIN;
    loop {
        let rows: Vec<(i64, Vec<u8>)> = read
            .query_map([last], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let Some((reached, _)) = rows.last() else {
            break;
        };
        last = *reached;
        for (number, bytes) in rows {
            match encoding::decode::<Record>(&bytes) {
                Ok(record) => {
                    let addend = stored_sum(Sum::of(&record));
                    write.execute(params![number, addend, deleted_at_ms(&record)])?;
                }
                Err(error) => tracing::error!(number, %error, "a row is not in its scope's sum"),
            }
        }
    }
    // SQLite's `sum` fails where these are meant to wrap around.
    let mut sums = std::collections::BTreeMap::<i64, (Sum, u64)>::new();
    let mut read = connection.prepare("SELECT scope, addend, deleted_ms IS NULL FROM records")?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let (sum, live) = sums.entry(row.get(0)?).or_default();
        *sum += super::scopes::sum_stored(row.get(1)?);
        *live += u64::from(row.get::<_, bool>(2)?);
    }
    for (scope, (sum, live)) in sums {
        connection.execute(
            "UPDATE scopes SET sum = ?2, live_rows = ?3 WHERE number = ?1",
            params![scope, stored_sum(sum), live],
        )?;
    }
    Ok(())
}
