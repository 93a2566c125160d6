//! What a commit tells everybody who reads: this tab's views, the sync driver, and other tabs.

use std::collections::BTreeSet;

use keruen_domain::protocol::v1::ProgrammeRole;
use keruen_domain::restamp::Restamp;
use keruen_domain::{Collection, Record, RecordKey, ScopeId};
use serde::{Deserialize, Serialize, Serializer};

/// A change's place in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Of which record.
    pub key: RecordKey,
    /// Where in the outbox.
    pub position: u64,
}

/// What a commit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// What the server has of these records.
    pub records: Vec<Record>,
    /// What the server has, as sealed pages.
    #[serde(serialize_with = "as_bytes")]
    pub pages: Vec<Vec<u8>>,
    /// What is in the pages.
    pub collections: BTreeSet<Collection>,
    /// Stamps that were corrected: somebody may be looking at the ones before.
    pub restamped: Option<Restamp>,
    /// Grows with each commit that changes what is shown, in whatever order notices arrive: see
    /// `replica/order.rs`. Of a position in the outbox, an earlier content counts no more.
    pub edition: u64,
    /// Changes that are in the outbox now, with their positions.
    pub queued: Vec<(u64, Record)>,
    /// Changes that the server acknowledged.
    pub settled: Vec<Place>,
    /// Changes that the server refused.
    pub refused: Vec<Place>,
    /// What packs say of these records, merged: on top of what the server has.
    pub received: Vec<Record>,
    /// Records of which what packs say does not count any more.
    pub received_gone: Vec<RecordKey>,
    /// Scopes that were removed: what the server has of them is in this notice, or nowhere.
    pub forgotten: Vec<ScopeId>,
    /// Whether the list of refused changes is another one.
    pub attention: bool,
    /// Files that came, by their SHA-256.
    pub files_kept: Vec<String>,
    /// Light forms of pictures that the device has now: no page is other by them that is seen at the start.
    pub light_files_kept: Vec<String>,
    /// Files that went.
    pub files_removed: Vec<String>,
    /// Whether the token is another one, and which.
    pub token: Option<Option<String>>,
    /// What the device's owner is in which programme, if that is other than before.
    pub roles: Option<Vec<ProgrammeRole>>,
    /// The how-manieth move of rows into pages this was; `records` are what moved.
    pub moved: Option<u64>,
    /// Whether a person did it on this device: something may have to be sent.
    pub by_person: bool,
}

/// The same form, written page by page instead of byte by byte.
fn as_bytes<S: Serializer>(pages: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
    struct Page<'a>(&'a [u8]);
    impl Serialize for Page<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    serializer.collect_seq(pages.iter().map(|page| Page(page)))
}

impl Committed {
    /// The records of which something is said one by one.
    pub fn touched(&self) -> impl Iterator<Item = RecordKey> {
        let records = self.records.iter().map(|record| record.key);
        let queued = self.queued.iter().map(|(_, record)| record.key);
        let received = self.received.iter().map(|record| record.key);
        records
            .chain(queued)
            .chain(self.refused.iter().map(|place| place.key))
            .chain(received)
            .chain(self.received_gone.iter().copied())
    }

    /// Whether records of this collection look different now.
    pub fn touches(&self, collection: Collection) -> bool {
        !self.forgotten.is_empty()
            || self.collections.contains(&collection)
            || self.touched().any(|key| key.collection == collection)
    }

    /// Whether the outbox is another one.
    pub const fn changes_outbox(&self) -> bool {
        !self.queued.is_empty() || !self.settled.is_empty() || !self.refused.is_empty()
    }
}
