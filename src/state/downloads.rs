//! Downloads: files that are to come, as the views see them and as the person orders them.
//!
//! The queue is in the database, where it survives the browser's end. The tab that leads brings the files
//! ([`runner`]), one at a time and never while anything is exchanged; the others show what it tells them.

mod choice;
mod light;
mod room;
mod runner;
mod talk;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use keruen_domain::downloads::{Connection, HeldBack, Speed, Thrift, Waiting};
use keruen_domain::model::{FileInfo, Material, Session, View};
use keruen_domain::protocol::shares::paths;
use keruen_domain::{ContentHash, MaterialId, ScopeId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use self::runner::Runner;
pub(super) use self::runner::{follows, obstacle};
use super::{AppState, readiness};
use crate::platform::{network_connection, now_ms};
pub use crate::store::DownloadFailure;
use crate::store::{Download, Queued, StoreError};

/// What the queue as a whole is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueStand {
    /// There is nothing that could come.
    #[default]
    Idle,
    /// A file is on its way.
    Coming,
    /// One has come and is compared with what it should be.
    Checking,
    /// The exchange goes first.
    AfterExchange,
    /// The server cannot be reached.
    NoServer,
    /// There is no room: so many bytes are to come, and so many would fit, if that is known.
    Full {
        /// To come of the next file.
        lacks_bytes: u64,
        /// What would fit.
        room_bytes: Option<u64>,
    },
}

/// How the file that is on its way stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Coming {
    /// Which.
    pub sha256: ContentHash,
    /// How much of it is here.
    pub here_bytes: u64,
}

/// A file of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedFile {
    /// What is to come.
    pub download: Download,
    /// How much of it is here.
    pub here_bytes: u64,
    /// When the next session that uses it begins, in milliseconds since 1970 (UTC).
    pub needed_ms: Option<i64>,
}

impl QueuedFile {
    fn waiting(&self) -> Waiting {
        Waiting {
            needed_ms: self.needed_ms,
            asked_ms: self.download.asked_ms,
            size_bytes: self.download.size_bytes,
            is_paused: self.download.is_paused,
            at_any_cost: self.download.at_any_cost,
        }
    }
}

/// How a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStand {
    /// The device does not have it.
    NotHere,
    /// It is to come, and so many bytes of it are here.
    Queued(QueuedStand, u64),
    /// The device has it.
    Here,
}

/// How a file of the queue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuedStand {
    /// It is on its way.
    Coming,
    /// It has come and is compared with what it should be.
    Checking,
    /// Others come first, or the exchange does.
    Waiting,
    /// The server cannot be reached.
    NoServer,
    /// There is no room for it.
    Full,
    /// The person holds it back, or what they chose.
    HeldBack(HeldBack),
    /// It does not come before it is asked for anew.
    Failed(DownloadFailure),
    /// The link that it comes by gives it no more: it was taken back, or what its words had opened is closed again.
    LinkEnded,
}

/// The downloads of this page.
#[derive(Clone, Copy)]
pub struct Downloads {
    state: AppState,
    /// The queue, as it comes.
    queue: RwSignal<Vec<QueuedFile>>,
    stand: RwSignal<QueueStand>,
    coming: RwSignal<Option<Coming>>,
    speed: RwSignal<Speed>,
    thrift: RwSignal<Thrift>,
    connection: RwSignal<Connection>,
    /// Whether pictures are wanted in their full size.
    full_pictures: RwSignal<bool>,
    /// The files that the person wants to stay.
    pinned: RwSignal<BTreeSet<String>>,
    /// Whether what may go goes by itself.
    makes_room: RwSignal<bool>,
    /// What went by itself.
    made_room: RwSignal<BTreeSet<String>>,
    runner: StoredValue<Rc<Runner>, LocalStorage>,
}

thread_local! {
    /// Those of the page. The state cannot hold them: it is made by the first part of the program, and all
    /// of this is in the second.
    static OF_PAGE: OnceCell<Downloads> = const { OnceCell::new() };
}

impl AppState {
    /// The downloads. The first call begins to bring what is in the queue, if this tab leads.
    pub fn downloads(&self) -> Downloads {
        OF_PAGE.with(|of_page| *of_page.get_or_init(|| Downloads::start(*self)))
    }
}

impl Downloads {
    fn start(state: AppState) -> Self {
        // As long as the page lives.
        let owner = Owner::new();
        let downloads = owner.with(|| Self {
            state,
            queue: RwSignal::new(Vec::new()),
            stand: RwSignal::new(QueueStand::default()),
            coming: RwSignal::new(None),
            speed: RwSignal::new(choice::read_speed()),
            thrift: RwSignal::new(choice::read_thrift()),
            connection: RwSignal::new(connection()),
            full_pictures: RwSignal::new(choice::read_full_pictures()),
            pinned: RwSignal::new(choice::read_pinned()),
            makes_room: RwSignal::new(choice::read_makes_room()),
            made_room: RwSignal::new(choice::read_made_room()),
            runner: StoredValue::new_local(Rc::new(Runner::new(state.store()))),
        });
        owner.with(|| runner::start(downloads));
        owner.with(|| readiness::start(state));
        std::mem::forget(owner);
        downloads
    }

    fn runner(&self) -> Rc<Runner> {
        self.runner.get_value()
    }

    /// The files that are to come, in the order in which they do.
    pub fn queue(&self) -> Vec<QueuedFile> {
        self.queue.get()
    }

    /// What the queue is doing.
    pub fn stand(&self) -> QueueStand {
        self.stand.get()
    }

    /// What was measured of the connection.
    pub fn speed(&self) -> Speed {
        self.speed.get()
    }

    /// What the person chose for this phone.
    pub fn thrift(&self) -> Thrift {
        self.thrift.get()
    }

    /// What the browser says of the connection.
    pub fn connection(&self) -> Connection {
        self.connection.get()
    }

    /// Whether the person wants pictures in their full size where they ask for several files at once.
    pub fn full_pictures(&self) -> bool {
        self.full_pictures.get()
    }

    /// Keeps another choice of that.
    pub fn choose_full_pictures(&self, full: bool) {
        choice::write_full_pictures(full);
        self.full_pictures.set(full);
        self.runner().say_changed();
    }

    /// What this phone should have of a material: of a picture the medium form, unless the person chose
    /// the full ones, or this one is here or to come.
    pub fn wanted_file(&self, material: &Material) -> Option<FileInfo> {
        let file = material.file()?;
        let forms = self.state.forms_of(material);
        let Some(medium) = forms.and_then(|forms| forms.medium) else {
            return Some(file);
        };
        let is_full = self.full_pictures() || self.stand_of(&file.sha256) != FileStand::NotHere;
        Some(if is_full { file } else { medium })
    }

    /// Whether somebody asked for the file of a material, or a form of it, and it is here or to come.
    pub fn is_asked_for(&self, material: &Material) -> bool {
        let is_asked_for = |sha256: &str| self.stand_of(sha256) != FileStand::NotHere;
        let file = material.file();
        file.is_some_and(|file| is_asked_for(&file.sha256))
            || material.medium_sha256().is_some_and(is_asked_for)
    }

    /// How a file stands.
    pub fn stand_of(&self, sha256: &str) -> FileStand {
        super::follow(self.state.files_changed);
        if self.state.store().has_file(sha256) {
            return FileStand::Here;
        }
        self.queue.with(|queue| {
            let of_it = |file: &&QueuedFile| file.download.sha256.to_string() == sha256;
            queue.iter().find(of_it).map_or(FileStand::NotHere, |file| {
                let (stand, here_bytes) = self.stand_in_queue(file);
                FileStand::Queued(stand, here_bytes)
            })
        })
    }

    /// How a file of the queue stands, and how much of it is here.
    pub fn stand_in_queue(&self, file: &QueuedFile) -> (QueuedStand, u64) {
        let coming = self.coming.get();
        let coming = coming.filter(|coming| coming.sha256 == file.download.sha256);
        let here_bytes = coming.map_or(file.here_bytes, |coming| {
            coming.here_bytes.max(file.here_bytes)
        });
        let thrift = self.thrift.get();
        let held_back = thrift.holds_back(&file.waiting(), self.connection.get());
        let is_by_link = file.download.from.is_some();
        let stand = match (file.download.failure, held_back) {
            (Some(DownloadFailure::NotThere), _) if is_by_link => QueuedStand::LinkEnded,
            (Some(failure), _) => QueuedStand::Failed(failure),
            (_, Some(held_back)) => QueuedStand::HeldBack(held_back),
            _ => match self.stand.get() {
                QueueStand::Coming if coming.is_some() => QueuedStand::Coming,
                QueueStand::Checking if coming.is_some() => QueuedStand::Checking,
                QueueStand::NoServer => QueuedStand::NoServer,
                QueueStand::Full { .. } => QueuedStand::Full,
                _ => QueuedStand::Waiting,
            },
        };
        (stand, here_bytes)
    }

    /// How much more the device may be given; `None` if that is not known.
    pub(super) async fn room_bytes(&self) -> Option<u64> {
        self.runner().room_bytes().await
    }

    /// Has these files come.
    pub fn ask_for(&self, files: impl IntoIterator<Item = FileInfo>) {
        self.ask_for_from(files.into_iter().map(|file| (file, None)));
    }

    /// The same, some from other addresses of the server.
    pub fn ask_for_from(&self, files: impl IntoIterator<Item = (FileInfo, Option<String>)>) {
        let asked_ms = now_ms();
        let download = |(file, from): (FileInfo, Option<String>)| {
            Some(Download {
                sha256: file.sha256.parse().ok()?,
                size_bytes: file.size_bytes,
                media_type: file.media_type.into(),
                from,
                asked_ms,
                is_paused: false,
                at_any_cost: false,
                failure: None,
                parts: None,
            })
        };
        let wanted: Vec<Download> = files.into_iter().filter_map(download).collect();
        let (downloads, store) = (*self, self.state.store());
        spawn_local(async move {
            let queued = store.queue_downloads(wanted).await;
            downloads.changed(queued).await;
        });
    }

    /// Where the link by which a file of the queue comes is opened in the app.
    pub fn link_of(&self, sha256: ContentHash) -> Option<String> {
        self.queue.with(|queue| {
            let file = queue.iter().find(|file| file.download.sha256 == sha256)?;
            let from = file.download.from.as_deref()?;
            let rest = from.strip_prefix(paths::PAGE)?;
            let (secret, _) = rest.split_once(paths::FILES)?;
            Some(["/#share=", secret].concat())
        })
    }

    /// Puts a file off, or lets it come again.
    pub fn pause(&self, sha256: ContentHash, is_paused: bool) {
        self.change(sha256, move |download| download.is_paused = is_paused);
    }

    /// Has a file come whatever the connection costs, and whatever was wrong before.
    pub fn bring_now(&self, sha256: ContentHash) {
        self.change(sha256, |download| {
            download.is_paused = false;
            download.at_any_cost = true;
            download.failure = None;
        });
    }

    /// Puts all files off, or lets all come again.
    pub fn pause_all(&self, is_paused: bool) {
        let (downloads, store) = (*self, self.state.store());
        let queue = self.queue.get_untracked();
        spawn_local(async move {
            let mut outcome = Ok(());
            for file in queue {
                let name = file.download.sha256.to_string();
                let changed = store.change_download(&name, |download| {
                    download.is_paused = is_paused;
                });
                outcome = outcome.and(changed.await.map(drop));
            }
            downloads.changed(outcome).await;
        });
    }

    fn change(&self, sha256: ContentHash, change: impl FnOnce(&mut Download) + 'static) {
        let (downloads, store) = (*self, self.state.store());
        spawn_local(async move {
            let changed = store.change_download(&sha256.to_string(), change).await;
            downloads.changed(changed.map(drop)).await;
        });
    }

    /// Takes a file out of the queue; what came of it goes.
    pub fn call_off(&self, sha256: ContentHash) {
        let (downloads, store) = (*self, self.state.store());
        spawn_local(async move {
            let called_off = store.call_off_download(&sha256.to_string()).await;
            downloads.changed(called_off).await;
        });
    }

    /// Tries again what had no room.
    pub fn try_again(&self) {
        self.runner().has_room_again();
        runner::nudge(*self);
        self.runner().say_changed();
    }

    /// Keeps another choice.
    pub fn choose_thrift(&self, thrift: Thrift) {
        choice::write_thrift(thrift);
        self.thrift.set(thrift);
        self.runner().say_changed();
        runner::look_again(*self);
    }

    /// The queue on the disk is another one.
    async fn changed(&self, outcome: Result<(), StoreError>) {
        match outcome {
            // Who changes the queue wants it tried anew.
            Ok(()) => self.runner().has_room_again(),
            // That concerns files, and nothing that was typed: the queue says it.
            Err(StoreError::Full) => {
                runner::show_full(*self);
                return;
            }
            Err(error) => self.state.not_saved(&error),
        }
        self.runner().say_changed();
        runner::read_queue(*self).await;
        runner::nudge(*self);
    }

    /// The rows of the queue, in their order, with when each is needed.
    fn in_order(&self, queue: Vec<Queued>) -> Vec<QueuedFile> {
        let needed = self.needed(queue.iter().map(|queued| queued.download.sha256));
        let mut files: Vec<QueuedFile> = queue
            .into_iter()
            .map(|Queued { download, kept }| {
                let part_bytes = download.parts.as_ref().map(|list| list.part_bytes);
                let division = part_bytes.and_then(|part_bytes| {
                    keruen_domain::parts::Division::new(download.size_bytes, part_bytes)
                });
                QueuedFile {
                    here_bytes: division.map_or(0, |division| division.bytes_of(&kept)),
                    needed_ms: needed.get(&download.sha256).copied(),
                    // Long, and shown nowhere.
                    download: Download {
                        parts: None,
                        ..download
                    },
                }
            })
            .collect();
        files.sort_by_key(|file| file.waiting().place());
        files
    }

    /// When the next session begins that uses each of these files, where there is one.
    fn needed(&self, files: impl Iterator<Item = ContentHash>) -> BTreeMap<ContentHash, i64> {
        let files: BTreeSet<ContentHash> = files.collect();
        let mut needed = BTreeMap::new();
        if files.is_empty() {
            return needed;
        }
        let now_ms = untrack(|| self.state.time.now_ms());
        let mut of_material: BTreeMap<MaterialId, Vec<ContentHash>> = BTreeMap::new();
        for material in self.state.all::<Material>() {
            let file = material.file();
            let full = file.as_ref().map(|file| &*file.sha256);
            let named = full.into_iter().chain(material.medium_sha256());
            let hashes = named.filter_map(|sha256| sha256.parse::<ContentHash>().ok());
            let hashes: Vec<_> = hashes.filter(|sha256| files.contains(sha256)).collect();
            if !hashes.is_empty() {
                of_material.insert(material.id(), hashes);
            }
        }
        for session in self.state.all::<Session>() {
            let times = session.start().zip(session.end());
            let Some((start, _)) = times.filter(|(_, end)| end.unix_ms() > now_ms) else {
                continue;
            };
            for material in session.materials() {
                for sha256 in of_material.get(&material).into_iter().flatten() {
                    let soonest = needed.entry(*sha256).or_insert(i64::MAX);
                    *soonest = start.unix_ms().min(*soonest);
                }
            }
        }
        needed
    }
}

/// What a file is to its material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FormOfFile {
    /// The file itself.
    Full,
    /// The form of a picture for a screen.
    Medium,
    /// A few KB that belong to the data of the programme.
    Light,
}

impl AppState {
    /// The material whose file this is, or a form of it: of several, one of a programme.
    pub fn material_of_file(&self, sha256: &str) -> Option<Material> {
        self.material_and_form(sha256).map(|(material, _)| material)
    }

    /// The same, and which of its forms it is.
    pub(super) fn material_and_form(&self, sha256: &str) -> Option<(Material, FormOfFile)> {
        let form_of = |material: &Material| {
            if material.file().is_some_and(|file| *file.sha256 == *sha256) {
                return Some(FormOfFile::Full);
            }
            let forms = material.forms()?;
            if *forms.light.sha256 == *sha256 {
                return Some(FormOfFile::Light);
            }
            let medium = forms.medium?;
            (*medium.sha256 == *sha256).then_some(FormOfFile::Medium)
        };
        let all = self.all::<Material>().into_iter();
        let of_it = all.filter_map(|material| Some((form_of(&material)?, material)));
        let found = of_it.min_by_key(|(form, material)| {
            let is_copy = material.record().key.scope == ScopeId::OWN;
            (is_copy, *form)
        });
        found.map(|(form, material)| (material, form))
    }
}

fn connection() -> Connection {
    let told = network_connection();
    Connection {
        is_free: told.is_free,
        saves_data: told.saves_data,
    }
}
