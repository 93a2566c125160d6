//! Packs: what is written is read by us and by others, and nothing else is read.

use std::io::{Cursor, Read};

use keruen_domain::model::fields;
use keruen_domain::{
    Author, Clock, Collection, ContentHash, DeviceId, Edit, EventId, FieldKey, Hlc, ProgrammeId,
    Record, RecordKey, ScopeId, page,
};
use keruen_formats::pack::zip::{
    END_BYTES, Entry, MOST_ENTRIES, Writer, clean_name, directory, directory_place,
};
use keruen_formats::pack::{
    Contents, Crc32, Damage, FileEntry, MANIFEST, MOST_AHEAD_MS, Manifest, NOTES, Opening,
    PROGRAMME, README, RecordsEntry, given,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const NOON_MS: u64 = 1_700_000_000_000;

fn programme() -> ProgrammeId {
    ProgrammeId::new(1, [7; 10])
}

fn scope() -> ScopeId {
    ScopeId::Programme(programme())
}

/// A record of this collection, written at this time.
fn record(scope: ScopeId, collection: Collection, number: u8, at_ms: u64) -> Record {
    let key = RecordKey {
        scope,
        collection,
        id: EventId::new(1, [number; 10]).into(),
    };
    let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(at_ms);
    let mut edit = Edit::new(key, None, stamp, Author::Person);
    edit.set(FieldKey::register(fields::BODY), "words");
    edit.finish().expect("an edit")
}

fn session(at_ms: u64) -> Record {
    record(scope(), Collection::SESSION, 1, at_ms)
}

fn note(at_ms: u64) -> Record {
    record(ScopeId::OWN, Collection::NOTE, 2, at_ms)
}

fn hash(bytes: &[u8]) -> ContentHash {
    ContentHash(Sha256::digest(bytes).into())
}

fn records(bytes: &[u8]) -> RecordsEntry {
    RecordsEntry {
        sha256: hash(bytes),
        size_bytes: bytes.len() as u64,
    }
}

fn file(name: &str, bytes: &[u8]) -> FileEntry {
    FileEntry {
        sha256: hash(bytes),
        size_bytes: bytes.len() as u64,
        media_type: "text/csv".to_owned(),
        name: name.to_owned(),
    }
}

fn archive(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut bytes = Vec::new();
    for (name, content) in entries {
        let header = writer.begin(name, Crc32::of(content), content.len() as u64);
        bytes.extend(header.expect("a good name"));
        bytes.extend_from_slice(content);
    }
    bytes.extend(writer.finish().expect("not too large"));
    bytes
}

/// A pack with notes and some files.
fn pack(files: &[(&str, &[u8])]) -> (Manifest, Vec<u8>) {
    let page = page::encode(scope(), &[session(NOON_MS)]);
    let notes = page::encode(ScopeId::OWN, &[note(NOON_MS)]);
    pack_of(page, Some(notes), files)
}

fn pack_of(page: Vec<u8>, notes: Option<Vec<u8>>, files: &[(&str, &[u8])]) -> (Manifest, Vec<u8>) {
    let manifest = Manifest {
        made_ms: 1_700_000_000_000,
        programme: programme(),
        title: "Шеберхана «Қол өнері»".to_owned(),
        records: records(&page),
        notes: notes.as_ref().map(|notes| records(notes)),
        files: files
            .iter()
            .map(|(name, bytes)| file(name, bytes))
            .collect(),
    };
    let mut entries = vec![
        (README.to_owned(), b"For people".to_vec()),
        (MANIFEST.to_owned(), manifest.to_json().into_bytes()),
        (PROGRAMME.to_owned(), page),
    ];
    entries.extend(notes.map(|notes| (NOTES.to_owned(), notes)));
    for (entry, (_, bytes)) in manifest.files.iter().zip(files) {
        entries.push((entry.entry_name(), bytes.to_vec()));
    }
    let bytes = archive(&entries);
    (manifest, bytes)
}

/// Reads a pack as devices and the server do, all of it.
fn open(bytes: &[u8]) -> Result<Contents, Damage> {
    let mut opening = Opening::new(bytes.len() as u64)?;
    while let Some(range) = opening.wanted() {
        let asked = range.start as usize..range.end as usize;
        opening.take(bytes.get(asked).expect("within the file"))?;
    }
    Ok(opening.finish().expect("all was compared"))
}

/// Its directory.
fn entries_of(bytes: &[u8]) -> Vec<Entry> {
    let (end, length) = (bytes.len() - END_BYTES as usize, bytes.len() as u64);
    let (place, count) = directory_place(&bytes[end..], length).expect("an end");
    let directory_bytes = &bytes[place.start as usize..place.end as usize];
    directory(directory_bytes, place.start, count).expect("a directory")
}

#[test]
fn what_is_written_is_read() {
    let (manifest, bytes) = pack(&[("Кесте.csv", b"a;b"), ("Кесте.csv", b"c;d"), ("empty", b"")]);
    let read = open(&bytes).expect("a pack");
    assert_eq!(read.manifest, manifest);
    assert_eq!(read.records, [session(NOON_MS)]);
    assert_eq!(read.notes, [note(NOON_MS)]);
    let files = read.files.iter();
    let contents = files.map(|file| &bytes[file.content.start as usize..file.content.end as usize]);
    assert_eq!(contents.collect::<Vec<_>>(), [&b"a;b"[..], b"c;d", b""]);
    assert_eq!(entries_of(&bytes).len(), 7);
}

#[test]
fn other_programs_read_it() {
    let (manifest, bytes) = pack(&[("Кесте 1.csv", b"a;b")]);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    assert_eq!(archive.len(), 5);
    let name = manifest.files[0].entry_name();
    assert!(name.ends_with("/Кесте 1.csv"), "{name}");
    let mut content = Vec::new();
    // This compares the sum, too.
    let mut entry = archive.by_name(&name).expect("the file");
    entry.read_to_end(&mut content).expect("whole");
    assert_eq!(content, b"a;b");
}

#[test]
fn one_that_was_cut_off_anywhere_is_refused() {
    let (_, bytes) = pack(&[("a.csv", &[7; 3_000])]);
    for length in 0..bytes.len() {
        assert!(open(&bytes[..length]).is_err(), "{length}");
    }
}

#[test]
fn every_changed_bit_that_matters_is_noticed() {
    let (manifest, bytes) = pack(&[("a.csv", b"a;b;c")]);
    let readme = entries_of(&bytes)[0].content();
    for position in 0..bytes.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[position] ^= bit;
            // What people read in it, programs do not.
            if readme.contains(&(position as u64)) {
                continue;
            }
            match open(&changed) {
                Err(_) => {}
                // What the manifest says of the whole has no hash: then it says something else.
                Ok(read) => assert!(read.manifest != manifest, "{position}"),
            }
        }
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in [
        "../../etc/passwd",
        "files/../x",
        "/etc/passwd",
        "files//x",
        "a\\..\\b",
        "c:evil",
        "files/x\0",
        "files/x.",
        "",
        &"x".repeat(301),
    ] {
        assert_eq!(Writer::default().begin(name, 0, 0), None, "{name:?}");
        // Others write what we do not.
        let (_, bytes) = pack(&[("a.csv", b"a;b")]);
        let bad = with_name(&bytes, README, name);
        assert!(open(&bad).is_err(), "{name:?}");
    }
    let mut writer = Writer::default();
    assert!(writer.begin("a", 0, 0).is_some());
    assert_eq!(writer.begin("a", 0, 0), None, "twice");
}

/// The same archive with one entry called otherwise, all places moved so that it fits.
fn with_name(bytes: &[u8], name: &str, other: &str) -> Vec<u8> {
    let entries = entries_of(bytes);
    let mut whole = Vec::new();
    let mut central = Vec::new();
    for entry in &entries {
        let called = if entry.name == name {
            other
        } else {
            &entry.name
        };
        let start = whole.len() as u32;
        let mut header = entry.header_bytes();
        header.truncate(30);
        header[26..28].copy_from_slice(&(called.len() as u16).to_le_bytes());
        header.extend_from_slice(called.as_bytes());
        whole.extend_from_slice(&header);
        let content = entry.content();
        whole.extend_from_slice(&bytes[content.start as usize..content.end as usize]);
        central.extend_from_slice(&0x0201_4b50_u32.to_le_bytes());
        central.extend_from_slice(&10_u16.to_le_bytes());
        central.extend_from_slice(&header[4..30]);
        central.extend_from_slice(&[0; 10]);
        central.extend_from_slice(&start.to_le_bytes());
        central.extend_from_slice(called.as_bytes());
    }
    let start = whole.len() as u32;
    whole.extend_from_slice(&central);
    whole.extend_from_slice(&0x0605_4b50_u32.to_le_bytes());
    whole.extend_from_slice(&[0; 4]);
    for _ in 0..2 {
        whole.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    }
    whole.extend_from_slice(&(central.len() as u32).to_le_bytes());
    whole.extend_from_slice(&start.to_le_bytes());
    whole.extend_from_slice(&[0; 2]);
    whole
}

#[test]
fn the_help_of_this_test_makes_what_is_read() {
    let (_, bytes) = pack(&[("a.csv", b"a;b")]);
    assert_eq!(with_name(&bytes, README, README), bytes);
}

#[test]
fn what_grows_overlaps_or_hides_is_refused() {
    let (_, bytes) = pack(&[("a.csv", b"a;b")]);
    let (place, _) =
        directory_place(&bytes[bytes.len() - 22..], bytes.len() as u64).expect("an end");
    let directory_start = place.start as usize;
    let change = |at: usize, with: &[u8]| {
        let mut changed = bytes.clone();
        changed[at..at + with.len()].copy_from_slice(with);
        open(&changed)
    };
    // Compressed, encrypted, with other lengths than it says, at another's place, with a comment, of another volume.
    for (at, with) in [
        (directory_start + 10, &8_u16.to_le_bytes()[..]),
        (directory_start + 8, &1_u16.to_le_bytes()[..]),
        (directory_start + 20, &1_u32.to_le_bytes()[..]),
        (directory_start + 24, &u32::MAX.to_le_bytes()[..]),
        (directory_start + 42, &1_u32.to_le_bytes()[..]),
        (directory_start + 30, &1_u16.to_le_bytes()[..]),
        (bytes.len() - 2, &1_u16.to_le_bytes()[..]),
        (bytes.len() - 18, &1_u16.to_le_bytes()[..]),
        (bytes.len() - 12, &u16::MAX.to_le_bytes()[..]),
    ] {
        assert!(change(at, with).is_err(), "{at}");
    }
    // Something before, between, behind.
    let before = [b"#!/bin/sh\n", &bytes[..]].concat();
    let behind = [&bytes[..], b"more"].concat();
    let between = [&bytes[..directory_start], b"x", &bytes[directory_start..]].concat();
    for hidden in [before, behind, between] {
        assert!(open(&hidden).is_err());
    }
}

#[test]
fn archives_of_others_are_no_packs() {
    let others = archive(&[("hello.txt".to_owned(), b"hello".to_vec())]);
    assert_eq!(open(&others).map(drop), Err(Damage::NoPack));
    let page = b"a page".to_vec();
    let said = |manifest: &str| {
        open(&archive(&[
            (MANIFEST.to_owned(), manifest.as_bytes().to_vec()),
            (PROGRAMME.to_owned(), page.clone()),
        ]))
        .map(drop)
    };
    assert_eq!(said("{\"format\":\"other\"}"), Err(Damage::NoPack));
    let newer = "{\"format\":\"keruen-pack\",\"version\":2}";
    assert_eq!(said(newer), Err(Damage::Newer));
    let deep = "[".repeat(500_000);
    assert_eq!(said(&deep), Err(Damage::TooMuch(MANIFEST)));
    for broken in [
        "",
        "{",
        "[]",
        "{\"format\":\"keruen-pack\"}",
        "{\"format\":\"keruen-pack\",\"version\":1}",
        "{\"format\":\"keruen-pack\",\"version\":1.5}",
        "{\"format\":\"keruen-pack\",\"version\":-1}",
    ] {
        assert!(said(broken).is_err(), "{broken}");
    }
}

#[test]
fn what_the_manifest_and_the_directory_say_is_the_same() {
    let (manifest, bytes) = pack(&[("a.csv", b"a;b")]);
    let entries = entries_of(&bytes);
    let json = manifest.to_json();
    assert!(Manifest::read(json.as_bytes(), &entries).is_ok());
    for missing in 1..entries.len() {
        let mut fewer = entries.clone();
        fewer.remove(missing);
        assert!(
            Manifest::read(json.as_bytes(), &fewer).is_err(),
            "{missing}"
        );
    }
    let mut without = manifest.clone();
    without.files.clear();
    let read = Manifest::read(without.to_json().as_bytes(), &entries);
    assert!(matches!(read, Err(Damage::Broken(_))), "{read:?}");
    let mut twice = manifest.clone();
    twice.files.push(manifest.files[0].clone());
    let read = Manifest::read(twice.to_json().as_bytes(), &entries);
    assert!(matches!(read, Err(Damage::Broken(_))), "{read:?}");
    let mut longer = manifest;
    longer.files[0].size_bytes += 1;
    let read = Manifest::read(longer.to_json().as_bytes(), &entries);
    assert!(matches!(read, Err(Damage::WrongContent(_))), "{read:?}");
}

#[test]
fn only_records_of_its_programme_and_of_its_kinds_are_read() {
    let other = ScopeId::Programme(ProgrammeId::new(2, [8; 10]));
    let elsewhere = record(other, Collection::SESSION, 1, NOON_MS);
    let own_note = record(scope(), Collection::NOTE, 1, NOON_MS);
    let pages = [
        page::encode(other, &[elsewhere]),
        page::encode(scope(), &[own_note]),
        page::encode(ScopeId::OWN, &[note(NOON_MS)]),
        b"no page".to_vec(),
        Vec::new(),
    ];
    for (number, page) in pages.into_iter().enumerate() {
        let (_, bytes) = pack_of(page, None, &[]);
        let read = open(&bytes).map(drop);
        assert!(matches!(read, Err(Damage::Broken(_))), "{number}: {read:?}");
    }
    let sessions = page::encode(scope(), &[session(NOON_MS)]);
    let (_, bytes) = pack_of(sessions.clone(), Some(sessions), &[]);
    let read = open(&bytes).map(drop);
    assert!(matches!(read, Err(Damage::Broken(_))), "{read:?}");
}

#[test]
fn what_was_written_in_the_future_is_left_out() {
    let records = [
        session(NOON_MS),
        record(scope(), Collection::EVENT, 3, NOON_MS + MOST_AHEAD_MS + 1),
    ];
    let (_, bytes) = pack_of(page::encode(scope(), &records), None, &[]);
    let mut contents = open(&bytes).expect("a pack");
    assert_eq!(contents.leave_out_the_future(NOON_MS), 1);
    assert_eq!(contents.records, [session(NOON_MS)]);
    assert_eq!(contents.leave_out_the_future(NOON_MS), 0);
}

#[test]
fn a_name_that_the_bytes_belie_is_told() {
    let (_, bytes) = pack(&[
        ("a.pdf", b"no PDF"),
        ("b.pdf", b"%PDF-1.7"),
        ("c.csv", b"a;b"),
    ]);
    let contents = open(&bytes).expect("a pack");
    let types: Vec<_> = contents.files.iter().map(|file| file.media_type).collect();
    assert_eq!(types, [None, Some("application/pdf"), Some("text/csv")]);
    assert_eq!(contents.named_files().count(), 0, "no material names them");
}

#[test]
fn of_people_only_those_go_along_who_speak() {
    let (speaker, other) = (3, 4);
    let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(NOON_MS);
    let mut edit = Edit::new(session(NOON_MS).key, None, stamp, Author::Person);
    let member = record(scope(), Collection::PERSON, speaker, NOON_MS)
        .key
        .id
        .to_string();
    edit.set(FieldKey::member(fields::SPEAKERS, &member), true);
    let records = [
        edit.finish().expect("an edit"),
        record(scope(), Collection::PERSON, speaker, NOON_MS),
        record(scope(), Collection::PERSON, other, NOON_MS),
        record(scope(), Collection::MARK, 5, NOON_MS),
        note(NOON_MS),
    ];
    let records: Vec<_> = records.into_iter().map(std::sync::Arc::new).collect();
    assert_eq!(given(scope(), &records), records[..2]);
}

#[test]
fn there_is_an_end_to_what_a_pack_holds() {
    let mut writer = Writer::default();
    for number in 0..MOST_ENTRIES {
        assert!(writer.begin(&format!("files/{number}"), 0, 0).is_some());
    }
    assert_eq!(writer.begin("files/more", 0, 0), None);
    let mut writer = Writer::default();
    assert!(
        writer
            .begin("large", 0, u64::from(u32::MAX) - 100)
            .is_some()
    );
    assert_eq!(writer.begin("more", 0, 100), None);
    assert_eq!(Writer::default().begin("larger", 0, 1 << 33), None);
}

proptest! {
    #[test]
    fn every_name_becomes_one_that_is_taken(name in any::<String>()) {
        let clean = format!("files/{}", clean_name(&name));
        prop_assert!(Writer::default().begin(&clean, 0, 0).is_some(), "{}", clean);
    }

    #[test]
    fn whatever_is_given_is_there_again(
        files in proptest::collection::vec(("\\PC{0,80}", proptest::collection::vec(any::<u8>(), 0..200)), 0..8),
    ) {
        // Of two of the same content and name there is one.
        let mut seen = std::collections::BTreeSet::new();
        let files: Vec<_> = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
            .filter(|(name, bytes)| seen.insert(file(name, bytes).entry_name().to_lowercase()))
            .collect();
        let (manifest, bytes) = pack(&files);
        let read = open(&bytes).expect("a pack");
        prop_assert_eq!(read.manifest, manifest);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = open(&bytes);
    }
}
