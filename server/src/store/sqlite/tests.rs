use std::path::Path;
use std::sync::Arc;

use keruen_domain::PersonId;
use tempfile::TempDir;

use super::*;
use crate::store::contract::{Backend, contract_tests};

struct InFolder(TempDir);

impl InFolder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Backend for InFolder {
    fn open(&self, fresh: Identity) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.path(), fresh).unwrap())
    }
}

const FRESH: Identity = Identity {
    epoch: 1,
    organiser: PersonId::SELF,
};

contract_tests!(InFolder::new());

#[test]
fn answers_wait_for_the_disk() {
    let folder = InFolder::new();
    let (connection, _) = Database::new(folder.path()).open_writing(FRESH).unwrap();
    let pragma = |name: &str| -> String {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| format!("{value:?}"))
            .unwrap()
    };
    assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
    assert_eq!(pragma("synchronous"), "Integer(2)", "2 is FULL");
    assert_eq!(pragma("foreign_keys"), "Integer(1)");
}

#[test]
fn readers_cannot_write() {
    let folder = InFolder::new();
    let database = Database::new(folder.path());
    database.open_writing(FRESH).unwrap();
    let reader = database.open_reading().unwrap();
    assert!(reader.execute("DELETE FROM meta", []).is_err());
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let folder = InFolder::new();
    let database = Database::new(folder.path());
    let (connection, _) = database.open_writing(FRESH).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let result = SqliteStore::open(folder.path(), FRESH);
    assert!(matches!(
        result.err(),
        Some(StoreError::TooNew { found: 99, .. })
    ));
}

#[tokio::test]
async fn a_database_of_the_first_version_gets_its_sums() {
    use keruen_domain::{Author, Clock, Collection, DeviceId, Edit, FieldKey, Hlc};
    use keruen_domain::{ProgrammeId, Record, RecordId, RecordKey, ScopeId, Sum, encoding};

    let scope = ScopeId::Programme(ProgrammeId::new(1, [1; 10]));
    let record = |number: u64, deleted: bool| -> Record {
        let key = RecordKey {
            scope,
            collection: Collection::EVENT,
            id: RecordId::new(number, [1; 10]),
        };
        let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(500);
        let mut edit = Edit::new(key, None, stamp, Author::Machine);
        edit.set(FieldKey::register("zone"), i64::try_from(number).unwrap());
        edit.set(FieldKey::deleted(), deleted);
        edit.finish().unwrap()
    };
    let folder = InFolder::new();
    let connection = Connection::open(folder.path().join("keruen.db")).unwrap();
    connection
        .execute_batch(include_str!("../../../migrations/sqlite/0001_initial.sql"))
        .unwrap();
    connection
        .execute_batch("INSERT INTO meta VALUES ('organiser', zeroblob(16)), ('epoch', 7);")
        .unwrap();
    let ScopeId::Programme(programme) = scope else {
        unreachable!("it is a programme")
    };
    connection
        .execute(
            "INSERT INTO scopes VALUES (1, 'programme', ?1, 3, 0)",
            [programme.uuid().as_bytes()],
        )
        .unwrap();
    let rows = [record(1, false), record(2, true), record(3, false)];
    for (row, sequence) in rows.iter().zip(1..) {
        connection
            .execute(
                "INSERT INTO records VALUES (1, 'event', ?1, ?2, ?3)",
                rusqlite::params![
                    row.key.id.uuid().as_bytes(),
                    sequence,
                    encoding::encode(row)
                ],
            )
            .unwrap();
    }
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);

    let store = folder.open(FRESH);
    let mut sum = Sum::default();
    rows.iter().for_each(|row| sum += Sum::of(row));
    let work = store.write(move |transaction| {
        let state = transaction.scope(scope)?;
        let too_early = transaction.prune_tombstones(500, 9)?;
        Ok((state, too_early, transaction.prune_tombstones(501, 9)?))
    });
    let (state, too_early, pruned) = work.await.unwrap();
    assert_eq!(
        (state.last_sequence, state.live_rows, state.sum),
        (3, 2, sum)
    );
    assert_eq!((too_early, pruned), (0, 1));
}

#[test]
fn an_import_is_whole_or_nothing() {
    use keruen_domain::{Author, Clock, Collection, DeviceId, Edit, FieldKey, Hlc};
    use keruen_domain::{ProgrammeId, RecordId, RecordKey, ScopeId};

    let folder = InFolder::new();
    let scope = ScopeId::Programme(ProgrammeId::new(1, [1; 10]));
    let key = RecordKey {
        scope,
        collection: Collection::EVENT,
        id: RecordId::new(2, [1; 10]),
    };
    let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(1);
    let mut edit = Edit::new(key, None, stamp, Author::Machine);
    edit.set(FieldKey::register("zone"), "Asia/Aqtau");
    let event = edit.finish().unwrap();

    let mut importer = Importer::open(folder.path(), FRESH).unwrap();
    let failed = importer.import(|transaction| {
        transaction.write(event.clone(), 0)?;
        Err::<(), _>(StoreError::Damaged { what: "a test" })
    });
    assert!(failed.is_err());
    let rows = importer.import(|transaction| {
        assert_eq!(transaction.record(&key)?, None);
        transaction.write(event.clone(), 0)?;
        transaction.records(scope)
    });
    assert_eq!(rows.unwrap(), [event]);
}

#[tokio::test]
async fn one_damaged_record_does_not_hide_the_others() {
    use std::ops::ControlFlow;

    let folder = InFolder::new();
    let store = folder.open(FRESH);
    let scope = keruen_domain::ScopeId::Person(FRESH.organiser);
    let record = move |number| {
        keruen_domain::Record::new(keruen_domain::RecordKey {
            scope,
            collection: keruen_domain::Collection::NOTE,
            id: keruen_domain::RecordId::new(number, [1; 10]),
        })
    };
    let written = store.write(move |transaction| {
        transaction.put(&record(1), 0)?;
        transaction.put(&record(2), 0)
    });
    assert_eq!(written.await.unwrap(), 2);
    let (connection, _) = Database::new(folder.path()).open_writing(FRESH).unwrap();
    connection
        .execute("UPDATE records SET record = x'ff' WHERE sequence = 1", [])
        .unwrap();
    let read = store.read(move |transaction| {
        let mut sequences = Vec::new();
        transaction.rows_after(scope, 0, &mut |row| {
            sequences.push(row.sequence);
            ControlFlow::Continue(())
        })?;
        Ok(sequences)
    });
    assert_eq!(read.await.unwrap(), [2]);
    let damaged = store.read(move |transaction| transaction.row(&record(1).key));
    assert!(matches!(damaged.await, Err(StoreError::Damaged { .. })));
}

#[tokio::test]
async fn the_journal_is_moved_into_the_tables_again_and_again() {
    const ROUND_BYTES: usize = 8 * 1024 * 1024;

    let folder = InFolder::new();
    let store = folder.open(FRESH);
    for round in 0..4_u8 {
        let record = keruen_domain::Record::new(keruen_domain::RecordKey {
            scope: keruen_domain::ScopeId::Person(FRESH.organiser),
            collection: keruen_domain::Collection::NOTE,
            id: keruen_domain::RecordId::new(1, [1; 10]),
        });
        let written = store.write(move |transaction| {
            transaction.put_encoded(&record, vec![round; ROUND_BYTES], 0)
        });
        assert_eq!(written.await.unwrap(), u64::from(round) + 1);
    }
    let journal = folder.path().join("keruen.db-wal");
    let bytes = std::fs::metadata(journal).unwrap().len();
    assert!(bytes < 2 * ROUND_BYTES as u64, "{bytes} bytes");
}

#[cfg(unix)]
#[test]
fn other_users_of_the_machine_cannot_look_into_the_folder() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = InFolder::new();
    let data = folder.path().join("data");
    SqliteStore::open(&data, FRESH).unwrap();
    let mode = std::fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
