//! Files that are to come: what is kept of them, and what is not.

use keruen_app::store::{DownloadFailure, FileForm, HeldFile, PartList, Store, Table};
use keruen_domain::ContentHash;

use crate::harness::{Database, download, keep_file, notices, on_every_backend};

on_every_backend!(
    parts_survive_reopening,
    a_part_of_what_nobody_wants_is_not_kept,
    what_is_called_off_leaves_nothing,
    a_completed_file_is_not_called_off,
    what_is_asked_for_again_keeps_its_parts,
    an_address_that_had_nothing_is_not_asked_again,
    another_division_begins_anew,
    parts_that_are_dropped_are_missing,
    a_file_is_here_once_it_is_complete,
    what_is_removed_takes_its_parts_and_no_other,
    a_queue_that_cannot_be_read_is_no_hindrance,
    a_small_file_is_here_in_one_piece,
);

const ONE: ContentHash = ContentHash([1; 32]);
const OTHER: ContentHash = ContentHash([2; 32]);

fn held(size_bytes: u64) -> HeldFile {
    HeldFile {
        size_bytes,
        part_bytes: 4,
        media_type: "video/mp4".to_owned(),
        is_usual: true,
    }
}

/// A store with one file of ten bytes in its queue.
async fn queued(database: &Database) -> std::rc::Rc<Store> {
    let store = database.open().await;
    let queued = store.queue_downloads(vec![download(ONE, 10, 4)]).await;
    queued.expect("queued");
    store
}

async fn keep(store: &Store, sha256: ContentHash, part: u32, bytes: &[u8]) -> bool {
    let kept = store.keep_part(&sha256.to_string(), part, bytes).await;
    kept.expect("an answer")
}

async fn kept_of(store: &Store, sha256: ContentHash) -> Option<Vec<u32>> {
    let queue = store.downloads().await.expect("the queue");
    let of_it = queue.into_iter().find(|of| of.download.sha256 == sha256)?;
    Some(of_it.kept.into_iter().collect())
}

async fn parts_survive_reopening(database: &Database) {
    let store = queued(database).await;
    assert!(keep(&store, ONE, 2, b"89").await);
    assert!(keep(&store, ONE, 0, b"0123").await);
    let again = database.open().await;
    assert!(!again.has_file(&ONE.to_string()), "a part is missing");
    assert_eq!(kept_of(&again, ONE).await, Some(vec![0, 2]));
    let part = again.file_part(&ONE.to_string(), 2).await;
    assert_eq!(part, Ok(Some(b"89".to_vec())));
}

async fn a_part_of_what_nobody_wants_is_not_kept(database: &Database) {
    let store = queued(database).await;
    assert!(!keep(&store, OTHER, 0, b"0123").await);
    store
        .call_off_download(&ONE.to_string())
        .await
        .expect("off");
    assert!(!keep(&store, ONE, 0, b"0123").await);
    let completed = store.complete_download(&ONE.to_string(), &held(10)).await;
    assert_eq!(completed, Ok(false));
    assert_eq!(database.count(Table::Parts).await, 0);
    assert!(!store.has_file(&ONE.to_string()));
}

async fn what_is_called_off_leaves_nothing(database: &Database) {
    let store = queued(database).await;
    let more = store.queue_downloads(vec![download(OTHER, 4, 4)]).await;
    more.expect("queued");
    keep(&store, ONE, 0, b"0123").await;
    keep(&store, OTHER, 0, b"abcd").await;
    store
        .call_off_download(&ONE.to_string())
        .await
        .expect("off");
    assert_eq!(kept_of(&store, ONE).await, None);
    assert_eq!(kept_of(&store, OTHER).await, Some(vec![0]));
    assert_eq!(database.count(Table::Parts).await, 1);
}

async fn a_completed_file_is_not_called_off(database: &Database) {
    let store = database.open().await;
    keep_file(&store, ONE, b"0123456789").await;
    store
        .call_off_download(&ONE.to_string())
        .await
        .expect("off");
    let file = store.file(&ONE.to_string(), 10).await;
    assert_eq!(file, Ok(Some(b"0123456789".to_vec())));
}

async fn what_is_asked_for_again_keeps_its_parts(database: &Database) {
    let store = queued(database).await;
    keep(&store, ONE, 0, b"0123").await;
    let one = ONE.to_string();
    let changed = store.change_download(&one, |download| {
        download.is_paused = true;
        download.failure = Some(DownloadFailure::Damaged);
    });
    assert_eq!(changed.await, Ok(true));
    let mut later = download(ONE, 10, 4);
    later.asked_ms += 1;
    later.parts = None;
    store.queue_downloads(vec![later]).await.expect("queued");
    let queue = store.downloads().await.expect("the queue");
    assert_eq!(queue[0].download, download(ONE, 10, 4));
    assert_eq!(kept_of(&store, ONE).await, Some(vec![0]));
    // What is here is not asked for.
    keep_file(&store, OTHER, b"here").await;
    let asked = store.queue_downloads(vec![download(OTHER, 4, 4)]).await;
    asked.expect("queued");
    assert_eq!(kept_of(&store, OTHER).await, None);
    let unknown = store.change_download(&OTHER.to_string(), |_| {}).await;
    assert_eq!(unknown, Ok(false));
}

async fn an_address_that_had_nothing_is_not_asked_again(database: &Database) {
    let from = |address: Option<&str>| {
        let mut of_link = download(ONE, 10, 4);
        of_link.from = address.map(str::to_owned);
        of_link
    };
    let store = database.open().await;
    let one = ONE.to_string();
    for (failure, stands) in [
        (None, Some("/s/secret/files/1")),
        (Some(DownloadFailure::NotThere), None),
    ] {
        let asked = vec![from(Some("/s/secret/files/1"))];
        store.queue_downloads(asked).await.expect("queued");
        let changed = store.change_download(&one, |download| download.failure = failure);
        assert_eq!(changed.await, Ok(true));
        // The link was taken back, and its reader has joined the programme since.
        let again = store.queue_downloads(vec![from(None)]).await;
        again.expect("queued");
        let queue = store.downloads().await.expect("the queue");
        assert_eq!(queue[0].download.from.as_deref(), stands);
    }
}

async fn another_division_begins_anew(database: &Database) {
    let store = queued(database).await;
    keep(&store, ONE, 0, b"0123").await;
    let list = |part_bytes| PartList {
        part_bytes,
        hashes: Vec::new(),
    };
    let same = store.divide_download(&ONE.to_string(), list(4)).await;
    assert_eq!(same, Ok(true));
    assert_eq!(kept_of(&store, ONE).await, Some(vec![0]));
    let other = store.divide_download(&ONE.to_string(), list(5)).await;
    assert_eq!(other, Ok(true));
    assert_eq!(kept_of(&store, ONE).await, Some(vec![]));
    let unknown = store.divide_download(&OTHER.to_string(), list(4)).await;
    assert_eq!(unknown, Ok(false));
}

async fn parts_that_are_dropped_are_missing(database: &Database) {
    let store = queued(database).await;
    for part in 0..3 {
        keep(&store, ONE, part, b"0123").await;
    }
    let dropped = store.drop_parts(&ONE.to_string(), &[0, 2]).await;
    dropped.expect("dropped");
    assert_eq!(kept_of(&store, ONE).await, Some(vec![1]));
}

async fn a_file_is_here_once_it_is_complete(database: &Database) {
    let store = queued(database).await;
    let heard = notices(&store);
    for (part, bytes) in [(0, "0123"), (1, "4567"), (2, "89")] {
        assert!(!store.has_file(&ONE.to_string()));
        keep(&store, ONE, part, bytes.as_bytes()).await;
    }
    let completed = store.complete_download(&ONE.to_string(), &held(10)).await;
    assert_eq!(completed, Ok(true));
    assert!(store.has_file(&ONE.to_string()));
    assert_eq!(heard.borrow().len(), 1);
    assert_eq!(heard.borrow()[0].files_kept, [ONE.to_string()]);
    let again = database.open().await;
    assert!(again.has_file(&ONE.to_string()));
    assert_eq!(kept_of(&again, ONE).await, None, "nothing is to come");
    let form = again.file_form(&ONE.to_string()).await;
    assert_eq!(form, Ok(Some(FileForm::InParts(held(10)))));
    let files = again.files_on_device().await.expect("a list");
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].held, Some(held(10)));
}

async fn what_is_removed_takes_its_parts_and_no_other(database: &Database) {
    let store = database.open().await;
    keep_file(&store, ONE, b"0123456789").await;
    keep_file(&store, OTHER, b"abcd").await;
    store.remove_file(&ONE.to_string()).await.expect("removed");
    assert_eq!(database.count(Table::Parts).await, 1);
    assert_eq!(database.count(Table::Held).await, 1);
    let other = store.file(&OTHER.to_string(), 4).await;
    assert_eq!(other, Ok(Some(b"abcd".to_vec())));
}

async fn a_queue_that_cannot_be_read_is_no_hindrance(database: &Database) {
    database
        .put(Table::Downloads, &OTHER.to_string(), &[0xff, 0])
        .await;
    database
        .put(Table::Held, &ContentHash([3; 32]).to_string(), &[0xff])
        .await;
    let store = queued(database).await;
    assert_eq!(kept_of(&store, ONE).await, Some(vec![]));
    assert_eq!(kept_of(&store, OTHER).await, None);
    let asked = store.queue_downloads(vec![download(OTHER, 4, 4)]).await;
    asked.expect("queued");
    assert_eq!(kept_of(&store, OTHER).await, Some(vec![]));
    let unreadable = ContentHash([3; 32]).to_string();
    assert_eq!(store.file(&unreadable, 100).await, Ok(None));
    store.remove_file(&unreadable).await.expect("removed");
    assert!(!store.has_file(&unreadable));
}

async fn a_small_file_is_here_in_one_piece(database: &Database) {
    let store = queued(database).await;
    assert!(keep(&store, ONE, 1, b"4567").await);
    let (one, other) = (ONE.to_string(), OTHER.to_string());
    let heard = notices(&store);
    // What was asked for meanwhile, too.
    for name in [&one, &other] {
        let kept = store.keep_small_file(name, "image/jpeg", b"0123456789");
        kept.await.expect("kept");
    }
    let empty = ContentHash([3; 32]).to_string();
    let nothing = store.keep_small_file(&empty, "image/jpeg", b"").await;
    assert_eq!(nothing, Ok(()));
    let kept: Vec<String> = heard
        .take()
        .into_iter()
        .flat_map(|of| of.light_files_kept)
        .collect();
    assert_eq!(kept, [one.clone(), other.clone()]);

    let again = database.open().await;
    assert_eq!(kept_of(&again, ONE).await, None);
    assert!(!again.has_file(&empty));
    for name in [one, other] {
        let whole = again.file(&name, 10).await;
        assert_eq!(whole, Ok(Some(b"0123456789".to_vec())));
    }
    assert_eq!(database.count(Table::Parts).await, 2);
}
