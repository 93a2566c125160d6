//! Every way from one state to the next, and that none of them goes round for ever.

use super::*;
use crate::change::{Change, Edit};
use crate::clock::{Hlc, Stamp};
use crate::id::{DeviceId, GroupId, RecordId};
use crate::protocol::v1::{ChangeResult, Cursor, ScopeCursor, ScopePage};
use crate::protocol::v2::{SyncRequest, SyncResponse};
use crate::record::{Author, Collection, RecordKey, ScopeId};
use crate::sync::SavePlan;
use crate::value::FieldKey;

const NOW_MS: u64 = 1_000_000;
/// The random bits that make each pause the shortest.
const RANDOM: u32 = 0;

fn change(number: u8, bytes: usize) -> Change {
    let key = RecordKey {
        scope: ScopeId::OWN,
        collection: Collection::NOTE,
        id: RecordId::new(1, [number; 10]),
    };
    let stamp = Stamp {
        time: Hlc::from_unix_ms(u64::from(number) + 1),
        device: DeviceId(1),
    };
    let mut edit = Edit::new(key, None, stamp, Author::Person);
    edit.set(FieldKey::register("body"), "x".repeat(bytes.max(1)));
    Change {
        id: ChangeId::new(1, [number; 10]),
        record: edit.finish().expect("a new text is an edit"),
    }
}

fn id(number: u8) -> ChangeId {
    ChangeId::new(1, [number; 10])
}

fn cursor(scope: ScopeId, sequence: u64) -> ScopeCursor {
    let cursor = Cursor { epoch: 1, sequence };
    ScopeCursor { scope, cursor }
}

fn page(scope: ScopeId, sequence: u64) -> ScopePage {
    let ScopeCursor { scope, cursor } = cursor(scope, sequence);
    ScopePage {
        scope,
        cursor,
        records: Vec::new(),
    }
}

fn answer(outcomes: &[(u8, Outcome)]) -> SyncResponse {
    SyncResponse {
        server_time_ms: NOW_MS,
        joined: true,
        results: outcomes
            .iter()
            .map(|(number, outcome)| ChangeResult {
                change: id(*number),
                outcome: *outcome,
            })
            .collect(),
        ..SyncResponse::default()
    }
}

/// An engine with its driver's hands: says what happens next and hands out what is to be done.
struct Bench(Engine);

impl Bench {
    fn leading() -> Self {
        let mut bench = Self(Engine::new(true));
        bench.tell(Event::Leads(true));
        bench
    }

    fn resting() -> Self {
        let mut bench = Self::leading();
        bench.exchange(&[], answer(&[]));
        assert_eq!(bench.phase(), Phase::Resting);
        bench
    }

    fn waiting() -> Self {
        let mut bench = Self::leading();
        bench.send(&[]);
        bench.fail(SendFailure::Unreachable);
        assert_eq!(bench.phase(), Phase::Waiting);
        bench
    }

    fn paused() -> Self {
        let mut bench = Self::leading();
        bench.send(&[]);
        bench.fail(SendFailure::Problem(Problem::NotAuthorised));
        assert_eq!(bench.phase(), Phase::NotAuthorised);
        bench
    }

    /// What is to be done, without the reports.
    fn tell(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = self.0.handle(event, NOW_MS, RANDOM);
        effects.retain(|effect| !matches!(effect, Effect::Report(_)));
        effects
    }

    fn wake(&mut self, wake: Wake) -> Vec<Effect> {
        self.tell(Event::Woke(wake))
    }

    fn phase(&self) -> Phase {
        self.0.status().phase
    }

    fn number(&self) -> u64 {
        self.0.exchange
    }

    fn read(&mut self, outgoing: Outgoing) -> Vec<Effect> {
        let exchange = self.number();
        self.tell(Event::Read {
            exchange,
            outgoing: Ok(outgoing),
        })
    }

    /// The outbox's head was read: the request that is sent for it.
    fn send(&mut self, changes: &[Change]) -> SyncRequest {
        self.send_from(changes, false, &[])
    }

    fn send_from(
        &mut self,
        changes: &[Change],
        more: bool,
        cursors: &[ScopeCursor],
    ) -> SyncRequest {
        let effects = self.read(Outgoing {
            changes: changes.to_vec(),
            more,
            cursors: cursors.to_vec(),
        });
        match effects.as_slice() {
            [Effect::Send { request, .. }] => request.clone(),
            other => panic!("not a request: {other:?}"),
        }
    }

    fn receive(&mut self, response: SyncResponse) -> SavePlan {
        let effects = self.tell(Event::Answered {
            exchange: self.number(),
            sent_ms: NOW_MS,
            response,
        });
        match effects.as_slice() {
            [Effect::Save { plan, .. }] => plan.clone(),
            other => panic!("nothing is saved: {other:?}"),
        }
    }

    fn saved(&mut self) -> Vec<Effect> {
        let exchange = self.number();
        self.tell(Event::Saved {
            exchange,
            result: Ok(()),
        })
    }

    fn fail(&mut self, failure: SendFailure) -> Vec<Effect> {
        let exchange = self.number();
        self.tell(Event::SendFailed { exchange, failure })
    }

    fn exchange(&mut self, changes: &[Change], response: SyncResponse) -> Vec<Effect> {
        self.send(changes);
        self.receive(response);
        self.saved()
    }
}

fn max_changes(effects: &[Effect]) -> Option<usize> {
    match effects {
        [Effect::Read { max_changes, .. }] => Some(*max_changes),
        _ => None,
    }
}

fn pause_ms(effects: &[Effect]) -> Option<u32> {
    match effects {
        [Effect::WakeAfter { pause_ms }] => Some(*pause_ms),
        _ => None,
    }
}

fn begins(effects: &[Effect]) -> bool {
    max_changes(effects).is_some()
}

const WAKES: [Wake; 5] = [
    Wake::Commit,
    Wake::Online,
    Wake::Visible,
    Wake::Timer,
    Wake::Asked,
];

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
    assert_eq!(bench.phase(), Phase::CannotSave);
    // Nothing was saved, so the change is still there and is sent again.
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
    for _ in 0..9 {
        bench.exchange(&[], answer(&[]));
        batches.extend(max_changes(&bench.wake(Wake::Asked)));
    }
    assert_eq!(batches, [2, 4, 8, 16, 32, 64, 128, 200, 200]);
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
    assert_eq!(plan, SavePlan::default());
    assert_eq!(pause_ms(&bench.saved()), Some(Engine::REST_MS));
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
