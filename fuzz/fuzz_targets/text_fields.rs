//! A long text out of fields that hold anything: what somebody writes into it is what they read.
#![no_main]

use std::collections::BTreeSet;

use keruen_domain::text::{self, Text};
use keruen_domain::{
    Author, Collection, DeviceId, Edit, FieldKey, Hlc, Record, RecordId, RecordKey, ScopeId, Stamp,
    encoding,
};
use libfuzzer_sys::fuzz_target;

const BODY: &str = "body";
/// Hardly ever in what is there: all of it is new.
const NEW: &str = "\u{10ffff}new\u{10ffff}";
const KEY: RecordKey = RecordKey {
    scope: ScopeId::OWN,
    collection: Collection::NOTE,
    id: RecordId::from_uuid(uuid::Uuid::from_u128(7 << 76)),
};

fn stamp(time: u8, device: u8) -> Stamp {
    Stamp {
        time: Hlc::from_unix_ms(u64::from(time)),
        device: DeviceId(u64::from(device)),
    }
}

/// Which field; names of pieces are few, so that they meet.
fn field(kind: u8) -> FieldKey {
    let mark = match kind >> 6 {
        0 | 1 => "+",
        2 => "-",
        _ => return FieldKey::register(BODY),
    };
    let (time, device) = (u64::from(kind >> 2 & 7) << 16, kind & 3);
    FieldKey::register(&format!("{BODY}{mark}{time:016x}{device:016x}"))
}

/// Bytes as two replicas: pieces that end with a zero, each a field, a writer and a value. Also
/// whether each character has a name of its own, as it has unless somebody lies.
fn replicas(bytes: &[u8]) -> ([Record; 2], bool) {
    let mut replicas = [Record::new(KEY), Record::new(KEY)];
    let mut pieces = BTreeSet::new();
    let mut are_named = true;
    for part in bytes.split(|byte| *byte == 0).take(12) {
        let [kind, writer, value @ ..] = part else {
            continue;
        };
        let replica = &mut replicas[usize::from(writer >> 7)];
        let author = if writer & 0x40 == 0 {
            Author::Person
        } else {
            Author::Machine
        };
        let stamp = stamp(writer >> 2 & 15, writer & 3);
        let key = field(*kind);
        let (time, device) = (u64::from(writer >> 2 & 15) << 16, writer & 3);
        let whole = format!("{BODY}+{time:016x}{device:016x}");
        are_named &= match key.as_str() {
            BODY => pieces.insert(whole),
            piece if piece.contains('+') => pieces.insert(piece.to_owned()),
            _ => true,
        };
        let mut edit = Edit::new(KEY, None, stamp, author);
        edit.set(key, &*String::from_utf8_lossy(value));
        if let Some(change) = edit.finish() {
            replica.merge(change);
        }
    }
    (replicas, are_named)
}

fuzz_target!(|bytes: &[u8]| {
    let ([one, other], are_named) = replicas(bytes);
    let (mut all, mut turned) = (one.clone(), other.clone());
    all.merge(other);
    turned.merge(one.clone());
    assert_eq!(all, turned);
    let stored: Record = encoding::decode(&encoding::encode(&all)).expect("it was stored");
    let (before, after) = (Text::of(&one, BODY), Text::of(&stored, BODY));
    let shown = after.to_string();
    assert_eq!(text::read(&stored, BODY), shown);
    let length = shown.chars().count();
    for place in [0, 1, 5, usize::MAX] {
        assert!(before.carry(place, &after) <= length);
    }
    for passage in after.passages() {
        assert!(passage.place <= length && !passage.text.is_empty());
    }
    // Somebody takes out the first third and writes something in its place.
    let rest: String = shown.chars().skip(length / 3).collect();
    let wanted = [NEW, &rest].concat();
    let mut edit = Edit::new(KEY, Some(&stored), stamp(200, 3), Author::Person);
    edit.write_text(BODY, &wanted);
    if let Some(change) = edit.finish() {
        let mut written = stored.clone();
        written.merge(change);
        let read = text::read(&written, BODY);
        assert!(read.contains(NEW));
        assert!(!are_named || read == wanted, "{read} for {wanted}");
    } else {
        assert_eq!(shown, wanted);
    }
});
