//! What the server has acknowledged, in a number.

use keruen_domain::protocol::v2::{RereadReason, ScopeReread};
use keruen_domain::sync::{SavePlan, Summed};
use keruen_domain::{Record, ScopeId, Sum};

use crate::harness::{
    Database, NOON_MS, accepted, at, commit, from_server, ids, news, note, on_every_backend,
    outgoing, programme, save, session, shown, write,
};

on_every_backend!(
    pages_and_rows_add_up_to_what_the_server_has,
    what_is_read_anew_is_not_summed_up,
    what_is_read_on_meanwhile_is_left_out,
);

fn sum_of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Sum {
    let mut sum = Sum::default();
    records
        .into_iter()
        .for_each(|record| sum += Sum::of(record));
    sum
}

async fn pages_and_rows_add_up_to_what_the_server_has(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    let mut records: Vec<Record> = (0..300)
        .map(|number| from_server(session(scope, number), "Дәріс", NOON_MS))
        .collect();
    save(&store, news(scope, 300, records.clone())).await;
    let changed = from_server(session(scope, 7), "Кейін", NOON_MS + 1);
    save(&store, news(scope, 301, vec![changed.clone()])).await;
    records[7].merge(changed);
    // Own changes count from the moment at which the server has them.
    commit(
        &store,
        vec![write(session(scope, 8), "Менікі")],
        NOON_MS + 2,
    )
    .await;
    commit(&store, vec![write(note(1), "Су")], NOON_MS + 3).await;
    let summed = |sum| Summed {
        at: at(scope, 301),
        sum,
    };
    let sums = store.sum_up(async || {}).await;
    assert_eq!(sums, Ok(vec![summed(sum_of(&records))]));
    let mut plan = accepted(&ids(&outgoing(&store).await));
    plan.cursors = vec![at(ScopeId::OWN, 1)];
    save(&store, plan).await;
    let mine = shown(&store, &session(scope, 8)).expect("a session");
    records[8] = Record::clone(&mine);
    let note = shown(&store, &note(1)).expect("a note");
    let own = Summed {
        at: at(ScopeId::OWN, 1),
        sum: sum_of([&*note]),
    };
    let sums = database.open().await.sum_up(async || {}).await;
    assert_eq!(sums, Ok(vec![own, summed(sum_of(&records))]));
}

async fn what_is_read_anew_is_not_summed_up(database: &Database) {
    let scope = programme(1);
    let store = database.open().await;
    let row = from_server(session(scope, 1), "Дәріс", NOON_MS);
    save(&store, news(scope, 1, vec![row.clone()])).await;
    let reason = RereadReason::Diverged;
    let plan = SavePlan {
        reread: vec![ScopeReread { scope, reason }],
        more: true,
        ..SavePlan::default()
    };
    save(&store, plan).await;
    let mut half = news(scope, 1, vec![row]);
    half.more = true;
    save(&store, half).await;
    assert_eq!(store.sum_up(async || {}).await, Ok(vec![]));
}

async fn what_is_read_on_meanwhile_is_left_out(database: &Database) {
    let (one, two) = (programme(1), programme(2));
    let store = database.open().await;
    for scope in [one, two] {
        let row = from_server(session(scope, 1), "Дәріс", NOON_MS);
        save(&store, news(scope, 1, vec![row])).await;
    }
    let sums = store.sum_up(async || {
        let row = from_server(session(two, 2), "Дәріс", NOON_MS);
        save(&store, news(two, 2, vec![row])).await;
    });
    let scopes: Vec<_> = sums.await.expect("sums").iter().map(|sum| sum.at).collect();
    assert_eq!(scopes, [at(one, 1)]);
}
