mod agenda;
mod contents;
mod held;
mod order;

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use keruen_domain::encoding::DecodeError;
use keruen_domain::model::View;
use keruen_domain::mutation::{self, Mutation};
use keruen_domain::page::{self, Directory};
use keruen_domain::{Collection, DeviceId, EventId, Hlc, Record, RecordId, RecordKey, ScopeId};

use super::Committed;
use agenda::Agenda;
pub use agenda::Slot;
use held::{Held, Records, Sealed};
use order::Order;

/// How many records that were read are kept so: about 5 MB of them, and more than an event has.
const MOST_READ: usize = 2_000;

/// All records of this device in memory, as they are on disk: what views are drawn from.
///
/// Records of sealed pages are read when somebody looks at them. A record that was read takes several
/// times as much memory as its bytes, so only those that were read lately are kept so.
#[derive(Default)]
pub struct Replica {
    shown: Vec<Shelf>,
    /// Records with changes that the server has not acknowledged.
    own: HashMap<RecordKey, Own>,
    /// Which records were read, the latest last.
    read: RefCell<VecDeque<RecordKey>>,
    /// Pages of which only the structure was looked at.
    unread_pages: Vec<Rc<Vec<u8>>>,
    /// Places in the outbox that the server has answered about, whether it took the change, and the
    /// edition that was known: another tab may tell of a change later than this one hears the answer to
    /// it.
    answered: Vec<(u64, bool, u64)>,
    order: Order,
    /// Made when it is first asked for, gone when a session changes.
    agenda: RefCell<Option<Agenda>>,
}

/// The records of a collection in a scope. There are few shelves, so that a list of them is as quick as
/// a tree and much less code.
struct Shelf {
    collection: Collection,
    scope: ScopeId,
    records: Records,
}

/// Where among the changes of a record stands what packs say of it: no place of the outbox.
const RECEIVED: u64 = u64::MAX;

/// This device's changes of one record, and what packs say of it, on top of what the server has acknowledged.
#[derive(Default)]
struct Own {
    /// What the server has acknowledged, if anything.
    acknowledged: Option<Held>,
    /// The changes by their position in the outbox, each with its edition; at [`RECEIVED`] what packs say.
    changes: BTreeMap<u64, (u64, Record)>,
}

impl Own {
    /// The changes that this device made, with their positions.
    fn changes(&self) -> impl Iterator<Item = (u64, &Record)> {
        let changes = self.changes.range(..RECEIVED);
        changes.map(|(position, (_, change))| (*position, change))
    }

    /// Takes in what the server has of it.
    fn acknowledge(&mut self, record: Record) {
        match &mut self.acknowledged {
            Some(acknowledged) => acknowledged.merge(record.key, record),
            none => *none = Some(Held::open(record)),
        }
    }

    /// What the server has of it. Read anew each time if it says no more than its bytes.
    fn acknowledged(&self, key: RecordKey) -> Option<Arc<Record>> {
        let acknowledged = self.acknowledged.as_ref()?;
        let record = acknowledged.known().or_else(|| acknowledged.read(key));
        acknowledged.let_go();
        record
    }
}

impl Replica {
    /// An empty image of a database, to be filled with what lies there after the commit of this edition.
    pub(super) fn at(edition: u64) -> Self {
        Self {
            order: Order::at(edition),
            ..Self::default()
        }
    }

    /// Brings the image up to date with a commit.
    pub(super) fn take_in(&mut self, committed: &Committed) {
        let tells = !committed.records.is_empty()
            || !committed.pages.is_empty()
            || !committed.settled.is_empty()
            || !committed.received.is_empty();
        let forgets = !committed.forgotten.is_empty();
        if !self.order.hear(committed.edition, tells, forgets) {
            return;
        }
        for scope in &committed.forgotten {
            self.forget(*scope);
        }
        for page in &committed.pages {
            // Its directory was read before it was saved.
            let _ = self.acknowledge_page(page.clone());
        }
        for record in &committed.records {
            self.acknowledge(record.clone());
        }
        for (position, change) in &committed.queued {
            self.put_on_top(*position, committed.edition, change.clone());
        }
        for record in &committed.received {
            self.receive(committed.edition, record.clone());
        }
        for key in &committed.received_gone {
            self.withdraw(*key, RECEIVED);
        }
        for place in &committed.settled {
            self.settle(place.key, place.position);
        }
        for place in &committed.refused {
            if mutation::is(Mutation::RefusedStaysShown) {
                break;
            }
            self.refuse(place.key, place.position);
        }
    }

    /// The edition of the latest commit that is in it.
    pub(super) const fn edition(&self) -> u64 {
        self.order.latest
    }

    /// Whether it may be something else than what lies on disk, because of the order in which commits
    /// were taken in.
    pub(super) const fn is_outdated(&self) -> bool {
        self.order.is_broken
    }

    /// The collections that it has something of.
    pub(super) fn collections(&self) -> impl Iterator<Item = Collection> {
        self.shown.iter().map(|shelf| shelf.collection)
    }

    /// Takes in a page of what the server has. `Err` if it cannot be read; then nothing of it is
    /// taken in.
    pub(super) fn acknowledge_page(&mut self, page: Vec<u8>) -> Result<(), DecodeError> {
        let Ok(Directory { scope, places }) = page::index(&page) else {
            let records = page::decode(&page)?;
            records
                .into_iter()
                .for_each(|record| self.acknowledge(record));
            return Ok(());
        };
        let page = Rc::new(page);
        self.unread_pages.push(page.clone());
        for places in places.chunk_by(|one, next| one.collection == next.collection) {
            let Some(first) = places.first() else {
                continue;
            };
            self.outdate(first.collection);
            let records = shelf(&mut self.shown, first.collection, scope);
            records.reserve(places.len());
            let mut known = Vec::new();
            for place in places {
                match records.entry(place.id) {
                    Entry::Vacant(free) => {
                        free.insert(Held::sealed(Sealed::new(&page, place)));
                    }
                    Entry::Occupied(_) => known.push(place),
                }
            }
            for place in known {
                // Else it is as if it had not come; it is found when the page is looked through.
                if let Ok(record) = place.record(scope, &page) {
                    self.acknowledge(record);
                }
            }
        }
        Ok(())
    }

    pub(super) fn next_unread_page(&mut self) -> Option<Rc<Vec<u8>>> {
        self.unread_pages.pop()
    }

    /// Takes in what the server has of a record.
    pub(super) fn acknowledge(&mut self, record: Record) {
        if let Some(own) = self.own.get_mut(&record.key) {
            own.acknowledge(record.clone());
        }
        self.show(record);
    }

    /// Takes in a change of this device, or its new content at the same position. Of notices that cross,
    /// the one of the later edition counts.
    pub(super) fn put_on_top(&mut self, position: u64, edition: u64, change: Record) {
        let mut answered = self.answered.iter();
        if let Some((_, taken, known)) = answered.find(|(of, ..)| *of == position) {
            if *taken && edition > *known {
                self.acknowledge(change);
            }
            return;
        }
        let key = change.key;
        let acknowledged = self.held(&key).map(Held::apart);
        let own = self.own.entry(key).or_insert_with(|| Own {
            acknowledged,
            ..Own::default()
        });
        let known = own.changes.get(&position).map(|(known, _)| *known);
        if known.is_some_and(|known| known >= edition) {
            return;
        }
        own.changes.insert(position, (edition, change.clone()));
        match known {
            // What it said before may have had other stamps.
            Some(_) => self.rebuild(key),
            None => self.show(change),
        }
    }

    /// Takes in what packs say of a record.
    pub(super) fn receive(&mut self, edition: u64, record: Record) {
        self.put_on_top(RECEIVED, edition, record);
    }

    /// What packs say of a record, and the server has not said.
    pub fn received(&self, key: &RecordKey) -> Option<&Record> {
        let own = self.own.get(key)?;
        let (_, received) = own.changes.get(&RECEIVED)?;
        let acknowledged = own.acknowledged(*key);
        let is_said = acknowledged.is_some_and(|acknowledged| acknowledged.includes(received));
        (!is_said).then_some(received)
    }

    /// A record without what packs say of it: what the server has, and this device's changes.
    pub(super) fn without_received(&self, key: &RecordKey) -> Option<Arc<Record>> {
        match self.own.get(key) {
            Some(own) if own.changes.contains_key(&RECEIVED) => {
                let mut known = own.acknowledged(*key).map(Arc::unwrap_or_clone);
                for (_, change) in own.changes() {
                    match &mut known {
                        Some(known) => known.merge(change.clone()),
                        none => *none = Some(change.clone()),
                    }
                }
                known.map(Arc::new)
            }
            _ => self.get(key),
        }
    }

    /// Whether packs say something of a record.
    pub(super) fn has_received(&self, key: &RecordKey) -> bool {
        let own = self.own.get(key);
        own.is_some_and(|own| own.changes.contains_key(&RECEIVED))
    }

    /// The server has acknowledged a change of this device.
    fn settle(&mut self, key: RecordKey, position: u64) {
        let own = self.own.get_mut(&key);
        let known = own.and_then(|own| own.changes.remove(&position));
        let edition = known.as_ref().map_or(0, |(edition, _)| *edition);
        self.answered.push((position, true, edition));
        let Some(own) = self.own.get_mut(&key) else {
            return;
        };
        if own.changes.is_empty() {
            self.own.remove(&key);
        } else if let Some((_, change)) = known {
            own.acknowledge(change);
        }
    }

    /// The server has refused a change of this device; another tab may still tell of it.
    fn refuse(&mut self, key: RecordKey, position: u64) {
        self.answered.push((position, false, 0));
        self.withdraw(key, position);
    }

    /// The record is shown without a change of this device.
    fn withdraw(&mut self, key: RecordKey, position: u64) {
        if let Some(own) = self.own.get_mut(&key) {
            own.changes.remove(&position);
            self.rebuild(key);
        }
    }

    /// Puts what is shown of a record together anew.
    fn rebuild(&mut self, key: RecordKey) {
        let Some(own) = self.own.get(&key) else {
            return;
        };
        let mut rebuilt = own.acknowledged(key).map(Arc::unwrap_or_clone);
        for (_, change) in own.changes.values() {
            match &mut rebuilt {
                Some(rebuilt) => rebuilt.merge(change.clone()),
                none => *none = Some(change.clone()),
            }
        }
        if own.changes.is_empty() {
            self.own.remove(&key);
        }
        self.outdate(key.collection);
        let records = shelf(&mut self.shown, key.collection, key.scope);
        match rebuilt {
            Some(rebuilt) => records.insert(key.id, Held::open(rebuilt)),
            None => records.remove(&key.id),
        };
    }

    fn outdate(&mut self, collection: Collection) {
        if collection == Collection::SESSION {
            self.agenda.take();
        }
    }

    fn show(&mut self, record: Record) {
        self.outdate(record.key.collection);
        let key = record.key;
        let records = shelf(&mut self.shown, key.collection, key.scope);
        match records.get_mut(&key.id) {
            Some(known) => known.merge(key, record),
            None => {
                records.insert(key.id, Held::open(record));
            }
        }
    }

    /// Forgets what the server had of a scope. This device's own changes stay until they are
    /// answered.
    fn forget(&mut self, scope: ScopeId) {
        self.outdate(Collection::SESSION);
        self.shown.retain(|shelf| shelf.scope != scope);
        let mut kept = Vec::new();
        for (_, own) in self.own.iter_mut().filter(|(key, _)| key.scope == scope) {
            own.acknowledged = None;
            kept.extend(own.changes.values().map(|(_, change)| change.clone()));
        }
        for change in kept {
            self.show(change);
        }
    }

    /// The changes that the server has not acknowledged, with their positions, in no order.
    pub(super) fn unacknowledged(&self) -> impl Iterator<Item = (u64, &Record)> {
        self.own.values().flat_map(Own::changes)
    }

    /// The records of the shelves that fit, in no order.
    fn of_shelves(&self, fits: impl Fn(&Shelf) -> bool) -> impl Iterator<Item = Arc<Record>> {
        let shelves = self.shown.iter().filter(move |shelf| fits(shelf));
        shelves.flat_map(|shelf| {
            shelf.records.iter().filter_map(|(id, held)| {
                let key = RecordKey {
                    scope: shelf.scope,
                    collection: shelf.collection,
                    id: *id,
                };
                self.look_at(key, held)
            })
        })
    }

    fn look_at(&self, key: RecordKey, held: &Held) -> Option<Arc<Record>> {
        if let Some(known) = held.known() {
            return Some(known);
        }
        let record = held.read(key)?;
        let mut read = self.read.borrow_mut();
        read.push_back(key);
        if read.len() > MOST_READ
            && let Some(oldest) = read.pop_front()
            && let Some(held) = self.held(&oldest)
        {
            held.let_go();
        }
        Some(record)
    }

    /// What this device's person has of their own, in no order.
    pub(super) fn own_records(&self) -> Vec<Record> {
        let records = self.of_shelves(|shelf| shelf.scope == ScopeId::OWN);
        records.map(Arc::unwrap_or_clone).collect()
    }

    /// The latest clock reading of any record that this device's clock must go beyond.
    pub(super) fn latest_reading(&self, device: DeviceId) -> Hlc {
        let readings = self
            .of_shelves(|_| true)
            .map(|record| record.latest_reading(device));
        readings.max().unwrap_or_default()
    }

    /// What the server has acknowledged of a record.
    pub(super) fn acknowledged(&self, key: &RecordKey) -> Option<Arc<Record>> {
        match self.own.get(key) {
            Some(own) => own.acknowledged(*key),
            None => self.get(key),
        }
    }

    /// How many changes the server has not acknowledged.
    pub fn waiting(&self) -> usize {
        self.own.values().map(|own| own.changes().count()).sum()
    }

    /// Whether a change of this record has not been acknowledged.
    pub fn is_waiting(&self, key: &RecordKey) -> bool {
        let own = self.own.get(key);
        own.is_some_and(|own| own.changes().next().is_some())
    }

    /// Whether the change at this position of the outbox is shown in its record.
    pub(super) fn has_change(&self, key: &RecordKey, position: u64) -> bool {
        let own = self.own.get(key);
        own.is_some_and(|own| own.changes.contains_key(&position))
    }

    /// How many records there are, tombstones included.
    pub fn len(&self) -> usize {
        self.shown.iter().map(|shelf| shelf.records.len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The record at this place.
    pub fn get(&self, key: &RecordKey) -> Option<Arc<Record>> {
        self.look_at(*key, self.held(key)?)
    }

    fn held(&self, key: &RecordKey) -> Option<&Held> {
        let is_its =
            |shelf: &&Shelf| shelf.collection == key.collection && shelf.scope == key.scope;
        let shelf = self.shown.iter().find(is_its)?;
        shelf.records.get(&key.id)
    }

    /// The records of a collection, by scope.
    fn of_collection(&self, collection: Collection) -> impl Iterator<Item = (ScopeId, &Records)> {
        let all = self.shown.iter();
        let of_it = all.filter(move |shelf| shelf.collection == collection);
        of_it.map(|shelf| (shelf.scope, &shelf.records))
    }

    /// All records of a collection, tombstones included, in no order.
    pub fn records(&self, collection: Collection) -> impl Iterator<Item = Arc<Record>> {
        self.of_shelves(move |shelf| shelf.collection == collection)
    }

    /// Whether this is a copy among what is one's own, as of something that was shared by a link, and the
    /// original is here too: then the copy gives way to it.
    pub fn gives_way(&self, key: &RecordKey) -> bool {
        let is_original = |(scope, records): (ScopeId, &Records)| {
            scope != ScopeId::OWN && records.contains_key(&key.id)
        };
        key.scope == ScopeId::OWN && self.of_collection(key.collection).any(is_original)
    }

    /// All that are seen so, in no order, without copies of which the originals are here.
    pub fn all<V: View>(&self) -> impl Iterator<Item = V> {
        self.records(V::COLLECTION)
            .filter(|record| !self.gives_way(&record.key))
            .filter_map(|record| V::of(&record))
    }

    /// The one of this identifier, whatever its scope; the original rather than a copy.
    pub fn find<V: View>(&self, id: impl Into<RecordId>) -> Option<V> {
        let id = id.into();
        let mut scopes = self.of_collection(V::COLLECTION);
        scopes.find_map(|(scope, _)| {
            let key = RecordKey {
                scope,
                collection: V::COLLECTION,
                id,
            };
            if self.gives_way(&key) {
                return None;
            }
            V::of(&self.get(&key)?)
        })
    }

    /// The agenda of an event.
    pub fn agenda_of(&self, event: EventId) -> Rc<[Slot]> {
        self.with_agenda(|agenda| agenda.get(&event).cloned())
            .unwrap_or_default()
    }

    /// Looks at every slot of every agenda, in no order.
    pub fn each_slot(&self, mut look: impl FnMut(&Slot)) {
        self.with_agenda(|agenda| {
            agenda
                .values()
                .flat_map(|slots| slots.iter())
                .for_each(&mut look)
        });
    }

    fn with_agenda<T>(&self, look: impl FnOnce(&Agenda) -> T) -> T {
        let mut agenda = self.agenda.borrow_mut();
        look(agenda.get_or_insert_with(|| {
            let sessions = self.of_collection(Collection::SESSION);
            agenda::of(sessions, |key| !self.gives_way(key))
        }))
    }
}

/// The records of a shelf, which is put up if it is not there.
fn shelf(shelves: &mut Vec<Shelf>, collection: Collection, scope: ScopeId) -> &mut Records {
    let is_its = |shelf: &Shelf| shelf.collection == collection && shelf.scope == scope;
    let position = shelves.iter().position(is_its).unwrap_or_else(|| {
        shelves.push(Shelf {
            collection,
            scope,
            records: Records::default(),
        });
        shelves.len() - 1
    });
    &mut shelves[position].records
}
