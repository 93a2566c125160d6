//! The one thread that writes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, Savepoint, TransactionBehavior};
use tokio::sync::oneshot;

use super::transaction::SqliteTransaction;
use crate::store::files::FileFolder;
use crate::store::{StoreError, WriteWork};

/// Pieces of work in one transaction: what waits longer than the disk needs for a few of them
/// would make the first in the queue wait for the last.
const GROUP: usize = 128;

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
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(&mut connection, &files, &receiver))
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

fn run(connection: &mut Connection, files: &FileFolder, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let waiting = std::iter::once(first).chain(queue.try_iter().take(GROUP - 1));
        let mut answers = Vec::new();
        let committed = commit_together(connection, files, waiting, &mut answers);
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
    }
}

fn commit_together(
    connection: &mut Connection,
    files: &FileFolder,
    jobs: impl Iterator<Item = Job>,
    answers: &mut Vec<(Answer, Result<(), StoreError>)>,
) -> Result<(), StoreError> {
    let mut group = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in jobs {
        let result = run_alone(group.savepoint()?, files, job.work);
        answers.push((job.answer, result));
    }
    group.commit()?;
    Ok(())
}

fn run_alone(
    savepoint: Savepoint<'_>,
    files: &FileFolder,
    work: WriteWork,
) -> Result<(), StoreError> {
    let mut transaction = SqliteTransaction::new(&savepoint, files);
    // A panic undoes its own work and spares that of the others.
    let result = catch_unwind(AssertUnwindSafe(|| work(&mut transaction)));
    match result.map(|worked| worked.and_then(|()| transaction.finish())) {
        Ok(Ok(())) => Ok(savepoint.commit()?),
        Ok(Err(error)) => {
            savepoint.finish()?;
            Err(error)
        }
        Err(_) => {
            savepoint.finish()?;
            Err(StoreError::Closed)
        }
    }
}
