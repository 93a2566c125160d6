//! What the server says by itself.

use super::*;

fn hint(sequence: u64) -> Event {
    Event::Hint(vec![cursor(ScopeId::OWN, sequence)])
}

/// Has read the own scope up to row 5 and rests.
fn at_five() -> Bench {
    let mut bench = Bench::leading();
    bench.send(&[]);
    let mut response = answer(&[]);
    response.pages = vec![page(ScopeId::OWN, 5)];
    bench.receive(response);
    bench.saved();
    assert_eq!(bench.phase(), Phase::Resting);
    bench
}

#[test]
fn a_hint_at_what_is_known_is_no_reason_to_ask() {
    let mut bench = at_five();
    assert_eq!(bench.tell(hint(5)), []);
    assert_eq!(bench.tell(hint(4)), []);
    assert!(begins(&bench.tell(hint(6))));
}

#[test]
fn another_history_is_a_reason_to_ask() {
    let mut bench = at_five();
    let other = ScopeCursor {
        cursor: Cursor {
            epoch: 7,
            sequence: 1,
        },
        ..cursor(ScopeId::OWN, 1)
    };
    assert!(begins(&bench.tell(Event::Hint(vec![other]))));
}

#[test]
fn a_hint_during_an_exchange_is_held_against_its_answer() {
    for (hinted, expected) in [(6, false), (7, true)] {
        let mut bench = at_five();
        bench.wake(Wake::Asked);
        bench.send_from(&[], false, &[cursor(ScopeId::OWN, 5)]);
        assert_eq!(bench.tell(hint(hinted)), []);
        let mut response = answer(&[]);
        response.pages = vec![page(ScopeId::OWN, 6)];
        bench.receive(response);
        assert_eq!(begins(&bench.saved()), expected);
    }
}

#[test]
fn a_hint_is_followed_once() {
    let mut bench = at_five();
    assert!(begins(&bench.tell(hint(9))));
    // The server has nothing to say of it after all.
    bench.send_from(&[], false, &[cursor(ScopeId::OWN, 5)]);
    bench.receive(answer(&[]));
    bench.saved();
    assert_eq!(bench.phase(), Phase::Resting);
}

#[test]
fn a_hint_shortens_a_wait_for_the_network_and_no_other() {
    assert!(begins(&Bench::waiting().tell(hint(1))));
    assert_eq!(Bench::paused().tell(hint(1)), []);
    assert_eq!(Bench(Engine::new(true)).tell(hint(1)), []);
    let mut asked = Bench::leading();
    asked.send(&[]);
    asked.fail(SendFailure::Problem(Problem::TooMany {
        retry_after_ms: 60_000,
    }));
    assert_eq!(asked.tell(hint(1)), []);
}

#[test]
fn while_hints_come_there_is_less_to_ask_for() {
    let mut bench = at_five();
    let effects = bench.tell(Event::Live(true));
    assert_eq!(pause_ms(&effects), Some(Engine::LIVE_REST_MS));
    let effects = bench.tell(Event::Live(false));
    assert_eq!(pause_ms(&effects), Some(Engine::REST_MS));
}
