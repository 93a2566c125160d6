//! Packs: from one server to another, as people call it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keruen_domain::model::{Material, Programme, View as _, fields};
use keruen_domain::{
    Author, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, PersonId, ProgrammeId, Record,
    RecordKey, ScopeId, page,
};
use keruen_formats::pack::zip::Writer;
use keruen_formats::pack::{
    Contents, Crc32, FileEntry, MANIFEST, Manifest, NOTES, Opening, PROGRAMME, README, RecordsEntry,
};
use keruen_server::machine;
use keruen_server::store::Importer;

use super::{Scene, total};

/// A programme with a material that is a picture.
fn with_samples() -> Scene {
    let scene = Scene::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/regional-meetings-2023");
    let output = scene.import(&["--public"], &[&sample.join("programme.json")]);
    assert!(output.status.success(), "{output:?}");
    scene
}

fn keruen(scene: &Scene, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keruen"))
        .args(arguments)
        .arg("--data")
        .arg(scene.data())
        .env_remove("KERUEN_DATA")
        .output()
        .expect("the program starts")
}

fn pack_of(scene: &Scene, files: &str) -> PathBuf {
    let file = scene.data().with_file_name("meetings.keruen.zip");
    let output = file.to_str().expect("a text");
    let output = keruen(
        scene,
        &[
            "export", "--format", "pack", "--files", files, "--output", output,
        ],
    );
    assert!(output.status.success(), "{output:?}");
    file
}

fn open(bytes: &[u8]) -> Contents {
    let mut opening = Opening::new(bytes.len() as u64).expect("long enough");
    while let Some(range) = opening.wanted() {
        let asked = range.start as usize..range.end as usize;
        opening.take(&bytes[asked]).expect("a pack");
    }
    opening.finish().expect("all was compared")
}

/// Who reads it: anybody.
fn programme(scene: &Scene, id: ProgrammeId) -> Record {
    let mut importer = Importer::open(&scene.data(), Scene::identity()).expect("opens");
    let key = RecordKey {
        scope: ScopeId::Programme(id),
        collection: Collection::PROGRAMME,
        id: id.into(),
    };
    let record = importer.import(|transaction| transaction.record(&key));
    record.expect("read").expect("there")
}

#[test]
fn a_programme_goes_from_server_to_server_with_its_files() {
    let (from, to) = (with_samples(), Scene::new());
    let file = pack_of(&from, "all");
    let bytes = fs::read(&file).expect("read");
    let sent = open(&bytes);
    assert_eq!(sent.notes, []);
    assert_eq!(sent.files.len(), 1, "{:?}", sent.manifest.files);
    assert_eq!(sent.files[0].media_type, Some("image/png"));

    let preview = to.import(&["--preview"], &[&file]);
    let said = String::from_utf8_lossy(&preview.stdout).into_owned();
    assert!(
        preview.status.success() && said.contains("This is a preview"),
        "{said}"
    );
    assert!(!to.data().exists(), "a preview makes nothing");

    let report = to.report(&file);
    assert_eq!(total(&report, "added"), sent.records.len() as u64);
    assert_eq!(report["new_files"], 1);
    let before = to.dump();
    let again = to.report(&file);
    assert_eq!(total(&again, "added") + total(&again, "changed"), 0);
    assert_eq!(again["new_files"], 0);
    assert_eq!(to.dump(), before);

    // Nothing was lost on the way, except who may read it, which each server decides.
    let returned = open(&fs::read(pack_of(&to, "all")).expect("read"));
    let entries = |contents: &Contents| -> Vec<_> {
        let files = contents.files.iter();
        files.map(|file| file.entry.clone()).collect()
    };
    assert_eq!(entries(&returned), entries(&sent));
    let id = sent.manifest.programme;
    let without = |mut record: Record| {
        record.keep_fields(|key| key.as_str() != fields::PUBLIC);
        record
    };
    let compare = |records: Vec<Record>| records.into_iter().map(without).collect::<Vec<_>>();
    assert_eq!(compare(returned.records), compare(sent.records));
    let is_public = |scene: &Scene| programme(scene, id).value(fields::PUBLIC).is_set();
    assert!(is_public(&from) && !is_public(&to));
    assert!(to.import(&["--public"], &[&file]).status.success());
    assert!(is_public(&to));
    let checked = keruen(&to, &["check"]);
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn files_stay_behind_where_that_is_wanted() {
    let scene = with_samples();
    for files in ["none", "light"] {
        let contents = open(&fs::read(pack_of(&scene, files)).expect("read"));
        assert_eq!(contents.files, [], "{files}");
        let materials = contents.records.into_iter().map(std::sync::Arc::new);
        assert!(materials.filter_map(|of| Material::of(&of)).count() > 0);
    }
}

#[test]
fn a_pack_that_is_not_whole_changes_nothing() {
    let (from, to) = (with_samples(), Scene::new());
    let whole = fs::read(pack_of(&from, "all")).expect("read");
    for length in (40..whole.len()).step_by(1_024) {
        let cut = to.file("cut.keruen.zip", &whole[..length]);
        to.assert_refused(&cut, "cut off");
    }
    assert!(!to.data().exists());
    let mut damaged = whole.clone();
    let last = open(&whole).files[0].content.end as usize - 1;
    damaged[last] ^= 1;
    let damaged = to.file("damaged.keruen.zip", damaged);
    to.assert_refused(&damaged, "damaged");
    let other = to.file(
        "other.keruen.zip",
        b"PK\x03\x04 of somebody else, long enough",
    );
    to.assert_refused(&other, "foreign");
    let named = to.import(&["--as", "other"], &[&pack_of(&from, "all")]);
    assert_eq!(named.status.code(), Some(1), "{named:?}");
}

const HOUR_MS: u64 = 3_600_000;

/// A pack as somebody makes it who means no good, or whose clock is wrong.
fn made_up(records: &[Record], notes: &[Record], files: &[(&str, &[u8])]) -> Vec<u8> {
    let ScopeId::Programme(programme) = records[0].key.scope else {
        panic!("of a programme");
    };
    let entry = |page: &[u8]| RecordsEntry {
        sha256: keruen_domain::ContentHash::of(page),
        size_bytes: page.len() as u64,
    };
    let page = page::encode(records[0].key.scope, records);
    let notes = page::encode(ScopeId::OWN, notes);
    let named = files.iter().map(|(name, bytes)| FileEntry {
        sha256: keruen_domain::ContentHash::of(bytes),
        size_bytes: bytes.len() as u64,
        media_type: "application/pdf".to_owned(),
        name: (*name).to_owned(),
    });
    let manifest = Manifest {
        made_ms: machine::unix_ms(),
        programme,
        title: "Made up".to_owned(),
        records: entry(&page),
        notes: Some(entry(&notes)),
        files: named.collect(),
    };
    let mut entries = vec![
        (README.to_owned(), Vec::new()),
        (MANIFEST.to_owned(), manifest.to_json().into_bytes()),
        (PROGRAMME.to_owned(), page),
        (NOTES.to_owned(), notes),
    ];
    for (file, (_, bytes)) in manifest.files.iter().zip(files) {
        entries.push((file.entry_name(), bytes.to_vec()));
    }
    let (mut writer, mut whole) = (Writer::default(), Vec::new());
    for (name, content) in entries {
        let header = writer.begin(&name, Crc32::of(&content), content.len() as u64);
        whole.extend(header.expect("a good name"));
        whole.extend(content);
    }
    whole.extend(writer.finish().expect("small"));
    whole
}

fn written(key: RecordKey, at_ms: u64, fields: &[(&str, &str)]) -> Record {
    let stamp = Clock::new(DeviceId(7), Hlc::default(), 0).stamp(at_ms);
    let mut edit = Edit::new(key, None, stamp, Author::Person);
    for (name, text) in fields {
        edit.set(FieldKey::register(name), *text);
    }
    edit.set(FieldKey::register(fields::PUBLIC), true);
    edit.finish().expect("an edit")
}

#[test]
fn what_a_pack_may_not_say_is_left_out_and_told() {
    let scene = Scene::new();
    let id = ProgrammeId::new(1, [3; 10]);
    let key = |collection, number| RecordKey {
        scope: ScopeId::Programme(id),
        collection,
        id: PersonId::new(1, [number; 10]).into(),
    };
    let now_ms = machine::unix_ms();
    let home = RecordKey {
        id: id.into(),
        ..key(Collection::PROGRAMME, 0)
    };
    let (lie, picture) = (&b"no PDF at all"[..], &b"%PDF-1.7 one"[..]);
    let named = |number, bytes: &[u8]| {
        let sha256 = keruen_domain::ContentHash::of(bytes).to_string();
        let mut record = written(
            key(Collection::MATERIAL, number),
            now_ms,
            &[
                ("kind", "file"),
                (fields::FILE_SHA256, &sha256),
                (fields::LIGHT_SHA256, &sha256),
            ],
        );
        let stamp = Clock::new(DeviceId(8), Hlc::default(), 0).stamp(now_ms);
        let mut edit = Edit::new(record.key, Some(&record), stamp, Author::Person);
        let size_bytes = i64::try_from(bytes.len()).expect("small");
        edit.set(FieldKey::register(fields::FILE_SIZE_BYTES), size_bytes);
        record.merge(edit.finish().expect("an edit"));
        record
    };
    let card =
        |name: &str, at_ms| written(key(Collection::PERSON, 9), at_ms, &[(fields::NAME, name)]);
    let records = [
        written(home, now_ms, &[(fields::TITLE, "Made up")]),
        card("Aigul", now_ms - HOUR_MS),
        written(
            key(Collection::SESSION, 1),
            now_ms + 3 * HOUR_MS,
            &[(fields::TITLE, "late")],
        ),
    ];
    let notes = [written(
        RecordKey {
            scope: ScopeId::OWN,
            ..key(Collection::NOTE, 5)
        },
        now_ms,
        &[(fields::BODY, "of somebody")],
    )];
    let first = scene.file("first.keruen.zip", made_up(&records, &notes, &[]));
    scene.assert_refused(
        &first,
        "something is left out, and nobody said that this is well",
    );
    let report = scene.report(&first);
    assert_eq!(total(&report, "added"), 2, "{report}");
    assert_eq!(
        (&report["of_the_future"], &report["notes"]),
        (&1.into(), &1.into())
    );
    assert!(!programme(&scene, id).value(fields::PUBLIC).is_set());

    // A card that is here is known better here, files must be what their names say, and what only the server makes
    // is made by it.
    let records = [
        card("Somebody else", now_ms),
        named(6, lie),
        named(7, picture),
    ];
    let files = [
        ("lie.pdf", lie),
        ("form.pdf", picture),
        ("nobody's.pdf", &b"%PDF-1.7 two"[..]),
    ];
    let second = scene.file("second.keruen.zip", made_up(&records, &[], &files));
    let report = scene.report(&second);
    assert_eq!(report["wrong_files"], serde_json::json!(["lie.pdf"]));
    assert_eq!(
        (&report["new_files"], total(&report, "unchanged")),
        (&1.into(), 1),
        "{report}"
    );
    let returned = open(&fs::read(pack_of(&scene, "all")).expect("read"));
    let names: Vec<_> = returned
        .files
        .iter()
        .map(|file| &*file.entry.name)
        .collect();
    assert_eq!(names, ["file"]);
    let says = |name: &str| {
        returned
            .records
            .iter()
            .any(|record| record.field(name).is_some())
    };
    assert!(says(fields::FILE_SHA256) && !says(fields::LIGHT_SHA256));
    assert!(
        returned
            .records
            .into_iter()
            .map(std::sync::Arc::new)
            .any(|of| Programme::of(&of).is_some())
    );
}
