//! A group is lost: what this device wrote there stays its owner's.

use std::rc::Rc;

use keruen_app::store::{Store, Write};
use keruen_domain::model::{Note, View as _, fields};
use keruen_domain::sync::SavePlan;
use keruen_domain::{Collection, ContentHash, FieldKey, GroupId, RecordKey, ScopeId};

use crate::harness::{
    Database, NOON_MS, at, commit, from_server, ids, keep_file, news, note, on_every_backend,
    outgoing, programme, save, shown, write,
};

on_every_backend!(
    what_was_written_with_a_group_that_is_lost_becomes_ones_own,
    what_was_rescued_already_is_not_rescued_again,
    later_words_do_not_replace_what_was_rescued_before,
    until_words_can_be_kept_a_group_stays,
);

const FILE: ContentHash = ContentHash([5; 32]);

fn group(number: u8) -> ScopeId {
    ScopeId::Group(GroupId::new(NOON_MS, [number; 10]))
}

fn of_group(scope: ScopeId, number: u8) -> RecordKey {
    RecordKey {
        scope,
        ..note(number)
    }
}

fn revoked(scope: ScopeId) -> SavePlan {
    SavePlan {
        revoked: vec![scope],
        ..SavePlan::default()
    }
}

/// The server has everything that was written here.
async fn send(store: &Store) {
    let plan = SavePlan {
        settled: ids(&outgoing(store).await),
        ..SavePlan::default()
    };
    save(store, plan).await;
}

async fn opened(database: &Database) -> Rc<Store> {
    let store = database.open().await;
    store.rescue_before_loss();
    store
}

/// All notes, where they are and what they say.
fn notes(store: &Store) -> Vec<(ScopeId, String)> {
    let replica = store.replica();
    let notes = replica.all::<Note>();
    let told = notes.map(|note| (note.record().key.scope, note.body().into_owned()));
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

async fn what_was_written_with_a_group_that_is_lost_becomes_ones_own(database: &Database) {
    let store = opened(database).await;
    let (lost, kept) = (group(1), group(2));
    let others = from_server(of_group(lost, 1), "Басқалар жазған", NOON_MS);
    save(&store, news(lost, 1, vec![others])).await;
    commit(
        &store,
        vec![write(of_group(lost, 2), "Біз жазған")],
        NOON_MS,
    )
    .await;
    let tagged = Write::new(of_group(lost, 2), |edit| {
        edit.set(FieldKey::member(fields::TAGS, "жол"), true);
    });
    commit(&store, vec![tagged], NOON_MS).await;
    commit(&store, vec![write(of_group(kept, 3), "Қалады")], NOON_MS).await;
    keep_file(&store, FILE, b"1234").await;
    let photo = RecordKey {
        collection: Collection::MATERIAL,
        ..of_group(lost, 4)
    };
    let of_note = note(2).id.to_string();
    let attached = Write::new(photo, move |edit| {
        edit.set(FieldKey::register(fields::NOTE), of_note);
        edit.set(FieldKey::register(fields::FILE_SHA256), FILE.to_string());
        edit.set(FieldKey::register(fields::FILE_SIZE_BYTES), 4);
    });
    commit(&store, vec![attached], NOON_MS).await;

    send(&store).await;
    save(&store, revoked(lost)).await;
    for store in [store, database.open().await] {
        let expected = [
            (kept, "Қалады".to_owned()),
            (ScopeId::OWN, "Біз жазған".to_owned()),
        ];
        assert_eq!(notes(&store), expected);
        let own = shown(&store, &note(2)).and_then(|record| Note::of(&record));
        let tags: Vec<String> = own.expect("it").tags().map(str::to_owned).collect();
        assert_eq!(tags, ["жол"]);
        let own_photo = RecordKey {
            scope: ScopeId::OWN,
            ..photo
        };
        let own_photo = shown(&store, &own_photo).expect("the photo, too");
        assert_eq!(
            own_photo.value(fields::NOTE).as_text(),
            Some(&*note(2).id.to_string())
        );
        let uploads = store.uploads().await.expect("uploads");
        let going: Vec<_> = uploads
            .iter()
            .map(|of| (of.sha256, of.scope, of.is_wanted))
            .collect();
        assert_eq!(going, [(FILE, ScopeId::OWN, true)]);
        assert!(
            store.replica().is_waiting(&note(2)),
            "the server is to have it"
        );
    }
    // Of what is no group nothing is copied.
    let store = opened(database).await;
    save(&store, revoked(programme(1))).await;
    assert_eq!(notes(&store).len(), 2);
}

async fn what_was_rescued_already_is_not_rescued_again(database: &Database) {
    let store = opened(database).await;
    commit(
        &store,
        vec![write(of_group(group(1), 2), "Біз жазған")],
        NOON_MS,
    )
    .await;
    send(&store).await;
    // The phone went out between the two.
    commit(&store, vec![write(note(2), "Біз жазған")], NOON_MS).await;
    save(&store, revoked(group(1))).await;
    assert_eq!(notes(&store), [(ScopeId::OWN, "Біз жазған".to_owned())]);
}

async fn later_words_do_not_replace_what_was_rescued_before(database: &Database) {
    let store = opened(database).await;
    commit(
        &store,
        vec![write(of_group(group(1), 2), "Екінші құрылғыда")],
        NOON_MS,
    )
    .await;
    send(&store).await;
    commit(&store, vec![write(note(2), "Бірінші құрылғыда")], NOON_MS).await;
    save(&store, revoked(group(1))).await;
    let own = |text: &str| (ScopeId::OWN, text.to_owned());
    assert_eq!(
        notes(&store),
        [own("Бірінші құрылғыда"), own("Екінші құрылғыда")]
    );
}

async fn until_words_can_be_kept_a_group_stays(database: &Database) {
    let store = database.open().await;
    let words = vec![write(of_group(group(1), 2), "Біз жазған")];
    commit(&store, words, NOON_MS).await;
    send(&store).await;
    save(&store, news(group(1), 3, Vec::new())).await;
    save(&store, revoked(group(1))).await;
    assert_eq!(notes(&store), [(group(1), "Біз жазған".to_owned())]);
    // It is asked for again, so that the server says it again.
    let asked = outgoing(&store).await.cursors;
    assert_eq!(asked, [at(group(1), 3)]);
    store.rescue_before_loss();
    save(&store, revoked(group(1))).await;
    assert_eq!(notes(&store), [(ScopeId::OWN, "Біз жазған".to_owned())]);
}
