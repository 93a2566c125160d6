//! The store in memory: for trials of what stands above it. It keeps every promise of the contract
//! but one: nothing outlives the process.

mod groups;
mod people;
mod shares;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keruen_domain::{
    ChangeId, Collection, ContentHash, DeviceId, PersonId, Record, RecordKey, ScopeId, Sum,
};

use people::People;
use shares::Shares;

use super::chunks::MemoryChunks;
use super::files::FileFolder;
use super::{
    Acceptance, Chunks, Done, Identity, ReadTransaction, ReadWork, Row, ScopeState, SharedScope,
    Snapshot, Store, StoreError, StoredFile, WriteTransaction, WriteWork, is_public,
};

/// A store in memory. Clones are handles on the same one.
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Mutex<Arc<Data>>>,
    files: FileFolder,
    chunks: Arc<MemoryChunks>,
}

/// All that a store holds at one moment.
#[derive(Clone)]
struct Data {
    identity: Identity,
    scopes: BTreeMap<ScopeId, Scope>,
    changes: BTreeMap<ChangeId, (Acceptance, u64)>,
    devices: BTreeMap<DeviceId, (PersonId, u64)>,
    files: BTreeMap<(ContentHash, ScopeId), (u64, String, String)>,
    /// Of each scope the newest last, with the time when it was replaced.
    snapshots: BTreeMap<ScopeId, Vec<(Snapshot, Option<u64>)>>,
    people: Arc<People>,
    shares: Arc<Shares>,
}

#[derive(Clone, Default)]
struct Scope {
    state: ScopeState,
    is_public: bool,
    rows: BTreeMap<RecordKey, HeldRow>,
    order: BTreeMap<u64, RecordKey>,
}

#[derive(Clone)]
struct HeldRow {
    row: Row,
    /// When it was put, in milliseconds since 1970 (UTC).
    put_ms: u64,
}

/// What a store held at some moment.
#[derive(Clone)]
pub struct Backup(Arc<Data>);

impl MemoryStore {
    /// A new store with this identity. The bytes of files go into `file_folder`.
    pub fn new(fresh: Identity, file_folder: PathBuf) -> Self {
        let data = Data {
            identity: fresh,
            scopes: BTreeMap::new(),
            changes: BTreeMap::new(),
            devices: BTreeMap::new(),
            files: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            people: Arc::default(),
            shares: Arc::default(),
        };
        Self {
            shared: Arc::new(Mutex::new(Arc::new(data))),
            files: FileFolder::new(file_folder),
            chunks: Arc::default(),
        }
    }

    /// What it holds now.
    pub fn backup(&self) -> Backup {
        Backup(self.data().clone())
    }

    /// Puts a backup back, as a new history.
    pub fn restore(&self, backup: &Backup, epoch: u32) {
        let mut data = Data::clone(&backup.0);
        data.identity.epoch = epoch;
        *self.data() = Arc::new(data);
    }

    /// Reads a view of this moment.
    pub fn read_now<T>(
        &self,
        work: impl FnOnce(&dyn ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut view = View {
            data: self.data().clone(),
            files: &self.files,
            undo: Vec::new(),
        };
        work(&mut view)
    }

    /// Runs work that changes the store: all of it or, on an error or a panic, nothing.
    pub fn write_now<T>(
        &self,
        work: impl FnOnce(&mut dyn WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut held = self.data();
        let mut view = View {
            // Taken out and put back, so that nothing is copied unless somebody reads meanwhile.
            data: std::mem::replace(&mut *held, Arc::new(Data::empty())),
            files: &self.files,
            undo: Vec::new(),
        };
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut view)));
        if !matches!(result, Ok(Ok(_))) {
            view.roll_back();
        }
        *held = view.data;
        drop(held);
        match result {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn data(&self) -> MutexGuard<'_, Arc<Data>> {
        // What a panicking piece of work did was rolled back.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Data {
    fn empty() -> Self {
        Self {
            identity: Identity {
                epoch: 0,
                organiser: PersonId::SELF,
            },
            scopes: BTreeMap::new(),
            changes: BTreeMap::new(),
            devices: BTreeMap::new(),
            files: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            people: Arc::default(),
            shares: Arc::default(),
        }
    }
}

impl Data {
    fn named_chunks(&self) -> BTreeSet<ContentHash> {
        let snapshots = self.snapshots.values().flatten();
        let chunks = snapshots.flat_map(|(snapshot, _)| &snapshot.chunks);
        chunks.map(|chunk| chunk.sha256).collect()
    }
}

impl Store for MemoryStore {
    fn identity(&self) -> Identity {
        self.data().identity
    }

    fn chunks(&self) -> Arc<dyn Chunks> {
        self.chunks.clone()
    }

    fn run_read(&self, work: ReadWork) -> Done<'_> {
        let store = self.clone();
        let read = move || store.read_now(work);
        // A reader may take its time, as it may with every other store. Where nothing is done at the
        // same time, it is done at once.
        if tokio::runtime::Handle::try_current().is_err() {
            return Box::pin(std::future::ready(read()));
        }
        Box::pin(async move {
            let reading = tokio::task::spawn_blocking(read);
            reading.await.map_err(|_| StoreError::Closed)?
        })
    }

    fn run_write(&self, work: WriteWork) -> Done<'_> {
        let run = || self.write_now(work);
        let result = catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(StoreError::Closed));
        Box::pin(std::future::ready(result))
    }
}

/// What to put back when work fails.
enum Undo {
    Row(RecordKey, Option<HeldRow>),
    Change(ChangeId, Option<(Acceptance, u64)>),
    Device(DeviceId, Option<(PersonId, u64)>),
    File((ContentHash, ScopeId), Option<(u64, String, String)>),
    Scope(ScopeId, Option<(ScopeState, bool)>),
    Snapshots(BTreeMap<ScopeId, Vec<(Snapshot, Option<u64>)>>),
    WholeScope(ScopeId, Option<Scope>),
    People(Arc<People>),
    Shares(Arc<Shares>),
}

struct View<'a> {
    data: Arc<Data>,
    files: &'a FileFolder,
    undo: Vec<Undo>,
}

impl View<'_> {
    fn change(&mut self) -> &mut Data {
        Arc::make_mut(&mut self.data)
    }

    fn remove_scope(&mut self, scope: ScopeId) {
        let before = self.change().scopes.remove(&scope);
        self.undo.push(Undo::WholeScope(scope, before));
    }

    fn forget_devices(&mut self, person: PersonId) {
        let devices = self.data.devices.iter();
        let of_person = devices.filter(|(_, (owner, _))| *owner == person);
        let of_person: Vec<DeviceId> = of_person.map(|(device, _)| *device).collect();
        for device in of_person {
            let before = self.change().devices.remove(&device);
            self.undo.push(Undo::Device(device, before));
        }
    }

    fn note_scope(&mut self, scope: ScopeId) {
        let held = self.data.scopes.get(&scope);
        let before = held.map(|held| (held.state, held.is_public));
        self.undo.push(Undo::Scope(scope, before));
    }

    fn roll_back(&mut self) {
        let undo = std::mem::take(&mut self.undo);
        let data = self.change();
        for step in undo.into_iter().rev() {
            match step {
                Undo::Row(key, before) => {
                    let scope = data.scopes.entry(key.scope).or_default();
                    if let Some(held) = scope.rows.remove(&key) {
                        scope.order.remove(&held.row.sequence);
                    }
                    if let Some(held) = before {
                        scope.order.insert(held.row.sequence, key);
                        scope.rows.insert(key, held);
                    }
                }
                Undo::Change(id, before) => put_back(&mut data.changes, id, before),
                Undo::Device(id, before) => put_back(&mut data.devices, id, before),
                Undo::File(place, before) => put_back(&mut data.files, place, before),
                Undo::Scope(id, Some((state, is_public))) => {
                    let scope = data.scopes.entry(id).or_default();
                    (scope.state, scope.is_public) = (state, is_public);
                }
                Undo::Snapshots(before) => data.snapshots = before,
                Undo::WholeScope(id, before) => put_back(&mut data.scopes, id, before),
                Undo::People(before) => data.people = before,
                Undo::Shares(before) => data.shares = before,
                Undo::Scope(id, None) => {
                    data.scopes.remove(&id);
                }
            }
        }
    }
}

fn put_back<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, before: Option<V>) {
    match before {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}

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
            scope: *scope,
            path: self.files.path(sha256),
            size_bytes: *size_bytes,
            media_type: media_type.clone(),
            name: name.clone(),
        };
        Ok(of_content.map(file).collect())
    }
}

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

    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &ContentHash,
        media_type: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        self.files.put(sha256, bytes)?;
        self.note_scope(scope);
        let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let file = (size_bytes, media_type.to_owned(), name.to_owned());
        let data = self.change();
        data.scopes.entry(scope).or_default();
        let before = data.files.insert((*sha256, scope), file);
        self.undo.push(Undo::File((*sha256, scope), before));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use tempfile::TempDir;

    use super::*;
    use crate::store::contract::{Backend, contract_tests};

    struct InMemory {
        folder: TempDir,
        store: OnceLock<MemoryStore>,
    }

    impl Backend for InMemory {
        fn open(&self, fresh: Identity) -> Arc<dyn Store> {
            let new = || MemoryStore::new(fresh, self.folder.path().to_owned());
            Arc::new(self.store.get_or_init(new).clone())
        }
    }

    contract_tests!(InMemory {
        folder: tempfile::tempdir().unwrap(),
        store: OnceLock::new(),
    });
}
