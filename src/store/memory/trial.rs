//! A database in memory that fails when it is told to, and forgets as a phone without power does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::{Memory, Staged, Tables};
use crate::store::backend::Durability;
use crate::store::error::StoreError;

/// Where a transaction is when something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It is being opened.
    Begin,
    /// It is asked for something.
    Request,
    /// It is being committed.
    Commit,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The transaction fails and leaves no trace.
    Fails(StoreError),
    /// The tab dies; the transaction leaves no trace.
    DiesBefore,
    /// The tab dies, but what was being committed is there.
    DiesAfter,
}

/// What a database in memory will meet; shared by all handles on it.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    armed: Rc<RefCell<Option<(u32, Fate)>>>,
    met: Rc<Cell<Option<Moment>>>,
    /// What stood before each commit that a loss of power may take back, oldest first.
    undo: Rc<RefCell<Vec<Staged>>>,
}

impl Trial {
    /// At the next moment but `moments`, this happens. Replaces what was to happen before.
    pub fn arm(&self, moments: u32, fate: Fate) {
        self.armed.replace(Some((moments, fate)));
        self.met.set(None);
    }

    /// From now on nothing happens. Returns where it did happen, if it did.
    pub fn disarm(&self) -> Option<Moment> {
        self.armed.take();
        self.met.take()
    }

    fn fate_at(&self, moment: Moment) -> Option<Fate> {
        let mut armed = self.armed.borrow_mut();
        match armed.take() {
            Some((0, fate)) => {
                self.met.set(Some(moment));
                Some(fate)
            }
            Some((moments, fate)) => {
                *armed = Some((moments - 1, fate));
                None
            }
            None => None,
        }
    }

    pub(super) fn meet(&self, moment: Moment) -> Result<(), StoreError> {
        match self.fate_at(moment) {
            Some(Fate::Fails(error)) => Err(error),
            Some(Fate::DiesBefore | Fate::DiesAfter) => Err(StoreError::Closed),
            None => Ok(()),
        }
    }

    /// `Ok` if the commit is to be done; inside is what its caller hears.
    pub(super) fn meet_commit(
        &self,
        durability: Durability,
        tables: &RefCell<Tables>,
        staged: &RefCell<Staged>,
    ) -> Result<Result<(), StoreError>, StoreError> {
        let heard = match self.fate_at(Moment::Commit) {
            Some(Fate::Fails(error)) => return Err(error),
            Some(Fate::DiesBefore) => return Err(StoreError::Closed),
            Some(Fate::DiesAfter) => Err(StoreError::Closed),
            None => Ok(()),
        };
        // A strict commit takes all before it along to the disk: one log, written in order.
        match durability {
            Durability::ReadOnly => {}
            Durability::Strict => self.undo.borrow_mut().clear(),
            Durability::Relaxed => {
                let tables = tables.borrow();
                let staged = staged.borrow();
                let before = staged.iter().map(|(table, written)| {
                    let cells = tables.get(table);
                    let held = |key: &String| cells.and_then(|cells| cells.get(key)).cloned();
                    let before = written.keys().map(|key| (key.clone(), held(key)));
                    (*table, before.collect())
                });
                self.undo.borrow_mut().push(before.collect());
            }
        }
        Ok(heard)
    }
}

impl Memory {
    /// What this database will meet.
    pub const fn trial(&self) -> &Trial {
        &self.trial
    }

    /// Another database with the same content, which meets nothing.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            tables: Rc::new(RefCell::new(self.tables.borrow().clone())),
            trial: Trial::default(),
        }
    }

    /// How many commits a loss of power could take back.
    pub fn commits_at_risk(&self) -> usize {
        self.trial.undo.borrow().len()
    }

    /// The power is lost: the last `lost` of the commits at risk never were.
    pub fn lose_power(&self, lost: usize) {
        let mut tables = self.tables.borrow_mut();
        let mut undo = self.trial.undo.borrow_mut();
        for _ in 0..lost.min(undo.len()) {
            for (table, before) in undo.pop().into_iter().flatten() {
                let cells = tables.entry(table).or_default();
                for (key, value) in before {
                    match value {
                        Some(value) => cells.insert(key, value),
                        None => cells.remove(&key),
                    };
                }
            }
        }
        undo.clear();
    }
}
