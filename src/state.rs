//! Between the store and the view: live queries to read, actions to write, status to show.
//!
//! A query reads the replica and says which collections it looked at; when a commit touches one of
//! them, the view that asked is drawn anew. Nothing here keeps a copy.

mod actions;
mod adding;
mod archive;
mod attached;
mod backup;
mod bin;
mod calendar_file;
mod downloads;
mod drafts;
mod editing;
mod filing;
mod importing;
mod keeping;
mod kept;
mod link;
mod looked;
mod making;
mod note_files;
mod own_agenda;
mod packs;
mod people;
mod queries;
mod readers;
mod readiness;
mod road;
mod search;
mod time;
mod uploads;
mod viewing;
mod writers;

use std::rc::Rc;

use keruen_domain::sync::{Connection, Phase, SyncStatus};
use keruen_domain::{Collection, NoteId, Record, RecordKey};
use leptos::prelude::*;
use leptos::reactive::graph::Observer;
use wasm_bindgen_futures::spawn_local;

use self::backup::Unsaved;
pub use actions::Undo;
pub use adding::NotAdded;
pub use attached::{mention, without_mention};
pub use backup::SAVE_AGAIN_MS;
pub use downloads::{
    DownloadFailure, Downloads, FileStand, FormOfFile, QueueStand, QueuedFile, QueuedStand,
};
pub use drafts::FormDraft;
pub use editing::{Collision, Edited};
pub(crate) use editing::{contents_of, times};
pub use importing::{Comparison, Detail, Entry, Schedule, Span};
pub use kept::{Kept, Standing};
pub use keruen_formats::notes::Unreadable;
pub use keruen_formats::pack::Damage as PackDamage;
pub use link::{LINK_PAGE, Link, take_link};
pub use looked::{Looked, News};
pub(crate) use making::fields_of as file_fields;
pub use note_files::NotesInFiles;
pub use own_agenda::Clash;
pub use packs::{MadePack, OpenedPack, PackTrouble};
pub use people::Answer;
pub use queries::{EventDay, subject_title};
pub use readers::{KnownGroup, group_of};
pub use road::{FileHere, RoadDay};
pub use search::{Findings, Found};
pub use time::Time;
pub use uploads::{UploadStand, Uploads};
pub use viewing::{FileAddress, MOST_HANDED_ON_BYTES};
pub use writers::WhoWrote;

pub use crate::platform::{
    ChosenFile, FileToHandOn, HandOnFailure, ObjectUrl, StorageUse, chosen_file_name, chosen_files,
    current_path, dropped_files, go, insert_text, on_navigation, pasted_files, query_parameter,
    sleep_ms, take_chosen_file,
};
use crate::platform::{forget_kept_screens, now_ms, storage_use};
pub use crate::store::{AttentionEntry, ReceivedPack, Restored, StoreError, Upload, UploadFailure};
use crate::store::{Committed, Opened, Store};
pub use crate::sync::AskFailure;
use crate::sync::Driver;

/// What happened that the person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Something typed could not be saved.
    NotSaved(StoreError),
}

/// What was found wrong when the app was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StartReport {
    /// The browser offers no storage: what is written lasts as long as the page.
    pub is_volatile: bool,
    /// The browser has deleted what was here.
    pub came_back_empty: bool,
    /// How many pieces could not be read.
    pub set_aside: usize,
}

/// How the data of this device stand, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataState {
    /// Something was refused, or the server does not accept this device.
    NeedsAttention,
    /// So many changes are on their way.
    Sending(usize),
    /// The server cannot be reached.
    Offline,
    /// The server answers, and cannot do its part.
    ServerFault,
    /// The server has everything; the phone does not have everything yet.
    Receiving,
    /// All is here; the server has all that it may have, since this time of the phone's clock.
    UpToDate(u64),
    /// All is here, and nothing more is known.
    OnThisPhone,
}

struct Inner {
    store: Rc<Store>,
    driver: Rc<Driver>,
}

/// The state of the app. Cheap to copy; provided to every page.
#[derive(Clone, Copy)]
pub struct AppState {
    inner: StoredValue<Inner, LocalStorage>,
    changed: [RwSignal<u32>; COLLECTIONS.len()],
    outbox_changed: RwSignal<u32>,
    token_changed: RwSignal<u32>,
    roles_changed: RwSignal<u32>,
    files_changed: RwSignal<u32>,
    looked_changed: RwSignal<u32>,
    groups_changed: RwSignal<u32>,
    /// What the engine says of itself.
    pub status: RwSignal<SyncStatus>,
    /// The changes that the server refused.
    pub attention: RwSignal<Vec<AttentionEntry>>,
    /// The last thing that went wrong.
    pub trouble: RwSignal<Option<Trouble>>,
    /// What can be undone.
    pub undo: RwSignal<Option<Undo>>,
    /// Texts that could not be saved yet.
    unsaved: RwSignal<Vec<Unsaved>>,
    /// The notes of those that no page holds any more.
    orphans: StoredValue<Vec<NoteId>>,
    /// How many edits are on their way to the disk.
    saving: RwSignal<usize>,
    /// What was found at the start.
    pub start: RwSignal<StartReport>,
    /// The present.
    pub time: Time,
}

/// The collections that views are drawn from.
const COLLECTIONS: [Collection; 7] = [
    Collection::PROGRAMME,
    Collection::EVENT,
    Collection::SESSION,
    Collection::MATERIAL,
    Collection::PERSON,
    Collection::NOTE,
    Collection::MARK,
];

impl AppState {
    /// The state over an opened store. Nothing is asked of the network before [`AppState::begin`].
    pub fn new(opened: Opened) -> Self {
        let Opened {
            store,
            came_back_empty,
            set_aside,
        } = opened;
        let status = RwSignal::new(SyncStatus::default());
        let driver = Driver::new(store.clone(), move |now| status.set(now));
        let is_volatile = !store.is_lasting();
        let state = Self {
            inner: StoredValue::new_local(Inner {
                store: store.clone(),
                driver,
            }),
            changed: COLLECTIONS.map(|_| RwSignal::new(0)),
            outbox_changed: RwSignal::new(0),
            token_changed: RwSignal::new(0),
            roles_changed: RwSignal::new(0),
            files_changed: RwSignal::new(0),
            looked_changed: RwSignal::new(0),
            groups_changed: RwSignal::new(0),
            status,
            attention: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(None),
            undo: RwSignal::new(None),
            unsaved: RwSignal::new(Vec::new()),
            orphans: StoredValue::new(Vec::new()),
            saving: RwSignal::new(0),
            start: RwSignal::new(StartReport {
                is_volatile,
                came_back_empty,
                set_aside,
            }),
            time: Time::start(&store.replica()),
        };
        store.subscribe(move |committed| state.committed(committed));
        state
    }

    /// Begins to exchange. Called once.
    pub fn begin(&self) {
        self.driver().begin();
        self.read_attention();
    }

    /// The state that the app provides.
    pub fn of_context() -> Self {
        expect_context()
    }

    fn store(&self) -> Rc<Store> {
        self.inner.with_value(|inner| inner.store.clone())
    }

    fn driver(&self) -> Rc<Driver> {
        self.inner.with_value(|inner| inner.driver.clone())
    }

    fn committed(&self, committed: &Committed) {
        let changes_files = !committed.files_kept.is_empty() || !committed.files_removed.is_empty();
        let mut is_seen_at_start = changes_files;
        for (collection, changed) in COLLECTIONS.iter().zip(self.changed) {
            if committed.touches(*collection) {
                touch(changed);
                is_seen_at_start |= *collection != Collection::NOTE;
            }
        }
        if is_seen_at_start {
            forget_kept_screens();
        }
        if committed.changes_outbox() {
            touch(self.outbox_changed);
        }
        if changes_files || !committed.light_files_kept.is_empty() {
            touch(self.files_changed);
        }
        if committed.token.is_some() {
            touch(self.token_changed);
        }
        if committed.roles.is_some() {
            touch(self.roles_changed);
        }
        if committed.attention {
            self.read_attention();
        }
        if committed.touches(Collection::SESSION) {
            self.time.look_at(&self.store().replica());
        }
    }

    fn read_attention(&self) {
        let (store, attention, trouble) = (self.store(), self.attention, self.trouble);
        spawn_local(async move {
            match store.attention().await {
                Ok(entries) => attention.set(entries),
                Err(error) => trouble.set(Some(Trouble::NotSaved(error))),
            }
        });
    }

    /// Looks through all that was only indexed when the app was opened, then moves single records
    /// into pages; a little at a time. For when it has been quiet for a while.
    pub async fn tidy(self) {
        const BETWEEN_PAGES_MS: u32 = 50;
        let store = self.store();
        while store.look_through_a_page() {
            sleep_ms(BETWEEN_PAGES_MS).await;
        }
        match store.set_damage_aside().await {
            Ok(0) => {}
            Ok(moved) => self.start.update(|start| start.set_aside += moved),
            Err(error) => self.trouble.set(Some(Trouble::NotSaved(error))),
        }
        // Where it fails, all is as it was, and the next start tries again.
        let _ = store.tidy_received(now_ms()).await;
        for scope in store.scopes_to_compact().await.unwrap_or_default() {
            while store.compact_a_step(scope).await == Ok(true) {
                sleep_ms(BETWEEN_PAGES_MS).await;
            }
        }
    }

    /// How many changes the server has not acknowledged.
    pub fn waiting(&self) -> usize {
        follow(self.outbox_changed);
        self.store().replica().waiting()
    }

    /// Whether the server has everything that was written to this record.
    pub fn is_sent(&self, key: &RecordKey) -> bool {
        follow(self.outbox_changed);
        !self.store().replica().is_waiting(key)
    }

    /// Whether the server refused something that was written to this record.
    pub fn is_refused(&self, key: &RecordKey) -> bool {
        self.attention
            .with(|entries| entries.iter().any(|entry| entry.change.record.key == *key))
    }

    /// Whether this device belongs to somebody, as far as it knows.
    pub fn has_token(&self) -> bool {
        follow(self.token_changed);
        self.store().token().is_some()
    }

    /// Whether it does, and the server has not said otherwise: a device may be revoked.
    pub fn is_connected(&self) -> bool {
        self.has_token() && self.status.with(|status| status.phase) != Phase::NotAuthorised
    }

    /// How the data of this device stand.
    pub fn data_state(&self) -> DataState {
        let status = self.status.get();
        let waiting = self.waiting();
        let refused = self.attention.with(|entries| !entries.is_empty());
        if refused
            || matches!(
                status.phase,
                Phase::NotAuthorised | Phase::VersionNotSupported
            )
        {
            return DataState::NeedsAttention;
        }
        match status.connection {
            Connection::Lost => DataState::Offline,
            Connection::Reached if status.server_is_faulty() => DataState::ServerFault,
            Connection::Reached if waiting > 0 && self.has_token() => DataState::Sending(waiting),
            Connection::Reached if waiting == 0 && status.lacks_chunks => DataState::Receiving,
            Connection::Reached if waiting == 0 => status
                .last_contact_ms
                .map_or(DataState::OnThisPhone, DataState::UpToDate),
            Connection::Reached | Connection::Unknown => DataState::OnThisPhone,
        }
    }

    /// What the browser says of the room that this app takes; asked anew at each call.
    pub async fn storage_use() -> StorageUse {
        storage_use().await
    }

    /// What stands at this place, deleted or not.
    pub fn record(&self, key: &RecordKey) -> Option<std::sync::Arc<Record>> {
        self.track(&[key.collection]);
        self.store().replica().get(key)
    }

    /// Draws again whoever asks here when anything of the programmes changes.
    pub fn follow_programmes(&self) {
        self.track(&COLLECTIONS[..5]);
    }

    /// Whether this tab may show what it knows; see [`Store::is_current`].
    pub fn is_current(&self) -> bool {
        self.store().is_current()
    }

    /// Returns when everything that was written is on disk, or has failed and said so.
    pub async fn when_saved(&self) {
        const LOOK_EVERY_MS: u32 = 20;
        while self.saving.get_untracked() > 0 {
            sleep_ms(LOOK_EVERY_MS).await;
        }
    }

    fn track(&self, collections: &[Collection]) {
        for (collection, changed) in COLLECTIONS.iter().zip(self.changed) {
            if collections.contains(collection) {
                follow(changed);
            }
        }
    }
}

/// Draws again whoever follows it.
fn touch(signal: RwSignal<u32>) {
    signal.update(|count| *count = count.wrapping_add(1));
}

/// Draws again whoever asks here when the signal changes. Asked outside a view, as by an act, there
/// is nobody to draw again.
fn follow(signal: RwSignal<u32>) {
    if Observer::get().is_some() {
        signal.track();
    }
}
