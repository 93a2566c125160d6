//! When an exchange begins, and whose answers still count.

use super::*;

#[test]
fn which_wake_begins_an_exchange_in_which_state() {
    let begin_in = |bench: fn() -> Bench| {
        WAKES.map(|wake| {
            let mut bench = bench();
            begins(&bench.wake(wake))
        })
    };
    let following = || Bench(Engine::new(true));
    assert_eq!(begin_in(following), [false; 5]);
    assert_eq!(begin_in(Bench::resting), [true; 5]);
    assert_eq!(begin_in(Bench::waiting), [false, true, true, true, true]);
    assert_eq!(begin_in(Bench::paused), [false, false, false, false, true]);
    assert_eq!(begin_in(Bench::leading), [false; 5], "one is under way");
}

#[test]
fn a_wake_during_an_exchange_is_followed_by_another_exchange() {
    for wake in WAKES {
        let expected = wake != Wake::Timer;
        let mut reading = Bench::leading();
        reading.wake(wake);
        assert_eq!(begins(&reading.exchange(&[], answer(&[]))), expected);

        let mut sending = Bench::leading();
        sending.send(&[]);
        sending.wake(wake);
        sending.receive(answer(&[]));
        assert_eq!(begins(&sending.saved()), expected);

        let mut saving = Bench::leading();
        saving.send(&[]);
        saving.receive(answer(&[]));
        saving.wake(wake);
        assert_eq!(begins(&saving.saved()), expected);
        if expected {
            let effects = saving.exchange(&[], answer(&[]));
            assert_eq!(
                pause_ms(&effects),
                Some(Engine::REST_MS),
                "one, not for ever"
            );
        }
    }
}

#[test]
fn losing_the_lead_ends_every_state_and_its_answers_come_too_late() {
    let sending = || {
        let mut bench = Bench::leading();
        bench.send(&[change(1, 1)]);
        bench
    };
    let saving = || {
        let mut bench = sending();
        bench.receive(answer(&[(1, Outcome::Accepted)]));
        bench
    };
    let states: [fn() -> Bench; 4] = [
        Bench::leading,
        Bench::resting,
        Bench::waiting,
        Bench::paused,
    ];
    let benches = states.map(|state| state()).into_iter();
    for mut bench in benches.chain([sending(), saving()]) {
        let exchange = bench.number();
        assert_eq!(bench.tell(Event::Leads(false)), []);
        assert_eq!(bench.phase(), Phase::Following);
        let late = [
            Event::Read {
                exchange,
                outgoing: Ok(Outgoing::default()),
            },
            Event::Answered {
                exchange,
                sent_ms: NOW_MS,
                response: answer(&[]),
            },
            Event::SendFailed {
                exchange,
                failure: SendFailure::Stalled,
            },
            Event::Saved {
                exchange,
                result: Ok(()),
            },
        ];
        for event in late {
            assert_eq!(bench.tell(event), []);
            assert_eq!(bench.phase(), Phase::Following);
        }
        for wake in WAKES {
            assert_eq!(bench.wake(wake), []);
        }
        assert!(begins(&bench.tell(Event::Leads(true))), "and leads again");
    }
}

#[test]
fn what_comes_twice_or_out_of_turn_is_dropped() {
    let mut bench = Bench::leading();
    assert_eq!(bench.saved(), [], "nothing was to be saved yet");
    assert_eq!(bench.fail(SendFailure::Stalled), [], "nothing was sent yet");
    bench.send(&[]);
    assert_eq!(bench.read(Outgoing::default()), [], "read twice");
    bench.receive(answer(&[]));
    assert_eq!(
        bench.fail(SendFailure::Stalled),
        [],
        "failed after the answer"
    );
    let twice = Event::Answered {
        exchange: bench.number(),
        sent_ms: NOW_MS,
        response: answer(&[]),
    };
    assert_eq!(bench.tell(twice), []);
    assert_eq!(pause_ms(&bench.saved()), Some(Engine::REST_MS));
    assert_eq!(bench.saved(), [], "saved twice");
    assert_eq!(bench.tell(Event::Leads(true)), [], "it leads already");
}

#[test]
fn an_answer_to_a_request_that_was_given_up_is_dropped() {
    let mut bench = Bench::leading();
    let given_up = bench.number();
    bench.send(&[change(1, 1)]);
    bench.fail(SendFailure::Stalled);
    bench.wake(Wake::Timer);
    bench.send(&[change(1, 1)]);
    let late = Event::Answered {
        exchange: given_up,
        sent_ms: NOW_MS,
        response: answer(&[(1, Outcome::Refused(Refusal::NotAMember))]),
    };
    assert_eq!(bench.tell(late), []);
    let plan = bench.receive(answer(&[(1, Outcome::Accepted)]));
    assert_eq!(plan.settled, [id(1)]);
}

#[test]
fn without_a_token_nothing_is_sent_and_edits_do_not_wake() {
    let mut bench = Bench(Engine::new(false));
    assert_eq!(max_changes(&bench.tell(Event::Leads(true))), Some(0));
    // Even if the driver reads more than it was asked for.
    let request = bench.send_from(&[change(1, 1)], true, &[cursor(ScopeId::OWN, 1)]);
    assert!(request.changes.is_empty());
    assert_eq!(request.cursors.len(), 1, "but news are asked for");
    assert_eq!(bench.wake(Wake::Commit), []);
    bench.receive(answer(&[]));
    assert_eq!(pause_ms(&bench.saved()), Some(Engine::REST_MS));
    assert_eq!(bench.wake(Wake::Commit), []);
    // With one, at once.
    assert!(begins(&bench.tell(Event::HasToken(true))));
    assert_eq!(bench.send(&[change(1, 1)]).changes.len(), 1);
}

#[test]
fn a_lost_token_stops_sending_in_the_middle_of_an_exchange() {
    let mut bench = Bench::leading();
    bench.send(&[change(1, 1)]);
    assert!(begins(&bench.tell(Event::HasToken(false))));
    assert!(bench.send(&[change(1, 1)]).changes.is_empty());
    assert_eq!(bench.0.status().joined, None);
}

#[test]
fn a_refused_token_pauses_until_there_is_another() {
    let mut bench = Bench::paused();
    assert_eq!(bench.0.status().connection, Connection::Reached);
    assert!(begins(&bench.tell(Event::HasToken(true))));
    bench.exchange(&[], answer(&[]));
    assert_eq!(bench.phase(), Phase::Resting);
    assert_eq!(bench.0.status().joined, Some(true));
}

#[test]
fn a_version_that_is_not_spoken_pauses_until_somebody_asks() {
    let mut bench = Bench::leading();
    bench.send(&[change(1, 1)]);
    let problem = Problem::VersionNotSupported {
        oldest: 2,
        newest: 3,
    };
    assert_eq!(
        bench.fail(SendFailure::Problem(problem)),
        [],
        "no timer either"
    );
    assert_eq!(bench.phase(), Phase::VersionNotSupported);
    assert_eq!(bench.wake(Wake::Visible), []);
    assert!(begins(&bench.wake(Wake::Asked)));
}
