use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use keruen_domain::model::{Session, View};
use keruen_domain::{Collection, EventId, Record, RecordId, RecordKey, ScopeId};

/// All records of this device in memory, as they are on disk: what views are drawn from.
#[derive(Default)]
pub struct Replica {
    shown: BTreeMap<Collection, HashMap<RecordKey, Arc<Record>>>,
    /// Records with changes that the server has not acknowledged.
    own: HashMap<RecordKey, Own>,
    /// Made when it is first asked for, gone when a session changes.
    agenda: RefCell<Option<Agenda>>,
}

/// The sessions of each event by their start: what most views ask for, some for every event.
type Agenda = HashMap<EventId, Rc<[Session]>>;

/// This device's changes of one record on top of what the server has acknowledged.
#[derive(Default)]
struct Own {
    /// What the server has acknowledged, if anything.
    acknowledged: Option<Arc<Record>>,
    /// The changes by their position in the outbox.
    changes: BTreeMap<u64, Record>,
}

impl Replica {
    /// Takes in what the server has of a record.
    pub(super) fn acknowledge(&mut self, record: Record) {
        if let Some(own) = self.own.get_mut(&record.key) {
            match &mut own.acknowledged {
                Some(acknowledged) => Arc::make_mut(acknowledged).merge(record.clone()),
                none => *none = Some(Arc::new(record.clone())),
            }
        }
        self.show(record);
    }

    /// Takes in a change of this device, or its new content at the same position.
    pub(super) fn put_on_top(&mut self, position: u64, change: Record) {
        let key = change.key;
        let acknowledged = self.get(&key).cloned();
        let own = self.own.entry(key).or_insert_with(|| Own {
            acknowledged,
            ..Own::default()
        });
        own.changes.insert(position, change.clone());
        self.show(change);
    }

    /// The server has acknowledged a change of this device.
    pub(super) fn settle(&mut self, key: RecordKey, position: u64) {
        let Some(own) = self.own.get_mut(&key) else {
            return;
        };
        if let Some(change) = own.changes.remove(&position) {
            match &mut own.acknowledged {
                Some(acknowledged) => Arc::make_mut(acknowledged).merge(change),
                none => *none = Some(Arc::new(change)),
            }
        }
        if own.changes.is_empty() {
            self.own.remove(&key);
        }
    }

    /// The server has refused a change of this device: the record is shown without it.
    pub(super) fn withdraw(&mut self, key: RecordKey, position: u64) {
        let Some(own) = self.own.get_mut(&key) else {
            return;
        };
        own.changes.remove(&position);
        let mut rebuilt = own.acknowledged.as_deref().cloned();
        for change in own.changes.values() {
            match &mut rebuilt {
                Some(rebuilt) => rebuilt.merge(change.clone()),
                none => *none = Some(change.clone()),
            }
        }
        if own.changes.is_empty() {
            self.own.remove(&key);
        }
        self.outdate(key.collection);
        let records = self.shown.entry(key.collection).or_default();
        match rebuilt {
            Some(rebuilt) => records.insert(key, Arc::new(rebuilt)),
            None => records.remove(&key),
        };
    }

    fn outdate(&mut self, collection: Collection) {
        if collection == Collection::SESSION {
            self.agenda.take();
        }
    }

    fn show(&mut self, record: Record) {
        self.outdate(record.key.collection);
        let records = self.shown.entry(record.key.collection).or_default();
        match records.get_mut(&record.key) {
            Some(known) => Arc::make_mut(known).merge(record),
            None => {
                records.insert(record.key, Arc::new(record));
            }
        }
    }

    /// Forgets what the server had of a scope. This device's own changes stay until they are
    /// answered.
    pub(super) fn forget(&mut self, scope: ScopeId) {
        self.outdate(Collection::SESSION);
        for records in self.shown.values_mut() {
            records.retain(|key, _| key.scope != scope);
        }
        let mut kept = Vec::new();
        for (_, own) in self.own.iter_mut().filter(|(key, _)| key.scope == scope) {
            own.acknowledged = None;
            kept.extend(own.changes.values().cloned());
        }
        for change in kept {
            self.show(change);
        }
    }

    /// How many changes the server has not acknowledged.
    pub fn waiting(&self) -> usize {
        self.own.values().map(|own| own.changes.len()).sum()
    }

    /// Whether a change of this record has not been acknowledged.
    pub fn is_waiting(&self, key: &RecordKey) -> bool {
        self.own.contains_key(key)
    }

    /// Whether the change at this position of the outbox is shown in its record.
    pub(super) fn has_change(&self, key: &RecordKey, position: u64) -> bool {
        let own = self.own.get(key);
        own.is_some_and(|own| own.changes.contains_key(&position))
    }

    /// How many records there are, tombstones included.
    pub fn len(&self) -> usize {
        self.shown.values().map(HashMap::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The record at this place.
    pub fn get(&self, key: &RecordKey) -> Option<&Arc<Record>> {
        self.shown.get(&key.collection)?.get(key)
    }

    /// All records of a collection, tombstones included, in no order.
    pub fn records(&self, collection: Collection) -> impl Iterator<Item = &Arc<Record>> {
        let records = self.shown.get(&collection).into_iter();
        records.flat_map(HashMap::values)
    }

    /// All that are seen so, in no order.
    pub fn all<V: View>(&self) -> impl Iterator<Item = V> {
        self.records(V::COLLECTION).filter_map(V::of)
    }

    /// The one of this identifier, whatever its scope.
    pub fn find<V: View>(&self, id: impl Into<RecordId>) -> Option<V> {
        let id = id.into();
        let mut records = self.shown.get(&V::COLLECTION)?.values();
        records.find(|record| record.key.id == id).and_then(V::of)
    }

    /// The sessions of an event by their start.
    pub fn sessions_of(&self, event: EventId) -> Rc<[Session]> {
        let mut agenda = self.agenda.borrow_mut();
        let agenda = agenda.get_or_insert_with(|| self.make_agenda());
        agenda.get(&event).cloned().unwrap_or_default()
    }

    fn make_agenda(&self) -> Agenda {
        let mut sessions: HashMap<EventId, Vec<Session>> = HashMap::new();
        for session in self.all::<Session>() {
            if let Some(event) = session.event() {
                sessions.entry(event).or_default().push(session);
            }
        }
        let sorted = sessions.into_iter().map(|(event, mut sessions)| {
            sessions.sort_by_cached_key(|session| (session.start(), session.end(), session.id()));
            (event, sessions.into())
        });
        sorted.collect()
    }
}
