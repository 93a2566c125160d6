//! The file that people keep themselves.

use keruen_app::store::{Restored, Store, Table};
use keruen_domain::backup::Backup;
use keruen_domain::sync::SavePlan;
use keruen_domain::{Refusal, ScopeId};

use crate::harness::{
    Database, NOON_MS, accepted, all_texts, at, commit, ids, note, on_every_backend, outgoing,
    save, shown, text, write, write_unseeing,
};

on_every_backend!(
    a_new_device_has_everything_from_the_file,
    restoring_twice_changes_nothing,
    what_the_server_has_taken_meanwhile_is_not_sent_again,
    what_was_written_after_the_backup_stays,
    a_change_in_a_file_never_changes_any_more,
    what_could_not_be_saved_is_in_the_file,
    a_file_of_another_device_stands_beside_what_is_here,
    what_could_not_be_read_travels_along,
);

/// Not of any form.
const GARBAGE: &[u8] = &[0xff, 0xff, 0xff];

/// A file, through its bytes.
async fn backup(store: &Store) -> Backup {
    let backup = store.backup(Vec::new(), NOON_MS).await;
    Backup::decode(&backup.encode()).expect("a whole file")
}

async fn restore(store: &Store, backup: &Backup) -> Restored {
    store
        .restore(backup, NOON_MS)
        .await
        .expect("it is restored")
}

/// One of the same kind, of another device.
async fn another(database: &Database) -> Database {
    match database {
        Database::InMemory(_) => Database::in_memory(),
        Database::InBrowser(_) => Database::in_browser(),
    }
}

/// A device with a note that the server has, one that waits, and one that was refused.
async fn written(database: &Database) -> std::rc::Rc<Store> {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    commit(&store, vec![write(note(2), "Тас")], NOON_MS).await;
    let sent = ids(&outgoing(&store).await);
    let answer = SavePlan {
        settled: vec![sent[0]],
        refused: vec![(sent[1], Refusal::TooLarge)],
        cursors: vec![at(ScopeId::OWN, 1)],
        ..SavePlan::default()
    };
    save(&store, answer).await;
    commit(&store, vec![write(note(3), "Нан")], NOON_MS).await;
    store
}

async fn a_new_device_has_everything_from_the_file(database: &Database) {
    let store = written(database).await;
    let file = backup(&store).await;
    assert_eq!((file.notes(), file.unsent()), (3, 2));
    let new = another(database).await;
    let device = new.open().await;
    let restored = restore(&device, &file).await;
    let expected = Restored {
        changes: 2,
        refused: 1,
    };
    assert_eq!(restored, expected);
    // Also after the next start.
    for device in [device, new.open().await] {
        assert_eq!(text(&device, &note(1)).as_deref(), Some("Су"));
        assert_eq!(shown(&device, &note(2)), None, "it was refused");
        assert_eq!(text(&device, &note(3)).as_deref(), Some("Нан"));
        assert_eq!(device.attention().await.expect("the list").len(), 1);
        assert_eq!(device.replica().waiting(), 2);
    }
}

async fn restoring_twice_changes_nothing(database: &Database) {
    let file = backup(&*written(database).await).await;
    let new = another(database).await;
    let device = new.open().await;
    restore(&device, &file).await;
    let before = new.dump().await;
    assert_eq!(restore(&device, &file).await, Restored::default());
    assert_eq!(new.dump().await, before);
    // Nor on the device that made it.
    let before = database.dump().await;
    let store = database.open().await;
    assert_eq!(restore(&store, &file).await, Restored::default());
    assert_eq!(database.dump().await, before);
}

async fn what_the_server_has_taken_meanwhile_is_not_sent_again(database: &Database) {
    let store = written(database).await;
    let file = backup(&store).await;
    let sent = ids(&outgoing(&store).await);
    save(&store, accepted(&sent)).await;
    assert_eq!(restore(&store, &file).await, Restored::default());
    assert_eq!(outgoing(&store).await.changes, []);
}

async fn what_was_written_after_the_backup_stays(database: &Database) {
    let store = written(database).await;
    let file = backup(&store).await;
    commit(&store, vec![write(note(3), "Нан мен май")], NOON_MS + 1).await;
    restore(&store, &file).await;
    assert_eq!(all_texts(&store, &note(3)), ["Нан мен май"]);
    assert_eq!(
        all_texts(&*database.open().await, &note(3)),
        ["Нан мен май"]
    );
}

async fn a_change_in_a_file_never_changes_any_more(database: &Database) {
    let store = written(database).await;
    let file = backup(&store).await;
    commit(&store, vec![write(note(3), "Нан мен май")], NOON_MS + 1).await;
    let outgoing = outgoing(&store).await;
    assert_eq!(
        outgoing.changes.len(),
        2,
        "the later text is another change"
    );
    assert_eq!(outgoing.changes[0], file.changes[0]);
}

async fn what_could_not_be_saved_is_in_the_file(database: &Database) {
    let store = written(database).await;
    let unsaved = vec![write(note(3), "Нан мен май"), write(note(4), "Тұз")];
    let file = store.backup(unsaved, NOON_MS + 5).await;
    assert_eq!(
        text(&store, &note(3)).as_deref(),
        Some("Нан"),
        "not here yet"
    );
    let device = another(database).await.open().await;
    restore(&device, &file).await;
    assert_eq!(all_texts(&device, &note(3)), ["Нан мен май"]);
    assert_eq!(text(&device, &note(4)).as_deref(), Some("Тұз"));
    // It is saved in the end, and the file is restored where it was made: no text is there twice.
    commit(&store, vec![write(note(3), "Нан мен май")], NOON_MS + 6).await;
    restore(&store, &file).await;
    assert_eq!(all_texts(&store, &note(3)), ["Нан мен май"]);
}

async fn a_file_of_another_device_stands_beside_what_is_here(database: &Database) {
    let file = backup(&*written(database).await).await;
    let device = another(database).await.open().await;
    commit(&device, vec![write_unseeing(note(3), "Май")], NOON_MS).await;
    restore(&device, &file).await;
    let mut texts = all_texts(&device, &note(3));
    texts.sort();
    assert_eq!(texts, ["Май", "Нан"]);
    // Whoever writes now has both in front of them.
    commit(&device, vec![write(note(3), "Екеуі де")], NOON_MS + 1).await;
    assert_eq!(all_texts(&device, &note(3)), ["Екеуі де"]);
}

async fn what_could_not_be_read_travels_along(database: &Database) {
    drop(database.open().await);
    database
        .put(Table::Outbox, "0000000000000007", GARBAGE)
        .await;
    let store = database.find().await.store;
    let file = backup(&store).await;
    assert_eq!(file.unreadable.len(), 1);
    let new = another(database).await;
    restore(&*new.open().await, &file).await;
    let dump = new.dump().await;
    let place = ("set_aside", "outbox:0000000000000007".to_owned());
    assert_eq!(dump.get(&place).map(Vec::as_slice), Some(GARBAGE));
}
