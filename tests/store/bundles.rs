//! Many changes in one value, each of them with a life of its own.

use keruen_app::store::{Store, Table, Write};
use keruen_domain::sync::SavePlan;
use keruen_domain::{ChangeId, Refusal};

use crate::harness::{
    Database, NOON_MS, accepted, all_texts, commit, ids, note, on_every_backend, outgoing,
    programme, save, session, text, write, write_unseeing,
};

on_every_backend!(
    what_was_written_at_once_lies_together,
    a_bundle_is_bounded_in_bytes,
    a_later_edit_joins_its_own_change_only,
    answers_take_their_own_changes_only,
    a_frozen_half_takes_in_nothing,
    every_number_is_sent_once,
    another_tab_joins_what_this_one_wrote_together,
    a_tab_that_looked_before_sees_what_became_of_a_bundle,
);

const MANY: u8 = 200;

fn writes(words: &str) -> Vec<Write> {
    (0..MANY)
        .map(|number| write(note(number), &format!("{words} {number}")))
        .collect()
}

async fn written(database: &Database) -> std::rc::Rc<Store> {
    let store = database.open().await;
    commit(&store, writes("Су"), NOON_MS).await;
    store
}

/// All notes say this, except some that say something else.
async fn assert_says(database: &Database, store: &Store, except: &[(u8, &str)]) {
    let again = database.open().await;
    for number in 0..MANY {
        let usual = format!("Су {number}");
        let wanted = except.iter().find(|(other, _)| *other == number);
        let wanted = wanted.map_or(usual.as_str(), |(_, words)| words);
        assert_eq!(text(store, &note(number)).as_deref(), Some(wanted));
        assert_eq!(text(&again, &note(number)).as_deref(), Some(wanted));
    }
}

async fn what_was_written_at_once_lies_together(database: &Database) {
    let store = written(database).await;
    assert_eq!(store.replica().waiting(), usize::from(MANY));
    assert_eq!(database.count(Table::Outbox).await, 2);
    assert_says(database, &store, &[]).await;
}

async fn a_bundle_is_bounded_in_bytes(database: &Database) {
    let store = database.open().await;
    let long = "нан ".repeat(6_000);
    let writes = (0..10).map(|number| write(note(number), &long));
    commit(&store, writes.collect(), NOON_MS).await;
    let values = database.dump().await;
    let values = values
        .iter()
        .filter(|((of, _), _)| *of == Table::Outbox.name());
    let lengths: Vec<usize> = values.map(|(_, bytes)| bytes.len()).collect();
    assert!(lengths.iter().all(|length| *length < 70_000), "{lengths:?}");
    assert_eq!(database.open().await.replica().waiting(), 10);
}

async fn a_later_edit_joins_its_own_change_only(database: &Database) {
    let store = written(database).await;
    for words in ["Нан", "Нан, су"] {
        commit(&store, vec![write(note(7), words)], NOON_MS + 1).await;
    }
    assert_eq!(store.replica().waiting(), usize::from(MANY));
    assert_eq!(database.count(Table::Outbox).await, 2);
    assert_says(database, &store, &[(7, "Нан, су")]).await;
}

async fn answers_take_their_own_changes_only(database: &Database) {
    let store = written(database).await;
    let sent = ids(&store
        .outgoing(usize::from(MANY), true)
        .await
        .expect("the outbox"));
    // The first and last of the first bundle, and some in between.
    let settled: Vec<ChangeId> = [0, 1, 5, 127, 130].map(|place| sent[place]).into();
    let plan = SavePlan {
        settled: settled.clone(),
        refused: vec![(sent[2], Refusal::Malformed)],
        not_understood: vec![sent[3], sent[4]],
        ..SavePlan::default()
    };
    save(&store, plan.clone()).await;
    assert_eq!(store.replica().waiting(), usize::from(MANY) - 6);
    let answered = [&settled[..], &[sent[2], sent[3], sent[4]]].concat();
    let left: Vec<ChangeId> = sent
        .iter()
        .copied()
        .filter(|id| !answered.contains(id))
        .collect();
    let waiting = store.outgoing(1_000, true).await.expect("the outbox");
    assert_eq!(ids(&waiting), left);
    // The same answer once more.
    save(&store, plan).await;
    let attention = store.attention().await.expect("the list");
    assert_eq!(attention.len(), 1);
    assert_eq!(attention[0].change.id, sent[2]);

    // What was not understood is offered again, and nothing else has gone for it.
    let again = database.open().await;
    let mut offered = ids(&again.outgoing(1_000, true).await.expect("the outbox"));
    let mut wanted = left;
    wanted.extend([sent[3], sent[4]]);
    offered.sort();
    wanted.sort();
    assert_eq!(offered, wanted);
    save(&again, accepted(&offered)).await;
    assert_eq!(database.count(Table::Outbox).await, 0);
    assert_eq!(database.count(Table::Postponed).await, 0);
    assert_eq!(again.replica().waiting(), 0);
}

async fn a_frozen_half_takes_in_nothing(database: &Database) {
    let store = written(database).await;
    let sent = store.outgoing(50, true).await.expect("the outbox");
    assert!(sent.more);
    assert_eq!(sent.changes.len(), 50);
    let numbers = |text: &'static str| [10, 100].map(|number| write(note(number), text)).into();
    commit(&store, numbers("Нан"), NOON_MS + 1).await;
    assert_eq!(
        store.replica().waiting(),
        usize::from(MANY) + 1,
        "the tenth was sent, the hundredth not"
    );
    let again = store.outgoing(50, true).await.expect("the outbox");
    assert_eq!(again.changes, sent.changes, "what was sent stays as it was");
    assert_says(database, &store, &[(10, "Нан"), (100, "Нан")]).await;
    save(&store, accepted(&ids(&sent))).await;
    assert_eq!(store.replica().waiting(), usize::from(MANY) - 50 + 1);
    commit(&store, numbers("Нан, су"), NOON_MS + 2).await;
    assert_eq!(store.replica().waiting(), usize::from(MANY) - 50 + 1);
    assert_says(database, &store, &[(10, "Нан, су"), (100, "Нан, су")]).await;
}

async fn every_number_is_sent_once(database: &Database) {
    let store = written(database).await;
    // More values than are read at once.
    for number in 0..140 {
        let key = session(programme(1), number);
        commit(&store, vec![write(key, "Май")], NOON_MS + 1).await;
    }
    let all = store.outgoing(1_000, true).await.expect("the outbox");
    assert_eq!(all.changes.len(), store.replica().waiting());
    assert!(!all.more);
    let mut sent = Vec::new();
    loop {
        let some = store.outgoing(150, true).await.expect("the outbox");
        let some_ids = ids(&some);
        sent.extend(some_ids.iter().copied());
        save(&store, accepted(&some_ids)).await;
        if !some.more {
            break;
        }
    }
    assert_eq!(sent, ids(&all));
    assert_eq!(database.count(Table::Outbox).await, 0);
}

async fn another_tab_joins_what_this_one_wrote_together(database: &Database) {
    let one = written(database).await;
    let other = database.open().await;
    // The one does not hear of what the other does.
    commit(&other, vec![write(note(9), "Басқасы")], NOON_MS + 1).await;
    let mut texts = vec![write_unseeing(note(9), "Осы")];
    texts.push(write(note(8), "Осы"));
    commit(&one, texts, NOON_MS + 2).await;
    let again = database.open().await;
    assert_eq!(again.replica().waiting(), usize::from(MANY));
    assert_eq!(text(&again, &note(8)).as_deref(), Some("Осы"));
    let mut both = all_texts(&again, &note(9));
    both.sort();
    assert_eq!(both, ["Басқасы", "Осы"]);
    // What the one has taken out of a bundle, the other does not put back.
    let sent = outgoing(&one).await;
    save(&one, accepted(&ids(&sent))).await;
    commit(&other, vec![write(note(1), "Кейін")], NOON_MS + 3).await;
    let again = database.open().await;
    assert_eq!(again.replica().waiting(), usize::from(MANY) - 100 + 1);
    assert_eq!(text(&again, &note(1)).as_deref(), Some("Кейін"));
}

async fn a_tab_that_looked_before_sees_what_became_of_a_bundle(database: &Database) {
    let one = written(database).await;
    let other = database.open().await;
    commit(&other, vec![write(note(9), "Нан")], NOON_MS + 1).await;
    let sent = ids(&one
        .outgoing(usize::from(MANY), true)
        .await
        .expect("the outbox"));
    let plan = SavePlan {
        settled: sent[1..].to_vec(),
        not_understood: vec![sent[0]],
        ..SavePlan::default()
    };
    save(&one, plan).await;
    // The first change is back in its place, alone.
    drop(database.open().await);
    assert_eq!(database.count(Table::Outbox).await, 1);
    commit(&other, vec![write(note(1), "Кейін")], NOON_MS + 2).await;
    commit(&other, vec![write(note(1), "Кейін, су")], NOON_MS + 3).await;
    let again = database.open().await;
    assert_eq!(again.replica().waiting(), 2);
    assert_eq!(all_texts(&again, &note(1)), ["Кейін, су"]);
    assert_eq!(all_texts(&again, &note(9)), ["Нан"]);
}
