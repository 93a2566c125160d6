//! Many records of one scope as one piece of bytes: a sealed page on a device, a chunk of a
//! snapshot on its way.
//!
//! ```text
//!  form 2 │ scope │ how many │ collection, identifier, length │ … │ content │ content │ …
//!         │       │          ╰────────── for each record ─────────╯
//! ```
//!
//! A page can be read as a whole ([`decode`]), or only its directory ([`index`]): then it is known
//! which records are in it, for a fiftieth of the time, and each is read when it is first looked at.
//! Ten thousand records are on a phone when the app opens, and the first screen shows a dozen.
//!
//! Form 1, of earlier pages, is a list of whole records; it has no directory.

mod fingerprint;
mod scan;

use std::borrow::Borrow;

use crate::encoding::{self, DecodeError};
use crate::id::RecordId;
use crate::record::{Collection, ContentForm, ContentOf, Record, RecordKey, ScopeId};
use crate::value::Value;
pub use fingerprint::fingerprint;

const LIST: u8 = 1;
const DIRECTORY: u8 = 2;

const ID_BYTES: usize = 16;
/// A collection, an identifier, a length of at least one byte.
const SMALLEST_ENTRY_BYTES: usize = 1 + ID_BYTES + 1;
const LARGEST_ENTRY_BYTES: usize = 1 + ID_BYTES + 5;

/// A record as it stands in a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    collection: Collection,
    id: RecordId,
    content: Vec<u8>,
}

impl Part {
    /// What stands in a page of this record's scope.
    pub fn of(record: &Record) -> Self {
        Self {
            collection: record.key.collection,
            id: record.key.id,
            content: content(record),
        }
    }

    /// What stands at this place of a page, as it is.
    pub fn in_page(place: &Place, page: &[u8]) -> Self {
        Self {
            collection: place.collection,
            id: place.id,
            content: place.content(page).to_vec(),
        }
    }

    /// How many bytes it takes in a page at most.
    pub const fn size_bytes(&self) -> usize {
        LARGEST_ENTRY_BYTES + self.content.len()
    }
}

/// The content of a record, as it stands in a page. Equal records have equal contents.
pub fn content(record: &Record) -> Vec<u8> {
    encoding::encode(&ContentOf::record(record))
}

/// The page of these records, which are all of this scope.
pub fn encode<R: Borrow<Record>>(scope: ScopeId, records: &[R]) -> Vec<u8> {
    let part = |record: &R| {
        let record = record.borrow();
        debug_assert_eq!(record.key.scope, scope, "a page is of one scope");
        Part::of(record)
    };
    of_parts(scope, &records.iter().map(part).collect::<Vec<_>>())
}

/// The page of these parts, which are all of this scope.
pub fn of_parts(scope: ScopeId, parts: &[Part]) -> Vec<u8> {
    let mut bytes = vec![DIRECTORY];
    bytes.extend(encoding::encode(&scope));
    bytes.extend(encoding::encode(&parts.len()));
    for part in parts {
        bytes.extend(encoding::encode(&part.collection));
        bytes.extend(part.id.uuid().as_bytes());
        bytes.extend(encoding::encode(&part.content.len()));
    }
    for part in parts {
        bytes.extend_from_slice(&part.content);
    }
    bytes
}

/// The records of a page.
pub fn decode(bytes: &[u8]) -> Result<Vec<Record>, DecodeError> {
    match bytes {
        [LIST, records @ ..] => encoding::decode(records),
        _ => {
            let Directory { scope, places } = index(bytes)?;
            let record = |place: Place| place.record(scope, bytes);
            places.into_iter().map(record).collect()
        }
    }
}

/// What is in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// The scope of all its records.
    pub scope: ScopeId,
    /// Its records, in their order.
    pub places: Vec<Place>,
}

/// Where a record of a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the record is.
    pub collection: Collection,
    /// Which one it is.
    pub id: RecordId,
    /// The first byte of its content in the page.
    pub start: usize,
    /// The byte behind its last one.
    pub end: usize,
}

impl Place {
    /// The record's place among all records.
    pub const fn key_in(&self, scope: ScopeId) -> RecordKey {
        RecordKey {
            scope,
            collection: self.collection,
            id: self.id,
        }
    }

    /// The record, which is of this scope.
    pub fn record(&self, scope: ScopeId, page: &[u8]) -> Result<Record, DecodeError> {
        read(self.key_in(scope), self.content(page))
    }

    /// The record's content, for [`read`] and [`peek`]; nothing if the page is another one.
    pub fn content<'page>(&self, page: &'page [u8]) -> &'page [u8] {
        page.get(self.start..self.end).unwrap_or_default()
    }
}

/// The directory of a page. Says nothing about the contents: reading one of them may still fail.
/// `Err` also for a page of the form without a directory.
pub fn index(bytes: &[u8]) -> Result<Directory, DecodeError> {
    let [DIRECTORY, rest @ ..] = bytes else {
        return Err(DecodeError);
    };
    let (scope, rest) = encoding::take::<ScopeId>(rest)?;
    let (count, mut rest) = encoding::take::<usize>(rest)?;
    let mut places = Vec::with_capacity(count.min(rest.len() / SMALLEST_ENTRY_BYTES));
    // Positions count from behind the directory until it is known how long that is.
    let mut end = 0_usize;
    for _ in 0..count {
        let (&[collection, ref id @ ..], after) = rest
            .split_first_chunk::<{ 1 + ID_BYTES }>()
            .ok_or(DecodeError)?;
        let (length, after) = encoding::take::<usize>(after)?;
        let id: &[u8; ID_BYTES] = id;
        let start = end;
        end = start.checked_add(length).ok_or(DecodeError)?;
        places.push(Place {
            collection: Collection::of_code(collection),
            id: RecordId::from_uuid(uuid::Uuid::from_bytes(*id)),
            start,
            end,
        });
        rest = after;
    }
    if rest.len() != end {
        return Err(DecodeError);
    }
    let contents = bytes.len() - end;
    for place in &mut places {
        place.start += contents;
        place.end += contents;
    }
    Ok(Directory { scope, places })
}

/// The record with this content.
pub fn read(key: RecordKey, content: &[u8]) -> Result<Record, DecodeError> {
    let content: ContentForm = encoding::decode(content)?;
    Ok(content.into_record(key))
}

/// The values that count in some fields of a record with this content, without reading the others.
/// `names` are in ascending order. [`Value::Nothing`] where there is no such field, and where the
/// bytes are damaged.
pub fn peek<const COUNT: usize>(content: &[u8], names: [&str; COUNT]) -> [Value; COUNT] {
    let mut values = [const { Value::Nothing }; COUNT];
    // What could be read until the damage is as good as it was.
    let _ = scan::peek(content, &names, &mut values);
    values
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::arbitrary;

    const SCOPE: ScopeId = ScopeId::OWN;

    fn records() -> impl Strategy<Value = Vec<Record>> {
        let of_one_scope = |records: Vec<Record>| {
            let moved = records.into_iter().map(|record| record.moved_to(SCOPE));
            moved.collect()
        };
        vec(arbitrary::record(), 0..6).prop_map(of_one_scope)
    }

    proptest! {
        #[test]
        fn a_directory_finds_every_record(records in records()) {
            let page = encode(SCOPE, &records);
            prop_assert_eq!(decode(&page), Ok(records.clone()));
            let directory = index(&page).expect("the page is whole");
            prop_assert_eq!(directory.places.len(), records.len());
            for (place, record) in directory.places.iter().zip(&records) {
                let key = place.key_in(directory.scope);
                prop_assert_eq!(key, record.key);
                let content = place.content(&page);
                prop_assert_eq!(read(key, content), Ok(record.clone()));
                let mut names: Vec<&str> = record.fields().map(|(key, _)| key.as_str()).collect();
                names.push("\u{10ffff}");
                for pair in names.windows(2) {
                    let values = peek(content, [pair[0], pair[1]]);
                    prop_assert_eq!(&values[0], record.value(pair[0]));
                    prop_assert_eq!(&values[1], record.value(pair[1]));
                }
            }
        }

        #[test]
        fn a_page_of_the_first_form_is_read(records in records()) {
            let mut page = vec![LIST];
            page.extend(encoding::encode(&records));
            prop_assert_eq!(decode(&page), Ok(records));
            prop_assert_eq!(index(&page), Err(DecodeError));
        }

        #[test]
        fn a_damaged_page_says_so_or_says_less(
            records in records(),
            at in any::<proptest::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<proptest::sample::Index>(),
        ) {
            let mut page = encode(SCOPE, &records);
            let at = at.index(page.len());
            page[at] = byte;
            if let Ok(Directory { places, .. }) = index(&page) {
                for place in places {
                    let _ = peek(place.content(&page), ["a", "title"]);
                }
                let _ = decode(&page);
            } else if page[0] == DIRECTORY {
                prop_assert_eq!(decode(&page), Err(DecodeError));
            }
            let mut page = encode(SCOPE, &records);
            page.truncate(cut.index(page.len()));
            prop_assert_eq!(index(&page), Err(DecodeError));
        }
    }

    #[test]
    fn garbage_says_nothing() {
        for bytes in [
            &[][..],
            &[0],
            &[1],
            &[2],
            &[3, 0],
            &[2, 0, 0],
            &[2, 0xff, 0xff],
        ] {
            assert_eq!(index(bytes), Err(DecodeError), "{bytes:?}");
        }
        assert_eq!(peek(&[0xff; 9], ["title"]), [Value::Nothing]);
        let mut all = encode::<Record>(SCOPE, &[]);
        all.pop();
        all.extend(encoding::encode(&u32::MAX));
        assert_eq!(index(&all), Err(DecodeError), "it announces too much");
    }
}
