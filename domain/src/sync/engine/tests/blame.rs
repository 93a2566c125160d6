//! Changes that the server will not take do not hold up the others, and no server is asked for ever.

use super::*;

/// Plays a server that will not take requests with certain changes, until the engine rests or
/// waits. Returns what was saved and how many requests that took.
fn play_against(
    problem: Problem,
    poison: &[u8],
    outbox: &mut Vec<Change>,
    bench: &mut Bench,
) -> (SavePlan, usize) {
    let mut saved = SavePlan::default();
    let mut requests = 0;
    loop {
        assert!(requests < 1_000, "no end");
        let head: Vec<Change> = outbox.iter().take(bench.0.batch).cloned().collect();
        let more = head.len() < outbox.len();
        let request = bench.send_from(&head, more, &[]);
        requests += 1;
        let poisoned = poison.iter().any(|number| {
            request
                .changes
                .iter()
                .any(|change| change.id == id(*number))
        });
        let effects = if poisoned {
            bench.fail(SendFailure::Problem(problem))
        } else {
            let mut response = answer(&[]);
            response.results = request
                .changes
                .iter()
                .map(|change| ChangeResult {
                    change: change.id,
                    outcome: Outcome::Accepted,
                })
                .collect();
            let plan = bench.receive(response);
            let left = |id: &ChangeId| {
                plan.settled.contains(id)
                    || plan.not_understood.contains(id)
                    || plan.refused.iter().any(|(refused, _)| refused == id)
            };
            outbox.retain(|change| !left(&change.id));
            saved.settled.extend(plan.settled);
            saved.refused.extend(plan.refused);
            saved.not_understood.extend(plan.not_understood);
            bench.saved()
        };
        if !begins(&effects) {
            return (saved, requests);
        }
    }
}

#[test]
fn a_change_that_is_too_large_does_not_block_those_behind_it() {
    let mut outbox: Vec<Change> = (0..150).map(|number| change(number, 1)).collect();
    let mut bench = Bench::leading();
    let (saved, requests) = play_against(Problem::TooLarge, &[70, 71], &mut outbox, &mut bench);
    assert!(outbox.is_empty());
    assert_eq!(saved.settled.len(), 148);
    let too_large = |number| (id(number), Refusal::TooLarge);
    assert_eq!(saved.refused, [too_large(70), too_large(71)]);
    assert!(requests < 40, "{requests} requests");
    assert_eq!(bench.phase(), Phase::Resting);
}

#[test]
fn a_change_that_makes_requests_unreadable_is_set_aside() {
    let mut outbox: Vec<Change> = (0..9).map(|number| change(number, 1)).collect();
    let mut bench = Bench::leading();
    let (saved, _) = play_against(Problem::Malformed, &[4], &mut outbox, &mut bench);
    assert!(outbox.is_empty());
    assert_eq!(saved.not_understood, [id(4)]);
}

#[test]
fn when_requests_fail_without_any_change_no_change_is_to_blame() {
    let mut bench = Bench::leading();
    for _ in 0..5 {
        bench.send(&[change(1, 1)]);
        let too_large = SendFailure::Problem(Problem::TooLarge);
        assert!(begins(&bench.fail(too_large)));
        assert!(bench.send(&[change(1, 1)]).changes.is_empty());
        assert!(pause_ms(&bench.fail(too_large)).is_some());
        assert_eq!(
            max_changes(&bench.wake(Wake::Timer)),
            Some(1),
            "it is tried again"
        );
    }
    let request = bench.send(&[change(1, 1)]);
    assert_eq!(request.changes.len(), 1);
    let plan = bench.receive(answer(&[(1, Outcome::Accepted)]));
    assert!(plan.refused.is_empty());
}

#[test]
fn a_server_that_refuses_everything_is_asked_once_for_each_change() {
    let refused = Outcome::Refused(Refusal::NotAMember);
    let mut bench = Bench::leading();
    let mut effects = Vec::new();
    for (number, more) in [(1, true), (2, true), (3, false)] {
        bench.send_from(&[change(number, 1)], more, &[]);
        bench.receive(answer(&[(number, refused)]));
        effects = bench.saved();
        assert_eq!(begins(&effects), more);
    }
    assert_eq!(pause_ms(&effects), Some(Engine::REST_MS));
}

#[test]
fn a_server_that_does_not_answer_about_changes_is_not_asked_at_once_again() {
    let mut bench = Bench::leading();
    bench.send_from(&[change(1, 1)], true, &[]);
    let plan = bench.receive(answer(&[]));
    let nothing = SavePlan {
        joined: true,
        ..SavePlan::default()
    };
    assert_eq!(plan, nothing);
    assert_eq!(pause_ms(&bench.saved()), Some(Engine::REST_MS));
}

#[test]
fn a_request_stays_below_its_bytes_and_what_did_not_fit_follows() {
    let large = Engine::REQUEST_BYTES / 3;
    let changes = [1, 2, 3, 4].map(|number| change(number, large));
    let mut bench = Bench::leading();
    assert_eq!(bench.send(&changes).changes.len(), 2);
    bench.receive(answer(&[(1, Outcome::Accepted), (2, Outcome::Accepted)]));
    assert!(begins(&bench.saved()), "two are left");
    // One that is larger than all goes alone.
    let huge = [change(5, Engine::REQUEST_BYTES * 2), change(6, 1)];
    assert_eq!(bench.send(&huge).changes.len(), 1);
}
