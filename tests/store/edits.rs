//! A person's edits, on disk and in the image.

use keruen_app::store::{Store, StoreError, Table, Write};
use keruen_domain::model::{Session, View, fields};
use keruen_domain::sync::SavePlan;
use keruen_domain::{
    Author, Clock, ContentHash, DeviceId, Edit, EventId, FieldKey, Hlc, ScopeId, SessionId, Value,
};

use crate::harness::{
    Database, NOON_MS, accepted, all_texts, commit, from_server, ids, keep_file, news, note,
    notices, on_every_backend, outgoing, programme, save, session, shown, text, write,
    write_unseeing,
};

on_every_backend!(
    an_edit_is_in_the_outbox_and_in_the_image,
    a_failed_edit_leaves_no_trace,
    an_edit_survives_reopening,
    edits_before_sending_are_one_change,
    an_edit_after_freezing_is_another_change,
    what_is_frozen_never_changes,
    an_edit_that_says_nothing_new_leaves_no_trace,
    several_edits_are_one_commit,
    two_edits_of_one_record_in_one_commit_both_stay,
    a_deletion_removes_what_was_seen,
    stamps_grow_over_reopening_and_a_clock_set_back,
    an_edit_is_later_than_what_it_knew,
    the_device_stays_the_same,
    files_are_kept_read_and_removed,
    a_copy_gives_way_to_the_original_while_that_is_here,
);

async fn an_edit_is_in_the_outbox_and_in_the_image(database: &Database) {
    let store = database.open().await;
    let heard = notices(&store);
    let written = commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    assert_eq!(text(&store, &note(1)).as_deref(), Some("Су"));
    assert!(store.replica().is_waiting(&note(1)));
    assert_eq!(store.replica().waiting(), 1);
    let tables: Vec<_> = database
        .dump()
        .await
        .into_keys()
        .map(|(of, _)| of)
        .collect();
    assert_eq!(tables, ["meta", "outbox"]);
    assert_eq!(heard.borrow().len(), 1);
    let committed = &heard.borrow()[0];
    assert!(committed.by_person && committed.changes_outbox());
    assert_eq!(committed.queued, [(0, written[0].clone())]);
}

async fn a_failed_edit_leaves_no_trace(database: &Database) {
    let store = database.open().await;
    let heard = notices(&store);
    database.put(Table::Meta, "device", b"damaged").await;
    let before = database.dump().await;
    let refused = store.commit(vec![write(note(1), "Су")], NOON_MS).await;
    assert_eq!(refused, Err(StoreError::Damaged));
    assert_eq!(shown(&store, &note(1)), None);
    assert_eq!(store.replica().waiting(), 0);
    assert!(heard.borrow().is_empty());
    assert_eq!(database.dump().await, before);
}

async fn an_edit_survives_reopening(database: &Database) {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let before = shown(&store, &note(1));
    let again = database.open().await;
    assert_eq!(shown(&again, &note(1)), before);
    assert!(again.replica().is_waiting(&note(1)));
    assert_eq!(outgoing(&again).await.changes.len(), 1);
}

async fn edits_before_sending_are_one_change(database: &Database) {
    let store = database.open().await;
    for (pause_ms, typed) in [(0, "С"), (400, "Су"), (900, "Суу")] {
        commit(&store, vec![write(note(1), typed)], NOON_MS + pause_ms).await;
    }
    commit(&store, vec![write(note(2), "Нан")], NOON_MS).await;
    assert_eq!(store.replica().waiting(), 2);
    let sent = outgoing(&store).await;
    assert_eq!(sent.changes.len(), 2);
    assert!(!sent.more);
    let value = sent.changes[0].record.value(fields::BODY);
    assert_eq!(value.as_text(), Some("Суу"));
}

async fn an_edit_after_freezing_is_another_change(database: &Database) {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let first = outgoing(&store).await;
    commit(&store, vec![write(note(1), "Суу")], NOON_MS + 1).await;
    let second = outgoing(&store).await;
    assert_eq!(second.changes.len(), 2);
    assert_eq!(second.changes[0], first.changes[0]);
    assert_ne!(second.changes[1].id, first.changes[0].id);
    assert_eq!(text(&store, &note(1)).as_deref(), Some("Суу"));
    let head = store.outgoing(1, true).await.expect("the outbox");
    assert_eq!(head.changes, first.changes);
    assert!(head.more, "one change is left out");
}

async fn what_is_frozen_never_changes(database: &Database) {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let sent = outgoing(&store).await;
    commit(&store, vec![write(note(1), "Суу")], NOON_MS + 1).await;
    let news_of_it = from_server(note(1), "Вода", NOON_MS + 2);
    save(&store, news(ScopeId::OWN, 1, vec![news_of_it])).await;
    commit(&store, vec![write(note(1), "Су!")], NOON_MS + 3).await;
    assert_eq!(outgoing(&store).await.changes[0], sent.changes[0]);
    let again = database.open().await;
    assert_eq!(outgoing(&again).await.changes[0], sent.changes[0]);
}

async fn an_edit_that_says_nothing_new_leaves_no_trace(database: &Database) {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let heard = notices(&store);
    let before = database.dump().await;
    let written = commit(&store, vec![write(note(1), "Су")], NOON_MS + 60_000).await;
    assert!(written.is_empty());
    assert_eq!(database.dump().await, before);
    assert!(heard.borrow().is_empty());
}

async fn several_edits_are_one_commit(database: &Database) {
    let store = database.open().await;
    let heard = notices(&store);
    let writes = (1..=3).map(|number| write(note(number), "Су")).collect();
    assert_eq!(commit(&store, writes, NOON_MS).await.len(), 3);
    assert_eq!(heard.borrow().len(), 1);
    assert_eq!(outgoing(&store).await.changes.len(), 3);
}

async fn two_edits_of_one_record_in_one_commit_both_stay(database: &Database) {
    let store = database.open().await;
    let writes = vec![
        write_unseeing(note(1), "Су"),
        write_unseeing(note(1), "Нан"),
    ];
    commit(&store, writes, NOON_MS).await;
    assert_eq!(all_texts(&store, &note(1)), ["Нан", "Су"]);
    assert_eq!(outgoing(&store).await.changes.len(), 1);
    let again = database.open().await;
    assert_eq!(shown(&again, &note(1)), shown(&store, &note(1)));
}

async fn a_deletion_removes_what_was_seen(database: &Database) {
    let store = database.open().await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let sent = ids(&outgoing(&store).await);
    save(&store, accepted(&sent)).await;
    let delete = Write::new(note(1), |edit| {
        edit.delete();
    });
    commit(&store, vec![delete], NOON_MS + 1).await;
    for store in [store, database.open().await] {
        let record = shown(&store, &note(1)).expect("a tombstone");
        assert!(record.is_deleted());
        assert_eq!(record.value(fields::BODY).as_text(), None);
    }
}

async fn stamps_grow_over_reopening_and_a_clock_set_back(database: &Database) {
    let mut last = None;
    for phone_ms in [NOON_MS, NOON_MS - 86_400_000, NOON_MS - 86_400_000, 0] {
        let store = database.open().await;
        let written = commit(&store, vec![write(note(1), &format!("{last:?}"))], phone_ms).await;
        let stamp = written[0].last_edit();
        assert!(stamp > last, "{stamp:?} is not after {last:?}");
        last = stamp;
    }
}

async fn an_edit_is_later_than_what_it_knew(database: &Database) {
    let store = database.open().await;
    let ahead = from_server(note(1), "Вода", NOON_MS + 3_600_000);
    let known = ahead.last_edit();
    save(&store, news(ScopeId::OWN, 1, vec![ahead])).await;
    // Also when it was another record and another start of the app that knew of it.
    let again = database.open().await;
    let written = commit(&again, vec![write(note(2), "Су")], NOON_MS).await;
    assert!(written[0].last_edit() > known);
    commit(&again, vec![write(note(1), "Су")], NOON_MS).await;
    assert_eq!(all_texts(&again, &note(1)), ["Су"]);
}

async fn the_device_stays_the_same(database: &Database) {
    let store = database.open().await;
    let written = commit(&store, vec![write(note(1), "Су")], NOON_MS).await;
    let stamp = written[0].last_edit().expect("a stamp");
    assert_eq!(stamp.device, store.device());
    assert_eq!(database.open().await.device(), store.device());
}

async fn files_are_kept_read_and_removed(database: &Database) {
    let (one, other) = (ContentHash([0xaa; 32]), ContentHash([0xbb; 32]));
    let store = database.open().await;
    let heard = notices(&store);
    keep_file(&store, one, b"%PDF-1.7").await;
    keep_file(&store, other, b"").await;
    let (one, other) = (one.to_string(), other.to_string());
    assert!(store.has_file(&one) && store.has_file(&other));
    assert_eq!(store.file(&one, 8).await, Ok(Some(b"%PDF-1.7".to_vec())));
    assert_eq!(store.file(&one, 7).await, Ok(None), "it is longer");
    store.remove_file(&other).await.expect("removed");
    assert!(!store.has_file(&other));
    assert_eq!(store.file(&other, 8).await, Ok(None));
    assert_eq!(heard.borrow().len(), 3);
    assert!(!heard.borrow().iter().any(|committed| committed.by_person));
    let again = database.open().await;
    assert!(again.has_file(&one) && !again.has_file(&other));
}

async fn a_copy_gives_way_to_the_original_while_that_is_here(database: &Database) {
    let scope = programme(1);
    let (original, copy) = (session(scope, 1), session(ScopeId::OWN, 1));
    let event = EventId::new(NOON_MS, [1; 10]);
    let in_event = move |edit: &mut Edit<'_>| {
        edit.set(
            FieldKey::register(fields::EVENT),
            Value::Reference(event.into()),
        );
    };
    let shown = |store: &Store| -> Vec<ScopeId> {
        let replica = store.replica();
        let all = replica.all::<Session>().map(|of| of.record().key.scope);
        let all: Vec<ScopeId> = all.collect();
        let agenda = replica.agenda_of(event);
        let listed: Vec<ScopeId> = agenda.iter().map(|slot| slot.session.scope).collect();
        assert_eq!(all, listed);
        let found = replica.find::<Session>(SessionId::from(original.id));
        assert_eq!(found.map(|of| of.record().key.scope), all.first().copied());
        all
    };
    let store = database.open().await;
    commit(&store, vec![Write::new(copy, in_event)], NOON_MS).await;
    assert_eq!(shown(&store), [ScopeId::OWN]);
    let stamp = Clock::new(DeviceId(7), Hlc::default(), 0).stamp(NOON_MS);
    let mut edit = Edit::new(original, None, stamp, Author::Machine);
    in_event(&mut edit);
    let arrived = edit.finish().expect("an event is news");
    save(&store, news(scope, 1, vec![arrived])).await;
    assert_eq!(shown(&store), [scope]);
    assert_eq!(shown(&*database.open().await), [scope]);
    let left = SavePlan {
        revoked: vec![scope],
        ..SavePlan::default()
    };
    save(&store, left).await;
    assert_eq!(shown(&store), [ScopeId::OWN]);
}
