//! Opening: from what is on disk to a store that can be read.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use keruen_domain::DeviceId;
use keruen_domain::backup::Backup;
use keruen_domain::encoding;
use wasm_bindgen_futures::spawn_local;

use super::backup::rescue;
use super::damage;
use super::device::next_position;
use super::image::Image;
use super::schema::{DEVICE_KEY, DeviceMeta, OutboxEntry, Table, position_key, unseal};
use super::{
    Backend, Committed, Durability, IndexedDb, Memory, RandomBits, Replica, Store, StoreError,
    outbox,
};
use crate::platform::{
    Area, Channel, delete_cache, random_bytes, read_value, remove_value, write_value,
};

/// The database's name.
const NAME: &str = "keruen";
/// A mark outside the database: with it and without a database, the browser has deleted the data.
const MARKER: &str = "keruen.device";
/// A mark that somebody left this phone: nothing of theirs is to be read again.
const LEFT: &str = "keruen.left";
/// The cache of `public/kept-screen.js`, whose screens show what was there.
const SCREENS: &str = "keruen-screens";

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
    // Before anything is read: another tab may commit while it is.
    let other_tabs = OtherTabs::listen();
    if read_value(Area::Lasting, LEFT).is_some() {
        delete_cache(SCREENS).await;
        IndexedDb::delete(NAME).await?;
        remove_value(Area::Lasting, LEFT);
    }
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
        opened.store.join(other_tabs);
    }
    Ok(opened)
}

/// From now on this browser belongs to nobody: all that is on it goes when the app is next opened, which
/// the caller sees to. Other tabs that know the person find out by [`Store::is_current`].
pub fn leave_at_next_start() {
    remove_value(Area::Lasting, MARKER);
    write_value(Area::Lasting, LEFT, "");
}

/// What this device's person wrote, from a database that the app cannot start on.
pub async fn rescue_from_browser(phone_ms: u64) -> Result<Backup, StoreError> {
    let database = IndexedDb::open_as_it_is(NAME).await?;
    let random: RandomBits = Box::new(random_bytes);
    rescue(&Backend::IndexedDb(database), &random, phone_ms).await
}

impl Store {
    /// Whether the browser's data are still those of the person whom this tab knows: somebody may have left
    /// the phone in another tab. What this tab knows then is to be neither shown nor written.
    pub fn is_current(&self) -> bool {
        if self.channel.borrow().is_none() {
            // A store that no other tab shares: nobody else can leave it.
            return true;
        }
        match read_value(Area::Lasting, MARKER) {
            Some(device) => device == self.device.to_string(),
            // Where such values are refused, nobody can leave either.
            None => read_value(Area::Lasting, LEFT).is_none(),
        }
    }

    /// Opens a store on a database; `random` makes its identifiers.
    pub async fn open(backend: Backend, random: RandomBits) -> Result<Opened, StoreError> {
        let transaction = backend.begin(&Table::ALL, Durability::ReadOnly).await?;
        let image = Image::read(transaction).await?;
        if image.has_postponed {
            offer_postponed(&backend).await?;
        }
        let set_aside = if image.is_damaged {
            damage::set_aside(&backend).await?
        } else {
            0
        };
        let meta = match image.meta {
            Ok(Some(meta)) => meta,
            Ok(None) | Err(_) => device_meta(&backend, &random, &image.replica).await?,
        };
        let store = Self {
            backend,
            random,
            device: meta.device,
            replica: RefCell::new(image.replica),
            files: RefCell::new(image.files),
            outbox: RefCell::default(),
            positions: RefCell::default(),
            clock_offset_ms: Cell::new(meta.clock_offset_ms),
            rescue: Cell::new(None),
            is_damaged: Cell::default(),
            restamps: RefCell::default(),
            token: RefCell::new(image.token),
            roles: RefCell::new(image.roles),
            rereading: RefCell::default(),
            attention: RefCell::default(),
            moved: Cell::new(image.moved),
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
    fn join(self: &Rc<Self>, other_tabs: OtherTabs) {
        let OtherTabs { channel, listener } = other_tabs;
        *self.channel.borrow_mut() = Some(channel);
        let before = listener.replace(Listener::Store(Rc::downgrade(self)));
        if let Listener::Nobody(heard) = before {
            for committed in heard {
                self.hear_of(committed);
            }
        }
    }

    fn hear_of(self: &Rc<Self>, committed: Committed) {
        let store = self.clone();
        spawn_local(async move {
            // The next notice tries it again.
            let _ = store.hear(&committed).await;
        });
    }
}

/// What the other tabs of this browser commit.
struct OtherTabs {
    channel: Channel,
    listener: Rc<RefCell<Listener>>,
}

/// Who is told of it.
enum Listener {
    /// The store is still being opened: what is heard waits for it.
    Nobody(Vec<Committed>),
    Store(Weak<Store>),
}

impl OtherTabs {
    fn listen() -> Self {
        let listener = Rc::new(RefCell::new(Listener::Nobody(Vec::new())));
        let told = listener.clone();
        let channel = Channel::join("keruen.commits", move |bytes| {
            // A tab of another version may say what this one does not understand; it is read from
            // disk at the next start.
            let Ok(committed) = encoding::decode(&bytes) else {
                return;
            };
            let store = match &mut *told.borrow_mut() {
                Listener::Nobody(heard) => {
                    heard.push(committed);
                    return;
                }
                Listener::Store(store) => store.upgrade(),
            };
            if let Some(store) = store {
                store.hear_of(committed);
            }
        });
        Self { channel, listener }
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
