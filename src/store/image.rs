//! The image in memory, made from what lies on disk: when the store is opened, and again when it can no
//! longer be told from the notices of other tabs what lies there.

use std::collections::BTreeSet;

use keruen_domain::Record;
use keruen_domain::encoding::DecodeError;
use keruen_domain::protocol::v1::ProgrammeRole;

use super::schema::{
    AttentionEntry, DEVICE_KEY, DeviceMeta, FROZEN_KEY, MOVED_KEY, ROLES_KEY, Received, TOKEN_KEY,
    Table, unseal,
};
use super::{Committed, Durability, Replica, Store, StoreError, Transaction, outbox};

/// How often the disk is read in a row while others write to it.
const MOST_READINGS: u32 = 3;

/// What lies on disk, of one moment.
pub(super) struct Image {
    pub(super) replica: Replica,
    /// What the device knows of itself, if it knows anything.
    pub(super) meta: Result<Option<DeviceMeta>, DecodeError>,
    pub(super) token: Option<String>,
    pub(super) roles: Vec<ProgrammeRole>,
    /// How often rows were moved into pages.
    pub(super) moved: u64,
    pub(super) files: BTreeSet<String>,
    /// Whether there are changes that an older server did not understand.
    pub(super) has_postponed: bool,
    /// Whether something cannot be read.
    pub(super) is_damaged: bool,
}

impl Image {
    /// Reads everything in a transaction on [`Table::ALL`].
    pub(super) async fn read(transaction: Transaction<'_>) -> Result<Self, StoreError> {
        const WHOLE: [Table; 6] = [
            Table::Pages,
            Table::Replaced,
            Table::Rows,
            Table::Outbox,
            Table::Postponed,
            Table::Attention,
        ];
        let known = [DEVICE_KEY, TOKEN_KEY, ROLES_KEY, MOVED_KEY, FROZEN_KEY].map(str::to_owned);
        let [pages, replaced, rows, waiting, postponed, refused] =
            transaction.all_of(WHOLE).await?;
        let meta = transaction.get_many(Table::Meta, &known).await?;
        let received = transaction.all(Table::Received).await?;
        let mut files: BTreeSet<String> =
            transaction.keys(Table::Files).await?.into_iter().collect();
        files.extend(transaction.keys(Table::Held).await?);
        transaction.commit().await?;

        let [meta, token, roles, moved, frozen] = <[_; 5]>::try_from(meta).unwrap_or_default();
        let meta = meta.as_deref().map(unseal::<DeviceMeta>).transpose();
        let frozen = frozen.as_deref().map(unseal::<u64>).transpose();
        let edition = meta.as_ref().ok().and_then(Option::as_ref);
        let edition = edition.map_or(0, |meta| meta.next_position);
        let mut replica = Replica::at(edition);
        let mut is_damaged = meta.is_err() || frozen.is_err();
        for page in pages.into_iter().chain(replaced) {
            is_damaged |= replica.acknowledge_page(page).is_err();
        }
        for bytes in rows {
            match unseal::<Record>(&bytes) {
                Ok(record) => replica.acknowledge(record),
                Err(_) => is_damaged = true,
            }
        }
        for bytes in waiting.iter().chain(&postponed) {
            match outbox::read(bytes) {
                Ok(entries) => {
                    for entry in entries {
                        replica.put_on_top(entry.position, edition, entry.change.record);
                    }
                }
                Err(_) => is_damaged = true,
            }
        }
        // What cannot be read of it is in the pack.
        for bytes in received {
            if let Ok(received) = unseal::<Received>(&bytes) {
                replica.receive(edition, received.record);
            }
        }
        is_damaged |= refused
            .iter()
            .any(|bytes| unseal::<AttentionEntry>(bytes).is_err());
        let roles = roles.and_then(|bytes| unseal(&bytes).ok());
        let moved = moved.and_then(|bytes| unseal(&bytes).ok());
        Ok(Self {
            replica,
            meta,
            token: token.and_then(|bytes| unseal(&bytes).ok()),
            roles: roles.unwrap_or_default(),
            moved: moved.unwrap_or_default(),
            files,
            has_postponed: !postponed.is_empty(),
            is_damaged,
        })
    }
}

impl Store {
    /// Takes in what another tab has committed. If it came too late to be put in its place, the image is
    /// what lies on disk when this returns.
    pub async fn hear(&self, committed: &Committed) -> Result<(), StoreError> {
        self.take_in(committed);
        self.catch_up().await
    }

    /// Reads the image from the disk if notices came in another order than their commits, and what is
    /// shown can no longer be told from them. If that fails, the next notice tries it again.
    pub(super) async fn catch_up(&self) -> Result<(), StoreError> {
        for _ in 0..MOST_READINGS {
            if !self.is_outdated() {
                break;
            }
            let transaction = self.begin(&Table::ALL, Durability::ReadOnly).await?;
            let image = Image::read(transaction).await?;
            let mut replica = self.replica.borrow_mut();
            // Something may have been taken in meanwhile that was not there yet.
            if image.replica.edition() < replica.edition() {
                continue;
            }
            let collections = replica.collections().chain(image.replica.collections());
            let committed = Committed {
                collections: collections.collect(),
                ..Committed::default()
            };
            *replica = image.replica;
            drop(replica);
            self.moved.set(image.moved);
            self.is_damaged
                .set(self.is_damaged.get() | image.is_damaged);
            self.announce(&committed);
        }
        Ok(())
    }

    fn is_outdated(&self) -> bool {
        self.replica.borrow().is_outdated()
    }
}
