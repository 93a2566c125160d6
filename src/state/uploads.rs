//! Uploads: files of this device that the server is to have, as the views see them and as the person orders
//! them.
//!
//! They are in the database until the server has them. The tab that leads sends them ([`runner`]), one at a time
//! and never while anything is exchanged; the others show what it tells them.

mod runner;

use std::cell::OnceCell;
use std::rc::Rc;

use keruen_domain::downloads::{HeldBack, Waiting};
use keruen_domain::model::{FileInfo, Material, View};
use keruen_domain::{ContentHash, ScopeId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use self::runner::Runner;
use super::AppState;
use crate::store::{StoreError, Upload, UploadFailure};

/// How a file that is to go stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadStand {
    /// It is on its way.
    Going,
    /// Others go first, or the exchange does.
    Waiting,
    /// The server cannot be reached, or cannot take it now.
    NoServer,
    /// The person holds it back, or what they chose.
    HeldBack(HeldBack),
    /// It does not go before it is asked for anew.
    Failed(UploadFailure),
}

/// What all of them together are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Stand {
    /// There is nothing that could go, or the exchange goes first.
    #[default]
    Idle,
    /// One is on its way.
    Going,
    /// The server cannot be reached, or cannot take it now.
    NoServer,
}

/// How much the server has of the file that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Going {
    sha256: ContentHash,
    scope: ScopeId,
    sent_bytes: u64,
}

/// The uploads of this page.
#[derive(Clone, Copy)]
pub struct Uploads {
    state: AppState,
    /// Those that a material bears, in the order in which they go.
    queue: RwSignal<Vec<Upload>>,
    stand: RwSignal<Stand>,
    going: RwSignal<Option<Going>>,
    runner: StoredValue<Rc<Runner>, LocalStorage>,
}

thread_local! {
    /// Those of the page; see [`super::downloads`].
    static OF_PAGE: OnceCell<Uploads> = const { OnceCell::new() };
}

impl AppState {
    /// The uploads. The first call begins to send what waits, if this tab leads.
    pub fn uploads(&self) -> Uploads {
        OF_PAGE.with(|of_page| *of_page.get_or_init(|| Uploads::start(*self)))
    }
}

impl Uploads {
    fn start(state: AppState) -> Self {
        // As long as the page lives.
        let owner = Owner::new();
        let uploads = owner.with(|| Self {
            state,
            queue: RwSignal::new(Vec::new()),
            stand: RwSignal::new(Stand::default()),
            going: RwSignal::new(None),
            runner: StoredValue::new_local(Rc::new(Runner::new(state.store()))),
        });
        owner.with(|| runner::start(uploads));
        std::mem::forget(owner);
        uploads
    }

    fn runner(&self) -> Rc<Runner> {
        self.runner.get_value()
    }

    /// The files that are to go, in the order in which they do.
    pub fn queue(&self) -> Vec<Upload> {
        self.queue.get()
    }

    /// How a file of a scope stands, and how much the server has of it; `None` if it is not to go.
    pub fn stand_of(&self, scope: ScopeId, sha256: &str) -> Option<(UploadStand, u64)> {
        let queue = self.queue.get();
        let of_it = |upload: &&Upload| upload.scope == scope && upload.sha256.to_string() == sha256;
        let upload = queue.iter().find(of_it)?;
        let going = self.going.get().filter(|going| is_of(going, upload));
        let sent_bytes = going.map_or(upload.sent_bytes, |going| going.sent_bytes);
        let stand = match (upload.failure, self.held_back(upload)) {
            (Some(failure), _) => UploadStand::Failed(failure),
            (_, Some(held_back)) => UploadStand::HeldBack(held_back),
            _ => match self.stand.get() {
                Stand::Going if going.is_some() => UploadStand::Going,
                Stand::NoServer => UploadStand::NoServer,
                Stand::Going | Stand::Idle => UploadStand::Waiting,
            },
        };
        Some((stand, sent_bytes))
    }

    /// Whether a file is still to go, so that it must not be removed from here.
    pub fn is_to_go(&self, sha256: &str) -> bool {
        self.queue.with(|queue| {
            queue
                .iter()
                .any(|upload| upload.sha256.to_string() == sha256)
        })
    }

    /// What the person chose for files that come holds for those that go, too.
    fn held_back(&self, upload: &Upload) -> Option<HeldBack> {
        let waiting = Waiting {
            needed_ms: None,
            asked_ms: upload.added_ms,
            size_bytes: upload.size_bytes,
            is_paused: upload.is_paused,
            at_any_cost: upload.at_any_cost,
        };
        let downloads = self.state.downloads();
        downloads
            .thrift()
            .holds_back(&waiting, downloads.connection())
    }

    /// Has a file go that a material bears by now.
    pub(super) async fn want(&self, scope: ScopeId, file: &FileInfo) {
        let Ok(sha256) = file.sha256.parse() else {
            return;
        };
        let store = self.state.store();
        let wanted = store.change_upload(&sha256, scope, |upload| {
            upload.is_wanted = true;
            upload.failure = None;
        });
        let wanted = wanted.await.map(drop);
        self.changed(wanted).await;
    }

    /// A material bears its file no more: unless another of the scope does, it does not go.
    pub(super) async fn no_longer_of(&self, material: &Material) {
        let scope = material.record().key.scope;
        let Some(file) = material.file() else {
            return;
        };
        if let Ok(sha256) = file.sha256.parse()
            && !runner::bears(*self, scope, &sha256)
        {
            let store = self.state.store();
            self.runner().withdraw(&sha256, scope).await;
            self.changed(store.forget_upload(&sha256, scope).await)
                .await;
        }
    }

    /// Puts a file off, or lets it go again.
    pub fn pause(&self, scope: ScopeId, sha256: ContentHash, is_paused: bool) {
        self.change(scope, sha256, move |upload| {
            upload.is_paused = is_paused;
        });
    }

    /// Has a file go whatever the connection costs, and whatever was wrong before.
    pub fn send_now(&self, scope: ScopeId, sha256: ContentHash) {
        self.change(scope, sha256, |upload| {
            upload.is_paused = false;
            upload.at_any_cost = true;
            upload.failure = None;
        });
    }

    fn change(
        &self,
        scope: ScopeId,
        sha256: ContentHash,
        change: impl FnOnce(&mut Upload) + 'static,
    ) {
        let (uploads, store) = (*self, self.state.store());
        spawn_local(async move {
            let changed = store.change_upload(&sha256, scope, change).await;
            uploads.changed(changed.map(drop)).await;
        });
    }

    /// What waits on the disk is something else.
    async fn changed(&self, outcome: Result<(), StoreError>) {
        if let Err(error) = outcome {
            self.state.not_saved(&error);
        }
        self.runner().say_changed();
        runner::read_queue(*self).await;
        runner::nudge(*self);
    }
}

fn is_of(going: &Going, upload: &Upload) -> bool {
    (going.sha256, going.scope) == (upload.sha256, upload.scope)
}
