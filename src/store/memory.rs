#[cfg(feature = "testing")]
mod trial;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::rc::Rc;

use super::backend::Durability;
use super::error::StoreError;
use super::schema::Table;
#[cfg(feature = "testing")]
pub use trial::{Fate, Moment, Trial};

/// A database in memory. Clones are handles on the same one.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    tables: Rc<RefCell<Tables>>,
    #[cfg(feature = "testing")]
    trial: Trial,
}

type Tables = BTreeMap<Table, Cells>;
type Cells = BTreeMap<String, Vec<u8>>;

impl Memory {
    pub(super) fn begin(
        &self,
        tables: &[Table],
        durability: Durability,
    ) -> Result<MemoryTransaction<'_>, StoreError> {
        #[cfg(feature = "testing")]
        self.trial.meet(Moment::Begin)?;
        Ok(MemoryTransaction {
            memory: self,
            tables: tables.to_vec(),
            durability,
            staged: RefCell::default(),
        })
    }
}

/// What a transaction will write; `None` removes.
type Staged = BTreeMap<Table, BTreeMap<String, Option<Vec<u8>>>>;

/// Writes are staged until the commit. This transaction never waits, so that transactions cannot
/// overlap.
pub struct MemoryTransaction<'a> {
    memory: &'a Memory,
    tables: Vec<Table>,
    durability: Durability,
    staged: RefCell<Staged>,
}

impl MemoryTransaction<'_> {
    /// Refuses what a browser refuses, by the browser's name for it.
    fn check(&self, table: Table, writes: bool) -> Result<(), StoreError> {
        let refusal = if !self.tables.contains(&table) {
            "NotFoundError"
        } else if writes && self.durability == Durability::ReadOnly {
            "ReadOnlyError"
        } else {
            #[cfg(feature = "testing")]
            self.memory.trial.meet(Moment::Request)?;
            return Ok(());
        };
        Err(StoreError::Failed(refusal.to_owned()))
    }

    /// Gives all that stands in a table, in the order of the keys, until told to stop.
    fn visit(&self, table: Table, mut take: impl FnMut(&String, &Vec<u8>) -> bool) {
        let tables = self.memory.tables.borrow();
        let staged = self.staged.borrow();
        let mut committed = tables.get(&table).into_iter().flatten().peekable();
        let mut written = staged.get(&table).into_iter().flatten().peekable();
        loop {
            let is_written_next = match (committed.peek(), written.peek()) {
                (None, None) => return,
                (Some((held, _)), Some((key, _))) => key <= held,
                (held, _) => held.is_none(),
            };
            let next = if is_written_next {
                let next = written.next();
                committed.next_if(|(held, _)| next.is_some_and(|(key, _)| key == *held));
                next.and_then(|(key, value)| Some((key, value.as_ref()?)))
            } else {
                committed.next()
            };
            if next.is_some_and(|(key, value)| !take(key, value)) {
                return;
            }
        }
    }

    fn value(&self, table: Table, key: &str) -> Option<Vec<u8>> {
        let staged = self.staged.borrow();
        match staged.get(&table).and_then(|written| written.get(key)) {
            Some(value) => value.clone(),
            None => self.memory.tables.borrow().get(&table)?.get(key).cloned(),
        }
    }

    pub(super) fn get_many(
        &self,
        table: Table,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.check(table, false)?;
        Ok(keys.iter().map(|key| self.value(table, key)).collect())
    }

    pub(super) fn first(&self, table: Table, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        self.check(table, false)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut values = Vec::new();
        self.visit(table, |_, value| {
            let has_room = values.len() < limit;
            if has_room {
                values.push(value.clone());
            }
            has_room
        });
        Ok(values)
    }

    pub(super) fn keys(&self, table: Table) -> Result<Vec<String>, StoreError> {
        self.check(table, false)?;
        let mut keys = Vec::new();
        self.visit(table, |key, _| {
            keys.push(key.clone());
            true
        });
        Ok(keys)
    }

    fn visit_in(&self, table: Table, prefix: &str, mut take: impl FnMut(&String, &Vec<u8>)) {
        self.visit(table, |key, value| {
            let is_in = key.starts_with(prefix);
            if is_in {
                take(key, value);
            }
            is_in || key.as_str() < prefix
        });
    }

    pub(super) fn keys_in(&self, table: Table, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.check(table, false)?;
        let mut keys = Vec::new();
        self.visit_in(table, prefix, |key, _| keys.push(key.clone()));
        Ok(keys)
    }

    pub(super) fn all_in(&self, table: Table, prefix: &str) -> Result<Vec<Vec<u8>>, StoreError> {
        self.check(table, false)?;
        let mut values = Vec::new();
        self.visit_in(table, prefix, |_, value| values.push(value.clone()));
        Ok(values)
    }

    pub(super) fn within(
        &self,
        table: Table,
        first: &str,
        last: &str,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        self.check(table, false)?;
        let mut values = Vec::new();
        self.visit(table, |key, value| {
            if (first..=last).contains(&key.as_str()) {
                values.push(value.clone());
            }
            key.as_str() <= last
        });
        Ok(values)
    }

    fn stage(&self, table: Table, key: &str, value: Option<Vec<u8>>) {
        let mut staged = self.staged.borrow_mut();
        staged
            .entry(table)
            .or_default()
            .insert(key.to_owned(), value);
    }

    pub(super) fn put(&self, table: Table, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.check(table, true)?;
        self.stage(table, key, Some(value.to_vec()));
        Ok(())
    }

    pub(super) fn delete(&self, table: Table, key: &str) -> Result<(), StoreError> {
        self.check(table, true)?;
        self.stage(table, key, None);
        Ok(())
    }

    pub(super) fn delete_prefix(&self, table: Table, prefix: &str) -> Result<(), StoreError> {
        self.check(table, true)?;
        let mut staged = self.staged.borrow_mut();
        let written = staged.entry(table).or_default();
        let from = (Bound::Included(prefix), Bound::Unbounded);
        for (_, value) in written
            .range_mut::<str, _>(from)
            .take_while(|(key, _)| key.starts_with(prefix))
        {
            *value = None;
        }
        let tables = self.memory.tables.borrow();
        if let Some(cells) = tables.get(&table) {
            for (key, _) in cells
                .range::<str, _>(from)
                .take_while(|(key, _)| key.starts_with(prefix))
            {
                written.insert(key.clone(), None);
            }
        }
        Ok(())
    }

    pub(super) fn commit(self) -> Result<(), StoreError> {
        #[cfg(feature = "testing")]
        let heard =
            self.memory
                .trial
                .meet_commit(self.durability, &self.memory.tables, &self.staged)?;
        let mut tables = self.memory.tables.borrow_mut();
        for (table, written) in self.staged.into_inner() {
            let cells = tables.entry(table).or_default();
            for (key, value) in written {
                match value {
                    Some(value) => cells.insert(key, value),
                    None => cells.remove(&key),
                };
            }
        }
        #[cfg(feature = "testing")]
        heard?;
        Ok(())
    }
}
