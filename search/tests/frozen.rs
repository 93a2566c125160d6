//! The bytes of an index are kept from one version of the app to the next.
//!
//! Whoever changes how words are folded, or what is written of them, changes the version in the first bytes of the
//! sealed part (`segment.rs`) and of the changes (`overlay.rs`), and these numbers: else what earlier versions kept
//! would be taken for what this one makes, and things would not be found.

use keruen_search::{Document, Index};

const TEXTS: [(&str, &str, &str, &str); 4] = [
    (
        "Қызылордадағы кездесу",
        "Әлия Ұзақбаева",
        "бюджет",
        "Кзыл-Орда, Семей и Ақтау. «Мұражай» — ёлка, подъезд.",
    ),
    (
        "O‘zbek ustalari",
        "Gʻulomov\nToshkent",
        "хунармандчилик",
        "Тоҷикистон, Ўзбекистон; Oʻzbekiston o'zbek O’zbek",
    ),
    (
        "Creative hubs 2025",
        "Lecture hall 4b",
        "map\nindicators",
        "workshops' cities, naïve café; Wебинар Aқтау",
    ),
    (
        "и\u{306}ога",
        "",
        "",
        "1️⃣ 12,5 % тенге на 3-й день; ударе\u{301}ние",
    ),
];

fn index() -> Index {
    let mut index = Index::new();
    for (number, (title, names, tags, body)) in (0..).zip(TEXTS) {
        index.put(&Document {
            key: &[number],
            kind: number,
            fingerprint: 0x0102_0304_0506_0708 << number,
            title,
            names,
            tags,
            body,
        });
    }
    index
}

/// FNV-1a of 64 bits.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn a_sealed_part_is_written_as_it_was() {
    let mut index = index();
    let bytes = index.seal();
    assert!(bytes.starts_with(b"KeruenS\x01"));
    assert_eq!((bytes.len(), sum(bytes)), (835, 13_195_849_772_439_425_571));
}

#[test]
fn changes_are_written_as_they_were() {
    let bytes = index().seal_changes();
    assert!(bytes.starts_with(b"KeruenO\x01"));
    assert_eq!(
        (bytes.len(), sum(&bytes)),
        (776, 13_571_839_432_952_771_910)
    );
}
