//! Brings the files of the queue, in the tab that leads, while nothing is exchanged.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use keruen_domain::downloads::{Speed, room_bytes};
use keruen_domain::sync::{Backoff, Connection, Phase, SyncStatus};
use keruen_domain::{Collection, ContentHash};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::light::{self, Lights};
use super::talk::{Talk, Word};
use super::{AppState, Coming, Downloads, QueueStand, QueuedFile, choice, connection};
use crate::platform::{
    Listener, now_ms, on_connection_change, on_document, on_window, random_u32, sleep_ms,
    storage_use,
};
use crate::store::{DownloadFailure, Queued, Store, StoreError};
use crate::sync::{Ended, Progress, Transfer};

/// How often it is told how far a file is, in milliseconds.
const TELL_EVERY_MS: u64 = 250;
/// A way that brings this much before it breaks is used again at once.
const WORTH_BYTES: u64 = 64 * 1024;

/// What brings files. It is there in every tab, and runs in the one that leads.
pub(super) struct Runner {
    pub(super) store: Rc<Store>,
    transfer: Transfer,
    is_running: Cell<bool>,
    /// Something changed while it ran.
    pub(super) is_nudged: Cell<bool>,
    /// The browser refused to keep a part, and nothing was removed since.
    pub(super) is_full: Cell<bool>,
    /// Which file is being brought.
    current: Cell<Option<ContentHash>>,
    pub(super) backoff: Cell<Backoff>,
    pub(super) lights: RefCell<Lights>,
    talk: RefCell<Option<Talk>>,
    kept: RefCell<Vec<Listener>>,
}

impl Runner {
    pub(super) fn new(store: Rc<Store>) -> Self {
        Self {
            store,
            transfer: Transfer::default(),
            is_running: Cell::default(),
            is_nudged: Cell::default(),
            is_full: Cell::default(),
            current: Cell::default(),
            backoff: Cell::default(),
            lights: RefCell::default(),
            talk: RefCell::default(),
            kept: RefCell::default(),
        }
    }

    /// How much more the device may be given; `None` if that is not known.
    pub(super) async fn room_bytes(&self) -> Option<u64> {
        /// Without a database all of it is in the memory of the page.
        const MOST_IN_MEMORY_BYTES: u64 = 48 * 1024 * 1024;
        if self.store.is_lasting() {
            let known = storage_use().await;
            return room_bytes(known.used_bytes, known.quota_bytes);
        }
        let held = self.store.files_on_device().await.ok()?;
        let held = held.iter().filter_map(|file| file.held.as_ref());
        let held_bytes: u64 = held.map(|held| held.size_bytes).sum();
        Some(MOST_IN_MEMORY_BYTES.saturating_sub(held_bytes))
    }

    pub(super) fn has_room_again(&self) {
        self.is_full.set(false);
    }

    /// Tells the other tabs that the queue is another one.
    pub(super) fn say_changed(&self) {
        self.say(Word::Changed);
    }

    fn say(&self, word: Word) {
        if let Some(talk) = &*self.talk.borrow() {
            talk.say(word);
        }
    }
}

/// Begins to follow the exchange, the other tabs and the connection.
pub(super) fn start(downloads: Downloads) {
    let runner = downloads.runner();
    let talk = Talk::join(move |word| hear(downloads, word));
    talk.say(Word::Hello);
    runner.talk.replace(Some(talk));
    let mut kept = runner.kept.borrow_mut();
    kept.push(on_window("online", move |_| nudge(downloads)));
    kept.push(on_document("visibilitychange", move |_| nudge(downloads)));
    kept.extend(on_connection_change(move || {
        downloads.connection.set(connection());
        look_again(downloads);
    }));
    drop(kept);
    runner.store.subscribe(move |committed| {
        if !committed.files_removed.is_empty() {
            downloads.runner().has_room_again();
        }
        if committed.touches(Collection::MATERIAL) || !committed.files_removed.is_empty() {
            downloads.runner().lights.borrow_mut().look_again();
            nudge(downloads);
        }
        if !committed.files_kept.is_empty() || !committed.files_removed.is_empty() {
            look_again(downloads);
        }
    });
    let status = downloads.state.status;
    let stands = Memo::new(move |_| {
        let status = status.get();
        (status.phase, status.connection)
    });
    // What is said and heard of the exchange goes before files.
    Effect::watch(
        move || stands.get(),
        move |_, _, _| {
            if obstacle(status.get_untracked()).is_some() {
                downloads.runner().transfer.stop();
            }
            nudge(downloads);
        },
        false,
    );
    look_again(downloads);
}

/// Why nothing may come just now.
pub(in crate::state) fn obstacle(status: SyncStatus) -> Option<QueueStand> {
    match (status.phase, status.connection) {
        // What the leader is doing, it says itself.
        (Phase::Following, _) => Some(QueueStand::Idle),
        (Phase::Exchanging, _) => Some(QueueStand::AfterExchange),
        // With a token that it refuses the server gives no file, public or not.
        (Phase::NotAuthorised, _) | (_, Connection::Lost) => Some(QueueStand::NoServer),
        _ => None,
    }
}

/// Whether another tab brings and sends files.
pub(in crate::state) fn follows(state: AppState) -> bool {
    state.status.get_untracked().phase == Phase::Following
}

fn hear(downloads: Downloads, word: Word) {
    match word {
        Word::Changed => {
            downloads.thrift.set(choice::read_thrift());
            downloads.full_pictures.set(choice::read_full_pictures());
            downloads.pinned.set(choice::read_pinned());
            downloads.makes_room.set(choice::read_makes_room());
            downloads.made_room.set(choice::read_made_room());
            downloads.runner().has_room_again();
            look_again(downloads);
        }
        Word::Stands {
            stand,
            coming,
            bytes_per_second,
        } => {
            if follows(downloads.state) {
                downloads.stand.set(stand);
                downloads.coming.set(coming);
                downloads.speed.set(Speed::of(bytes_per_second));
            }
        }
        Word::Hello => {
            if !follows(downloads.state) {
                tell(downloads);
            }
        }
    }
}

/// Tells the other tabs how the downloads stand.
fn tell(downloads: Downloads) {
    let (stand, coming) = (
        downloads.stand.get_untracked(),
        downloads.coming.get_untracked(),
    );
    let speed = downloads.speed.get_untracked();
    downloads.runner().say(Word::stands(stand, coming, speed));
}

fn show(downloads: Downloads, stand: QueueStand, coming: Option<Coming>) {
    let is_other =
        downloads.stand.get_untracked() != stand || downloads.coming.get_untracked() != coming;
    if is_other {
        downloads.stand.set(stand);
        downloads.coming.set(coming);
        tell(downloads);
    }
}

/// Reads the queue anew, and goes on with what is first in it now.
pub(super) fn look_again(downloads: Downloads) {
    spawn_local(async move {
        read_queue(downloads).await;
        nudge(downloads);
    });
}

/// Reads the queue. A file that is on its way and should not be any more is broken off.
pub(super) async fn read_queue(downloads: Downloads) -> Vec<Queued> {
    let runner = downloads.runner();
    // If it cannot be read, what was read before counts.
    let Ok(queue) = runner.store.downloads().await else {
        return Vec::new();
    };
    let in_order = downloads.in_order(queue.clone());
    let next = first_of(downloads, &in_order).map(|file| file.download.sha256);
    let current = runner.current.get();
    downloads.queue.set(in_order);
    if current.is_some() && current != next {
        runner.transfer.stop();
    }
    queue
}

/// The first of the queue that may come.
fn first_of(downloads: Downloads, queue: &[QueuedFile]) -> Option<QueuedFile> {
    let (thrift, connection) = (
        downloads.thrift.get_untracked(),
        downloads.connection.get_untracked(),
    );
    let may_come = |file: &&QueuedFile| {
        file.download.failure.is_none() && thrift.holds_back(&file.waiting(), connection).is_none()
    };
    queue.iter().find(may_come).cloned()
}

/// Goes on, unless it does already.
pub(super) fn nudge(downloads: Downloads) {
    let runner = downloads.runner();
    runner.is_nudged.set(true);
    if runner.is_running.replace(true) {
        return;
    }
    spawn_local(async move {
        let mut stand = None;
        while runner.is_nudged.replace(false) {
            stand = Some(bring_all(downloads).await);
        }
        runner.is_running.set(false);
        // What another tab brings, it tells itself.
        if let Some(stand) = stand.filter(|_| !follows(downloads.state)) {
            show(downloads, stand, None);
        }
    });
}

/// Brings one after the other until none may come, and says why.
async fn bring_all(downloads: Downloads) -> QueueStand {
    let runner = downloads.runner();
    loop {
        if let Some(stand) = obstacle(downloads.state.status.get_untracked()) {
            return stand;
        }
        let queue = read_queue(downloads).await;
        let first = first_of(downloads, &downloads.queue.get_untracked());
        let Some(first) = first else {
            return light::bring(downloads).await;
        };
        let sha256 = first.download.sha256;
        let Some(queued) = queue.into_iter().find(|of| of.download.sha256 == sha256) else {
            return QueueStand::Idle;
        };
        let lacks_bytes = first.download.size_bytes.saturating_sub(first.here_bytes);
        let room_bytes = runner.room_bytes().await;
        if runner.is_full.get() || room_bytes.is_some_and(|room| room < lacks_bytes) {
            if downloads.makes_room.get_untracked() {
                // What the browser refused shows that it has less room than it says.
                let room_bytes = room_bytes.filter(|_| !runner.is_full.get());
                let can_go = downloads.can_go_for(lacks_bytes, room_bytes).await;
                if downloads.make_room_by_itself(can_go).await {
                    runner.has_room_again();
                    continue;
                }
            }
            return QueueStand::Full {
                lacks_bytes,
                room_bytes,
            };
        }
        // Something may have begun meanwhile.
        if let Some(stand) = obstacle(downloads.state.status.get_untracked()) {
            return stand;
        }
        runner.current.set(Some(sha256));
        let here_bytes = first.here_bytes;
        show(
            downloads,
            QueueStand::Coming,
            Some(Coming { sha256, here_bytes }),
        );
        let meter = Meter::new(downloads, sha256);
        let told = |progress| meter.take(progress);
        let ended = runner.transfer.bring(&runner.store, queued, told).await;
        runner.current.set(None);
        meter.end();
        match ended {
            Ok(()) => runner.backoff.set(Backoff::default()),
            Err(Ended::Stopped | Ended::CalledOff) => {}
            Err(Ended::Broken { came_bytes }) => {
                let mut backoff = runner.backoff.get();
                if came_bytes > 0 {
                    backoff.reset();
                }
                let pause_ms = backoff.pause_ms(random_u32());
                runner.backoff.set(backoff);
                if came_bytes < WORTH_BYTES {
                    nudge_after(downloads, pause_ms);
                    return QueueStand::NoServer;
                }
            }
            Err(Ended::Failed(failure)) => {
                let name = sha256.to_string();
                let changed = runner.store.change_download(&name, |download| {
                    download.failure = Some(failure);
                    if failure == DownloadFailure::Damaged {
                        // Whoever tries again asks for the parts anew. Otherwise what came is good.
                        download.parts = None;
                    }
                });
                if let Err(error) = changed.await {
                    return not_kept(downloads, &error, lacks_bytes);
                }
                runner.say_changed();
            }
            // Then something may go.
            Err(Ended::Store(StoreError::Full)) => runner.is_full.set(true),
            Err(Ended::Store(error)) => return not_kept(downloads, &error, lacks_bytes),
        }
    }
}

/// The device could not even keep what the person wants of the queue.
pub(super) fn show_full(downloads: Downloads) {
    downloads.runner().is_full.set(true);
    let first = first_of(downloads, &downloads.queue.get_untracked());
    let lacks_bytes = first.map_or(0, |file| {
        file.download.size_bytes.saturating_sub(file.here_bytes)
    });
    let stand = QueueStand::Full {
        lacks_bytes,
        room_bytes: None,
    };
    show(downloads, stand, None);
}

/// The device could not keep something: that it is full, the queue says itself.
fn not_kept(downloads: Downloads, error: &StoreError, lacks_bytes: u64) -> QueueStand {
    if *error == StoreError::Full {
        downloads.runner().is_full.set(true);
        QueueStand::Full {
            lacks_bytes,
            room_bytes: None,
        }
    } else {
        downloads.state.not_saved(error);
        QueueStand::Idle
    }
}

pub(super) fn nudge_after(downloads: Downloads, pause_ms: u32) {
    spawn_local(async move {
        sleep_ms(pause_ms).await;
        nudge(downloads);
    });
}

/// Shows how far a file is and measures how fast it comes.
struct Meter {
    downloads: Downloads,
    sha256: ContentHash,
    /// Since when it was neither told nor noted.
    since_ms: Cell<u64>,
    /// What came since then.
    bytes: Cell<u64>,
}

impl Meter {
    fn new(downloads: Downloads, sha256: ContentHash) -> Self {
        Self {
            downloads,
            sha256,
            since_ms: Cell::new(now_ms()),
            bytes: Cell::new(0),
        }
    }

    fn take(&self, progress: Progress) {
        let sha256 = self.sha256;
        match progress {
            Progress::Begins => {
                self.since_ms.set(now_ms());
                self.bytes.set(0);
            }
            Progress::Came { bytes, here_bytes } => {
                self.bytes.set(self.bytes.get() + bytes);
                if now_ms().saturating_sub(self.since_ms.get()) >= TELL_EVERY_MS {
                    self.note();
                    let coming = Coming { sha256, here_bytes };
                    show(self.downloads, QueueStand::Coming, Some(coming));
                }
            }
            Progress::Checking => {
                self.note();
                let here_bytes = self.downloads.coming.get_untracked();
                let here_bytes = here_bytes.map_or(0, |coming| coming.here_bytes);
                let coming = Coming { sha256, here_bytes };
                show(self.downloads, QueueStand::Checking, Some(coming));
            }
        }
    }

    fn note(&self) {
        let now_ms = now_ms();
        let time_ms = now_ms.saturating_sub(self.since_ms.replace(now_ms));
        let bytes = self.bytes.take();
        if bytes > 0 {
            let mut speed = self.downloads.speed.get_untracked();
            speed.note(bytes, time_ms);
            self.downloads.speed.set(speed);
        }
    }

    fn end(&self) {
        self.note();
        choice::write_speed(self.downloads.speed.get_untracked());
    }
}
