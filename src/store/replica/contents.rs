//! What stands in records, as numbers: for who keeps something that is made of them, and wants to know of what it is
//! to be made anew.

use keruen_domain::{Collection, RecordId, RecordKey, ScopeId};

use super::Replica;

impl Replica {
    /// Every record of a collection, tombstones included, with a number that is another one as soon as its content
    /// is, and the same wherever it lies. Of a copy and its original, only the original. In no order; no record
    /// is read for it.
    pub fn fingerprints(
        &self,
        collection: Collection,
    ) -> impl Iterator<Item = (RecordKey, u64)> + '_ {
        let each = self.of_collection(collection).flat_map(move |(scope, of)| {
            let key = move |id: &RecordId| RecordKey {
                scope,
                collection,
                id: *id,
            };
            of.iter().map(move |(id, held)| (key(id), held))
        });
        // Where there is but one scope there is no copy.
        let is_alone = self.of_collection(collection).nth(1).is_none();
        let counts =
            move |key: &RecordKey| is_alone || self.place_of(collection, key.id) == Some(*key);
        each.filter(move |(key, _)| counts(key))
            .map(|(key, held)| (key, held.fingerprint()))
    }

    /// The same of the one of this identifier, whatever its scope.
    pub fn fingerprint(&self, collection: Collection, id: RecordId) -> Option<(RecordKey, u64)> {
        let key = self.place_of(collection, id)?;
        Some((key, self.held(&key)?.fingerprint()))
    }

    /// Where the one of this identifier is: the original rather than a copy among what is one's own.
    pub fn place_of(&self, collection: Collection, id: RecordId) -> Option<RecordKey> {
        let scopes = self.of_collection(collection);
        let holding = scopes.filter(|(_, records)| records.contains_key(&id));
        let scope = holding
            .map(|(scope, _)| scope)
            .min_by_key(|scope| (*scope == ScopeId::OWN, *scope))?;
        Some(RecordKey {
            scope,
            collection,
            id,
        })
    }
}
