//! What the server's answers do.

use keruen_app::store::{Store, StoreError, Table};
use keruen_domain::sync::SavePlan;
use keruen_domain::{ChangeId, Record, RecordKey, Refusal, ScopeId};

use crate::harness::{
    Database, NOON_MS, accepted, at, commit, from_server, ids, news, note, notices,
    on_every_backend, outgoing, programme, save, session, shown, text, write,
};

on_every_backend!(
    a_change_leaves_the_outbox_only_with_its_answer,
    an_answer_saved_twice_changes_nothing,
    a_refused_change_is_kept_for_its_writer,
    a_refused_change_takes_nothing_with_it,
    a_refused_change_can_be_offered_again,
    a_refused_change_can_be_dismissed,
    a_postponed_change_blocks_nothing_and_comes_back,
    a_postponed_change_that_another_tab_sent_is_settled,
    an_answer_to_an_earlier_reading_settles,
    rows_and_cursor_move_together,
    any_split_of_an_answer_gives_the_same,
    a_forgotten_scope_goes_and_own_changes_stay,
    what_was_acknowledged_stays_without_the_outbox,
    an_answer_without_news_is_not_written,
    the_clocks_offset_is_kept,
);

fn refused(change: ChangeId) -> SavePlan {
    SavePlan {
        refused: vec![(change, Refusal::RoleDoesNotAllow)],
        ..SavePlan::default()
    }
}

/// Writes a note and sends it.
async fn send(store: &Store, key: RecordKey, words: &str, phone_ms: u64) -> ChangeId {
    commit(store, vec![write(key, words)], phone_ms).await;
    *ids(&outgoing(store).await).last().expect("it waits")
}

async fn a_change_leaves_the_outbox_only_with_its_answer(database: &Database) {
    let store = database.open().await;
    let first = send(&store, note(1), "Су", NOON_MS).await;
    let second = send(&store, note(2), "Нан", NOON_MS).await;
    assert_eq!(ids(&outgoing(&store).await), [first, second]);
    save(&store, accepted(&[second])).await;
    assert_eq!(ids(&outgoing(&store).await), [first]);
    assert!(store.replica().is_waiting(&note(1)));
    assert!(!store.replica().is_waiting(&note(2)));
    let again = database.open().await;
    assert_eq!(ids(&outgoing(&again).await), [first]);
    assert_eq!(text(&again, &note(2)).as_deref(), Some("Нан"));
    // An answer to what nobody sent settles nothing.
    save(&again, accepted(&[ChangeId::new(NOON_MS, [9; 10])])).await;
    assert_eq!(ids(&outgoing(&again).await), [first]);
}

async fn an_answer_saved_twice_changes_nothing(database: &Database) {
    let store = database.open().await;
    let one = send(&store, note(1), "Су", NOON_MS).await;
    let two = send(&store, note(2), "Нан", NOON_MS).await;
    let mut plan = news(
        programme(1),
        3,
        vec![from_server(session(programme(1), 1), "Ашылу", 5)],
    );
    plan.settled = vec![one];
    plan.refused = vec![(two, Refusal::RoleDoesNotAllow)];
    save(&store, plan.clone()).await;
    let (content, images) = (database.content().await, image(&store));
    save(&store, plan).await;
    assert_eq!(database.content().await, content);
    assert_eq!(image(&store), images);
    assert_eq!(image(&*database.open().await), images);
}

/// What is shown of the records of these tests.
fn image(store: &Store) -> Vec<Option<Record>> {
    let notes = (1..=3).map(note);
    let sessions = (1..=12).map(|number| session(programme(1), number));
    notes
        .chain(sessions)
        .map(|key| shown(store, &key).map(|record| Record::clone(&record)))
        .collect()
}

async fn a_refused_change_is_kept_for_its_writer(database: &Database) {
    let store = database.open().await;
    let heard = notices(&store);
    let change = send(&store, note(1), "Су", NOON_MS).await;
    let content = outgoing(&store).await.changes.remove(0);
    save(&store, refused(change)).await;
    assert!(heard.borrow().last().is_some_and(|notice| notice.attention));
    for store in [store, database.open().await] {
        assert_eq!(shown(&store, &note(1)), None, "never acknowledged");
        assert_eq!(store.replica().waiting(), 0);
        assert!(outgoing(&store).await.changes.is_empty());
        let attention = store.attention().await.expect("the list");
        assert_eq!(attention.len(), 1);
        assert_eq!(attention[0].change, content);
        assert_eq!(attention[0].refusal, Refusal::RoleDoesNotAllow);
        assert_eq!(attention[0].refused_at_ms, NOON_MS);
    }
}

async fn a_refused_change_takes_nothing_with_it(database: &Database) {
    let key = session(programme(1), 1);
    let store = database.open().await;
    let stands = from_server(key, "Ашылу", NOON_MS);
    save(&store, news(programme(1), 1, vec![stands])).await;
    let change = send(&store, key, "Басқа", NOON_MS + 1).await;
    let meanwhile = from_server(note(3), "Вода", NOON_MS);
    save(&store, news(ScopeId::OWN, 1, vec![meanwhile])).await;
    commit(&store, vec![write(key, "Жаңа")], NOON_MS + 2).await;
    save(&store, refused(change)).await;
    for store in [&store, &database.open().await] {
        assert_eq!(text(store, &key).as_deref(), Some("Жаңа"));
        assert!(store.replica().is_waiting(&key));
    }
    let last = *ids(&outgoing(&store).await).last().expect("it waits");
    save(&store, refused(last)).await;
    for store in [&store, &database.open().await] {
        assert_eq!(text(store, &key).as_deref(), Some("Ашылу"));
        assert!(!store.replica().is_waiting(&key));
        assert_eq!(text(store, &note(3)).as_deref(), Some("Вода"));
    }
}

async fn a_refused_change_can_be_offered_again(database: &Database) {
    let store = database.open().await;
    let change = send(&store, note(1), "Су", NOON_MS).await;
    let content = outgoing(&store).await.changes;
    save(&store, refused(change)).await;
    let heard = notices(&store);
    store.offer_again(change).await.expect("offered");
    assert!(heard.borrow()[0].by_person && heard.borrow()[0].attention);
    for store in [&store, &database.open().await] {
        assert_eq!(text(store, &note(1)).as_deref(), Some("Су"));
        assert_eq!(store.attention().await, Ok(vec![]));
        assert_eq!(outgoing(store).await.changes, content);
    }
    store.offer_again(change).await.expect("nothing to offer");
    assert_eq!(outgoing(&store).await.changes, content);
    save(&store, accepted(&[change])).await;
    assert_eq!(store.replica().waiting(), 0);
    assert_eq!(text(&store, &note(1)).as_deref(), Some("Су"));
}

async fn a_refused_change_can_be_dismissed(database: &Database) {
    let store = database.open().await;
    let one = send(&store, note(1), "Су", NOON_MS).await;
    let two = send(&store, note(2), "Нан", NOON_MS).await;
    save(&store, refused(one)).await;
    save(&store, refused(two)).await;
    store.dismiss(one).await.expect("dismissed");
    for store in [store, database.open().await] {
        let attention = store.attention().await.expect("the list");
        let left: Vec<_> = attention.iter().map(|entry| entry.change.id).collect();
        assert_eq!(left, [two]);
        assert_eq!(shown(&store, &note(1)), None);
    }
}

async fn a_postponed_change_blocks_nothing_and_comes_back(database: &Database) {
    let store = database.open().await;
    let first = send(&store, note(1), "Су", NOON_MS).await;
    let plan = SavePlan {
        not_understood: vec![first],
        ..SavePlan::default()
    };
    save(&store, plan).await;
    assert!(outgoing(&store).await.changes.is_empty());
    assert_eq!(text(&store, &note(1)).as_deref(), Some("Су"));
    assert!(store.replica().is_waiting(&note(1)));
    let second = send(&store, note(1), "Суу", NOON_MS + 1).await;
    assert_eq!(ids(&outgoing(&store).await), [second]);
    let again = database.open().await;
    assert_eq!(
        ids(&outgoing(&again).await),
        [first, second],
        "in their order"
    );
    assert_eq!(text(&again, &note(1)).as_deref(), Some("Суу"));
    assert_eq!(again.replica().waiting(), 2);
}

async fn a_postponed_change_that_another_tab_sent_is_settled(database: &Database) {
    let (store, other) = (database.open().await, database.open().await);
    let change = send(&store, note(1), "Су", NOON_MS).await;
    outgoing(&other).await;
    let plan = SavePlan {
        not_understood: vec![change],
        ..SavePlan::default()
    };
    save(&other, plan).await;
    save(&store, accepted(&[change])).await;
    assert_eq!(database.count(Table::Postponed).await, 0);
    for store in [&store, &database.open().await] {
        assert_eq!(store.replica().waiting(), 0);
        assert_eq!(text(store, &note(1)).as_deref(), Some("Су"));
    }
}

async fn an_answer_to_an_earlier_reading_settles(database: &Database) {
    let store = database.open().await;
    let change = send(&store, note(1), "Су", NOON_MS).await;
    store.outgoing(0, true).await.expect("the outbox");
    save(&store, accepted(&[change])).await;
    assert_eq!(ids(&outgoing(&store).await), []);
    assert_eq!(database.count(Table::Outbox).await, 0);
}

async fn rows_and_cursor_move_together(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    let record = from_server(session(scope, 1), "Ашылу", NOON_MS);
    save(&store, news(scope, 1, vec![record])).await;
    let read = outgoing(&store).await.cursors;
    assert_eq!(read, [at(scope, 1)]);
    // One that cannot be saved moves neither.
    database.put(Table::Meta, "device", b"damaged").await;
    let before = database.dump().await;
    let more = from_server(session(scope, 2), "Дәріс", NOON_MS);
    let saved = store.save(news(scope, 2, vec![more]), NOON_MS).await;
    assert_eq!(saved, Err(StoreError::Damaged));
    assert_eq!(database.dump().await, before);
    assert_eq!(shown(&store, &session(scope, 2)), None);
    assert_eq!(outgoing(&store).await.cursors, read);
}

async fn any_split_of_an_answer_gives_the_same(database: &Database) {
    const RECORDS: u32 = 12;
    let scope = programme(1);
    // Each session comes in two versions: at first, and as it was changed later.
    let rows: Vec<Record> = (1..=RECORDS)
        .map(|number| from_server(session(scope, 1 + number % 6), "Дәріс", u64::from(number)))
        .collect();
    let whole = {
        let store = Database::in_memory().open().await;
        save(&store, news(scope, 12, rows.clone())).await;
        image(&store)
    };
    let store = database.open().await;
    for split in 0..=rows.len() {
        let (head, tail) = rows.split_at(split);
        for part in [tail, head, tail] {
            save(&store, news(scope, 12, part.to_vec())).await;
        }
        assert_eq!(image(&store), whole, "split at {split}");
    }
    assert_eq!(image(&*database.open().await), whole);
}

async fn a_forgotten_scope_goes_and_own_changes_stay(database: &Database) {
    let (kept, lost) = (programme(1), programme(2));
    let store = database.open().await;
    let many: Vec<Record> = (0..100)
        .map(|number| from_server(session(lost, number), "Дәріс", NOON_MS))
        .collect();
    save(&store, news(lost, 100, many)).await;
    let single = vec![from_server(session(lost, 500), "Үзіліс", NOON_MS)];
    save(&store, news(lost, 101, single)).await;
    let other = vec![from_server(session(kept, 1), "Ашылу", NOON_MS)];
    save(&store, news(kept, 1, other)).await;
    commit(
        &store,
        vec![write(session(lost, 7), "Менің сөзім")],
        NOON_MS + 1,
    )
    .await;
    let plan = SavePlan {
        revoked: vec![lost],
        ..SavePlan::default()
    };
    save(&store, plan).await;
    let again = database.open().await;
    for store in [store, again] {
        assert_eq!(store.replica().len(), 2);
        assert_eq!(text(&store, &session(kept, 1)).as_deref(), Some("Ашылу"));
        let own = text(&store, &session(lost, 7));
        assert_eq!(own.as_deref(), Some("Менің сөзім"));
        assert_eq!(outgoing(&store).await.cursors, [at(kept, 1)]);
        assert_eq!(outgoing(&store).await.changes.len(), 1);
    }
    assert_eq!(database.count(Table::Pages).await, 0);
}

async fn what_was_acknowledged_stays_without_the_outbox(database: &Database) {
    let store = database.open().await;
    for (number, words) in ["Су", "Суу", "Суу, нан"].into_iter().enumerate() {
        let change = send(&store, note(1), words, NOON_MS + number as u64).await;
        save(&store, accepted(&[change])).await;
    }
    assert_eq!(database.count(Table::Outbox).await, 0);
    assert_eq!(database.count(Table::Rows).await, 1);
    let again = database.open().await;
    assert_eq!(shown(&again, &note(1)), shown(&store, &note(1)));
    assert_eq!(text(&again, &note(1)).as_deref(), Some("Суу, нан"));
}

async fn an_answer_without_news_is_not_written(database: &Database) {
    let store = database.open().await;
    let heard = notices(&store);
    let before = database.dump().await;
    let drift = SavePlan {
        clock_offset_ms: 400,
        ..SavePlan::default()
    };
    save(&store, drift).await;
    assert_eq!(database.dump().await, before);
    assert!(heard.borrow().is_empty());
}

async fn the_clocks_offset_is_kept(database: &Database) {
    let store = database.open().await;
    let behind = SavePlan {
        clock_offset_ms: 7_200_000,
        ..SavePlan::default()
    };
    save(&store, behind).await;
    let again = database.open().await;
    for (store, number) in [(store, 1), (again, 2)] {
        assert_eq!(store.clock_offset_ms(), 7_200_000);
        let written = commit(&store, vec![write(note(number), "Су")], NOON_MS).await;
        let stamp = written[0].last_edit().expect("a stamp");
        assert!(stamp.time.unix_ms() >= NOON_MS + 7_200_000);
    }
}
