//! What one piece of work changes; each step notes what to put back.

use keruen_domain::protocol::files::Parts;
use keruen_domain::{
    ChangeId, Collection, ContentHash, DeviceId, PersonId, Record, RecordKey, ScopeId, Sum,
};

use super::{HeldRow, Undo, View};
use crate::store::{Acceptance, Row, Snapshot, StoreError, WriteTransaction, is_public};

impl WriteTransaction for View<'_> {
    fn put_encoded(
        &mut self,
        record: &Record,
        encoded: Vec<u8>,
        now_ms: u64,
    ) -> Result<u64, StoreError> {
        let key = record.key;
        self.note_scope(key.scope);
        let held = self.data.scopes.get(&key.scope);
        let before = held.and_then(|held| held.rows.get(&key)).cloned();
        self.undo.push(Undo::Row(key, before.clone()));
        let scope = self.change().scopes.entry(key.scope).or_default();
        scope.state.last_sequence += 1;
        let sequence = scope.state.last_sequence;
        if let Some(HeldRow { row: before, .. }) = before {
            scope.order.remove(&before.sequence);
            scope.state.sum -= Sum::of(&before.record);
            scope.state.live_rows -= u64::from(!before.record.is_deleted());
        }
        scope.state.sum += Sum::of_encoded(record, &encoded);
        scope.state.live_rows += u64::from(!record.is_deleted());
        scope.order.insert(sequence, key);
        let row = Row {
            sequence,
            record: record.clone(),
            size_bytes: encoded.len(),
        };
        let put_ms = now_ms;
        scope.rows.insert(key, HeldRow { row, put_ms });
        if key.collection == Collection::PROGRAMME {
            scope.is_public = is_public(record);
        }
        Ok(sequence)
    }

    fn note_accepted(
        &mut self,
        change: ChangeId,
        acceptance: Acceptance,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let before = self.change().changes.insert(change, (acceptance, now_ms));
        self.undo.push(Undo::Change(change, before));
        Ok(())
    }

    fn note_device(
        &mut self,
        device: DeviceId,
        person: PersonId,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let before = self.change().devices.insert(device, (person, now_ms));
        self.undo.push(Undo::Device(device, before));
        if !self.data.writers.contains(&(device, person)) {
            self.undo.push(Undo::Writers(self.data.writers.clone()));
            self.change().writers.insert((device, person));
        }
        Ok(())
    }

    fn put_snapshot(&mut self, scope: ScopeId, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.undo.push(Undo::Snapshots(self.data.snapshots.clone()));
        let held = self.change().snapshots.entry(scope).or_default();
        if let Some((_, replaced_ms)) = held.last_mut() {
            *replaced_ms = Some(snapshot.built_ms);
        }
        held.push((snapshot.clone(), None));
        Ok(())
    }

    fn forget_snapshots(
        &mut self,
        replaced_before_ms: u64,
    ) -> Result<Vec<ContentHash>, StoreError> {
        self.undo.push(Undo::Snapshots(self.data.snapshots.clone()));
        let data = self.change();
        let before = data.named_chunks();
        for held in data.snapshots.values_mut() {
            held.retain(|(_, replaced_ms)| replaced_ms.is_none_or(|at| at >= replaced_before_ms));
        }
        let after = data.named_chunks();
        Ok(before.difference(&after).copied().collect())
    }

    fn prune_tombstones(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError> {
        let rows = self
            .data
            .scopes
            .values()
            .flat_map(|scope| scope.rows.values());
        let mut old: Vec<(u64, RecordKey)> = rows
            .filter(|held| held.row.record.is_deleted() && held.put_ms < before_ms)
            .map(|held| (held.put_ms, held.row.record.key))
            .collect();
        old.sort_unstable();
        old.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
        for (_, key) in &old {
            self.note_scope(key.scope);
            let scope = self.change().scopes.entry(key.scope).or_default();
            let removed = scope.rows.remove(key);
            if let Some(held) = &removed {
                let sequence = held.row.sequence;
                scope.order.remove(&sequence);
                scope.state.pruned_through = scope.state.pruned_through.max(sequence);
            }
            self.undo.push(Undo::Row(*key, removed));
        }
        Ok(u32::try_from(old.len()).unwrap_or(u32::MAX))
    }

    fn prune_changes(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError> {
        let old = self.data.changes.iter();
        let old: Vec<ChangeId> = old
            .filter(|(_, (_, accepted_ms))| *accepted_ms < before_ms)
            .map(|(change, _)| *change)
            .take(usize::try_from(at_most).unwrap_or(usize::MAX))
            .collect();
        for change in &old {
            let before = self.change().changes.remove(change);
            self.undo.push(Undo::Change(*change, before));
        }
        Ok(u32::try_from(old.len()).unwrap_or(u32::MAX))
    }

    fn put_file_parts(&mut self, sha256: &ContentHash, parts: &Parts) -> Result<(), StoreError> {
        let before = self.change().file_parts.insert(*sha256, parts.clone());
        self.undo.push(Undo::FileParts(*sha256, before));
        Ok(())
    }

    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &ContentHash,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        self.files.put(sha256, bytes)?;
        self.note_file(scope, bytes.len() as u64, sha256, media_type, name)
    }

    fn forget_file(&mut self, scope: ScopeId, sha256: &ContentHash) -> Result<(), StoreError> {
        let key = (*sha256, scope);
        if let Some(before) = self.change().files.remove(&key) {
            self.undo.push(Undo::File(key, Some(before)));
        }
        Ok(())
    }

    fn note_file(
        &mut self,
        scope: ScopeId,
        size_bytes: u64,
        sha256: &ContentHash,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        self.note_scope(scope);
        let file = (size_bytes, media_type.to_owned(), name.to_owned());
        let data = self.change();
        data.scopes.entry(scope).or_default();
        let before = data.files.insert((*sha256, scope), file);
        self.undo.push(Undo::File((*sha256, scope), before));
        Ok(())
    }
}
