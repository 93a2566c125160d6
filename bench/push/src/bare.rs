//! What SQLite alone does: the same rows, one writer, what waits is committed together.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use anyhow::{Context as _, Result};
use keruen_domain::{Change, encoding};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::changes::changes;

/// As many as the server commits together.
const GROUP: usize = 128;

/// A row to be written, and who waits for it.
pub(crate) struct Job {
    change: Change,
    done: SyncSender<()>,
}

/// Opens a database and begins to write what comes through the queue.
pub(crate) fn start(file: &Path) -> Result<Sender<Job>> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE records (id BLOB PRIMARY KEY, sequence INTEGER NOT NULL UNIQUE, record BLOB NOT NULL) WITHOUT ROWID;
         CREATE TABLE changes (id BLOB PRIMARY KEY, device INTEGER NOT NULL) WITHOUT ROWID;",
    )?;
    let (sender, receiver) = channel();
    thread::spawn(move || write(connection, &receiver));
    Ok(sender)
}

fn write(mut connection: Connection, queue: &Receiver<Job>) -> Result<()> {
    let mut sequence = 0_u64;
    while let Ok(first) = queue.recv() {
        let jobs: Vec<Job> = std::iter::once(first)
            .chain(queue.try_iter().take(GROUP - 1))
            .collect();
        let group = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in &jobs {
            sequence += 1;
            let Change { id, record } = &job.change;
            group
                .prepare_cached("INSERT INTO records (id, sequence, record) VALUES (?1, ?2, ?3)")?
                .execute(params![
                    record.key.id.uuid().as_bytes(),
                    sequence,
                    encoding::encode(record)
                ])?;
            group
                .prepare_cached("INSERT INTO changes (id, device) VALUES (?1, 0)")?
                .execute([id.uuid().as_bytes()])?;
        }
        group.commit()?;
        for job in jobs {
            // Who waits no longer needs no answer.
            let _ = job.done.send(());
        }
    }
    Ok(())
}

/// Writes one change after the other until the time is over.
pub(crate) fn push(
    queue: &Sender<Job>,
    number: u64,
    is_over: &AtomicBool,
    done: &AtomicU64,
) -> Result<()> {
    let (answer, answered) = sync_channel(1);
    for change in changes(number, 1_750_000_000_000) {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let job = Job {
            change,
            done: answer.clone(),
        };
        queue.send(job).ok().context("the writer has ended")?;
        answered.recv().context("the writer has ended")?;
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
