//! Two stores on one database, as two tabs of one browser are.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use keruen_app::platform::Channel;
use keruen_app::store::{Committed, Store, Write, open_in_browser};
use keruen_domain::model::fields;
use keruen_domain::protocol::v2::{RereadReason, ScopeReread};
use keruen_domain::sync::SavePlan;
use keruen_domain::{ContentHash, FieldKey, Record, RecordKey, ScopeId, encoding, text as texts};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{
    Database, NOON_MS, accepted, all_texts, commit, from_server, ids, keep_file, news, note,
    notices, on_every_backend, outgoing, programme, save, session, shown, text, write,
    write_unseeing,
};

on_every_backend!(
    an_edit_beside_another_tabs_unsent_edit_keeps_both,
    an_edit_beside_another_tabs_sent_edit_keeps_both,
    an_edit_beside_another_tabs_settled_edit_keeps_both,
    an_edit_beside_several_changes_of_another_tab_keeps_all,
    what_two_tabs_type_into_one_text_is_there,
    an_edit_of_another_tab_is_known_to_the_next,
    one_tab_sends_what_another_wrote,
    an_answer_keeps_what_another_tab_wrote_meanwhile,
    a_late_notice_takes_nothing_back,
    what_was_saved_after_a_new_reading_outlives_its_late_notice,
);

// In these the notices between tabs have not arrived yet: there is no channel.

async fn an_edit_beside_another_tabs_unsent_edit_keeps_both(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    commit(&one, vec![write_unseeing(note(1), "Су")], NOON_MS).await;
    commit(&other, vec![write_unseeing(note(1), "Нан")], NOON_MS).await;
    both_texts_stand(database).await;
}

async fn an_edit_beside_another_tabs_sent_edit_keeps_both(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    commit(&one, vec![write_unseeing(note(1), "Су")], NOON_MS).await;
    outgoing(&one).await;
    commit(&other, vec![write_unseeing(note(1), "Нан")], NOON_MS).await;
    both_texts_stand(database).await;
}

async fn an_edit_beside_another_tabs_settled_edit_keeps_both(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    commit(&one, vec![write_unseeing(note(1), "Су")], NOON_MS).await;
    let sent = ids(&outgoing(&one).await);
    save(&one, accepted(&sent)).await;
    commit(&other, vec![write_unseeing(note(1), "Нан")], NOON_MS).await;
    both_texts_stand(database).await;
}

async fn both_texts_stand(database: &Database) {
    let again = database.open().await;
    assert_eq!(all_texts(&again, &note(1)), ["Нан", "Су"]);
}

/// Its last change alone does not tell all: an earlier one wrote another field.
async fn an_edit_beside_several_changes_of_another_tab_keeps_all(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    commit(&one, vec![write_unseeing(note(1), "Су")], NOON_MS).await;
    outgoing(&one).await;
    let about = Write::new(note(1), |edit| {
        edit.set(FieldKey::register(fields::ABOUT), "event/1");
    });
    commit(&one, vec![about], NOON_MS).await;
    commit(&other, vec![write_unseeing(note(1), "Нан")], NOON_MS).await;
    both_texts_stand(database).await;
}

/// Each goes on with what it has before it, as two editors of one note do; each pause is sent by
/// itself, and neither hears of the other.
async fn what_two_tabs_type_into_one_text_is_there(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    let typed = |seen: Option<Arc<Record>>, text: &str| {
        let text = text.to_owned();
        Write::having_seen(note(1), seen, move |edit| {
            edit.write_text(fields::BODY, &text);
        })
    };
    let mut seen = [None, None];
    for texts in [
        ["Су", "Нан"],
        ["Су мен", "Нан, "],
        ["Су мен шай", "Нан, тұз"],
    ] {
        for ((store, seen), text) in [&one, &other].into_iter().zip(&mut seen).zip(texts) {
            let written = commit(store, vec![typed(seen.clone(), text)], NOON_MS).await;
            let mut now = seen
                .take()
                .map_or(Record::new(note(1)), |seen| Record::clone(&seen));
            now.merge(written[0].clone());
            assert_eq!(texts::read(&now, fields::BODY), text);
            *seen = Some(Arc::new(now));
            outgoing(store).await;
        }
    }
    let again = database.open().await;
    let record = shown(&again, &note(1)).expect("the note is shown");
    assert_eq!(texts::read(&record, fields::BODY), "Су мен шайНан, тұз");
    assert_eq!(
        record.fields().count(),
        2,
        "each tab went on with its own piece"
    );
}

async fn an_edit_of_another_tab_is_known_to_the_next(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    commit(&one, vec![write(note(1), "Су")], NOON_MS).await;
    outgoing(&one).await;
    // It is made on what stands there, although this tab's image does not show it yet.
    commit(&other, vec![write(note(1), "Нан")], NOON_MS).await;
    let again = database.open().await;
    assert_eq!(all_texts(&again, &note(1)), ["Нан"]);
}

async fn one_tab_sends_what_another_wrote(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    commit(&one, vec![write(note(1), "Су")], NOON_MS).await;
    commit(&other, vec![write(note(2), "Нан")], NOON_MS).await;
    let sent = outgoing(&one).await;
    assert_eq!(sent.changes.len(), 2);
    save(&one, accepted(&ids(&sent))).await;
    let again = database.open().await;
    assert_eq!(again.replica().waiting(), 0);
    assert_eq!(text(&again, &note(1)).as_deref(), Some("Су"));
    assert_eq!(text(&again, &note(2)).as_deref(), Some("Нан"));
}

async fn an_answer_keeps_what_another_tab_wrote_meanwhile(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    commit(&one, vec![write(note(1), "Су")], NOON_MS).await;
    let sent = ids(&outgoing(&one).await);
    commit(&other, vec![write_unseeing(note(1), "Нан")], NOON_MS + 1).await;
    let mut plan = news(
        ScopeId::OWN,
        1,
        vec![from_server(note(1), "Вода", NOON_MS - 1)],
    );
    plan.settled = sent;
    save(&one, plan).await;
    let again = database.open().await;
    assert_eq!(all_texts(&again, &note(1))[..2], ["Нан", "Су"]);
    assert_eq!(outgoing(&again).await.changes.len(), 1);
}

/// The notice of an edit arrives after this tab has added to the same change; then the scope is lost, and
/// what is shown of it is only what waits.
async fn a_late_notice_takes_nothing_back(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    let heard = notices(&one);
    let key = session(programme(1), 1);
    commit(&one, vec![write_unseeing(key, "Су")], NOON_MS).await;
    commit(&other, vec![write_unseeing(key, "Нан")], NOON_MS).await;
    let late = heard.take();
    late.iter().for_each(|notice| other.take_in(notice));
    let plan = SavePlan {
        revoked: vec![programme(1)],
        ..SavePlan::default()
    };
    save(&other, plan).await;
    for store in [&other, &database.open().await] {
        assert_eq!(all_texts(store, &key), ["Нан", "Су"]);
        assert_eq!(store.replica().waiting(), 1);
    }
}

/// A tab has read a scope anew; another saves news of it before it hears of that.
async fn what_was_saved_after_a_new_reading_outlives_its_late_notice(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    let scope = programme(1);
    let record = |number| from_server(session(scope, number), "Дәріс", NOON_MS);
    let heard = notices(&one);
    save(&one, news(scope, 1, vec![record(1), record(2)])).await;
    let reason = RereadReason::TooOld;
    let plan = SavePlan {
        reread: vec![ScopeReread { scope, reason }],
        more: true,
        ..SavePlan::default()
    };
    save(&one, plan).await;
    outgoing(&one).await;
    save(&one, news(scope, 2, vec![record(1)])).await;
    save(&other, news(scope, 3, vec![record(3)])).await;
    for notice in heard.take() {
        other.hear(&notice).await.expect("the disk can be read");
    }
    for store in [&other, &database.open().await] {
        let shown = [1, 2, 3].map(|number| shown(store, &session(scope, number)).is_some());
        assert_eq!(shown, [true, false, true]);
    }
}

/// Waits until a store shows what is wanted; each notice lets it look again.
struct Watch {
    waiting: Rc<RefCell<Option<js_sys::Function>>>,
}

impl Watch {
    fn of(store: &Store) -> Self {
        let waiting: Rc<RefCell<Option<js_sys::Function>>> = Rc::default();
        let woken = waiting.clone();
        store.subscribe(move |_| {
            if let Some(wake) = woken.take() {
                let _ = wake.call0(&wasm_bindgen::JsValue::NULL);
            }
        });
        Self { waiting }
    }

    async fn until(&self, is_shown: impl Fn() -> bool) {
        while !is_shown() {
            let notice = js_sys::Promise::new(&mut |resolve, _| {
                self.waiting.replace(Some(resolve));
            });
            let _ = wasm_bindgen_futures::JsFuture::from(notice).await;
        }
    }
}

/// A note of its own for each run: the page may hold the database of an earlier one.
fn new_note() -> RecordKey {
    let mut key = note(1);
    key.id = keruen_domain::RecordId::new(NOON_MS, keruen_app::platform::random_bytes());
    key
}

#[wasm_bindgen_test]
async fn edits_show_in_the_other_tab_both_ways() {
    let one = open_in_browser().await.expect("a store").store;
    let other = open_in_browser().await.expect("a store").store;
    let (in_one, in_other) = (Watch::of(&one), Watch::of(&other));
    let key = new_note();
    commit(&one, vec![write(key, "Су")], NOON_MS).await;
    in_other
        .until(|| text(&other, &key).as_deref() == Some("Су"))
        .await;
    assert!(other.replica().is_waiting(&key));

    commit(&other, vec![write(key, "Нан")], NOON_MS).await;
    in_one
        .until(|| text(&one, &key).as_deref() == Some("Нан"))
        .await;

    let sent = ids(&outgoing(&one).await);
    save(&one, accepted(&sent)).await;
    in_other.until(|| !other.replica().is_waiting(&key)).await;
    assert_eq!(shown(&other, &key), shown(&one, &key));

    keep_file(&one, ContentHash([0xcd; 32]), b"%PDF").await;
    in_other.until(|| other.has_file(&"cd".repeat(32))).await;
}

#[wasm_bindgen_test]
async fn two_tabs_that_write_one_record_at_once_lose_nothing() {
    let one = open_in_browser().await.expect("a store").store;
    let other = open_in_browser().await.expect("a store").store;
    let (in_one, in_other) = (Watch::of(&one), Watch::of(&other));
    let key = new_note();
    let (first, second) = futures_lite::future::zip(
        one.commit(vec![write_unseeing(key, "Су")], NOON_MS),
        other.commit(vec![write_unseeing(key, "Нан")], NOON_MS),
    )
    .await;
    first.expect("a commit");
    second.expect("a commit");
    let has_both = |store: &Store| {
        shown(store, &key).is_some() && {
            let mut texts = all_texts(store, &key);
            texts.sort();
            texts == ["Нан", "Су"]
        }
    };
    in_one.until(|| has_both(&one)).await;
    in_other.until(|| has_both(&other)).await;
    assert_eq!(shown(&one, &key), shown(&other, &key));
    let again = open_in_browser().await.expect("a store").store;
    assert_eq!(shown(&again, &key), shown(&one, &key));
}

#[wasm_bindgen_test]
async fn what_another_tab_says_while_this_one_is_opened_is_heard() {
    let mut opening = pin!(open_in_browser());
    assert!(
        futures_lite::future::poll_once(&mut opening)
            .await
            .is_none()
    );
    let file = "ef".repeat(32);
    let said = Committed {
        files_kept: vec![file.clone()],
        ..Committed::default()
    };
    Channel::join("keruen.commits", |_| {}).send(&encoding::encode(&said));
    let store = opening.await.expect("a store").store;
    let heard = Watch::of(&store);
    heard.until(|| store.has_file(&file)).await;
}
