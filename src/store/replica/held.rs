//! Records that are read when they are first looked at.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use keruen_domain::page::{self, Place};
use keruen_domain::{Record, RecordId, RecordKey};

/// A record's content in a sealed page.
pub(super) struct Sealed {
    page: Rc<Vec<u8>>,
    place: Place,
}

impl Sealed {
    pub(super) fn new(page: &Rc<Vec<u8>>, place: &Place) -> Self {
        Self {
            page: page.clone(),
            place: *place,
        }
    }

    pub(super) fn content(&self) -> &[u8] {
        self.place.content(&self.page)
    }
}

/// A record in memory.
pub(super) struct Held {
    sealed: Option<Sealed>,
    /// `None` inside: its bytes cannot be read.
    record: OnceCell<Option<Arc<Record>>>,
}

impl Held {
    pub(super) fn sealed(sealed: Sealed) -> Self {
        Self {
            sealed: Some(sealed),
            record: OnceCell::new(),
        }
    }

    pub(super) fn open(record: Record) -> Self {
        Self {
            sealed: None,
            record: OnceCell::from(Some(Arc::new(record))),
        }
    }

    /// Its bytes, if it was not looked at yet.
    pub(super) fn unread(&self) -> Option<&Sealed> {
        match self.record.get() {
            None => self.sealed.as_ref(),
            Some(_) => None,
        }
    }

    pub(super) fn record(&self, key: RecordKey) -> Option<&Arc<Record>> {
        let read = || {
            let content = self.sealed.as_ref()?.content();
            page::read(key, content).ok().map(Arc::new)
        };
        self.record.get_or_init(read).as_ref()
    }

    /// Takes in another version of the same record.
    pub(super) fn merge(&mut self, key: RecordKey, record: Record) {
        self.record(key);
        // From now on it says more than its bytes in the page.
        self.sealed = None;
        match self.record.get_mut() {
            Some(Some(known)) => Arc::make_mut(known).merge(record),
            _ => self.record = OnceCell::from(Some(Arc::new(record))),
        }
    }
}

/// Hashes identifiers, whose bits are random already: the usual hash, made against people who
/// choose keys, takes a third of the time of an index of ten thousand records.
#[derive(Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            if let Some(place) = word.get_mut(..chunk.len()) {
                place.copy_from_slice(chunk);
            }
            let word = u64::from_le_bytes(word);
            self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(ODD);
        }
    }

    /// Of arrays, the length comes first: always the same.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// The records of a collection in a scope.
pub(super) type Records = HashMap<RecordId, Held, BuildHasherDefault<IdHasher>>;
