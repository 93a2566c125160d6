//! What is saved of an answer.

use super::*;

#[test]
fn each_outcome_goes_where_it_belongs() {
    let mut bench = Bench::leading();
    let sent = bench.send(&[1, 2, 3, 4].map(|number| change(number, 1)));
    assert_eq!(sent.changes.len(), 4);
    let refused = Outcome::Refused(Refusal::RoleDoesNotAllow);
    let plan = bench.receive(answer(&[
        (2, refused),
        (1, Outcome::Accepted),
        (3, Outcome::NotUnderstood),
        // Nobody asked about this one, and these were answered already.
        (9, Outcome::Accepted),
        (2, Outcome::Accepted),
        (1, refused),
    ]));
    assert_eq!(plan.settled, [id(1)]);
    assert_eq!(plan.refused, [(id(2), Refusal::RoleDoesNotAllow)]);
    assert_eq!(plan.not_understood, [id(3)]);
}

#[test]
fn pages_and_their_cursors_are_saved_together() {
    let mut bench = Bench::leading();
    bench.send_from(&[], false, &[cursor(ScopeId::OWN, 3)]);
    let record = change(5, 1).record;
    let mut response = answer(&[]);
    response.pages = vec![ScopePage {
        records: vec![record.clone()],
        ..page(ScopeId::OWN, 4)
    }];
    let plan = bench.receive(response);
    assert_eq!(plan.records, [record]);
    assert_eq!(plan.cursors, [cursor(ScopeId::OWN, 4)]);
}

#[test]
fn more_news_are_fetched_as_long_as_news_come() {
    let mut bench = Bench::leading();
    for sequence in 0..5 {
        bench.send_from(&[], false, &[cursor(ScopeId::OWN, sequence)]);
        let mut response = answer(&[]);
        response.more = true;
        response.pages = vec![page(ScopeId::OWN, sequence + 1)];
        bench.receive(response);
        assert!(begins(&bench.saved()));
    }
    // The promise of more without any news is not believed.
    bench.send_from(&[], false, &[cursor(ScopeId::OWN, 5)]);
    let mut response = answer(&[]);
    response.more = true;
    response.pages = vec![page(ScopeId::OWN, 5)];
    bench.receive(response);
    assert_eq!(pause_ms(&bench.saved()), Some(Engine::REST_MS));
}

#[test]
fn only_a_scope_that_was_named_can_be_lost_and_never_the_own() {
    let group = |number: u8| ScopeId::Group(GroupId::new(1, [number; 10]));
    let mut bench = Bench::leading();
    bench.send_from(&[], false, &[cursor(group(1), 1), cursor(ScopeId::OWN, 1)]);
    let mut response = answer(&[]);
    response.revoked = vec![group(1), group(2), ScopeId::OWN];
    assert_eq!(bench.receive(response).revoked, [group(1)]);
}

#[test]
fn the_status_is_reported_when_it_changes_and_only_then() {
    let mut engine = Engine::new(true);
    let reports = |effects: Vec<Effect>| {
        let reports = effects.into_iter().filter_map(|effect| match effect {
            Effect::Report(status) => Some(status.phase),
            _ => None,
        });
        reports.collect::<Vec<Phase>>()
    };
    assert_eq!(
        reports(engine.handle(Event::Woke(Wake::Online), NOW_MS, RANDOM)),
        []
    );
    let leads = engine.handle(Event::Leads(true), NOW_MS, RANDOM);
    assert_eq!(reports(leads), [Phase::Exchanging]);
    let read = Event::Read {
        exchange: engine.exchange,
        outgoing: Ok(Outgoing::default()),
    };
    assert_eq!(reports(engine.handle(read, NOW_MS, RANDOM)), []);
}

#[test]
fn the_clock_is_learnt_from_every_answer() {
    let mut bench = Bench::leading();
    bench.send(&[]);
    let mut response = answer(&[]);
    response.server_time_ms = NOW_MS + 700_000;
    assert_eq!(bench.receive(response).clock_offset_ms, 700_000);
    assert!(bench.0.status().clock_is_off());
    assert_eq!(bench.0.status().last_contact_ms, Some(NOW_MS));
}

#[test]
fn changes_of_a_device_that_knows_no_time_wait_until_it_is_told() {
    let waiting = |cursors: &[ScopeCursor]| Outgoing {
        more: true,
        cursors: cursors.to_vec(),
        ..Outgoing::default()
    };
    let knows_time = |effects: &[Effect]| match effects {
        [Effect::Read { knows_time, .. }] => *knows_time,
        other => panic!("not a look: {other:?}"),
    };
    let mut bench = Bench(Engine::new(true));
    assert!(!knows_time(&bench.tell(Event::Leads(true))));
    bench.read(waiting(&[]));
    bench.receive(answer(&[]));
    assert!(knows_time(&bench.saved()), "now they go");
    // Whoever has read something knows the time: the store has read the changes with the cursor.
    let mut bench = Bench(Engine::new(true));
    bench.tell(Event::Leads(true));
    let sent = bench.send_from(&[change(1, 1)], true, &[cursor(ScopeId::OWN, 1)]);
    assert_eq!(sent.changes.len(), 1);
    bench.receive(answer(&[(1, Outcome::Accepted)]));
    assert!(knows_time(&bench.saved()));
}
