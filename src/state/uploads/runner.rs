//! Sends the files that wait, in the tab that leads, while nothing is exchanged.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use keruen_domain::model::{Material, View, fields};
use keruen_domain::sync::Backoff;
use keruen_domain::{ContentHash, FieldKey, ScopeId, Value, encoding};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use super::{Going, Stand, Uploads, is_of};
use crate::platform::{Channel, Listener, now_ms, on_window, random_u32, sleep_ms};
use crate::state::downloads::{QueueStand, follows, obstacle};
use crate::store::{Store, Upload, Write};
use crate::sync::{NotSent, Sending};

/// A way on which this much goes before it breaks is used again at once.
const WORTH_BYTES: u64 = 32 * 1024;

/// What tabs tell each other.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Word {
    /// What waits on the disk is something else: look again.
    Changed,
    /// The leader's uploads stand so.
    Stands(Stand, Option<Going>),
    /// A tab has just been opened: how do they stand?
    Hello,
}

/// What sends files. It is there in every tab, and runs in the one that leads.
pub(super) struct Runner {
    store: Rc<Store>,
    sending: Sending,
    is_running: Cell<bool>,
    /// Something changed while it ran.
    is_nudged: Cell<bool>,
    current: Cell<Option<(ContentHash, ScopeId)>>,
    backoff: Cell<Backoff>,
    talk: RefCell<Option<Channel>>,
    kept: RefCell<Vec<Listener>>,
}

impl Runner {
    pub(super) fn new(store: Rc<Store>) -> Self {
        Self {
            store,
            sending: Sending::default(),
            is_running: Cell::default(),
            is_nudged: Cell::default(),
            current: Cell::default(),
            backoff: Cell::default(),
            talk: RefCell::default(),
            kept: RefCell::default(),
        }
    }

    /// Tells the other tabs that something else waits.
    pub(super) fn say_changed(&self) {
        self.say(Word::Changed);
    }

    fn say(&self, word: Word) {
        if let Some(talk) = &*self.talk.borrow() {
            talk.send(&encoding::encode(&word));
        }
    }

    /// Breaks a file off, and tells the server, if it hears it, that no more of it comes.
    pub(super) async fn withdraw(&self, sha256: &ContentHash, scope: ScopeId) {
        if self.current.get() == Some((*sha256, scope)) {
            self.sending.stop();
        }
        let uploads = self.store.uploads().await.unwrap_or_default();
        let of_it = |upload: &Upload| (upload.sha256, upload.scope) == (*sha256, scope);
        let location = uploads.into_iter().find(of_it);
        if let Some(location) = location.and_then(|upload| upload.location) {
            let store = self.store.clone();
            spawn_local(async move { Sending::default().withdraw(&store, &location).await });
        }
    }
}

/// Begins to follow the exchange, the other tabs and the connection.
pub(super) fn start(uploads: Uploads) {
    let runner = uploads.runner();
    let talk = Channel::join("keruen.uploads", move |bytes| {
        // A tab of another version may say what this one does not know.
        if let Ok(word) = encoding::decode(&bytes) {
            hear(uploads, word);
        }
    });
    talk.send(&encoding::encode(&Word::Hello));
    runner.talk.replace(Some(talk));
    let online = on_window("online", move |_| nudge(uploads));
    runner.kept.borrow_mut().push(online);
    let status = uploads.state.status;
    let stands = Memo::new(move |_| {
        let status = status.get();
        (status.phase, status.connection)
    });
    // What is said and heard of the exchange goes before files.
    Effect::watch(
        move || stands.get(),
        move |_, _, _| {
            if obstacle(status.get_untracked()).is_some() {
                uploads.runner().sending.stop();
            }
            nudge(uploads);
        },
        false,
    );
    let downloads = uploads.state.downloads();
    Effect::watch(
        move || (downloads.thrift(), downloads.connection()),
        move |_, _, _| look_again(uploads),
        false,
    );
    let store = runner.store.clone();
    spawn_local(async move {
        let bears = |upload: &Upload| bears(uploads, upload.scope, &upload.sha256);
        // What cannot be tidied now is at the next start.
        let _ = store.tidy_uploads(now_ms(), bears).await;
        look_again(uploads);
    });
}

/// Whether a material of the scope bears this file.
pub(super) fn bears(uploads: Uploads, scope: ScopeId, sha256: &ContentHash) -> bool {
    !materials(uploads, scope, sha256).is_empty()
}

fn materials(uploads: Uploads, scope: ScopeId, sha256: &ContentHash) -> Vec<Material> {
    let name = sha256.to_string();
    let mut materials = untrack(|| uploads.state.with_files_in(scope));
    materials.retain(|material| material.file().is_some_and(|file| *file.sha256 == *name));
    materials
}

fn hear(uploads: Uploads, word: Word) {
    match word {
        Word::Changed => look_again(uploads),
        Word::Stands(stand, going) => {
            if follows(uploads.state) {
                uploads.stand.set(stand);
                uploads.going.set(going);
            }
        }
        Word::Hello => {
            if !follows(uploads.state) {
                tell(uploads);
            }
        }
    }
}

/// Tells the other tabs how the uploads stand.
fn tell(uploads: Uploads) {
    let (stand, going) = (uploads.stand.get_untracked(), uploads.going.get_untracked());
    uploads.runner().say(Word::Stands(stand, going));
}

fn show(uploads: Uploads, stand: Stand, going: Option<Going>) {
    let is_other = (uploads.stand.get_untracked(), uploads.going.get_untracked()) != (stand, going);
    if is_other {
        uploads.stand.set(stand);
        uploads.going.set(going);
        tell(uploads);
    }
}

/// Reads what waits anew, and goes on with what is first now.
fn look_again(uploads: Uploads) {
    spawn_local(async move {
        read_queue(uploads).await;
        nudge(uploads);
    });
}

/// Reads what waits. A file that is on its way and should not be any more is broken off.
pub(super) async fn read_queue(uploads: Uploads) {
    let runner = uploads.runner();
    // If it cannot be read, what was read before counts.
    let Ok(mut queue) = runner.store.uploads().await else {
        return;
    };
    queue.retain(|upload| upload.is_wanted);
    queue.sort_by_key(|upload| (upload.added_ms, upload.size_bytes, upload.sha256));
    uploads.queue.set(queue);
    let current = runner.current.get();
    let next = first(uploads).map(|upload| (upload.sha256, upload.scope));
    if current.is_some() && current != next {
        runner.sending.stop();
    }
}

/// The first that may go.
fn first(uploads: Uploads) -> Option<Upload> {
    let queue = uploads.queue.get_untracked();
    let may_go = |upload: &Upload| {
        upload.failure.is_none() && untrack(|| uploads.held_back(upload)).is_none()
    };
    queue.into_iter().find(may_go)
}

/// Goes on, unless it does already.
pub(super) fn nudge(uploads: Uploads) {
    let runner = uploads.runner();
    runner.is_nudged.set(true);
    if runner.is_running.replace(true) {
        return;
    }
    spawn_local(async move {
        let mut stand = None;
        while runner.is_nudged.replace(false) {
            stand = Some(send_all(uploads).await);
        }
        runner.is_running.set(false);
        // What another tab sends, it tells itself.
        if let Some(stand) = stand.filter(|_| !follows(uploads.state)) {
            show(uploads, stand, None);
        }
    });
}

/// Sends one after the other until none may go, and says why.
async fn send_all(uploads: Uploads) -> Stand {
    let runner = uploads.runner();
    loop {
        read_queue(uploads).await;
        match obstacle(uploads.state.status.get_untracked()) {
            Some(QueueStand::NoServer) => return Stand::NoServer,
            Some(_) => return Stand::Idle,
            None => {}
        }
        // Without a token the server takes nothing.
        let Some(upload) = first(uploads).filter(|_| runner.store.token().is_some()) else {
            return Stand::Idle;
        };
        let (sha256, scope) = (upload.sha256, upload.scope);
        runner.current.set(Some((sha256, scope)));
        let progress = |sent_bytes| {
            let going = Going {
                sha256,
                scope,
                sent_bytes,
            };
            show(uploads, Stand::Going, Some(going));
        };
        progress(upload.sent_bytes);
        let sent = runner.sending.send(&runner.store, upload.clone(), progress);
        let sent = sent.await;
        runner.current.set(None);
        if let Some(going) = uploads
            .going
            .get_untracked()
            .filter(|of| is_of(of, &upload))
        {
            // Shown also once it does not go any more; the next turn asks the server.
            let kept = runner.store.change_upload(&sha256, scope, |upload| {
                upload.sent_bytes = going.sent_bytes;
            });
            let _ = kept.await;
        }
        match sent {
            Ok(media_type) => {
                runner.backoff.set(Backoff::default());
                arrived(uploads, &upload, media_type).await;
            }
            Err(NotSent::Stopped | NotSent::CalledOff) => {}
            Err(NotSent::NotAuthorised) => return Stand::NoServer,
            Err(NotSent::Broken { sent_bytes }) => {
                let mut backoff = runner.backoff.get();
                if sent_bytes > 0 {
                    backoff.reset();
                }
                let pause_ms = backoff.pause_ms(random_u32());
                runner.backoff.set(backoff);
                if sent_bytes < WORTH_BYTES {
                    nudge_after(uploads, pause_ms);
                    return Stand::NoServer;
                }
            }
            Err(NotSent::Failed(failure)) => {
                let failed = runner.store.change_upload(&sha256, scope, |upload| {
                    upload.failure = Some(failure);
                    upload.location = None;
                    upload.sent_bytes = 0;
                });
                if let Err(error) = failed.await {
                    uploads.state.not_saved(&error);
                    return Stand::Idle;
                }
                runner.say_changed();
            }
            Err(NotSent::Store(error)) => {
                uploads.state.not_saved(&error);
                return Stand::Idle;
            }
        }
    }
}

/// The server has the file. If the server knows better what it is, the materials say so.
async fn arrived(uploads: Uploads, upload: &Upload, media_type: Option<String>) {
    let runner = uploads.runner();
    let forgotten = runner.store.forget_upload(&upload.sha256, upload.scope);
    if let Err(error) = forgotten.await {
        uploads.state.not_saved(&error);
    }
    runner.say_changed();
    let Some(media_type) = media_type.filter(|known| *known != upload.media_type) else {
        return;
    };
    let writes = materials(uploads, upload.scope, &upload.sha256)
        .into_iter()
        .map(|material| {
            let media_type = media_type.clone();
            let write = Write::new(material.record().key, move |edit| {
                let value = Value::Text(media_type.into());
                edit.set(FieldKey::register(fields::FILE_TYPE), value);
            });
            write.by_program()
        });
    uploads.state.commit_all(writes.collect()).await;
}

fn nudge_after(uploads: Uploads, pause_ms: u32) {
    spawn_local(async move {
        sleep_ms(pause_ms).await;
        nudge(uploads);
    });
}
