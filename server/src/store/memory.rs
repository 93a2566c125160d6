//! The store in memory: for trials of what stands above it. It keeps every promise of the contract
//! but one: nothing outlives the process.

mod calendars;
mod groups;
mod people;
mod reading;
mod shares;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keruen_domain::protocol::files::Parts;
use keruen_domain::{ChangeId, ContentHash, DeviceId, PersonId, RecordKey, ScopeId};

use people::People;
use shares::Shares;

use super::chunks::MemoryChunks;
use super::files::FileFolder;
use super::{
    Acceptance, Chunks, Done, Identity, ReadTransaction, ReadWork, Row, ScopeState, Snapshot,
    Store, StoreError, UnfinishedFolder, WriteTransaction, WriteWork,
};

/// A store in memory. Clones are handles on the same one.
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Mutex<Arc<Data>>>,
    files: FileFolder,
    unfinished: UnfinishedFolder,
    chunks: Arc<MemoryChunks>,
}

/// All that a store holds at one moment.
#[derive(Clone)]
struct Data {
    identity: Identity,
    scopes: BTreeMap<ScopeId, Scope>,
    changes: BTreeMap<ChangeId, (Acceptance, u64)>,
    devices: BTreeMap<DeviceId, (PersonId, u64)>,
    writers: BTreeSet<(DeviceId, PersonId)>,
    files: BTreeMap<(ContentHash, ScopeId), (u64, String, String)>,
    file_parts: BTreeMap<ContentHash, Parts>,
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
            writers: BTreeSet::new(),
            files: BTreeMap::new(),
            file_parts: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            people: Arc::default(),
            shares: Arc::default(),
        };
        let unfinished = file_folder.join("unfinished");
        let files = FileFolder::new(file_folder);
        Self {
            shared: Arc::new(Mutex::new(Arc::new(data))),
            unfinished: UnfinishedFolder::new(unfinished, files.clone()),
            files,
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
            writers: BTreeSet::new(),
            files: BTreeMap::new(),
            file_parts: BTreeMap::new(),
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

    fn unfinished(&self) -> &UnfinishedFolder {
        &self.unfinished
    }

    fn file_folder(&self) -> &FileFolder {
        &self.files
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
    Writers(BTreeSet<(DeviceId, PersonId)>),
    File((ContentHash, ScopeId), Option<(u64, String, String)>),
    FileParts(ContentHash, Option<Parts>),
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
        self.undo.push(Undo::Writers(self.data.writers.clone()));
        self.change().writers.retain(|(_, owner)| *owner != person);
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
                Undo::Writers(before) => data.writers = before,
                Undo::File(place, before) => put_back(&mut data.files, place, before),
                Undo::FileParts(id, before) => put_back(&mut data.file_parts, id, before),
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
