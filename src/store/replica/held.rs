//! Records that are read when they are first looked at.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use keruen_domain::page::{self, Place};
use keruen_domain::{Record, RecordId, RecordKey};

/// A record's content in a sealed page.
#[derive(Clone)]
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
    /// What its bytes say, if somebody looked lately.
    record: RefCell<Option<Arc<Record>>>,
}

impl Held {
    pub(super) fn sealed(sealed: Sealed) -> Self {
        Self {
            sealed: Some(sealed),
            record: RefCell::default(),
        }
    }

    pub(super) fn open(record: Record) -> Self {
        Self {
            sealed: None,
            record: RefCell::new(Some(Arc::new(record))),
        }
    }

    /// The same once more. Of one that says no more than its bytes, only these: what it was read to need
    /// not be copied before something is merged into it.
    pub(super) fn apart(&self) -> Self {
        let record = match self.sealed {
            Some(_) => None,
            None => self.known(),
        };
        Self {
            sealed: self.sealed.clone(),
            record: RefCell::new(record),
        }
    }

    /// The record, if it was read already.
    pub(super) fn known(&self) -> Option<Arc<Record>> {
        self.record.borrow().clone()
    }

    /// Its bytes, if it is not read at the moment.
    pub(super) fn unread(&self) -> Option<&Sealed> {
        match *self.record.borrow() {
            None => self.sealed.as_ref(),
            Some(_) => None,
        }
    }

    /// Tells its content from others, wherever it lies; see [`page::fingerprint`].
    pub(super) fn fingerprint(&self) -> u64 {
        match &self.sealed {
            Some(sealed) => page::fingerprint(sealed.content()),
            None => match &*self.record.borrow() {
                Some(record) => page::fingerprint(&page::content(record)),
                None => 0,
            },
        }
    }

    /// Reads it; `None` if its bytes cannot be read.
    pub(super) fn read(&self, key: RecordKey) -> Option<Arc<Record>> {
        let content = self.sealed.as_ref()?.content();
        let record = page::read(key, content).ok().map(Arc::new);
        self.record.replace(record.clone());
        record
    }

    /// Keeps no more than its bytes, if these say all.
    pub(super) fn let_go(&self) {
        if self.sealed.is_some() {
            self.record.take();
        }
    }

    /// Takes in another version of the same record.
    pub(super) fn merge(&mut self, key: RecordKey, record: Record) {
        if self.unread().is_some() {
            self.read(key);
        }
        // From now on it says more than its bytes in the page.
        self.sealed = None;
        match self.record.get_mut() {
            Some(known) => Arc::make_mut(known).merge(record),
            none => *none = Some(Arc::new(record)),
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
