//! What follows a failure: pauses that grow, requests that shrink.

use super::*;

#[test]
fn failures_wait_longer_and_longer_and_success_begins_anew() {
    let mut bench = Bench::leading();
    let mut pauses = Vec::new();
    for _ in 0..8 {
        bench.send(&[]);
        pauses.push(pause_ms(&bench.fail(SendFailure::Unreachable)).expect("it waits"));
        assert_eq!(bench.0.status().connection, Connection::Lost);
        bench.wake(Wake::Timer);
    }
    assert_eq!(pauses[..5], [1_000, 2_000, 4_000, 8_000, 15_000]);
    assert_eq!(pauses[7], Backoff::MAX_MS / 2);
    bench.exchange(&[], answer(&[]));
    assert_eq!(bench.0.status().connection, Connection::Reached);
    bench.wake(Wake::Timer);
    bench.send(&[]);
    let failure = SendFailure::Problem(Problem::Unavailable);
    assert_eq!(pause_ms(&bench.fail(failure)), Some(1_000));
    assert_eq!(bench.0.status().connection, Connection::Reached);
}

#[test]
fn the_random_bits_spread_the_pauses() {
    let pause = |random: u32| {
        let mut engine = Bench::leading().0;
        let exchange = engine.exchange;
        let outgoing = Err(SaveFailure::Other);
        let effects = engine.handle(Event::Read { exchange, outgoing }, NOW_MS, random);
        pause_ms(&effects[..1]).expect("it waits")
    };
    assert_eq!(pause(0), Backoff::FIRST_MS / 2);
    assert_eq!(pause(Backoff::FIRST_MS / 2), Backoff::FIRST_MS);
    assert_ne!(pause(17), pause(170));
}

#[test]
fn who_asks_to_be_left_alone_is_left_alone() {
    let asked_to = |retry_after_ms| {
        let mut bench = Bench::leading();
        bench.send(&[]);
        let problem = Problem::TooMany { retry_after_ms };
        let pause = pause_ms(&bench.fail(SendFailure::Problem(problem)));
        (bench, pause)
    };
    assert_eq!(
        asked_to(0).1,
        Some(1_000),
        "not less than after any failure"
    );
    assert_eq!(asked_to(90_000).1, Some(90_000));
    assert_eq!(asked_to(u32::MAX).1, Some(Engine::LONGEST_ASKED_PAUSE_MS));
    let begin = WAKES.map(|wake| begins(&asked_to(90_000).0.wake(wake)));
    assert_eq!(begin, [false, false, false, true, true]);
}

#[test]
fn what_cannot_be_read_or_saved_is_tried_again() {
    let mut bench = Bench::leading();
    let exchange = bench.number();
    let outgoing = Err(SaveFailure::Other);
    assert!(pause_ms(&bench.tell(Event::Read { exchange, outgoing })).is_some());
    assert_eq!(bench.phase(), Phase::CannotSave);
    assert!(begins(&bench.wake(Wake::Timer)));
    bench.send(&[change(1, 1)]);
    bench.receive(answer(&[(1, Outcome::Accepted)]));
    let exchange = bench.number();
    let result = Err(SaveFailure::Full);
    assert!(pause_ms(&bench.tell(Event::Saved { exchange, result })).is_some());
    assert_eq!(bench.phase(), Phase::StorageFull);
    // Nothing was saved, so the change is still there and is sent again.
    assert!(begins(&bench.wake(Wake::Timer)));
    assert_eq!(bench.send(&[change(1, 1)]).changes.len(), 1);
}

#[test]
fn an_answer_about_where_the_device_is_not_any_more_is_asked_for_again() {
    let mut bench = Bench::leading();
    let asked = [cursor(ScopeId::OWN, 4)];
    bench.send_from(&[change(1, 1)], false, &asked);
    let plan = bench.receive(answer(&[(1, Outcome::Accepted)]));
    assert_eq!(plan.asked, asked);
    let exchange = bench.number();
    let result = Err(SaveFailure::Outdated);
    assert!(pause_ms(&bench.tell(Event::Saved { exchange, result })).is_some());
    assert_eq!(bench.phase(), Phase::Exchanging, "nothing is wrong");
    assert!(begins(&bench.wake(Wake::Timer)));
    assert_eq!(bench.send(&[change(1, 1)]).changes.len(), 1);
}

#[test]
fn batches_shrink_when_a_transfer_breaks_and_grow_again() {
    let changes: Vec<Change> = (0..200).map(|number| change(number, 1)).collect();
    let mut bench = Bench::leading();
    let request = bench.send(&changes);
    assert_eq!(request.page_records, Engine::PAGE_RECORDS);
    bench.fail(SendFailure::Stalled);
    assert_eq!(max_changes(&bench.wake(Wake::Timer)), Some(100));
    // Three stalled: not three again.
    assert_eq!(
        bench.send(&changes[..3]).page_records,
        Engine::PAGE_RECORDS / 2
    );
    bench.fail(SendFailure::Stalled);
    assert_eq!(max_changes(&bench.wake(Wake::Timer)), Some(1));
    for _ in 0..10 {
        bench.send(&changes[..1]);
        bench.fail(SendFailure::Stalled);
        assert_eq!(max_changes(&bench.wake(Wake::Timer)), Some(1));
    }
    let mut batches = Vec::new();
    for _ in 0..11 {
        bench.exchange(&[], answer(&[]));
        batches.extend(max_changes(&bench.wake(Wake::Asked)));
    }
    let all = limits::MAX_CHANGES;
    assert_eq!(batches, [2, 4, 8, 16, 32, 64, 128, 256, 512, all, all]);
    assert_eq!(bench.send(&[]).page_records, Engine::PAGE_RECORDS);
}

#[test]
fn hours_without_a_network_leave_batches_of_a_useful_size() {
    let mut bench = Bench::leading();
    for _ in 0..50 {
        bench.send(&[change(1, 1)]);
        bench.fail(SendFailure::Unreachable);
        bench.wake(Wake::Timer);
    }
    let request = bench.send(&[]);
    assert_eq!(request.page_records, Engine::SMALLEST_PAGE_RECORDS);
    bench.fail(SendFailure::Unreachable);
    let batch = max_changes(&bench.wake(Wake::Timer));
    assert_eq!(batch, Some(Engine::BATCH_OUT_OF_REACH));
}
