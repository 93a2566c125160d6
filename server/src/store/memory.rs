//! The store in memory: for trials of what stands above it. It keeps every promise of the contract
//! but one: nothing outlives the process.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keruen_domain::model::fields;
use keruen_domain::{
    ChangeId, Collection, DeviceId, PersonId, Record, RecordKey, ScopeId, encoding,
};

use super::files::FileFolder;
use super::{
    Done, Identity, ReadTransaction, ReadWork, Row, Sha256, SharedScope, Store, StoreError,
    StoredFile, WriteTransaction, WriteWork,
};

/// A store in memory. Clones are handles on the same one.
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Mutex<Arc<Data>>>,
    files: FileFolder,
}

/// All that a store holds at one moment.
#[derive(Clone)]
struct Data {
    identity: Identity,
    scopes: BTreeMap<ScopeId, Scope>,
    changes: BTreeMap<ChangeId, Sha256>,
    devices: BTreeMap<DeviceId, (PersonId, u64)>,
    files: BTreeMap<(Sha256, ScopeId), (u64, String, String)>,
}

#[derive(Clone, Default)]
struct Scope {
    last_sequence: u64,
    is_public: bool,
    rows: BTreeMap<RecordKey, Row>,
    order: BTreeMap<u64, RecordKey>,
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
        };
        Self {
            shared: Arc::new(Mutex::new(Arc::new(data))),
            files: FileFolder::new(file_folder),
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
    const fn empty() -> Self {
        Self {
            identity: Identity {
                epoch: 0,
                organiser: PersonId::SELF,
            },
            scopes: BTreeMap::new(),
            changes: BTreeMap::new(),
            devices: BTreeMap::new(),
            files: BTreeMap::new(),
        }
    }
}

impl Store for MemoryStore {
    fn identity(&self) -> Identity {
        self.data().identity
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
    Row(RecordKey, Option<Row>),
    Change(ChangeId, Option<Sha256>),
    Device(DeviceId, Option<(PersonId, u64)>),
    File((Sha256, ScopeId), Option<(u64, String, String)>),
    Scope(ScopeId, Option<(u64, bool)>),
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

    fn note_scope(&mut self, scope: ScopeId) {
        let held = self.data.scopes.get(&scope);
        let before = held.map(|held| (held.last_sequence, held.is_public));
        self.undo.push(Undo::Scope(scope, before));
    }

    fn roll_back(&mut self) {
        let undo = std::mem::take(&mut self.undo);
        let data = self.change();
        for step in undo.into_iter().rev() {
            match step {
                Undo::Row(key, before) => {
                    let scope = data.scopes.entry(key.scope).or_default();
                    if let Some(row) = scope.rows.remove(&key) {
                        scope.order.remove(&row.sequence);
                    }
                    if let Some(row) = before {
                        scope.order.insert(row.sequence, key);
                        scope.rows.insert(key, row);
                    }
                }
                Undo::Change(id, before) => put_back(&mut data.changes, id, before),
                Undo::Device(id, before) => put_back(&mut data.devices, id, before),
                Undo::File(place, before) => put_back(&mut data.files, place, before),
                Undo::Scope(id, Some((last_sequence, is_public))) => {
                    let scope = data.scopes.entry(id).or_default();
                    (scope.last_sequence, scope.is_public) = (last_sequence, is_public);
                }
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

    fn last_sequence(&self, scope: ScopeId) -> Result<u64, StoreError> {
        let held = self.data.scopes.get(&scope);
        Ok(held.map_or(0, |held| held.last_sequence))
    }

    fn row(&self, key: &RecordKey) -> Result<Option<Row>, StoreError> {
        let held = self.data.scopes.get(&key.scope);
        Ok(held.and_then(|held| held.rows.get(key)).cloned())
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
            if visit(held.rows[key].clone()).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn accepted_change(&self, change: ChangeId) -> Result<Option<Sha256>, StoreError> {
        Ok(self.data.changes.get(&change).copied())
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

    fn files(&self, sha256: &Sha256) -> Result<Vec<StoredFile>, StoreError> {
        let held = self.data.files.iter();
        let of_content = held.filter(|((content, _), _)| content == sha256);
        let file = |((_, scope), (size_bytes, media_type, name)): (
            &(Sha256, ScopeId),
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
    fn put(&mut self, record: &Record) -> Result<u64, StoreError> {
        let key = record.key;
        self.note_scope(key.scope);
        let held = self.data.scopes.get(&key.scope);
        let before = held.and_then(|held| held.rows.get(&key)).cloned();
        self.undo.push(Undo::Row(key, before.clone()));
        let scope = self.change().scopes.entry(key.scope).or_default();
        scope.last_sequence += 1;
        let sequence = scope.last_sequence;
        if let Some(before) = before {
            scope.order.remove(&before.sequence);
        }
        scope.order.insert(sequence, key);
        let row = Row {
            sequence,
            record: record.clone(),
            size_bytes: encoding::encode(record).len(),
        };
        scope.rows.insert(key, row);
        if key.collection == Collection::PROGRAMME {
            scope.is_public = !record.is_deleted() && record.value(fields::PUBLIC).is_set();
        }
        Ok(sequence)
    }

    fn note_accepted(
        &mut self,
        change: ChangeId,
        content: &Sha256,
        _now_ms: u64,
    ) -> Result<(), StoreError> {
        let before = self.change().changes.insert(change, *content);
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

    fn put_file(
        &mut self,
        scope: ScopeId,
        bytes: &[u8],
        sha256: &Sha256,
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
    use crate::store::contract::{self, Backend};

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

    macro_rules! contract_tests {
        ($($promise:ident),+ $(,)?) => {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $promise() {
                let backend = InMemory {
                    folder: tempfile::tempdir().unwrap(),
                    store: OnceLock::new(),
                };
                contract::$promise(&backend).await;
            }
        )+};
    }

    contract_tests! {
        sequences_have_no_gaps_and_follow_the_changes,
        the_same_change_twice_is_one,
        a_record_that_grows_too_large_stays_as_it_was,
        failed_work_leaves_nothing,
        many_writers_at_once_lose_nothing,
        a_view_is_of_one_moment,
        all_is_there_after_opening_again,
        a_file_may_be_in_several_scopes,
        shared_scopes_know_what_is_public,
    }
}
