//! Files of this device that scopes are to have, and what is written into forms: what is kept of them.

use keruen_app::store::{HeldFile, Store, Table};
use keruen_domain::{ContentHash, GroupId, ScopeId};

use crate::harness::{
    Database, NOON_MS, add_file, download, keep_file, notices, on_every_backend, upload,
};

on_every_backend!(
    a_file_that_was_added_is_here_and_waits,
    a_file_that_waits_is_not_removed,
    what_was_sent_stays_and_may_be_removed,
    what_is_given_up_leaves_nothing,
    what_was_here_before_is_not_given_up,
    what_is_wanted_by_now_is_not_given_up,
    what_two_scopes_are_to_have_stays_for_the_other,
    what_is_not_here_may_wait_for_another_scope,
    a_part_of_what_was_given_up_is_not_kept,
    what_is_added_is_no_longer_fetched,
    who_adds_it_again_changes_nothing,
    what_nobody_came_back_to_goes_after_a_month,
    what_a_material_bears_by_now_is_wanted,
    drafts_are_kept_until_they_are_dropped,
);

const ONE: ContentHash = ContentHash([1; 32]);
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

fn programme() -> ScopeId {
    upload(ONE, 10).scope
}

async fn added(database: &Database) -> std::rc::Rc<Store> {
    let store = database.open().await;
    add_file(&store, &upload(ONE, 10), b"0123456789").await;
    store
}

async fn a_file_that_was_added_is_here_and_waits(database: &Database) {
    let store = database.open().await;
    let heard = notices(&store);
    add_file(&store, &upload(ONE, 10), b"0123456789").await;
    let kept: Vec<_> = heard
        .borrow()
        .iter()
        .flat_map(|of| of.files_kept.clone())
        .collect();
    assert_eq!(kept, [ONE.to_string()]);
    for store in [store, database.open().await] {
        assert!(store.has_file(&ONE.to_string()));
        let file = store.file(&ONE.to_string(), 10).await;
        assert_eq!(file, Ok(Some(b"0123456789".to_vec())));
        assert_eq!(store.uploads().await, Ok(vec![upload(ONE, 10)]));
    }
}

async fn a_file_that_waits_is_not_removed(database: &Database) {
    let store = added(database).await;
    assert_eq!(store.remove_file(&ONE.to_string()).await, Ok(false));
    assert!(store.has_file(&ONE.to_string()));
    // Nor by somebody who calls a download of it off.
    let called_off = store.call_off_download(&ONE.to_string()).await;
    called_off.expect("nothing to call off");
    assert_eq!(database.count(Table::Parts).await, 3);
}

async fn what_was_sent_stays_and_may_be_removed(database: &Database) {
    let store = added(database).await;
    let changed = store.change_upload(&ONE, programme(), |upload| {
        upload.is_wanted = true;
        upload.sent_bytes = 4;
    });
    assert_eq!(changed.await, Ok(true));
    let uploads = store.uploads().await.expect("uploads");
    assert!(uploads[0].is_wanted && uploads[0].sent_bytes == 4);
    store.forget_upload(&ONE, programme()).await.expect("sent");
    assert_eq!(store.uploads().await, Ok(Vec::new()));
    assert!(store.has_file(&ONE.to_string()));
    let changed = store.change_upload(&ONE, programme(), |_| {}).await;
    assert_eq!(changed, Ok(false));
    assert_eq!(store.remove_file(&ONE.to_string()).await, Ok(true));
    assert_eq!(database.count(Table::Parts).await, 0);
}

async fn what_is_given_up_leaves_nothing(database: &Database) {
    let store = added(database).await;
    let given_up = store.give_up_upload(&ONE, programme()).await;
    given_up.expect("given up");
    assert!(!store.has_file(&ONE.to_string()));
    for table in [Table::Uploads, Table::Parts, Table::Held] {
        assert_eq!(database.count(table).await, 0);
    }
    // A second time there is nothing to do.
    let again = store.give_up_upload(&ONE, programme()).await;
    assert_eq!(again, Ok(()));
}

async fn what_was_here_before_is_not_given_up(database: &Database) {
    let store = database.open().await;
    keep_file(&store, ONE, b"0123456789").await;
    let mut known = upload(ONE, 10);
    known.was_here = true;
    store.begin_upload(&known).await.expect("begun");
    let given_up = store.give_up_upload(&ONE, programme()).await;
    given_up.expect("given up");
    let file = store.file(&ONE.to_string(), 10).await;
    assert_eq!(file, Ok(Some(b"0123456789".to_vec())));
}

async fn what_is_wanted_by_now_is_not_given_up(database: &Database) {
    let store = added(database).await;
    let wanted = store.change_upload(&ONE, programme(), |upload| upload.is_wanted = true);
    assert_eq!(wanted.await, Ok(true));
    let given_up = store.give_up_upload(&ONE, programme()).await;
    given_up.expect("nothing to give up");
    assert!(store.has_file(&ONE.to_string()));
    assert_eq!(store.uploads().await.map(|uploads| uploads.len()), Ok(1));
}

async fn what_two_scopes_are_to_have_stays_for_the_other(database: &Database) {
    let group = ScopeId::Group(GroupId::new(NOON_MS, [2; 10]));
    for scope in [crate::harness::programme(2), group, ScopeId::OWN] {
        let store = added(database).await;
        let mut other = upload(ONE, 10);
        other.scope = scope;
        store.begin_upload(&other).await.expect("begun");
        let given_up = store.give_up_upload(&ONE, programme()).await;
        given_up.expect("given up");
        assert!(store.has_file(&ONE.to_string()));
        assert_eq!(store.remove_file(&ONE.to_string()).await, Ok(false));
        assert_eq!(store.uploads().await, Ok(vec![other]));
        store.forget_upload(&ONE, scope).await.expect("sent");
        assert_eq!(store.remove_file(&ONE.to_string()).await, Ok(true));
    }
}

/// A file of which only a smaller form is here comes along with its note.
async fn what_is_not_here_may_wait_for_another_scope(database: &Database) {
    let store = database.open().await;
    let mut waiting = upload(ONE, 10);
    (waiting.scope, waiting.was_here, waiting.is_wanted) = (ScopeId::OWN, true, true);
    let queued = store.queue_downloads(vec![download(ONE, 10, 4)]).await;
    queued.expect("queued");
    store.put_upload(&waiting).await.expect("put");
    assert_eq!(store.uploads().await, Ok(vec![waiting]));
    assert!(!store.has_file(&ONE.to_string()));
    let coming = store.downloads().await.expect("the queue");
    assert_eq!(coming.len(), 1, "what is to come still comes");
}

async fn a_part_of_what_was_given_up_is_not_kept(database: &Database) {
    let store = database.open().await;
    store.begin_upload(&upload(ONE, 10)).await.expect("begun");
    let given_up = store.give_up_upload(&ONE, programme()).await;
    given_up.expect("given up");
    let kept = store.keep_own_part(&ONE.to_string(), 0, b"0123").await;
    assert_eq!(kept, Ok(false));
    let held = HeldFile {
        size_bytes: 10,
        part_bytes: 4,
        media_type: String::new(),
        is_usual: true,
    };
    let completed = store.complete_own(&ONE.to_string(), &held).await;
    assert_eq!(completed, Ok(false));
    assert_eq!(database.count(Table::Parts).await, 0);
    assert!(!store.has_file(&ONE.to_string()));
}

async fn what_is_added_is_no_longer_fetched(database: &Database) {
    let store = database.open().await;
    // Half of it had come, in other parts.
    let queued = store.queue_downloads(vec![download(ONE, 10, 5)]).await;
    queued.expect("queued");
    let kept = store.keep_part(&ONE.to_string(), 1, b"56789").await;
    assert_eq!(kept, Ok(true));
    add_file(&store, &upload(ONE, 10), b"0123456789").await;
    assert_eq!(store.downloads().await.map(|queue| queue.len()), Ok(0));
    let file = store.file(&ONE.to_string(), 10).await;
    assert_eq!(file, Ok(Some(b"0123456789".to_vec())));
}

async fn who_adds_it_again_changes_nothing(database: &Database) {
    let store = added(database).await;
    let changed = store.change_upload(&ONE, programme(), |upload| {
        upload.is_wanted = true;
        upload.sent_bytes = 4;
    });
    assert_eq!(changed.await, Ok(true));
    let before = store.uploads().await;
    let mut again = upload(ONE, 10);
    again.added_ms += 1;
    store.begin_upload(&again).await.expect("begun");
    assert_eq!(store.uploads().await, before);
    assert!(store.has_file(&ONE.to_string()));
}

async fn what_nobody_came_back_to_goes_after_a_month(database: &Database) {
    let store = added(database).await;
    let tidied = store.tidy_uploads(NOON_MS + 30 * DAY_MS, |_| false).await;
    tidied.expect("tidied");
    assert!(store.has_file(&ONE.to_string()), "it is just a month");
    let tidied = store.tidy_uploads(NOON_MS + 30 * DAY_MS + 1, |_| false);
    let tidied = tidied.await;
    tidied.expect("tidied");
    assert!(!store.has_file(&ONE.to_string()));
    assert_eq!(database.count(Table::Uploads).await, 0);
}

async fn what_a_material_bears_by_now_is_wanted(database: &Database) {
    let store = added(database).await;
    let tidied = store.tidy_uploads(NOON_MS + 99 * DAY_MS, |_| true).await;
    tidied.expect("tidied");
    let uploads = store.uploads().await.expect("uploads");
    assert!(uploads[0].is_wanted, "the page died between the two");
    assert!(store.has_file(&ONE.to_string()));
}

async fn drafts_are_kept_until_they_are_dropped(database: &Database) {
    let store = database.open().await;
    assert_eq!(store.draft("/make/1").await, Ok(None));
    store.keep_draft("/make/1", b"one").await.expect("kept");
    store.keep_draft("/make/2", b"two").await.expect("kept");
    store.keep_draft("/make/1", b"three").await.expect("kept");
    let again = database.open().await;
    assert_eq!(again.draft("/make/1").await, Ok(Some(b"three".to_vec())));
    assert_eq!(
        again.drafts().await,
        Ok(vec!["/make/1".to_owned(), "/make/2".to_owned()])
    );
    again.drop_draft("/make/1").await.expect("dropped");
    assert_eq!(again.draft("/make/1").await, Ok(None));
    assert_eq!(again.draft("/make/2").await, Ok(Some(b"two".to_vec())));
}
