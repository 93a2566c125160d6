use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use keruen_domain::model::View;
use keruen_domain::{Collection, Record, RecordId, RecordKey, ScopeId};

/// All records of this device in memory, as they are on disk: what views are drawn from.
#[derive(Default)]
pub struct Replica {
    collections: BTreeMap<Collection, HashMap<RecordKey, Arc<Record>>>,
}

impl Replica {
    /// Takes a record, or a part of one, into what is known of it.
    pub(super) fn merge(&mut self, record: Record) {
        let records = self.collections.entry(record.key.collection).or_default();
        match records.get_mut(&record.key) {
            Some(known) => Arc::make_mut(known).merge(record),
            None => {
                records.insert(record.key, Arc::new(record));
            }
        }
    }

    /// Forgets a scope.
    pub(super) fn forget(&mut self, scope: ScopeId) {
        for records in self.collections.values_mut() {
            records.retain(|key, _| key.scope != scope);
        }
    }

    /// How many records there are, tombstones included.
    pub fn len(&self) -> usize {
        self.collections.values().map(HashMap::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The record at this place.
    pub fn get(&self, key: &RecordKey) -> Option<&Arc<Record>> {
        self.collections.get(&key.collection)?.get(key)
    }

    /// All that are seen so, in no order.
    pub fn all<V: View>(&self) -> impl Iterator<Item = V> {
        self.collections
            .get(&V::COLLECTION)
            .into_iter()
            .flat_map(HashMap::values)
            .filter_map(V::of)
    }

    /// The one of this identifier, whatever its scope.
    pub fn find<V: View>(&self, id: impl Into<RecordId>) -> Option<V> {
        let id = id.into();
        let mut records = self.collections.get(&V::COLLECTION)?.values();
        records.find(|record| record.key.id == id).and_then(V::of)
    }

    /// The scopes that hold anything.
    pub fn scopes(&self) -> HashSet<ScopeId> {
        self.collections
            .values()
            .flat_map(HashMap::keys)
            .map(|key| key.scope)
            .collect()
    }
}
