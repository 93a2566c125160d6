//! Scopes that are read anew.

use keruen_app::store::{Store, StoreError, Table};
use keruen_domain::access::Role;
use keruen_domain::protocol::v1::ProgrammeRole;
use keruen_domain::protocol::v2::{RereadReason, ScopeReread};
use keruen_domain::sync::SavePlan;
use keruen_domain::{Author, Clock, DeviceId, Edit, Hlc, ProgrammeId, Record, RecordKey, ScopeId};

use crate::harness::{
    Database, NOON_MS, accepted, at, commit, from_server, ids, news, note, on_every_backend,
    outgoing, programme, save, session, shown, text, write,
};

on_every_backend!(
    what_the_server_lost_is_offered_again,
    what_may_not_be_written_vanishes_unless_it_was_written_here,
    what_was_deleted_long_ago_vanishes,
    a_deletion_that_the_server_lost_is_offered_again,
    the_outbox_is_not_touched,
    a_reading_that_is_not_complete_decides_nothing,
    a_second_reason_loses_nothing_of_the_first,
    without_a_token_the_own_scope_waits,
    a_scope_that_is_lost_meanwhile_is_lost,
    what_came_after_a_place_that_is_gone_is_not_saved,
    a_reading_that_another_tab_began_anew_is_not_complete,
);

const OTHER_EPOCH: u32 = 7;

fn reread(scope: ScopeId, reason: RereadReason) -> SavePlan {
    SavePlan {
        reread: vec![ScopeReread { scope, reason }],
        more: true,
        joined: true,
        ..SavePlan::default()
    }
}

/// The last answer of a new reading: all that the server has of a scope.
fn reading(scope: ScopeId, records: Vec<Record>) -> SavePlan {
    let mut plan = news(scope, 1, records);
    plan.cursors[0].cursor.epoch = OTHER_EPOCH;
    plan.joined = true;
    plan
}

/// Nothing to tell.
fn quiet() -> SavePlan {
    SavePlan {
        joined: true,
        ..SavePlan::default()
    }
}

/// One exchange: what is sent, and the answer.
async fn exchange(store: &Store, plan: SavePlan) {
    let asked = outgoing(store).await.cursors;
    save(store, SavePlan { asked, ..plan }).await;
}

async fn offered(store: &Store) -> Vec<RecordKey> {
    let changes = outgoing(store).await.changes;
    changes.iter().map(|change| change.record.key).collect()
}

fn sessions(scope: ScopeId, numbers: std::ops::Range<u32>) -> Vec<Record> {
    let record = |number| from_server(session(scope, number), "Дәріс", NOON_MS);
    numbers.map(record).collect()
}

fn deleted(record: &Record) -> Record {
    let stamp = Clock::new(DeviceId(7), Hlc::default(), 0).stamp(NOON_MS + 5);
    let mut edit = Edit::new(record.key, Some(record), stamp, Author::Person);
    edit.delete();
    edit.finish().expect("a deletion is news")
}

/// A note that was written here and is acknowledged.
async fn acknowledged_note(store: &Store, number: u8, words: &str) {
    commit(store, vec![write(note(number), words)], NOON_MS).await;
    let sent = ids(&outgoing(store).await);
    let mut plan = accepted(&sent);
    plan.cursors = vec![at(ScopeId::OWN, u64::from(number))];
    save(store, plan).await;
}

async fn what_the_server_lost_is_offered_again(database: &Database) {
    for reason in [RereadReason::OtherHistory, RereadReason::Diverged] {
        let database = match database {
            Database::InMemory(_) => Database::in_memory(),
            Database::InBrowser(_) => Database::in_browser(),
        };
        let store = database.open().await;
        acknowledged_note(&store, 1, "Су").await;
        acknowledged_note(&store, 2, "Нан").await;
        let kept = shown(&store, &note(1)).expect("a note");
        exchange(&store, reread(ScopeId::OWN, reason)).await;
        for store in [&store, &database.open().await] {
            assert_eq!(text(store, &note(2)).as_deref(), Some("Нан"), "visible");
            assert_eq!(outgoing(store).await.cursors, []);
        }
        let known = vec![Record::clone(&kept)];
        exchange(&store, reading(ScopeId::OWN, known)).await;
        for store in [&store, &database.open().await] {
            assert_eq!(offered(store).await, [note(2)]);
            assert_eq!(text(store, &note(1)).as_deref(), Some("Су"));
            assert_eq!(text(store, &note(2)).as_deref(), Some("Нан"));
            assert!(store.replica().is_waiting(&note(2)));
        }
        let sent = ids(&outgoing(&store).await);
        save(&store, accepted(&sent)).await;
        exchange(&store, quiet()).await;
        assert_eq!(offered(&store).await, [], "once");
        assert_eq!(database.count(Table::Replaced).await, 0);
        assert_eq!(database.count(Table::Rereads).await, 0);
    }
}

async fn what_may_not_be_written_vanishes_unless_it_was_written_here(database: &Database) {
    let (organised, attended) = (programme(1), programme(2));
    let store = database.open().await;
    let mut plan = news(organised, 9, sessions(organised, 0..100));
    plan.records.extend(sessions(attended, 0..3));
    plan.cursors.push(at(attended, 3));
    plan.roles = vec![
        ProgrammeRole {
            programme: ProgrammeId::new(NOON_MS, [1; 10]),
            role: Role::Organiser,
        },
        ProgrammeRole {
            programme: ProgrammeId::new(NOON_MS, [2; 10]),
            role: Role::Participant,
        },
    ];
    let roles = plan.roles.clone();
    save(&store, plan).await;
    let mine = session(attended, 2);
    commit(&store, vec![write(mine, "Менікі")], NOON_MS + 1).await;
    let sent = ids(&outgoing(&store).await);
    let mut plan = accepted(&sent);
    plan.roles = roles;
    save(&store, plan).await;
    let mut plan = reread(organised, RereadReason::OtherHistory);
    plan.reread
        .extend(reread(attended, RereadReason::OtherHistory).reread);
    exchange(&store, plan).await;
    // A server that knows neither programme any more says no role either.
    let store = database.open().await;
    exchange(&store, quiet()).await;
    let offered = offered(&store).await;
    assert_eq!(offered.len(), 100, "no more than asked for");
    for store in [store, database.open().await] {
        assert_eq!(store.replica().waiting(), 101);
        assert_eq!(store.replica().len(), 101);
        assert_eq!(text(&store, &mine).as_deref(), Some("Менікі"));
        assert_eq!(shown(&store, &session(attended, 0)), None);
    }
}

async fn what_was_deleted_long_ago_vanishes(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    save(&store, news(scope, 9, sessions(scope, 0..70))).await;
    commit(
        &store,
        vec![write(session(scope, 69), "Менікі")],
        NOON_MS + 1,
    )
    .await;
    exchange(&store, reread(scope, RereadReason::TooOld)).await;
    exchange(&store, reading(scope, sessions(scope, 0..68))).await;
    for store in [&store, &database.open().await] {
        assert_eq!(shown(store, &session(scope, 68)), None);
        let own = text(store, &session(scope, 69));
        assert_eq!(own.as_deref(), Some("Менікі"), "an own change stays");
        assert_eq!(store.replica().len(), 69);
        assert_eq!(offered(store).await, [session(scope, 69)]);
    }
}

async fn a_deletion_that_the_server_lost_is_offered_again(database: &Database) {
    let scope = ScopeId::OWN;
    let store = database.open().await;
    let there = from_server(note(1), "Су", NOON_MS);
    let gone = from_server(note(2), "Нан", NOON_MS);
    let records = vec![there.clone(), gone.clone(), deleted(&there), deleted(&gone)];
    save(&store, news(scope, 9, records)).await;
    exchange(&store, reread(scope, RereadReason::OtherHistory)).await;
    exchange(&store, reading(scope, vec![there])).await;
    // The one is back on the server; the other may be on another device, which would offer it again.
    assert_eq!(offered(&store).await, [note(1), note(2)]);
    for number in [1, 2] {
        let record = shown(&store, &note(number)).expect("a tombstone");
        assert!(record.is_deleted());
    }
}

async fn the_outbox_is_not_touched(database: &Database) {
    let store = database.open().await;
    acknowledged_note(&store, 1, "Су").await;
    commit(&store, vec![write(note(1), "Суу")], NOON_MS + 1).await;
    commit(&store, vec![write(note(2), "Нан")], NOON_MS + 2).await;
    let before = outgoing(&store).await.changes;
    exchange(&store, reread(ScopeId::OWN, RereadReason::Diverged)).await;
    assert_eq!(outgoing(&store).await.changes, before);
    save(&store, reading(ScopeId::OWN, vec![])).await;
    for store in [&store, &database.open().await] {
        let after = outgoing(store).await.changes;
        assert_eq!(after[..2], before);
        assert_eq!(after.len(), 3, "and what was acknowledged");
        assert_eq!(text(store, &note(1)).as_deref(), Some("Суу"));
    }
}

async fn a_reading_that_is_not_complete_decides_nothing(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    save(&store, news(scope, 9, sessions(scope, 0..5))).await;
    outgoing(&store).await;
    save(&store, reread(scope, RereadReason::TooOld)).await;
    // The answer to a request of before the reading began.
    save(&store, quiet()).await;
    assert_eq!(store.replica().len(), 5);
    let mut first = reading(scope, sessions(scope, 0..1));
    first.more = true;
    exchange(&store, first).await;
    for store in [&store, &database.open().await] {
        assert_eq!(store.replica().len(), 5);
    }
    exchange(&store, reading(scope, sessions(scope, 1..2))).await;
    for store in [&store, &database.open().await] {
        assert_eq!(store.replica().len(), 2);
    }
}

async fn a_second_reason_loses_nothing_of_the_first(database: &Database) {
    let store = database.open().await;
    acknowledged_note(&store, 1, "Су").await;
    exchange(&store, reread(ScopeId::OWN, RereadReason::OtherHistory)).await;
    let mut begun = reading(ScopeId::OWN, vec![from_server(note(2), "Нан", NOON_MS)]);
    begun.more = true;
    exchange(&store, begun).await;
    exchange(&store, reread(ScopeId::OWN, RereadReason::TooOld)).await;
    exchange(&store, reading(ScopeId::OWN, vec![])).await;
    assert_eq!(offered(&store).await, [note(1), note(2)]);
}

async fn without_a_token_the_own_scope_waits(database: &Database) {
    let store = database.open().await;
    acknowledged_note(&store, 1, "Су").await;
    exchange(&store, reread(ScopeId::OWN, RereadReason::TooOld)).await;
    exchange(&store, SavePlan::default()).await;
    assert_eq!(text(&store, &note(1)).as_deref(), Some("Су"));
    exchange(&store, quiet()).await;
    assert_eq!(text(&store, &note(1)), None);
}

async fn a_scope_that_is_lost_meanwhile_is_lost(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    save(&store, news(scope, 9, sessions(scope, 0..5))).await;
    exchange(&store, reread(scope, RereadReason::OtherHistory)).await;
    let revoked = SavePlan {
        revoked: vec![scope],
        ..quiet()
    };
    exchange(&store, revoked).await;
    for store in [&store, &database.open().await] {
        assert!(store.replica().is_empty());
    }
    assert_eq!(database.count(Table::Replaced).await, 0);
    assert_eq!(database.count(Table::Rereads).await, 0);
}

async fn what_came_after_a_place_that_is_gone_is_not_saved(database: &Database) {
    let (scope, elsewhere) = (programme(1), programme(2));
    let (store, other) = (database.open().await, database.open().await);
    save(&store, news(scope, 9, sessions(scope, 0..5))).await;
    let asked = outgoing(&store).await.cursors;
    let revoked = SavePlan {
        revoked: vec![scope],
        ..quiet()
    };
    for gone in [reread(scope, RereadReason::Diverged), revoked] {
        save(&other, gone).await;
        let mut late = news(scope, 10, sessions(scope, 5..6));
        late.cursors.push(at(elsewhere, 1));
        late.asked.clone_from(&asked);
        let before = database.dump().await;
        let saved = store.save(late, NOON_MS).await;
        assert_eq!(saved, Err(StoreError::Outdated));
        assert_eq!(database.dump().await, before);
        assert_eq!(outgoing(&store).await.cursors, [], "all of it is asked for");
        assert_eq!(shown(&store, &session(scope, 5)), None);
    }
    // What tells all of it from its beginning goes on from nowhere.
    let asked = Vec::new();
    let whole = news(scope, 10, sessions(scope, 0..6));
    save(&store, SavePlan { asked, ..whole }).await;
    assert_eq!(outgoing(&store).await.cursors, [at(scope, 10)]);
}

async fn a_reading_that_another_tab_began_anew_is_not_complete(database: &Database) {
    let scope = programme(1);
    let (store, other) = (database.open().await, database.open().await);
    save(&store, news(scope, 9, sessions(scope, 0..5))).await;
    exchange(&store, reread(scope, RereadReason::TooOld)).await;
    let mut all = reading(scope, sessions(scope, 0..5));
    all.more = true;
    exchange(&store, all).await;
    let asked = outgoing(&store).await.cursors;
    exchange(&other, reread(scope, RereadReason::TooOld)).await;
    // There is nothing more, says the answer about what the other tab has moved aside.
    save(&store, SavePlan { asked, ..quiet() }).await;
    for store in [&store, &database.open().await] {
        assert_eq!(store.replica().len(), 5);
    }
    assert_eq!(database.count(Table::Rereads).await, 1);
    exchange(&store, reading(scope, sessions(scope, 0..4))).await;
    for store in [&store, &database.open().await] {
        assert_eq!(store.replica().len(), 4);
    }
}
