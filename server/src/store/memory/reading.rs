//! What is found in one view of the store.

use std::ops::ControlFlow;

use keruen_domain::protocol::files::Parts;
use keruen_domain::{ChangeId, ContentHash, DeviceId, PersonId, RecordKey, ScopeId};

use super::View;
use crate::store::{
    Acceptance, ReadTransaction, Row, ScopeState, SharedScope, Snapshot, StoreError, StoredFile,
};

impl ReadTransaction for View<'_> {
    fn epoch(&self) -> Result<u32, StoreError> {
        Ok(self.data.identity.epoch)
    }

    fn shared_scopes(&self) -> Result<Vec<SharedScope>, StoreError> {
        let shared = self.data.scopes.iter().filter_map(|(scope, held)| {
            let is_shared = !matches!(scope, ScopeId::Person(_));
            is_shared.then_some(SharedScope {
                scope: *scope,
                is_public: held.is_public,
            })
        });
        Ok(shared.collect())
    }

    fn scopes(&self) -> Result<Vec<(ScopeId, ScopeState)>, StoreError> {
        let held = self.data.scopes.iter();
        Ok(held.map(|(scope, held)| (*scope, held.state)).collect())
    }

    fn scope(&self, scope: ScopeId) -> Result<ScopeState, StoreError> {
        let held = self.data.scopes.get(&scope);
        Ok(held.map(|held| held.state).unwrap_or_default())
    }

    fn row(&self, key: &RecordKey) -> Result<Option<Row>, StoreError> {
        let held = self.data.scopes.get(&key.scope);
        let held = held.and_then(|held| held.rows.get(key));
        Ok(held.map(|held| held.row.clone()))
    }

    fn rows_after(
        &self,
        scope: ScopeId,
        sequence: u64,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let Some(held) = self.data.scopes.get(&scope) else {
            return Ok(());
        };
        for key in held.order.range(sequence + 1..).map(|(_, key)| key) {
            if visit(held.rows[key].row.clone()).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn accepted_change(&self, change: ChangeId) -> Result<Option<Acceptance>, StoreError> {
        let noted = self.data.changes.get(&change);
        Ok(noted.map(|(acceptance, _)| *acceptance))
    }

    fn device_seen_ms(
        &self,
        device: DeviceId,
        person: PersonId,
    ) -> Result<Option<u64>, StoreError> {
        let noted = self.data.devices.get(&device);
        let of_person = noted.filter(|(owner, _)| *owner == person);
        Ok(of_person.map(|(_, seen_ms)| *seen_ms))
    }

    fn snapshot(&self, scope: ScopeId) -> Result<Option<Snapshot>, StoreError> {
        let held = self.data.snapshots.get(&scope).and_then(|held| held.last());
        Ok(held.map(|(snapshot, _)| snapshot.clone()))
    }

    fn has_chunk(&self, scope: ScopeId, content: &ContentHash) -> Result<bool, StoreError> {
        let held = self.data.snapshots.get(&scope).into_iter().flatten();
        let mut chunks = held.flat_map(|(snapshot, _)| &snapshot.chunks);
        Ok(chunks.any(|chunk| chunk.sha256 == *content))
    }

    fn files(&self, sha256: &ContentHash) -> Result<Vec<StoredFile>, StoreError> {
        let held = self.data.files.iter();
        let of_content = held.filter(|((content, _), _)| content == sha256);
        let file = |((_, scope), (size_bytes, media_type, name)): (
            &(ContentHash, ScopeId),
            &(u64, String, String),
        )| StoredFile {
            sha256: *sha256,
            scope: *scope,
            path: self.files.path(sha256),
            size_bytes: *size_bytes,
            media_type: media_type.clone(),
            name: name.clone(),
        };
        Ok(of_content.map(file).collect())
    }

    fn files_in(&self, scope: ScopeId) -> Result<Vec<(ContentHash, u64)>, StoreError> {
        let held = self.data.files.iter();
        let of_scope = held.filter(|((_, held_in), _)| *held_in == scope);
        let file = |((sha256, _), (size_bytes, _, _)): (&(ContentHash, ScopeId), &(u64, _, _))| {
            (*sha256, *size_bytes)
        };
        Ok(of_scope.map(file).collect())
    }

    fn file_parts(&self, sha256: &ContentHash) -> Result<Option<Parts>, StoreError> {
        Ok(self.data.file_parts.get(sha256).cloned())
    }
}
