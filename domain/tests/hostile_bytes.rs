//! Bytes from outside, whatever they are: never a panic, never memory beyond proportion, never a
//! value that is not in its normal form.

#![allow(unsafe_code, reason = "counting memory needs an allocator of its own")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use keruen_domain::backup::Backup;
use keruen_domain::protocol::v1::{self, Cursor, Problem, ScopeCursor, ScopePage};
use keruen_domain::protocol::v2::{SyncRequest, SyncResponse};
use keruen_domain::testing::{arbitrary, note_key, reproducible};
use keruen_domain::{Change, ChangeId, Record, ScopeId, encoding};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::de::DeserializeOwned;

/// Counts what the running thread holds.
struct Counting;

thread_local! {
    static HELD_BYTES: Cell<usize> = const { Cell::new(0) };
    static PEAK_BYTES: Cell<usize> = const { Cell::new(0) };
}

// Safety: all calls go to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD_BYTES.get().saturating_add(layout.size());
        HELD_BYTES.set(held);
        PEAK_BYTES.set(PEAK_BYTES.get().max(held));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD_BYTES.set(HELD_BYTES.get().saturating_sub(layout.size()));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What decoding holds at most, in bytes, beyond what was held before.
fn peak_of(work: impl FnOnce()) -> usize {
    let before = HELD_BYTES.get();
    PEAK_BYTES.set(before);
    work();
    PEAK_BYTES.get().saturating_sub(before)
}

/// Each list that announces more than there is may reserve up to a mebibyte before that shows, and
/// lists are five deep.
const RESERVED_BYTES: usize = 6 * 1024 * 1024;
/// The smallest field takes three bytes sent and some hundreds in memory while lists grow.
const BYTES_PER_BYTE: usize = 200;

fn survives<T: DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let peak = peak_of(|| {
        let _ = encoding::decode::<T>(bytes);
    });
    assert!(
        peak <= RESERVED_BYTES + bytes.len() * BYTES_PER_BYTE,
        "{peak} bytes held for {} sent",
        bytes.len()
    );
    if let Ok(value) = encoding::decode::<T>(bytes) {
        let normal = encoding::encode(&value);
        assert_eq!(encoding::decode::<T>(&normal), Ok(value));
    }
}

fn survive_all(bytes: &[u8]) {
    survives::<Record>(bytes);
    survives::<Change>(bytes);
    survives::<v1::SyncRequest>(bytes);
    survives::<v1::SyncResponse>(bytes);
    survives::<SyncRequest>(bytes);
    survives::<SyncResponse>(bytes);
    survives::<Problem>(bytes);
    // What stands behind a right checksum, and the whole file.
    survives::<Backup>(bytes);
    assert!(Backup::decode(bytes).is_err(), "that is no file");
}

fn request() -> impl Strategy<Value = SyncRequest> {
    let cursors = vec((arbitrary::scope(), any::<u32>(), any::<u64>()), 0..3);
    (vec(arbitrary::change(), 0..4), cursors).prop_map(|(changes, cursors)| SyncRequest {
        changes,
        cursors: cursors
            .into_iter()
            .map(|(scope, epoch, sequence)| ScopeCursor {
                scope,
                cursor: Cursor { epoch, sequence },
            })
            .collect(),
        page_records: 100,
        takes_snapshots: true,
        sums: Vec::new(),
    })
}

proptest! {
    #![proptest_config(reproducible(500))]

    #[test]
    fn garbage(bytes in vec(any::<u8>(), 0..300)) {
        survive_all(&bytes);
    }

    /// Numbers are written in seven bits a byte, so that such bytes announce huge lengths.
    #[test]
    fn huge_announcements(bytes in vec(prop_oneof![Just(0xff_u8), Just(0x7f), Just(0), any::<u8>()], 0..80)) {
        survive_all(&bytes);
    }

    #[test]
    fn truncated_requests(request in request(), cut in any::<prop::sample::Index>()) {
        let bytes = encoding::encode(&request);
        let shorter = &bytes[..cut.index(bytes.len())];
        prop_assert!(encoding::decode::<SyncRequest>(shorter).is_err());
        survive_all(shorter);
    }

    #[test]
    fn damaged_requests(
        request in request(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = encoding::encode(&request);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        survive_all(&bytes);
    }

    #[test]
    fn garbage_behind_a_message(request in request(), tail in vec(any::<u8>(), 1..5)) {
        let mut bytes = encoding::encode(&request);
        bytes.extend(tail);
        prop_assert!(encoding::decode::<SyncRequest>(&bytes).is_err());
    }

    #[test]
    fn damaged_json(request in request(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = serde_json::to_vec(&request).expect("requests can be written as JSON");
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(read) = serde_json::from_slice::<SyncRequest>(&bytes) {
            let again = serde_json::to_vec(&read).expect("what was read can be written");
            prop_assert_eq!(serde_json::from_slice::<SyncRequest>(&again).ok(), Some(read));
        }
    }
}

/// The most memory for the fewest bytes: a whole request of empty fields.
#[test]
fn a_full_request_of_the_smallest_fields() {
    let change = Change {
        id: ChangeId::new(1, [0; 10]),
        record: Record::new(note_key(1)),
    };
    let mut bytes = encoding::encode(&SyncRequest {
        changes: vec![change],
        cursors: Vec::new(),
        page_records: 1,
        takes_snapshots: false,
        sums: Vec::new(),
    });
    // Behind the record's key and its empty table of stamps stand: no fields, no cursors, one record,
    // no snapshots, no sums.
    assert_eq!(bytes.split_off(bytes.len() - 5), [0, 0, 1, 0, 0]);
    let fields = 600_000_u32;
    bytes.extend(encoding::encode(&fields));
    bytes.extend(std::iter::repeat_n(0, fields as usize * 3));
    bytes.extend([0, 1, 0, 0]);
    assert!(
        encoding::decode::<SyncRequest>(&bytes).is_ok(),
        "the bytes are what they should be"
    );
    survives::<SyncRequest>(&bytes);
}

/// A page that announces more records than can be.
#[test]
fn announcing_everything_reserves_little() {
    let page = ScopePage {
        scope: ScopeId::OWN,
        cursor: Cursor {
            epoch: 0,
            sequence: 0,
        },
        records: Vec::new(),
    };
    let mut bytes = encoding::encode(&page);
    bytes.pop();
    bytes.extend(encoding::encode(&u32::MAX));
    let peak = peak_of(|| assert!(encoding::decode::<ScopePage>(&bytes).is_err()));
    assert!(peak <= RESERVED_BYTES, "{peak}");
}
