//! `keruen check`, `backup` and `restore` as operators call them: the real program on a real data folder.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as loudly as tests do"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use keruen_domain::{
    Author, Clock, Collection, ContentHash, DeviceId, Edit, FieldKey, Hlc, PersonId, ProgrammeId,
    Record, RecordId, RecordKey, ScopeId,
};
use keruen_server::snapshot::{self, Rules};
use keruen_server::store::{Findings, Identity, SqliteStore, Store, check, merge};
use rusqlite::Connection;

const NOW_MS: u64 = 1_750_000_000_000;
const FILE: &[u8] = b"a handout";

fn scope() -> ScopeId {
    ScopeId::Programme(ProgrammeId::new(1, [1; 10]))
}

fn session(number: u64) -> Record {
    let key = RecordKey {
        scope: scope(),
        collection: Collection::SESSION,
        id: RecordId::new(number, [1; 10]),
    };
    let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(NOW_MS + number);
    let mut edit = Edit::new(key, None, stamp, Author::Person);
    edit.set(FieldKey::register("title"), format!("Session {number}"));
    edit.finish().unwrap()
}

fn open(data: &Path, epoch: u32) -> Arc<dyn Store> {
    let organiser = PersonId::new(1, [1; 10]);
    Arc::new(SqliteStore::open(data, Identity { epoch, organiser }).unwrap())
}

async fn put(store: &Arc<dyn Store>, records: Vec<Record>) {
    let work = store.write(move |transaction| {
        for record in records {
            let before = transaction.row(&record.key)?;
            merge(transaction, before, record, NOW_MS)?;
        }
        Ok(())
    });
    work.await.unwrap();
}

/// A data folder with records, a deleted one among them, a file, and a snapshot.
async fn filled(data: &Path) {
    let store = open(data, 1);
    let mut records: Vec<Record> = (0..60).map(session).collect();
    let stamp = Clock::new(DeviceId(2), Hlc::default(), 0).stamp(NOW_MS + 100);
    let mut deletion = Edit::new(records[0].key, Some(&records[0]), stamp, Author::Person);
    deletion.delete();
    records.push(deletion.finish().unwrap());
    put(&store, records).await;
    let stored = store.write(|transaction| {
        transaction.put_file(scope(), FILE, &ContentHash::of(FILE), "text/plain", "a.txt")
    });
    stored.await.unwrap();
    let rules = Rules {
        least_rows: 10,
        ..Rules::default()
    };
    assert_eq!(snapshot::renew(&*store, &rules, NOW_MS).await.unwrap(), 1);
}

fn run(arguments: &[&str], data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keruen"))
        .args(arguments)
        .arg("--data")
        .arg(data)
        .env_remove("KERUEN_DATA")
        .output()
        .unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn findings() -> Findings {
    Findings {
        scopes: 1,
        records: 60,
        files: 1,
        chunks: 1,
        faults: Vec::new(),
    }
}

#[tokio::test]
async fn a_good_folder_is_called_good_with_a_server_on_it_or_not() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    assert_eq!(check(folder.path(), None).unwrap(), findings());
    let store = open(folder.path(), 1);
    put(&store, vec![session(900)]).await;
    let output = run(&["check"], folder.path());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "1 scopes, 61 records, 1 files, 1 chunks; 0 faults\n");
    drop(store);
}

#[tokio::test]
async fn every_damage_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good");
    filled(&good).await;
    let file = format!(
        "files/{}/{}",
        &ContentHash::of(FILE).to_string()[..2],
        &ContentHash::of(FILE).to_string()[2..]
    );
    let damages: [(&str, &str); 11] = [
        (
            "UPDATE scopes SET sum = sum + 1",
            "the sum is not that of its rows",
        ),
        ("UPDATE scopes SET live_rows = 3", "the count is not"),
        ("UPDATE scopes SET last_sequence = 9", "was never given out"),
        ("UPDATE scopes SET public = 1", "who may read it"),
        (
            "UPDATE records SET addend = 5 WHERE sequence = 7",
            "row 7: what it adds",
        ),
        (
            "UPDATE records SET deleted_ms = 5 WHERE sequence = 7",
            "row 7: whether it is deleted",
        ),
        (
            "UPDATE records SET collection = 'event' WHERE sequence = 7",
            "row 7: it is a record of another place",
        ),
        (
            "UPDATE records SET record = x'ff' WHERE sequence = 7",
            "row 7: it cannot be read",
        ),
        (
            "DELETE FROM records WHERE sequence = 7",
            "the sum is not that of its rows",
        ),
        ("UPDATE files SET size_bytes = 1", "is not what was stored"),
        ("UPDATE chunks SET size_bytes = 1", "is not what was made"),
    ];
    for (statement, expected) in damages {
        let damaged = folder.path().join("damaged");
        copy(&good, &damaged);
        let connection = Connection::open(damaged.join("keruen.db")).unwrap();
        connection.execute_batch(statement).unwrap();
        drop(connection);
        let faults = check(&damaged, None).unwrap().faults;
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{statement}: {faults:?}"
        );
        let output = run(&["check"], &damaged);
        assert_eq!(output.status.code(), Some(1), "{statement}");
        fs::remove_dir_all(&damaged).unwrap();
    }
    fs::write(good.join(&file), b"another").unwrap();
    assert!(check(&good, None).unwrap().faults[0].contains("is not what was stored"));
    fs::remove_file(good.join(&file)).unwrap();
    fs::remove_dir_all(good.join("chunks")).unwrap();
    let faults = check(&good, None).unwrap().faults;
    assert_eq!(faults.len(), 2);
    assert!(
        faults.iter().all(|fault| fault.contains("is missing")),
        "{faults:?}"
    );
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_made_under_way_is_whole_and_holds_what_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    filled(&data).await;
    let store = open(&data, 1);
    let (answered, stop) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let writing = tokio::spawn({
        let (store, answered, stop) = (store.clone(), answered.clone(), stop.clone());
        async move {
            while !stop.load(Ordering::SeqCst) {
                let number = answered.load(Ordering::SeqCst);
                put(&store, vec![session(1_000 + number)]).await;
                answered.store(number + 1, Ordering::SeqCst);
            }
        }
    });
    let mut copies = Vec::new();
    for number in 0..3 {
        while answered.load(Ordering::SeqCst) < number * 5 {
            tokio::task::yield_now().await;
        }
        let before = answered.load(Ordering::SeqCst);
        let copy = folder.path().join(format!("copy-{number}"));
        let (to, from) = (copy.clone(), data.clone());
        let output = tokio::task::spawn_blocking(move || run(&["backup", text(&to)], &from));
        let output = output.await.unwrap();
        assert!(output.status.success(), "{output:?}");
        copies.push((copy, before, answered.load(Ordering::SeqCst)));
    }
    stop.store(true, Ordering::SeqCst);
    writing.await.unwrap();
    for (copy, before, after) in copies {
        let found = check(&copy, None).unwrap();
        assert_eq!(
            (&found.faults[..], found.files, found.chunks),
            (&[][..], 1, 0)
        );
        // One more may have been on disk and not answered yet.
        assert!(
            (60 + before..=60 + after + 1).contains(&found.records),
            "{found:?}"
        );
        let names: Vec<_> = fs::read_dir(&copy)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }
    let beside = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 4, "the data and three copies");
}

#[tokio::test]
async fn a_copy_is_put_back_as_another_history() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let data = path("data");
    filled(&data).await;
    assert!(
        run(&["backup", text(&path("copy"))], &data)
            .status
            .success()
    );
    let taken = run(&["backup", text(&path("copy"))], &data);
    assert_eq!(taken.status.code(), Some(1));
    put(&open(&data, 1), vec![session(900)]).await;

    // Not over what is there, unless that is moved aside.
    let refused = run(&["restore", text(&path("copy"))], &data);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(check(&data, None).unwrap().records, 61);
    let aside = path("aside");
    let restored = run(
        &["restore", text(&path("copy")), "--aside", text(&aside)],
        &data,
    );
    assert!(restored.status.success(), "{restored:?}");
    assert_eq!(check(&aside, None).unwrap().records, 61);
    let found = check(&data, None).unwrap();
    assert_eq!((found.records, found.faults), (60, Vec::new()));
    let store = open(&data, 1);
    assert_ne!(store.identity().epoch, 1);
    let stays = store.read(|transaction| Ok(transaction.scope(scope())?.last_sequence));
    assert_eq!(stays.await.unwrap(), 61);
    drop(store);

    // Into nothing as well, and the copy is good for more than once.
    let fresh = path("fresh");
    assert!(
        run(&["restore", text(&path("copy"))], &fresh)
            .status
            .success()
    );
    assert_eq!(check(&fresh, None).unwrap().records, 60);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[tokio::test]
async fn what_is_not_whole_is_neither_copied_nor_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let data = path("data");
    filled(&data).await;
    assert!(
        run(&["backup", text(&path("copy"))], &data)
            .status
            .success()
    );
    fs::remove_dir_all(data.join("files")).unwrap();
    let failed = run(&["backup", text(&path("second"))], &data);
    assert_eq!(failed.status.code(), Some(1));

    let connection = Connection::open(path("copy").join("keruen.db")).unwrap();
    connection
        .execute_batch("UPDATE records SET record = x'ff' WHERE sequence = 7")
        .unwrap();
    drop(connection);
    let failed = run(&["restore", text(&path("copy"))], &path("fresh"));
    assert_eq!(failed.status.code(), Some(1));
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(said.contains("row 7: it cannot be read"), "{said}");
    let nothing = run(&["restore", text(&path("nowhere"))], &path("fresh"));
    assert_eq!(nothing.status.code(), Some(1));
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "the data and the copy"
    );
}
