//! What packs say: merged on top of what the server has, never sent, and gone once the server says the same.

use keruen_app::store::{Store, Table, Write};
use keruen_domain::model::fields;
use keruen_domain::{Author, Clock, DeviceId, Edit, FieldKey, Hlc, Record};

use crate::harness::{
    Database, NOON_MS, commit, from_server, news, on_every_backend, outgoing, programme, save,
    session, text, write,
};

on_every_backend!(
    what_a_pack_says_is_shown_and_stays,
    the_newest_word_counts_whoever_brought_it,
    a_second_time_it_changes_nothing,
    it_is_never_sent_and_waits_for_nobody,
    what_a_person_writes_beside_it_is_sent_alone,
    what_was_made_up_silences_nobody_on_the_server,
    what_packs_say_moves_no_clock,
    it_goes_once_the_server_says_the_same,
    it_goes_when_the_person_removes_it,
    it_goes_after_a_while,
    what_the_server_had_is_shown_without_it,
);

const HOUR_MS: u64 = 60 * 60 * 1_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// What a pack says of the first session, written so long after noon.
fn said(words: &str, after_ms: u64) -> Record {
    from_server(session(programme(1), 1), words, NOON_MS + after_ms)
}

async fn receive(store: &Store, record: Record) -> usize {
    let received = store.receive(vec![record], NOON_MS, NOON_MS + HOUR_MS);
    received.await.expect("received")
}

fn shown(store: &Store) -> Option<String> {
    text(store, &session(programme(1), 1))
}

fn is_shown(store: &std::rc::Rc<Store>, words: &str) -> bool {
    shown(store).as_deref() == Some(words)
}

async fn what_a_pack_says_is_shown_and_stays(database: &Database) {
    let store = database.open().await;
    assert_eq!(receive(&store, said("from a pack", 0)).await, 1);
    for store in [store, database.open().await] {
        assert!(is_shown(&store, "from a pack"));
        let packs = store.received_packs().await.expect("packs");
        assert_eq!(packs.len(), 1);
        let (records, made_ms) = (packs[0].records, packs[0].made_ms);
        assert_eq!(
            (packs[0].scope, records, made_ms),
            (programme(1), 1, NOON_MS)
        );
        let key = session(programme(1), 1);
        assert!(store.replica().received(&key).is_some());
    }
}

async fn the_newest_word_counts_whoever_brought_it(database: &Database) {
    let store = database.open().await;
    let older = said("of the server", 0);
    save(&store, news(programme(1), 1, vec![older])).await;
    receive(&store, said("newer, of a pack", HOUR_MS)).await;
    assert!(is_shown(&store, "newer, of a pack"));
    receive(&store, said("older, of another pack", HOUR_MS / 2)).await;
    assert!(is_shown(&store, "newer, of a pack"));
    let newest = said("newest, of the server", 2 * HOUR_MS);
    save(&store, news(programme(1), 2, vec![newest])).await;
    assert!(is_shown(&store, "newest, of the server"));
    assert!(is_shown(&database.open().await, "newest, of the server"));
}

async fn a_second_time_it_changes_nothing(database: &Database) {
    let store = database.open().await;
    receive(&store, said("from a pack", 0)).await;
    let before = database.dump().await;
    assert_eq!(receive(&store, said("from a pack", 0)).await, 0);
    assert_eq!(database.dump().await, before);
    // Nor what the server has said.
    let record = said("of the server", HOUR_MS);
    save(&store, news(programme(1), 1, vec![record.clone()])).await;
    assert_eq!(receive(&store, record).await, 0);
}

async fn it_is_never_sent_and_waits_for_nobody(database: &Database) {
    let store = database.open().await;
    receive(&store, said("from a pack", 0)).await;
    for store in [store, database.open().await] {
        assert_eq!(store.replica().waiting(), 0);
        assert!(!store.replica().is_waiting(&session(programme(1), 1)));
        assert_eq!(outgoing(&store).await.changes, []);
        let backup = store.backup(Vec::new(), NOON_MS).await;
        assert!(backup.changes.is_empty() && backup.records.is_empty());
    }
}

async fn what_a_person_writes_beside_it_is_sent_alone(database: &Database) {
    let store = database.open().await;
    save(
        &store,
        news(programme(1), 1, vec![said("of the server", 0)]),
    )
    .await;
    receive(&store, said("from a pack", HOUR_MS)).await;
    let own = vec![write(session(programme(1), 1), "my own")];
    commit(&store, own, NOON_MS + 2 * HOUR_MS).await;
    assert!(is_shown(&store, "my own"));
    assert_eq!(store.replica().waiting(), 1);
    let sent = outgoing(&store).await.changes;
    assert_eq!(sent.len(), 1);
    let words: Vec<&str> = sent[0]
        .record
        .fields()
        .filter_map(|(_, register)| register.value().as_text())
        .collect();
    assert_eq!(words, ["my own"]);
}

/// What somebody made up who says to have seen all that another device will write for a while.
fn made_up(words: &str) -> Record {
    let key = session(programme(1), 1);
    let future = from_server(key, "of the future", NOON_MS + 50 * HOUR_MS);
    let stamp = Clock::new(DeviceId(66), Hlc::default(), 0).stamp(NOON_MS + HOUR_MS);
    let mut edit = Edit::new(key, Some(&future), stamp, Author::Person);
    edit.set(FieldKey::register(fields::BODY), words);
    edit.finish().expect("an edit")
}

async fn what_was_made_up_silences_nobody_on_the_server(database: &Database) {
    let key = session(programme(1), 1);
    let store = database.open().await;
    save(
        &store,
        news(programme(1), 1, vec![said("of the server", 0)]),
    )
    .await;
    receive(&store, made_up("made up")).await;
    let own = |words: &'static str, seen| {
        Write::having_seen(key, seen, move |edit| {
            edit.set(FieldKey::register(fields::BODY), words);
        })
    };
    let seen = store.replica().get(&key);
    commit(
        &store,
        vec![own("of somebody who saw it", seen)],
        NOON_MS + 2 * HOUR_MS,
    )
    .await;
    commit(
        &store,
        vec![write(key, "and once more")],
        NOON_MS + 3 * HOUR_MS,
    )
    .await;
    let sent = outgoing(&store).await.changes;
    assert_eq!(sent.len(), 1);
    // The device that was to be silenced writes, and is heard.
    let mut server = said("of the server", 0);
    server.merge(sent[0].record.clone());
    let later = said("written later", 4 * HOUR_MS);
    server.merge(later);
    let body = server.value(fields::BODY).as_text();
    assert_eq!(body, Some("written later"));
    assert!(server.latest_named().unix_ms() < NOON_MS + 5 * HOUR_MS);
}

async fn what_packs_say_moves_no_clock(database: &Database) {
    let store = database.open().await;
    receive(&store, said("far ahead", 9 * HOUR_MS)).await;
    let key = session(programme(1), 1);
    commit(&store, vec![write(key, "now")], NOON_MS + HOUR_MS).await;
    let sent = outgoing(&store).await.changes;
    let stamp = sent[0].record.last_edit().expect("an edit");
    assert_eq!(stamp.time.unix_ms(), NOON_MS + HOUR_MS);
}

async fn it_goes_once_the_server_says_the_same(database: &Database) {
    let store = database.open().await;
    let record = said("from a pack", 0);
    receive(&store, record.clone()).await;
    store
        .tidy_received(NOON_MS + HOUR_MS)
        .await
        .expect("tidied");
    assert_eq!(database.count(Table::Received).await, 1);
    save(&store, news(programme(1), 1, vec![record])).await;
    store
        .tidy_received(NOON_MS + HOUR_MS)
        .await
        .expect("tidied");
    assert_eq!(database.count(Table::Received).await, 0);
    assert!(is_shown(&store, "from a pack"), "the server says so");
    assert!(is_shown(&database.open().await, "from a pack"));
}

async fn it_goes_when_the_person_removes_it(database: &Database) {
    let store = database.open().await;
    receive(&store, said("from a pack", 0)).await;
    let other = from_server(session(programme(2), 1), "another", NOON_MS);
    receive(&store, other).await;
    store.remove_received(programme(1)).await.expect("removed");
    for store in [store, database.open().await] {
        assert_eq!(shown(&store), None);
        let other = text(&store, &session(programme(2), 1));
        assert_eq!(other.as_deref(), Some("another"));
        assert_eq!(store.received_packs().await.map(|packs| packs.len()), Ok(1));
    }
}

async fn it_goes_after_a_while(database: &Database) {
    let store = database.open().await;
    receive(&store, said("from a pack", 0)).await;
    let opened_ms = NOON_MS + HOUR_MS;
    let tidied = store.tidy_received(opened_ms + 60 * DAY_MS).await;
    tidied.expect("tidied");
    assert!(is_shown(&store, "from a pack"));
    let tidied = store.tidy_received(opened_ms + 60 * DAY_MS + 1).await;
    tidied.expect("tidied");
    assert_eq!(shown(&store), None);
}

async fn what_the_server_had_is_shown_without_it(database: &Database) {
    let store = database.open().await;
    save(
        &store,
        news(programme(1), 1, vec![said("of the server", 0)]),
    )
    .await;
    let own = vec![write(session(programme(1), 2), "my own")];
    commit(&store, own, NOON_MS).await;
    receive(&store, said("from a pack", HOUR_MS)).await;
    store.remove_received(programme(1)).await.expect("removed");
    for store in [store, database.open().await] {
        assert!(is_shown(&store, "of the server"));
        let own = text(&store, &session(programme(1), 2));
        assert_eq!(own.as_deref(), Some("my own"), "and waits as before");
        assert_eq!(store.replica().waiting(), 1);
    }
}
