use std::cell::RefCell;
use std::collections::BTreeMap;

use super::error::StoreError;
use super::schema::Table;

/// A database in memory.
#[derive(Debug, Default)]
pub struct Memory {
    committed: RefCell<BTreeMap<(Table, String), Vec<u8>>>,
}

impl Memory {
    pub(super) const fn begin(&self) -> MemoryTransaction<'_> {
        MemoryTransaction {
            memory: self,
            staged: RefCell::new(BTreeMap::new()),
        }
    }
}

/// Writes are staged until the commit. Tabs do not share a memory and this transaction never
/// waits, so that transactions cannot overlap.
pub struct MemoryTransaction<'a> {
    memory: &'a Memory,
    staged: RefCell<BTreeMap<(Table, String), Option<Vec<u8>>>>,
}

impl MemoryTransaction<'_> {
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

    pub(super) fn get_many(&self, table: Table, keys: &[String]) -> Vec<Option<Vec<u8>>> {
        let view = self.view(table);
        keys.iter().map(|key| view.get(key).cloned()).collect()
    }

    pub(super) fn first(&self, table: Table, limit: u32) -> Vec<Vec<u8>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.view(table).into_values().take(limit).collect()
    }

    pub(super) fn keys(&self, table: Table) -> Vec<String> {
        self.view(table).into_keys().collect()
    }

    fn stage(&self, table: Table, key: &str, value: Option<Vec<u8>>) {
        self.staged
            .borrow_mut()
            .insert((table, key.to_owned()), value);
    }

    #[expect(clippy::unnecessary_wraps, reason = "the face of the other backend")]
    pub(super) fn put(&self, table: Table, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.stage(table, key, Some(value.to_vec()));
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "the face of the other backend")]
    pub(super) fn delete(&self, table: Table, key: &str) -> Result<(), StoreError> {
        self.stage(table, key, None);
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "the face of the other backend")]
    pub(super) fn delete_prefix(&self, table: Table, prefix: &str) -> Result<(), StoreError> {
        for key in self
            .keys(table)
            .iter()
            .filter(|key| key.starts_with(prefix))
        {
            self.stage(table, key, None);
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
