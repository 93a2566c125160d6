//! The device's truth: what is in IndexedDB, its image in memory, and the one door for writes.
//!
//! Every write is one transaction that ends in a [`Committed`] notice. The store knows nothing of
//! those who listen.

mod backend;
mod backup;
mod commit;
mod compact;
mod damage;
mod device;
mod downloads;
mod drafts;
mod error;
mod exchange;
mod files;
mod image;
mod indexed_db;
mod kept_index;
mod memory;
mod notice;
mod open;
mod outbox;
mod reached;
mod rebuild;
mod received;
mod replica;
mod reread;
mod rescue;
mod restamp;
mod restore;
mod schema;
mod snapshot;
mod sums;
mod uploads;

use std::cell::{Cell, Ref, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use keruen_domain::mutation::{self, Mutation};
use keruen_domain::protocol::v1::ProgrammeRole;
use keruen_domain::restamp::Restamp;
use keruen_domain::{ChangeId, DeviceId, ScopeId, encoding};

pub use backend::{Backend, Durability, Transaction};
pub use commit::Write;
pub use downloads::Queued;
pub use error::StoreError;
pub use files::{FileForm, FileOnDevice};
pub use indexed_db::IndexedDb;
pub use kept_index::KeptIndex;
pub use memory::Memory;
#[cfg(feature = "testing")]
pub use memory::{Fate, Moment, Trial};
pub use notice::{Committed, Place};
pub use open::{Opened, leave_at_next_start, open_in_browser, rescue_from_browser};
pub use received::ReceivedPack;
pub use replica::{Replica, Slot};
pub use restore::Restored;
pub use schema::{
    AttentionEntry, Download, DownloadFailure, HeldFile, PartList, Table, Upload, UploadFailure,
};
pub use snapshot::Kept;

use crate::platform::Channel;
use schema::{TOKEN_KEY, seal};

type Subscriber = Rc<dyn Fn(&Committed)>;
/// Other bits at every call; see [`crate::platform::random_bytes`].
pub type RandomBits = Box<dyn Fn() -> [u8; 10]>;

/// The store of one tab.
pub struct Store {
    backend: Backend,
    random: RandomBits,
    device: DeviceId,
    replica: RefCell<Replica>,
    files: RefCell<BTreeSet<String>>,
    /// Which changes were in the outbox when this tab last looked.
    outbox: RefCell<outbox::Contents>,
    /// Where in the outbox the changes stand that were read for sending.
    positions: RefCell<HashMap<ChangeId, u64>>,
    clock_offset_ms: Cell<i64>,
    rescue: Cell<Option<rescue::Rescue>>,
    /// Something was found that cannot be read, and is not set aside yet.
    is_damaged: Cell<bool>,
    /// Stamps that were corrected since the store was opened: somebody may be looking at the ones
    /// before.
    restamps: RefCell<Vec<Restamp>>,
    token: RefCell<Option<String>>,
    /// What the owner is in which programme.
    roles: RefCell<Vec<ProgrammeRole>>,
    /// What is being read anew, as it was when the outbox was last read for sending.
    rereading: RefCell<BTreeSet<ScopeId>>,
    /// The refused changes as they were last read.
    attention: RefCell<Vec<AttentionEntry>>,
    /// The last move of rows into pages of which this tab knows all that moved.
    moved: Cell<u64>,
    subscribers: RefCell<Vec<Subscriber>>,
    /// To the other tabs; absent in memory, which no other tab shares.
    channel: RefCell<Option<Channel>>,
}

impl Store {
    /// Which device this is.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// Whether what is written outlives the page.
    pub const fn is_lasting(&self) -> bool {
        matches!(self.backend, Backend::IndexedDb(_))
    }

    /// What is known, for reading.
    pub fn replica(&self) -> Ref<'_, Replica> {
        self.replica.borrow()
    }

    /// Whether this file is on the device.
    pub fn has_file(&self, sha256: &str) -> bool {
        self.files.borrow().contains(sha256)
    }

    /// What to add to the phone's clock to get the server's, in milliseconds.
    pub const fn clock_offset_ms(&self) -> i64 {
        self.clock_offset_ms.get()
    }

    /// What the server knows this device's owner by, if they have joined anything.
    pub fn token(&self) -> Option<String> {
        self.token.borrow().clone()
    }

    /// What the owner is in which programme, as the server said last.
    pub fn roles(&self) -> Vec<ProgrammeRole> {
        self.roles.borrow().clone()
    }

    /// Keeps another token, or none.
    pub async fn set_token(&self, token: Option<String>) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Meta], Durability::Strict).await?;
        match &token {
            Some(_) if mutation::is(Mutation::TokenNotKept) => {}
            Some(token) => transaction.put(Table::Meta, TOKEN_KEY, &seal(token))?,
            None => transaction.delete(Table::Meta, TOKEN_KEY)?,
        }
        transaction.commit().await?;
        self.publish(&Committed {
            token: Some(token),
            ..Committed::default()
        });
        Ok(())
    }

    /// Calls `listener` after every commit, of this tab and of others.
    pub fn subscribe(&self, listener: impl Fn(&Committed) + 'static) {
        self.subscribers.borrow_mut().push(Rc::new(listener));
    }

    /// Brings the image in memory up to date with a commit of this tab, and tells everybody.
    fn publish(&self, committed: &Committed) {
        self.tell_other_tabs(committed);
        self.take_in(committed);
    }

    fn tell_other_tabs(&self, committed: &Committed) {
        if let Some(channel) = &*self.channel.borrow() {
            channel.send(&encoding::encode(committed));
        }
    }

    /// Brings the image in memory up to date with a commit of whichever tab, and tells all who
    /// listen here.
    pub fn take_in(&self, committed: &Committed) {
        {
            self.replica.borrow_mut().take_in(committed);
            self.restamps
                .borrow_mut()
                .extend(committed.restamped.clone());
            // What left the outbox for good; what was postponed may be answered again.
            let gone = committed.settled.iter().chain(&committed.refused);
            let gone: BTreeSet<u64> = gone.map(|place| place.position).collect();
            let mut positions = self.positions.borrow_mut();
            positions.retain(|_, position| !gone.contains(position));
            if let Some(token) = &committed.token {
                self.token.replace(token.clone());
            }
            if let Some(roles) = &committed.roles {
                self.roles.replace(roles.clone());
            }
            if let Some(moved) = committed.moved {
                self.knows_move(moved);
            }
            let mut files = self.files.borrow_mut();
            files.extend(committed.files_kept.iter().cloned());
            files.extend(committed.light_files_kept.iter().cloned());
            for sha256 in &committed.files_removed {
                files.remove(sha256);
            }
        }
        self.announce(committed);
    }

    fn announce(&self, committed: &Committed) {
        let subscribers = self.subscribers.borrow().clone();
        for subscriber in subscribers {
            subscriber(committed);
        }
    }
}
