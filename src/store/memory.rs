use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::backend::Durability;
use super::error::StoreError;
use super::schema::Table;

/// A database in memory. Clones are handles on the same one.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    committed: Rc<RefCell<Cells>>,
}

type Cells = BTreeMap<(Table, String), Vec<u8>>;

impl Memory {
    pub(super) fn begin(&self, tables: &[Table], durability: Durability) -> MemoryTransaction<'_> {
        MemoryTransaction {
            memory: self,
            tables: tables.to_vec(),
            is_read_only: durability == Durability::ReadOnly,
            staged: RefCell::default(),
        }
    }
}

/// What a transaction will write; `None` removes.
type Staged = BTreeMap<(Table, String), Option<Vec<u8>>>;

/// Writes are staged until the commit. Tabs do not share a memory and this transaction never
/// waits, so that transactions cannot overlap.
pub struct MemoryTransaction<'a> {
    memory: &'a Memory,
    tables: Vec<Table>,
    is_read_only: bool,
    staged: RefCell<Staged>,
}

impl MemoryTransaction<'_> {
    /// Refuses what a browser refuses, by the browser's name for it.
    fn check(&self, table: Table, writes: bool) -> Result<(), StoreError> {
        let refusal = if !self.tables.contains(&table) {
            "NotFoundError"
        } else if writes && self.is_read_only {
            "ReadOnlyError"
        } else {
            return Ok(());
        };
        Err(StoreError::Failed(refusal.to_owned()))
    }

    fn view(&self, table: Table) -> BTreeMap<String, Vec<u8>> {
        let mut view = BTreeMap::new();
        for ((of, key), value) in self.memory.committed.borrow().iter() {
            if *of == table {
                view.insert(key.clone(), value.clone());
            }
        }
        for ((of, key), value) in self.staged.borrow().iter() {
            if *of == table {
                match value {
                    Some(value) => view.insert(key.clone(), value.clone()),
                    None => view.remove(key),
                };
            }
        }
        view
    }

    fn value(&self, table: Table, key: &str) -> Option<Vec<u8>> {
        let cell = (table, key.to_owned());
        match self.staged.borrow().get(&cell) {
            Some(value) => value.clone(),
            None => self.memory.committed.borrow().get(&cell).cloned(),
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
        Ok(self.view(table).into_values().take(limit).collect())
    }

    pub(super) fn keys(&self, table: Table) -> Result<Vec<String>, StoreError> {
        self.check(table, false)?;
        Ok(self.view(table).into_keys().collect())
    }

    fn stage(&self, table: Table, key: &str, value: Option<Vec<u8>>) {
        let cell = (table, key.to_owned());
        self.staged.borrow_mut().insert(cell, value);
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
        for key in self.view(table).keys() {
            if key.starts_with(prefix) {
                self.stage(table, key, None);
            }
        }
        Ok(())
    }

    pub(super) fn commit(self) {
        let mut committed = self.memory.committed.borrow_mut();
        for (cell, value) in self.staged.into_inner() {
            match value {
                Some(value) => committed.insert(cell, value),
                None => committed.remove(&cell),
            };
        }
    }
}
