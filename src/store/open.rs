//! Opening: from what is on disk to a store that can be read.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use keruen_domain::backup::Backup;
use keruen_domain::encoding;
use keruen_domain::{DeviceId, Record};

use super::backup::rescue;
use super::damage;
use super::device::next_position;
use super::schema::{
    AttentionEntry, DEVICE_KEY, DeviceMeta, FROZEN_KEY, MOVED_KEY, OutboxEntry, ROLES_KEY,
    TOKEN_KEY, Table, position_key, unseal,
};
use super::{
    Backend, Durability, IndexedDb, Memory, RandomBits, Replica, Store, StoreError, outbox,
};
use crate::platform::{Area, Channel, random_bytes, read_value, write_value};

/// The database's name.
const NAME: &str = "keruen";
/// A mark outside the database: with it and without a database, the browser has deleted the data.
const MARKER: &str = "keruen.device";

/// A store, and what was found when it was opened.
pub struct Opened {
    /// The store.
    pub store: Rc<Store>,
    /// This browser had data of this app before, and has none now.
    pub came_back_empty: bool,
    /// How many pieces could not be read and were set aside.
    pub set_aside: usize,
}

/// Opens this browser's store; where the browser has none to offer, one in memory.
pub async fn open_in_browser() -> Result<Opened, StoreError> {
    let backend = match IndexedDb::open(NAME).await {
        Ok(database) => Backend::IndexedDb(database),
        Err(StoreError::Absent) => Backend::Memory(Memory::default()),
        Err(other) => return Err(other),
    };
    let mut opened = Store::open(backend, Box::new(random_bytes)).await?;
    let marker = read_value(Area::Lasting, MARKER);
    let device = opened.store.device.to_string();
    // What could not be read is there; what the browser deleted is not.
    let is_other = marker.is_some_and(|marker| marker != device);
    opened.came_back_empty = is_other && opened.set_aside == 0;
    write_value(Area::Lasting, MARKER, &device);
    if opened.store.is_lasting() {
        opened.store.join_other_tabs();
    }
    Ok(opened)
}

/// What this device's person wrote, from a database that the app cannot start on.
pub async fn rescue_from_browser(phone_ms: u64) -> Result<Backup, StoreError> {
    let database = IndexedDb::open_as_it_is(NAME).await?;
    let random: RandomBits = Box::new(random_bytes);
    rescue(&Backend::IndexedDb(database), &random, phone_ms).await
}

impl Store {
    /// Opens a store on a database; `random` makes its identifiers.
    pub async fn open(backend: Backend, random: RandomBits) -> Result<Opened, StoreError> {
        const WHOLE: [Table; 6] = [
            Table::Pages,
            Table::Replaced,
            Table::Rows,
            Table::Outbox,
            Table::Postponed,
            Table::Attention,
        ];
        let transaction = backend.begin(&Table::ALL, Durability::ReadOnly).await?;
        let known = [DEVICE_KEY, TOKEN_KEY, ROLES_KEY, MOVED_KEY, FROZEN_KEY].map(str::to_owned);
        let [pages, replaced, rows, waiting, postponed, refused] =
            transaction.all_of(WHOLE).await?;
        let meta = transaction.get_many(Table::Meta, &known).await?;
        let files: BTreeSet<String> = transaction.keys(Table::Files).await?.into_iter().collect();
        transaction.commit().await?;

        let [meta, token, roles, moved, frozen] = <[_; 5]>::try_from(meta).unwrap_or_default();
        let known = meta.as_deref().map(unseal::<DeviceMeta>).transpose();
        let frozen = frozen.as_deref().map(unseal::<u64>).transpose();
        let edition = known.as_ref().ok().and_then(Option::as_ref);
        let edition = edition.map_or(0, |meta| meta.next_position);
        let mut replica = Replica::at(edition);
        let mut is_damaged = false;
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
        if !postponed.is_empty() {
            offer_postponed(&backend).await?;
        }
        is_damaged |= refused
            .iter()
            .any(|bytes| unseal::<AttentionEntry>(bytes).is_err());
        is_damaged |= known.is_err() || frozen.is_err();
        let token = token.and_then(|bytes| unseal(&bytes).ok());
        let roles = roles.and_then(|bytes| unseal(&bytes).ok());
        let moved = moved.and_then(|bytes| unseal(&bytes).ok());
        let set_aside = if is_damaged {
            damage::set_aside(&backend).await?
        } else {
            0
        };
        let meta = match known {
            Ok(Some(meta)) => meta,
            Ok(None) | Err(_) => device_meta(&backend, &random, &replica).await?,
        };
        let store = Self {
            backend,
            random,
            device: meta.device,
            replica: RefCell::new(replica),
            files: RefCell::new(files),
            outbox: RefCell::default(),
            positions: RefCell::default(),
            clock_offset_ms: Cell::new(meta.clock_offset_ms),
            is_damaged: Cell::default(),
            restamps: RefCell::default(),
            token: RefCell::new(token),
            roles: RefCell::new(roles.unwrap_or_default()),
            rereading: RefCell::default(),
            attention: RefCell::default(),
            moved: Cell::new(moved.unwrap_or_default()),
            subscribers: RefCell::default(),
            channel: RefCell::default(),
        };
        Ok(Opened {
            store: Rc::new(store),
            came_back_empty: false,
            set_aside,
        })
    }

    /// From now on commits go to the other tabs, and theirs come here.
    fn join_other_tabs(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let channel = Channel::join("keruen.commits", move |bytes| {
            // A tab of another version may say what this one does not understand; it is read from
            // disk at the next start.
            if let (Some(store), Ok(committed)) = (weak.upgrade(), encoding::decode(&bytes)) {
                store.take_in(&committed);
            }
        });
        *self.channel.borrow_mut() = Some(channel);
    }
}

/// What the device knows of itself; made at its first start, and when it could not be read. Changes
/// that wait keep the name of the device that wrote them.
async fn device_meta(
    backend: &Backend,
    random: &RandomBits,
    replica: &Replica,
) -> Result<DeviceMeta, StoreError> {
    const TABLES: [Table; 3] = [Table::Meta, Table::Outbox, Table::Postponed];
    let transaction = backend.begin(&TABLES, Durability::Strict).await?;
    if transaction.get(Table::Meta, DEVICE_KEY).await?.is_some() {
        return DeviceMeta::load(&transaction).await;
    }
    let [bits @ .., _, _] = random();
    let device = DeviceId(u64::from_le_bytes(bits));
    let meta = DeviceMeta {
        device,
        last_reading: replica.latest_reading(device),
        clock_offset_ms: 0,
        next_position: next_position(&transaction).await?,
    };
    meta.save(&transaction)?;
    transaction.commit().await?;
    Ok(meta)
}

/// Puts changes that an older server did not understand back into the outbox: once per start they
/// are offered again, since the server may have been renewed.
async fn offer_postponed(backend: &Backend) -> Result<(), StoreError> {
    const TABLES: [Table; 2] = [Table::Postponed, Table::Outbox];
    let transaction = backend.begin(&TABLES, Durability::Strict).await?;
    let postponed = transaction.all(Table::Postponed).await?;
    if postponed.is_empty() {
        return Ok(());
    }
    for entry in postponed
        .iter()
        .filter_map(|bytes| unseal::<OutboxEntry>(bytes).ok())
    {
        // One by one: where nothing is known of a bundle with that key, see `outbox::Contents`.
        transaction.delete(Table::Postponed, &position_key(entry.position))?;
        outbox::add(&transaction, &[&entry])?;
    }
    transaction.commit().await
}
