//! The one thread that writes.

use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, MAIN_DB, TransactionBehavior};
use tokio::sync::oneshot;

use super::transaction::SqliteTransaction;
use crate::store::files::FileFolder;
use crate::store::{StoreError, WriteWork};

/// Pieces of work in one transaction: what waits longer than the disk needs for a few of them
/// would make the first in the queue wait for the last.
const GROUP: usize = 128;

/// From so many pages on, what is in SQLite's journal is moved into the tables.
const TIDY_FROM_PAGES: c_int = 1_000;

/// How many pages the journal had after the last commit.
type JournalPages = Arc<AtomicI32>;
type Answer = oneshot::Sender<Result<(), StoreError>>;

struct Job {
    work: WriteWork,
    answer: Answer,
}

/// Runs work in the order of its arrival, commits what is waiting together, then answers.
pub(super) struct Writer {
    queue: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(mut connection: Connection, files: FileFolder) -> Result<Self, StoreError> {
        let (sender, receiver) = channel();
        let journal = JournalPages::default();
        let pages_now = journal.clone();
        // Takes the place of SQLite's own way, which is to tidy up before a commit returns.
        connection.wal_hook(Some(move |_: &mut Wal, pages: c_int| {
            pages_now.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(&mut connection, &files, &receiver, &journal))
            .map_err(|_| StoreError::Closed)?;
        Ok(Self {
            queue: Some(sender),
            thread: Some(thread),
        })
    }

    pub(super) fn queue(&self, work: WriteWork, answer: Answer) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue
            .send(Job { work, answer })
            .map_err(|_| StoreError::Closed)
    }
}

impl Drop for Writer {
    /// Waits until everything queued is durable.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // It reports its own failures; there is nothing left to do about one here.
            let _ = thread.join();
        }
    }
}

fn run(
    connection: &mut Connection,
    files: &FileFolder,
    queue: &Receiver<Job>,
    journal: &JournalPages,
) {
    while let Ok(first) = queue.recv() {
        let mut answers = Vec::new();
        let waiting = queue.try_iter().take(GROUP - 1);
        let committed = commit_together(connection, files, first, waiting, &mut answers);
        if let Err(error) = &committed {
            tracing::error!(%error, cause = ?error, "a group of changes was not committed");
        }
        for (answer, result) in answers {
            let result = match &committed {
                Ok(()) => result,
                Err(_) => Err(StoreError::Closed),
            };
            // Nobody waits for it any more: the work is durable all the same.
            let _ = answer.send(result);
        }
        tidy(connection, journal);
    }
}

/// Moves what is in the journal into the tables, once it is worth it. Nobody waits for that: what is in
/// the journal is durable.
fn tidy(connection: &Connection, journal: &JournalPages) {
    if journal.load(Ordering::Relaxed) < TIDY_FROM_PAGES {
        return;
    }
    journal.store(0, Ordering::Relaxed);
    // Readers may hold it up; the next commit tries it again.
    if let Err(error) = connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::PASSIVE) {
        tracing::error!(%error, "the journal was not moved into the tables");
    }
}

fn commit_together(
    connection: &mut Connection,
    files: &FileFolder,
    first: Job,
    mut others: impl Iterator<Item = Job>,
    answers: &mut Vec<(Answer, Result<(), StoreError>)>,
) -> Result<(), StoreError> {
    let mut group = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(second) = others.next() else {
        // Alone, it need not be undone by itself: SQLite would note each page as it was before.
        let result = work_in(&group, files, first.work);
        let is_done = result.is_ok();
        answers.push((first.answer, result));
        let ended = if is_done {
            group.commit()
        } else {
            group.rollback()
        };
        return Ok(ended?);
    };
    for job in [first, second].into_iter().chain(others) {
        let savepoint = group.savepoint()?;
        let result = match work_in(&savepoint, files, job.work) {
            Ok(()) => savepoint.commit().map_err(StoreError::from),
            Err(error) => savepoint.finish().map_err(StoreError::from).and(Err(error)),
        };
        answers.push((job.answer, result));
    }
    group.commit()?;
    Ok(())
}

fn work_in(connection: &Connection, files: &FileFolder, work: WriteWork) -> Result<(), StoreError> {
    let mut transaction = SqliteTransaction::new(connection, files);
    // A panic undoes its own work and spares that of the others.
    let result = catch_unwind(AssertUnwindSafe(|| work(&mut transaction)));
    result.map_or(Err(StoreError::Closed), |worked| {
        worked.and_then(|()| transaction.finish())
    })
}
