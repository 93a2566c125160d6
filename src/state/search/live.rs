//! The index as it is in memory, and what has changed on the phone since it was last compared with that.

use std::collections::BTreeSet;

use keruen_domain::model::{Session, View};
use keruen_domain::page::{self, Directory};
use keruen_domain::{Collection, RecordId, RecordKey};
use keruen_search::{Document, Index};

use super::found::{Found, Words};
use super::{SEARCHED, kind_of};
use crate::store::{Committed, Replica};

/// What the index calls something: its kind, and the bytes of its identifier.
const KEY_BYTES: usize = 17;

/// The index, and what may be wrong in it.
#[derive(Default)]
pub(super) struct Live {
    pub(super) index: Index,
    /// Collections of which nothing is known to be right.
    unknown: BTreeSet<Collection>,
    /// What may have changed.
    stale: BTreeSet<(Collection, RecordId)>,
    /// Whether the index is another one than it was when this was last made false.
    pub(super) is_changed: bool,
}

impl Live {
    /// With an index of which it is not known how much of it is still so.
    pub(super) fn of(index: Index) -> Self {
        Self {
            index,
            unknown: SEARCHED.into(),
            ..Self::default()
        }
    }

    /// Hears of a commit: what it touched is compared before anything is found again.
    pub(super) fn hear(&mut self, committed: &Committed) {
        if !committed.forgotten.is_empty() {
            self.unknown.extend(SEARCHED);
        }
        for page in &committed.pages {
            match page::index(page) {
                Ok(Directory { places, .. }) => {
                    let keys = places.iter().map(|place| (place.collection, place.id));
                    self.stale
                        .extend(keys.filter(|(of, _)| SEARCHED.contains(of)));
                }
                // Of the form without a directory.
                Err(_) => self.unknown.extend(SEARCHED),
            }
        }
        // Collections without their pages: all of it was read anew.
        if committed.pages.is_empty() {
            let of = committed.collections.iter().copied();
            self.unknown.extend(of.filter(|of| SEARCHED.contains(of)));
        }
        let touched = committed.touched().map(|key| (key.collection, key.id));
        self.stale
            .extend(touched.filter(|(of, _)| SEARCHED.contains(of)));
    }

    /// Brings the index up to what is on the phone now, but reads no more than so many records. Whether it is
    /// up to that.
    pub(super) fn catch_up(&mut self, replica: &Replica, mut most_read: usize) -> bool {
        loop {
            for collection in std::mem::take(&mut self.unknown) {
                self.compare(replica, collection);
            }
            while let Some((collection, id)) = self.stale.pop_first() {
                if most_read == 0 {
                    self.stale.insert((collection, id));
                    return false;
                }
                most_read -= 1;
                self.renew(replica, collection, id);
            }
            if self.unknown.is_empty() {
                return true;
            }
        }
    }

    /// Finds out what of a collection is not in the index as it is now. Of most, only bytes are compared.
    fn compare(&mut self, replica: &Replica, collection: Collection) {
        let kind = kind_of(collection);
        let known = self.index.fingerprints().filter_map(|(key, fingerprint)| {
            let (of, id) = read(key)?;
            (of == kind).then(|| (u128::from_be_bytes(id.into_bytes()), fingerprint))
        });
        let mut known: Vec<(u128, u64)> = known.collect();
        // Those of the sealed part are.
        known.sort_unstable();
        let mut is_here = vec![false; known.len()];
        for (key, content) in replica.fingerprints(collection) {
            let bits = u128::from_be_bytes(key.id.into_bytes());
            let place = known.binary_search_by_key(&bits, |(bits, _)| *bits).ok();
            let before = place.map(|place| {
                is_here[place] = true;
                known[place].1
            });
            if before != Some(fingerprint(replica, &key, content)) {
                self.stale.insert((collection, key.id));
            }
        }
        let gone = known.iter().zip(is_here).filter(|(_, is_here)| !is_here);
        let gone = gone.map(|((bits, _), _)| RecordId::from_bytes(bits.to_be_bytes()));
        self.stale.extend(gone.map(|id| (collection, id)));
    }

    /// Puts something into the index as it is now, or takes it out.
    fn renew(&mut self, replica: &Replica, collection: Collection, id: RecordId) {
        let place = key_of(collection, id);
        let before = self.index.fingerprint(&place);
        let found = replica
            .fingerprint(collection, id)
            .and_then(|(key, content)| {
                let fingerprint = fingerprint(replica, &key, content);
                if before == Some(fingerprint) {
                    return Some((fingerprint, None));
                }
                let record = replica.get(&key).filter(|record| !record.is_deleted())?;
                Some((fingerprint, Some(Found::of(&record)?)))
            });
        match found {
            Some((_, None)) => return,
            Some((fingerprint, Some(found))) => {
                let Words {
                    title,
                    names,
                    tags,
                    body,
                } = found.words(replica);
                self.index.put(&Document {
                    key: &place,
                    kind: kind_of(collection),
                    fingerprint,
                    title: &title,
                    names: &names,
                    tags: &tags,
                    body: &body,
                });
            }
            None if before.is_some() => self.index.remove(&place),
            None => return,
        }
        self.is_changed = true;
        if collection == Collection::PERSON {
            // Who speaks in a session is among its words.
            self.unknown.insert(Collection::SESSION);
        }
    }
}

/// Another one as soon as anything is of what the words of a record are made of, which bears this number: of a session
/// also who speaks in it.
fn fingerprint(replica: &Replica, key: &RecordKey, content: u64) -> u64 {
    if key.collection != Collection::SESSION {
        return content;
    }
    let mut all = content.to_le_bytes().to_vec();
    if let Some(session) = replica.get(key).as_ref().and_then(Session::of) {
        for speaker in session.speakers() {
            let person = replica.fingerprint(Collection::PERSON, speaker.into());
            let content = person.map_or(0, |(_, content)| content);
            all.extend(content.to_le_bytes());
        }
    }
    page::fingerprint(&all)
}

/// What the index calls the one of this identifier.
fn key_of(collection: Collection, id: RecordId) -> [u8; KEY_BYTES] {
    let mut key = [kind_of(collection); KEY_BYTES];
    key[1..].copy_from_slice(&id.into_bytes());
    key
}

/// The kind and the identifier of what the index calls so.
pub(super) fn read(key: &[u8]) -> Option<(u8, RecordId)> {
    let (kind, id) = key.split_first()?;
    Some((*kind, RecordId::from_bytes(id.try_into().ok()?)))
}
