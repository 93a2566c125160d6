//! What was stored or sent once can be read for ever: bytes and JSON of every message and every
//! stored type, as files in `fixtures/`.
//!
//! A file that is there is never written again. `KERUEN_FREEZE=1 cargo test -p keruen-domain`
//! writes those that are missing.

use std::path::{Path, PathBuf};
use std::{env, fs};

use keruen_domain::access::{Refusal, Role};
use keruen_domain::backup::{Backup, RefusedChange, Unreadable};
use keruen_domain::protocol::files::Parts;
use keruen_domain::protocol::readiness::{PhonesReady, TellReady};
use keruen_domain::protocol::schedules::{ReadFile, ReadRecord, ReadSchedule, Reading};
use keruen_domain::protocol::v1::{
    ChangeResult, Cursor, Outcome, Problem, ProgrammeRole, ScopeCursor, ScopePage, SyncRequest,
    SyncResponse,
};
use keruen_domain::protocol::v2;
use keruen_domain::{
    Author, Change, ChangeId, Collection, ContentHash, DeviceId, Edit, FieldKey, GroupId, Hlc,
    Language, PersonId, ProgrammeId, Record, RecordId, RecordKey, ScopeId, Stamp, Sum, Value,
    encoding, page,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// What the file holds; writes it first if it is missing and the run is to freeze.
fn frozen(name: &str, content: &str) -> String {
    let path = folder().join(name);
    if !path.exists() && env::var_os("KERUEN_FREEZE").is_some() {
        fs::write(&path, content).expect("the fixtures' folder can be written");
    }
    read(name)
}

fn read(name: &str) -> String {
    let path = folder().join(name);
    let text = fs::read_to_string(&path);
    text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes
        .chunks(32)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    digits.join("\n") + "\n"
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("hexadecimal digits are text");
        u8::from_str_radix(pair, 16).expect("two hexadecimal digits are a byte")
    };
    digits.chunks(2).map(byte).collect()
}

/// The value's two forms are those in the files, and the files read as the value.
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(name: &str, value: &T) {
    let bytes = encoding::encode(value);
    let old_bytes = from_hex(&frozen(&format!("{name}.hex"), &hex(&bytes)));
    assert_eq!(hex(&bytes), hex(&old_bytes), "{name}: the bytes changed");
    assert_eq!(
        encoding::decode::<T>(&old_bytes).as_ref(),
        Ok(value),
        "{name}"
    );

    let json = serde_json::to_string_pretty(value).expect("it can be written as JSON") + "\n";
    let old_json = frozen(&format!("{name}.json"), &json);
    assert_eq!(json, old_json, "{name}: the JSON changed");
    let read: T = serde_json::from_str(&old_json).expect("old JSON can be read");
    assert_eq!(&read, value, "{name}");
}

fn stamp(unix_ms: u64, device: u64) -> Stamp {
    Stamp {
        time: Hlc::from_unix_ms(1_747_000_000_000 + unix_ms),
        device: DeviceId(device),
    }
}

const PHONE: u64 = 0x9f86_d081_884c_7d65;
const TABLET: u64 = 0x0000_0000_0000_002a;

fn programme() -> ProgrammeId {
    ProgrammeId::new(1_747_000_000_000, [1; 10])
}

fn record_id(number: u8) -> RecordId {
    RecordId::new(1_747_000_000_000, [number; 10])
}

fn key(scope: ScopeId, collection: Collection, number: u8) -> RecordKey {
    RecordKey {
        scope,
        collection,
        id: record_id(number),
    }
}

fn finish(edit: Edit<'_>) -> Record {
    edit.finish().expect("it says something new")
}

fn merged(mut one: Record, other: Record) -> Record {
    one.merge(other);
    one
}

/// Every kind of value and of field.
fn session() -> Record {
    let key = key(ScopeId::Programme(programme()), Collection::SESSION, 2);
    let mut edit = Edit::new(key, None, stamp(0, PHONE), Author::Machine);
    edit.set(
        FieldKey::translated("title", Language::Kazakh),
        "Мәдениет көрсеткіштері",
    )
    .set(
        FieldKey::translated("title", Language::Russian),
        "Показатели культуры",
    )
    .set(
        FieldKey::translated("title", Language::English),
        "Indicators of culture",
    )
    .set(FieldKey::register("event"), record_id(3))
    .set(FieldKey::register("start"), 1_747_026_000_000)
    .set(FieldKey::register("before-1970"), -1)
    .set(FieldKey::member("speakers", "018f"), true)
    .set(FieldKey::member("speakers", "0190"), false);
    let written = finish(edit);
    let mut edit = Edit::new(key, Some(&written), stamp(5, TABLET), Author::Person);
    edit.set(FieldKey::register("event"), Value::Nothing);
    merged(written.clone(), finish(edit))
}

fn note(before: Option<&Record>, stamp: Stamp, text: &str) -> Record {
    let mut edit = Edit::new(
        key(ScopeId::OWN, Collection::NOTE, 4),
        before,
        stamp,
        Author::Person,
    );
    edit.set(FieldKey::register("body"), text);
    finish(edit)
}

/// Two people changed one text at the same time.
fn conflict() -> Record {
    let first = note(None, stamp(10, PHONE), "Бюджет туралы сұрау");
    let phone = note(Some(&first), stamp(20, PHONE), "Бюджет туралы сұрау керек");
    let tablet = note(Some(&first), stamp(21, TABLET), "Спросить о бюджете");
    merged(merged(first, phone), tablet)
}

/// Deleted by somebody who had seen the conflict, while somebody else wrote on.
fn tombstone() -> Record {
    let before = conflict();
    let mut edit = Edit::new(before.key, Some(&before), stamp(30, PHONE), Author::Person);
    edit.delete();
    let deletion = finish(edit);
    let meanwhile = note(Some(&before), stamp(29, TABLET), "Уже спросили");
    merged(merged(before, deletion), meanwhile)
}

/// From a version of Keruen that knows more than this one.
fn from_later() -> Record {
    let key = key(
        ScopeId::Group(GroupId::new(1, [5; 10])),
        Collection::from_code(200),
        6,
    );
    let mut edit = Edit::new(key, None, stamp(40, PHONE), Author::Person);
    edit.set(FieldKey::register("not-yet-known"), "kept");
    finish(edit)
}

fn change(number: u8, record: Record) -> Change {
    Change {
        id: ChangeId::new(1_747_000_000_000, [number; 10]),
        record,
    }
}

fn scopes() -> [ScopeId; 4] {
    [
        ScopeId::OWN,
        ScopeId::Programme(programme()),
        ScopeId::Group(GroupId::new(1, [5; 10])),
        ScopeId::Person(PersonId::new(1, [6; 10])),
    ]
}

fn cursor(sequence: u64) -> Cursor {
    Cursor { epoch: 7, sequence }
}

fn request() -> SyncRequest {
    let first = note(None, stamp(10, PHONE), "Бюджет туралы сұрау");
    let mut edit = Edit::new(first.key, Some(&first), stamp(11, PHONE), Author::Person);
    edit.delete();
    let deletion = finish(edit);
    let tombstone = merged(first.clone(), deletion.clone());
    let mut edit = Edit::new(
        first.key,
        Some(&tombstone),
        stamp(12, PHONE),
        Author::Person,
    );
    edit.restore(&first);
    let restoring = finish(edit);
    SyncRequest {
        changes: vec![
            change(1, first),
            change(2, deletion),
            change(3, restoring),
            change(4, session()),
            change(5, from_later()),
        ],
        cursors: scopes()
            .into_iter()
            .zip([0, 127, 128, u64::MAX])
            .map(|(scope, sequence)| ScopeCursor {
                scope,
                cursor: cursor(sequence),
            })
            .collect(),
        page_records: 1_000,
    }
}

fn response() -> SyncResponse {
    let outcomes = [
        Outcome::Accepted,
        Outcome::Refused(Refusal::NotJoined),
        Outcome::Refused(Refusal::NotAMember),
        Outcome::Refused(Refusal::RoleDoesNotAllow),
        Outcome::Refused(Refusal::TooLarge),
        Outcome::Refused(Refusal::Malformed),
        Outcome::NotUnderstood,
    ];
    let roles = [Role::Organiser, Role::Trainer, Role::Participant];
    SyncResponse {
        server_time_ms: 1_747_000_000_123,
        joined: true,
        roles: roles
            .map(|role| ProgrammeRole {
                programme: programme(),
                role,
            })
            .to_vec(),
        results: (1..)
            .zip(outcomes)
            .map(|(number, outcome)| ChangeResult {
                change: ChangeId::new(1_747_000_000_000, [number; 10]),
                outcome,
            })
            .collect(),
        pages: vec![
            ScopePage {
                scope: ScopeId::OWN,
                cursor: cursor(9),
                records: vec![conflict(), tombstone()],
            },
            ScopePage {
                scope: ScopeId::Programme(programme()),
                cursor: cursor(128),
                records: vec![session()],
            },
        ],
        revoked: vec![ScopeId::Group(GroupId::new(1, [5; 10]))],
        more: true,
    }
}

fn request_v2() -> v2::SyncRequest {
    v2::SyncRequest {
        takes_snapshots: true,
        sums: vec![
            v2::ScopeSum {
                scope: ScopeId::OWN,
                sum: Sum(0),
            },
            v2::ScopeSum {
                scope: ScopeId::Programme(programme()),
                sum: Sum(0x0123_4567_89ab_cdef),
            },
        ],
        ..request().into()
    }
}

fn response_v2() -> v2::SyncResponse {
    let SyncResponse {
        server_time_ms,
        joined,
        roles,
        mut results,
        pages,
        revoked,
        more,
    } = response();
    results.push(ChangeResult {
        change: ChangeId::new(1_747_000_000_000, [8; 10]),
        outcome: Outcome::Bounded,
    });
    let chunk = |number: u8| v2::Chunk {
        sha256: ContentHash([number; 32]),
        size_bytes: 40_000 + u32::from(number),
        records: 250,
    };
    let reasons = [
        v2::RereadReason::OtherHistory,
        v2::RereadReason::TooOld,
        v2::RereadReason::Diverged,
    ];
    v2::SyncResponse {
        server_time_ms,
        joined,
        roles,
        results,
        pages,
        revoked,
        more,
        snapshots: vec![v2::ScopeSnapshot {
            scope: ScopeId::Programme(programme()),
            cursor: cursor(128),
            chunks: vec![chunk(1), chunk(2)],
        }],
        reread: scopes()
            .into_iter()
            .zip(reasons)
            .map(|(scope, reason)| v2::ScopeReread { scope, reason })
            .collect(),
    }
}

#[test]
fn messages_of_version_2_are_what_they_were() {
    check("v2/request", &request_v2());
    check("v2/response", &response_v2());
    check("v2/response-quiet", &v2::SyncResponse::default());
}

#[test]
fn parts_of_files_are_what_they_were() {
    let parts = Parts {
        size_bytes: 2_500_000_000,
        part_bytes: 1_048_576,
        sha256: vec![ContentHash([7; 32]), ContentHash([255; 32])],
    };
    check("v2/file-parts", &parts);
}

#[test]
fn questions_about_schedules_are_what_they_were() {
    let programme = ProgrammeId::new(1_747_000_000_000, [4; 10]);
    check(
        "v2/read-schedule",
        &ReadSchedule {
            file: vec![b'B', 0, 255],
            name: "forum".to_owned(),
            into: Some(programme),
            zone: "Asia/Almaty".to_owned(),
            language: "kk".to_owned(),
        },
    );
    check("v2/reading-refused", &Reading::Refused("Why".to_owned()));
    let read = ReadFile {
        programme,
        title: "Forum".to_owned(),
        is_partial: false,
        records: vec![ReadRecord {
            record: request().changes[0].record.clone(),
            label: "Opening".to_owned(),
        }],
        skipped: vec!["line 12".to_owned()],
        warnings: vec![],
    };
    check("v2/reading", &Reading::Read(read));
}

#[test]
fn questions_about_readiness_are_what_they_were() {
    let told = TellReady {
        programme: ProgrammeId::new(1_747_000_000_000, [4; 10]),
        is_ready: true,
        until_ms: 1_747_300_000_000,
    };
    check("v2/tell-ready", &told);
    let ready = PhonesReady {
        phones: 30,
        ready: Some(23),
    };
    check("v2/phones-ready", &ready);
    let few = PhonesReady {
        phones: 2,
        ready: None,
    };
    check("v2/phones-ready-few", &few);
}

#[test]
fn version_1_is_heard_and_answered() {
    let heard = v2::SyncRequest::from(request());
    assert_eq!(heard.changes, request().changes);
    assert_eq!(heard.cursors, request().cursors);
    assert!(!heard.takes_snapshots && heard.sums.is_empty());
    let mut expected = response();
    expected.results.push(ChangeResult {
        change: ChangeId::new(1_747_000_000_000, [8; 10]),
        outcome: Outcome::Accepted,
    });
    assert_eq!(SyncResponse::from(response_v2()), expected);
}

#[test]
fn messages_are_what_they_were() {
    check("v1/request", &request());
    check(
        "v1/request-empty",
        &SyncRequest {
            changes: vec![],
            cursors: vec![],
            page_records: 1,
        },
    );
    check("v1/response", &response());
    let problems = [
        ("malformed", Problem::Malformed),
        ("not-authorised", Problem::NotAuthorised),
        ("too-large", Problem::TooLarge),
        (
            "too-many",
            Problem::TooMany {
                retry_after_ms: 90_000,
            },
        ),
        (
            "version-not-supported",
            Problem::VersionNotSupported {
                oldest: 2,
                newest: 3,
            },
        ),
        ("unavailable", Problem::Unavailable),
    ];
    for (name, problem) in problems {
        check(&format!("v1/problem-{name}"), &problem);
    }
}

#[test]
fn stored_records_are_what_they_were() {
    check("v1/record-session", &session());
    check("v1/record-conflict", &conflict());
    check("v1/record-tombstone", &tombstone());
    check("v1/record-from-later", &from_later());
    check("v1/change", &change(1, conflict()));
    check(
        "v1/cursor",
        &ScopeCursor {
            scope: ScopeId::OWN,
            cursor: cursor(128),
        },
    );
    let collections = (0..=6).map(Collection::from_code).collect::<Vec<_>>();
    check("v1/collections", &collections);
    // What was written before it had a name.
    let marks: Collection = serde_json::from_str("\"collection-6\"").expect("a collection");
    assert_eq!(marks, Collection::MARK);
}

/// Pages lie on phones and in snapshots: of the form with a directory, and of the one before.
#[test]
fn pages_are_what_they_were() {
    let records = [session(), session()];
    let page = page::encode(session().key.scope, &records);
    assert_eq!(hex(&page), frozen("v2/page.hex", &hex(&page)));
    assert_eq!(page::decode(&page).as_deref(), Ok(&records[..]));
    let mut list = vec![1];
    list.extend(encoding::encode(&records.to_vec()));
    let old = from_hex(&frozen("v1/page.hex", &hex(&list)));
    assert_eq!(page::decode(&old).as_deref(), Ok(&records[..]));
}

#[test]
fn backup_files_are_what_they_were() {
    let backup = Backup {
        made_at_ms: 1_747_000_000_000,
        device: DeviceId(PHONE),
        changes: vec![change(1, conflict())],
        refused: vec![RefusedChange {
            change: change(2, session()),
            refusal: Refusal::RoleDoesNotAllow,
            refused_at_ms: 1_747_000_000_001,
        }],
        records: vec![tombstone(), from_later()],
        unreadable: vec![Unreadable {
            place: "outbox:0000000000000003".to_owned(),
            bytes: vec![0, 255],
        }],
    };
    check("v1/backup", &backup);
    let file = from_hex(&frozen("v1/backup-file.hex", &hex(&backup.encode())));
    assert_eq!(Backup::decode(&file), Ok(backup));
}

#[test]
fn what_the_samples_are_made_for_is_in_them() {
    assert_eq!(conflict().contested().count(), 1);
    let tombstone = tombstone();
    assert!(tombstone.is_deleted());
    assert_eq!(tombstone.value("body").as_text(), Some("Уже спросили"));
    assert!(session().field("before-1970").is_some());
}

/// A record of an unknown collection with an unknown field goes through this version unharmed,
/// merged with news of it as well.
#[test]
fn what_a_later_version_wrote_survives_this_one() {
    let bytes = from_hex(&read("v1/record-from-later.hex"));
    let mut record: Record = encoding::decode(&bytes).expect("old bytes can be read");
    assert_eq!(record.key.collection.to_string(), "collection-200");
    assert_eq!(record.value("not-yet-known").as_text(), Some("kept"));
    assert_eq!(encoding::encode(&record), bytes);
    let mut edit = Edit::new(record.key, Some(&record), stamp(50, TABLET), Author::Person);
    edit.set(FieldKey::register("title"), "new");
    let news = finish(edit);
    record.merge(news);
    assert_eq!(record.value("not-yet-known").as_text(), Some("kept"));
}

/// No file lies here unread: each name belongs to a sample, in both forms.
#[test]
fn every_fixture_has_both_forms() {
    let names: Vec<String> = ["v1", "v2"]
        .into_iter()
        .flat_map(|version| {
            fs::read_dir(folder().join(version))
                .expect("the fixtures' folders are there")
                .map(|entry| entry.expect("it can be listed").file_name())
                .map(move |name| format!("{version}/{}", name.to_string_lossy()))
        })
        .collect();
    assert!(names.len() >= 36, "{names:?}");
    for name in &names {
        let stem = name.trim_end_matches(".hex").trim_end_matches(".json");
        // Pages have no form for people.
        if stem.ends_with("/page") {
            continue;
        }
        assert!(names.contains(&format!("{stem}.hex")), "{name}");
        // A file is what it is; it has no second form.
        let is_file = stem == "v1/backup-file";
        assert!(is_file || names.contains(&format!("{stem}.json")), "{name}");
    }
}
