//! When the device sums up what it holds.

use super::*;
use crate::sum::Sum;

const DAY_MS: u64 = Engine::SUM_AGAIN_MS;

fn summed(sequence: u64) -> Summed {
    Summed {
        at: cursor(ScopeId::OWN, sequence),
        sum: Sum(3),
    }
}

/// Has read something and is to sum up.
fn summing() -> Bench {
    let mut bench = Bench::leading();
    bench.read_up_to_five();
    bench
}

impl Bench {
    fn read_up_to_five(&mut self) {
        self.send_from(&[], false, &[cursor(ScopeId::OWN, 5)]);
        self.receive(answer(&[]));
        let effects = self.saved_as_it_is(NOW_MS);
        assert!(matches!(effects[..], [Effect::Sum { .. }]), "{effects:?}");
    }

    fn summed(&mut self, sums: &[Summed]) -> Vec<Effect> {
        let exchange = self.number();
        let sums = sums.to_vec();
        self.tell(Event::Summed { exchange, sums })
    }

    /// Nothing is done at once, or it might never end.
    fn rests_and_sums_up_again(&mut self) {
        let effects = self.saved_as_it_is(NOW_MS);
        assert_eq!(pause_ms(&effects), Some(Engine::REST_MS));
        self.wake(Wake::Timer);
        self.read_up_to_five();
    }

    fn sends_sums_that_news_come_between(&mut self) {
        self.summed(&[summed(5)]);
        assert_eq!(self.sums_sent(), [Sum(3)]);
        self.receive(SyncResponse {
            pages: vec![page(ScopeId::OWN, 6)],
            ..answer(&[])
        });
    }

    /// The sums that the next request carries.
    fn sums_sent(&mut self) -> Vec<Sum> {
        let request = self.send_from(&[], false, &[cursor(ScopeId::OWN, 5)]);
        request.sums.iter().map(|sum| sum.sum).collect()
    }
}

#[test]
fn after_the_first_quiet_exchange_sums_are_compared_once() {
    let mut bench = summing();
    assert_eq!(bench.phase(), Phase::Resting, "nobody waits for it");
    assert!(begins(&bench.summed(&[summed(5)])));
    assert_eq!(bench.sums_sent(), [Sum(3)]);
    bench.receive(answer(&[]));
    let effects = bench.saved_as_it_is(NOW_MS);
    assert_eq!(pause_ms(&effects), Some(Engine::REST_MS));
    // Not at the next exchange either.
    bench.wake(Wake::Timer);
    assert!(bench.sums_sent().is_empty());
    bench.receive(answer(&[]));
    assert!(pause_ms(&bench.saved_as_it_is(NOW_MS)).is_some());
    // But when somebody asks, and after a day.
    bench.wake(Wake::Asked);
    bench.read_up_to_five();
    bench.summed(&[]);
    bench.wake(Wake::Timer);
    bench.send_from(&[], false, &[cursor(ScopeId::OWN, 5)]);
    bench.receive(answer(&[]));
    let effects = bench.saved_as_it_is(NOW_MS + DAY_MS);
    assert!(matches!(effects[..], [Effect::Sum { .. }]));
}

#[test]
fn a_sum_of_before_is_not_sent() {
    let mut bench = summing();
    bench.summed(&[summed(4)]);
    assert!(bench.sums_sent().is_empty());
    bench.receive(answer(&[]));
    bench.rests_and_sums_up_again();
}

#[test]
fn sums_that_news_came_between_are_made_again_after_a_rest() {
    let mut bench = summing();
    bench.sends_sums_that_news_come_between();
    bench.rests_and_sums_up_again();
}

#[test]
fn hints_do_not_put_off_sums_that_were_missed() {
    let mut bench = summing();
    assert_eq!(bench.tell(Event::Live(true)), []);
    bench.sends_sums_that_news_come_between();
    bench.rests_and_sums_up_again();
    bench.summed(&[summed(5)]);
    bench.sums_sent();
    bench.receive(answer(&[]));
    let effects = bench.saved_as_it_is(NOW_MS);
    assert_eq!(pause_ms(&effects), Some(Engine::LIVE_REST_MS));
}

#[test]
fn sums_that_the_server_had_no_time_for_are_made_again_after_a_rest() {
    let mut bench = summing();
    bench.summed(&[summed(5)]);
    assert_eq!(bench.sums_sent(), [Sum(3)]);
    bench.fail(SendFailure::Problem(Problem::Unavailable));
    bench.wake(Wake::Timer);
    bench.read_up_to_five();
}

#[test]
fn what_is_written_while_it_is_summed_up_does_not_wait() {
    let mut bench = summing();
    let late = bench.number();
    assert!(begins(&bench.wake(Wake::Commit)));
    let sums = vec![summed(5)];
    let event = Event::Summed {
        exchange: late,
        sums,
    };
    assert_eq!(bench.tell(event), []);
    // The next quiet exchange brings it.
    bench.read_up_to_five();
}

#[test]
fn sums_that_got_lost_on_the_way_are_made_again() {
    let mut bench = summing();
    bench.summed(&[summed(5)]);
    assert_eq!(bench.sums_sent(), [Sum(3)]);
    bench.fail(SendFailure::Unreachable);
    bench.wake(Wake::Timer);
    assert!(bench.sums_sent().is_empty());
    bench.receive(answer(&[]));
    let effects = bench.saved_as_it_is(NOW_MS);
    assert!(matches!(effects[..], [Effect::Sum { .. }]));
}

#[test]
fn a_device_that_has_read_nothing_has_nothing_to_sum_up() {
    let mut bench = Bench::leading();
    bench.send(&[]);
    bench.receive(answer(&[]));
    assert!(pause_ms(&bench.saved_as_it_is(NOW_MS)).is_some());
}
