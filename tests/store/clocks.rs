//! Phones whose clock is wrong.

use keruen_app::store::{Store, Table, Write};
use keruen_domain::sync::SavePlan;
use keruen_domain::{Record, RecordKey};

use crate::harness::{
    Database, NOON_MS, accepted, body, commit, ids, news, note, notices, on_every_backend,
    outgoing, programme, save, shown, text, write,
};

on_every_backend!(
    what_was_written_years_ahead_is_sent_with_stamps_of_now,
    what_was_sent_keeps_its_stamp_and_what_follows_it_stays_later,
    an_open_note_goes_on_after_its_stamps_were_corrected,
    what_was_sent_minutes_ahead_is_replaced_by_what_follows_it,
    a_notice_that_crosses_a_correction_is_corrected,
    a_right_clock_changes_nothing,
);

const YEARS_MS: u64 = 10 * 365 * 24 * 60 * 60 * 1_000;
/// What the phone's clock shows at noon.
const PHONE_MS: u64 = NOON_MS + YEARS_MS;

/// An answer that tells the time.
fn told() -> SavePlan {
    SavePlan {
        clock_offset_ms: -i64::try_from(YEARS_MS).expect("ten years"),
        ..news(programme(1), 1, vec![])
    }
}

async fn answer(store: &Store, plan: SavePlan) {
    store.save(plan, PHONE_MS).await.expect("a save");
}

fn edited_at_ms(record: &Record) -> u64 {
    record.last_edit().expect("a stamp").time.unix_ms()
}

async fn standing(database: &Database, store: &Store, key: &RecordKey) -> Record {
    let record = shown(store, key).expect("a record");
    let again = database.open().await;
    assert_eq!(shown(&again, key).as_deref(), Some(&*record));
    Record::clone(&record)
}

async fn what_was_written_years_ahead_is_sent_with_stamps_of_now(database: &Database) {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], PHONE_MS).await;
    commit(&store, vec![write(note(2), "Нан")], PHONE_MS + 5).await;
    // Who was never told the time sends nothing, and freezes nothing.
    let waiting = store.outgoing(100, false).await.expect("the outbox");
    assert!(waiting.more && waiting.changes.is_empty());
    answer(&store, told()).await;
    // The cursor says that this device was told it.
    let sent = store.outgoing(100, false).await.expect("the outbox");
    let sent = sent.changes;
    assert_eq!(sent.len(), 2);
    let times: Vec<u64> = sent
        .iter()
        .map(|change| edited_at_ms(&change.record))
        .collect();
    assert!(times.iter().all(|time| time.abs_diff(NOON_MS) < 60_000));
    for (key, words) in [(note(1), "Су"), (note(2), "Нан")] {
        let record = standing(database, &store, &key).await;
        assert!(edited_at_ms(&record) < NOON_MS + 60_000);
        assert_eq!(text(&store, &key).as_deref(), Some(words));
    }
    assert_eq!(store.replica().waiting(), 2);
    // What is written from now on is of now too.
    let later = commit(&store, vec![write(note(3), "Тұз")], PHONE_MS + 10).await;
    assert!(edited_at_ms(&later[0]) < NOON_MS + 60_000);
}

async fn what_was_sent_keeps_its_stamp_and_what_follows_it_stays_later(database: &Database) {
    let store = database.open().await;
    save(&store, news(programme(1), 1, vec![])).await;
    commit(&store, vec![write(note(1), "Су")], PHONE_MS).await;
    let sent = outgoing(&store).await.changes;
    commit(&store, vec![write(note(1), "Суу")], PHONE_MS + 1).await;
    answer(&store, told()).await;
    let both = outgoing(&store).await.changes;
    assert_eq!(both[0], sent[0], "frozen is frozen");
    assert!(edited_at_ms(&both[1].record) >= PHONE_MS);
    assert_eq!(text(&store, &note(1)).as_deref(), Some("Суу"));
    let mut plan = told();
    plan.settled = accepted(&[both[0].id, both[1].id]).settled;
    answer(&store, plan).await;
    commit(&store, vec![write(note(1), "Суу!")], PHONE_MS + 2).await;
    standing(database, &store, &note(1)).await;
    assert_eq!(text(&store, &note(1)).as_deref(), Some("Суу!"));
}

async fn an_open_note_goes_on_after_its_stamps_were_corrected(database: &Database) {
    let store = database.open().await;
    let seen = commit(&store, vec![write(note(1), "Су")], PHONE_MS).await;
    let seen = std::sync::Arc::new(seen[0].clone());
    answer(&store, told()).await;
    let more = Write::having_seen(note(1), Some(seen.clone()), |edit| {
        edit.set(body(), "Су, нан");
    });
    let written = commit(&store, vec![more], PHONE_MS + 1).await;
    // What they have before them now says what they wrote.
    let mut now = store.corrected(&seen);
    now.merge(written[0].clone());
    assert_eq!(now.value(body().as_str()).as_text(), Some("Су, нан"));
    let record = standing(database, &store, &note(1)).await;
    assert_eq!(text(&store, &note(1)).as_deref(), Some("Су, нан"));
    assert_eq!(record.contested().count(), 0, "one writer, one text");
    assert!(edited_at_ms(&record) < NOON_MS + 60_000);
}

/// Minutes are let pass; what is written years ahead after that is corrected, but not to before it.
async fn what_was_sent_minutes_ahead_is_replaced_by_what_follows_it(database: &Database) {
    let store = database.open().await;
    save(&store, news(programme(1), 1, vec![])).await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS + 300_000).await;
    let sent = outgoing(&store).await.changes;
    save(&store, accepted(&[sent[0].id])).await;
    commit(&store, vec![write(note(1), "Нан")], PHONE_MS).await;
    answer(&store, told()).await;
    let next = outgoing(&store).await.changes;
    assert!(edited_at_ms(&next[0].record) < NOON_MS + 600_000);
    let mut row = sent[0].record.clone();
    row.merge(next[0].record.clone());
    assert_eq!(row.value(body().as_str()).as_text(), Some("Нан"));
}

/// One tab writes, another gets the answer that tells the time, and neither has heard of the other yet.
async fn a_notice_that_crosses_a_correction_is_corrected(database: &Database) {
    let (writer, leader) = (database.open().await, database.open().await);
    let (of_writer, of_leader) = (notices(&writer), notices(&leader));
    let seen = commit(&writer, vec![write(note(1), "Су")], PHONE_MS).await;
    answer(&leader, told()).await;
    let seen = Some(std::sync::Arc::new(seen[0].clone()));
    let another = Write::having_seen(note(2), None, |edit| {
        edit.set(body(), "Нан");
    });
    commit(&writer, vec![another], PHONE_MS + 1).await;
    let from_leader = of_leader.take();
    for notice in of_writer.take() {
        leader.take_in(&notice);
    }
    for notice in from_leader {
        writer.take_in(&notice);
    }
    let again = database.open().await;
    for store in [&writer, &leader] {
        assert_eq!(shown(store, &note(1)), shown(&again, &note(1)));
        assert_eq!(shown(store, &note(2)), shown(&again, &note(2)));
    }
    // Who had the note open goes on in it.
    let more = Write::having_seen(note(1), seen, |edit| {
        edit.set(body(), "Су, нан");
    });
    commit(&writer, vec![more], PHONE_MS + 2).await;
    let record = standing(database, &writer, &note(1)).await;
    assert_eq!(text(&writer, &note(1)).as_deref(), Some("Су, нан"));
    assert_eq!(record.contested().count(), 0, "one writer, one text");
}

async fn a_right_clock_changes_nothing(database: &Database) {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS + 300_000).await;
    let before = shown(&store, &note(1));
    save(&store, news(programme(1), 1, vec![])).await;
    assert_eq!(shown(&store, &note(1)), before);
    assert_eq!(ids(&outgoing(&store).await).len(), 1);
    assert_eq!(database.count(Table::Outbox).await, 1);
}
