//! Snapshots: what is asked for and when, and what comes between chunks.

use super::*;
use crate::content::ContentHash;
use crate::protocol::v2::{Chunk, RereadReason, ScopeReread, ScopeSnapshot};

fn scope(number: u8) -> ScopeId {
    ScopeId::Group(GroupId::new(1, [number; 10]))
}

fn name(number: u8) -> ChunkName {
    ChunkName {
        scope: scope(1),
        sha256: ContentHash([number; 32]),
    }
}

fn snapshot(scope: ScopeId, chunks: u8) -> ScopeSnapshot {
    let chunk = |number| Chunk {
        sha256: ContentHash([number; 32]),
        size_bytes: 1,
        records: 1,
    };
    ScopeSnapshot {
        scope,
        cursor: Cursor {
            epoch: 1,
            sequence: 9,
        },
        chunks: (0..chunks).map(chunk).collect(),
    }
}

fn fetched(effects: &[Effect]) -> Vec<ChunkName> {
    let fetches = effects.iter().map(|effect| match effect {
        Effect::Fetch { chunk, .. } => *chunk,
        other => panic!("not a fetch: {other:?}"),
    });
    fetches.collect()
}

impl Bench {
    fn lacks(&mut self, changes: &[Change], missing: &[ChunkName]) -> Vec<Effect> {
        self.read(Outgoing {
            changes: changes.to_vec(),
            missing: missing.to_vec(),
            ..Outgoing::default()
        })
    }

    fn came_after(
        &mut self,
        chunk: ChunkName,
        result: Result<(), FetchFailure>,
        passed_ms: u64,
    ) -> Vec<Effect> {
        let exchange = self.number();
        let event = Event::Fetched {
            exchange,
            chunk,
            result,
        };
        let mut effects = self.0.handle(event, NOW_MS + passed_ms, RANDOM);
        effects.retain(|effect| !matches!(effect, Effect::Report(_)));
        effects
    }

    fn came(&mut self, chunk: ChunkName, result: Result<(), FetchFailure>) -> Vec<Effect> {
        self.came_after(chunk, result, 10_000)
    }

    /// Has begun to fetch these.
    fn fetching(missing: &[ChunkName]) -> (Self, Vec<ChunkName>) {
        let mut bench = Self::leading();
        bench.send(&[]);
        let mut response = answer(&[]);
        response.snapshots = vec![snapshot(scope(1), 3)];
        assert_eq!(bench.receive(response).snapshots.len(), 1);
        assert!(begins(&bench.saved()), "to see what is missing");
        let effects = bench.lacks(&[], missing);
        (bench, fetched(&effects))
    }
}

#[test]
fn two_chunks_are_fetched_at_once_on_a_slow_link_and_more_on_a_quick_one() {
    let all: Vec<ChunkName> = (0..12).map(name).collect();
    for (travelled_ms, expected) in [(10_000, 2), (100, 8)] {
        let (mut bench, mut under_way) = Bench::fetching(&all);
        let mut asked = under_way.clone();
        let mut most = 0;
        let mut passed_ms = 0;
        while let Some(chunk) = under_way.pop() {
            passed_ms += travelled_ms;
            let effects = bench.came_after(chunk, Ok(()), passed_ms);
            if begins(&effects) {
                break;
            }
            let next = fetched(&effects);
            asked.extend(&next);
            under_way.extend(next);
            most = most.max(under_way.len());
        }
        assert_eq!(asked, all, "each once, the most urgent first");
        assert_eq!(most, expected);
        // None is missing any more: what happened meanwhile is asked for, and then there is rest.
        assert!(matches!(bench.lacks(&[], &[])[..], [Effect::Send { .. }]));
        bench.receive(answer(&[]));
        bench.saved();
        assert_eq!(bench.phase(), Phase::Resting);
    }
}

#[test]
fn what_is_written_meanwhile_goes_before_the_next_chunk() {
    let (mut bench, under_way) = Bench::fetching(&[name(0), name(1), name(2)]);
    assert_eq!(under_way, [name(0), name(1)]);
    assert_eq!(bench.wake(Wake::Commit), []);
    assert_eq!(bench.came(name(0), Ok(())), []);
    assert!(begins(&bench.came(name(1), Ok(()))));
    let effects = bench.lacks(&[change(1, 1)], &[name(2)]);
    assert!(matches!(effects[..], [Effect::Send { .. }]));
    bench.receive(answer(&[(1, Outcome::Accepted)]));
    assert!(begins(&bench.saved()));
    assert_eq!(fetched(&bench.lacks(&[], &[name(2)])), [name(2)]);
}

#[test]
fn a_first_reading_that_is_known_to_be_all_ends_in_rest() {
    for (hinted, is_asked) in [(Some(9), false), (Some(10), true), (None, true)] {
        let (mut bench, _) = Bench::fetching(&[name(0)]);
        bench.tell(Event::Live(true));
        let hint = hinted.map(|sequence| cursor(scope(1), sequence));
        assert_eq!(bench.tell(Event::Hint(hint.into_iter().collect())), []);
        assert!(begins(&bench.came(name(0), Ok(()))));
        let effects = bench.lacks(&[], &[]);
        let asks = matches!(effects[..], [Effect::Send { .. }]);
        assert_eq!(asks, is_asked, "{hinted:?}");
        assert_eq!(bench.phase() == Phase::Resting, !is_asked);
    }
}

/// Its end is the answer after the last chunk, against which what was held is compared.
#[test]
fn what_is_read_anew_in_chunks_is_asked_about_once_more() {
    let mut bench = Bench::leading();
    bench.send_from(&[], false, &[cursor(scope(1), 1)]);
    let mut response = answer(&[]);
    response.reread = vec![ScopeReread {
        scope: scope(1),
        reason: RereadReason::Diverged,
    }];
    bench.receive(response);
    assert!(begins(&bench.saved()));
    bench.send(&[]);
    let mut response = answer(&[]);
    response.snapshots = vec![snapshot(scope(1), 1)];
    bench.receive(response);
    assert!(begins(&bench.saved()));
    assert_eq!(fetched(&bench.lacks(&[], &[name(0)])), [name(0)]);
    bench.tell(Event::Live(true));
    bench.tell(Event::Hint(vec![cursor(scope(1), 9)]));
    assert!(begins(&bench.came(name(0), Ok(()))));
    assert!(matches!(bench.lacks(&[], &[])[..], [Effect::Send { .. }]));
}

#[test]
fn a_chunk_that_breaks_off_waits_and_then_an_exchange_goes_first() {
    for failure in [FetchFailure::Unreachable, FetchFailure::Stalled] {
        let (mut bench, _) = Bench::fetching(&[name(0)]);
        assert!(pause_ms(&bench.came(name(0), Err(failure))).is_some());
        assert_eq!(bench.phase(), Phase::Waiting);
        assert_eq!(bench.0.status().connection, Connection::Lost);
        bench.wake(Wake::Online);
        assert!(matches!(
            bench.lacks(&[], &[name(0)])[..],
            [Effect::Send { .. }]
        ));
    }
}

#[test]
fn a_server_without_its_chunks_is_read_page_by_page() {
    let mut bench = Bench::leading();
    let mut pauses = Vec::new();
    for _ in 0..3 {
        assert!(bench.send(&[]).takes_snapshots);
        let mut response = answer(&[]);
        response.snapshots = vec![snapshot(scope(1), 3)];
        bench.receive(response);
        bench.saved();
        bench.lacks(&[], &[name(0)]);
        let effects = bench.came(name(0), Err(FetchFailure::NotThere));
        pauses.extend(pause_ms(&effects));
        bench.wake(Wake::Timer);
    }
    assert_eq!(pauses, [1_000, 2_000, 4_000], "not asked without end");
    assert!(!bench.send(&[]).takes_snapshots);
}

#[test]
fn a_full_device_waits_with_its_chunks() {
    let (mut bench, _) = Bench::fetching(&[name(0)]);
    let effects = bench.came(name(0), Err(FetchFailure::CannotSave));
    assert!(pause_ms(&effects).is_some());
    assert_eq!(bench.phase(), Phase::CannotSave);
}

#[test]
fn chunks_that_nobody_asked_for_say_nothing() {
    let (mut bench, _) = Bench::fetching(&[name(0), name(1), name(2)]);
    assert_eq!(bench.came(name(2), Ok(())), []);
    bench.tell(Event::Leads(false));
    assert_eq!(bench.came(name(0), Ok(())), []);
}

#[test]
fn a_snapshot_is_only_the_beginning_of_a_scope() {
    let mut bench = Bench::leading();
    bench.send_from(&[], false, &[cursor(scope(2), 1)]);
    let mut response = answer(&[]);
    response.snapshots = vec![
        snapshot(scope(1), 2),
        snapshot(scope(1), 1),
        snapshot(scope(2), 2),
        snapshot(ScopeId::OWN, 2),
        snapshot(scope(3), 0),
    ];
    response.pages = vec![
        ScopePage {
            records: vec![change(1, 1).record],
            ..page(scope(1), 0)
        },
        page(scope(2), 2),
    ];
    let plan = bench.receive(response);
    assert_eq!(plan.snapshots, [snapshot(scope(1), 2)]);
    assert_eq!(plan.records.len(), 1, "something to show at once");
    // A snapshot of nothing is a cursor; the page beside a snapshot has none.
    assert_eq!(plan.cursors, [cursor(scope(3), 9), cursor(scope(2), 2)]);
}

#[test]
fn only_a_named_scope_is_read_anew_and_not_for_ever() {
    let reread = |scope| ScopeReread {
        scope,
        reason: RereadReason::OtherHistory,
    };
    let mut bench = Bench::leading();
    for round in 1..=4 {
        bench.send_from(&[], false, &[cursor(scope(1), 1), cursor(ScopeId::OWN, 1)]);
        let mut response = answer(&[]);
        response.reread = vec![
            reread(scope(1)),
            reread(scope(1)),
            reread(scope(2)),
            reread(ScopeId::OWN),
        ];
        response.pages = vec![ScopePage {
            records: vec![change(1, 1).record],
            ..page(scope(1), 5)
        }];
        let plan = bench.receive(response);
        assert_eq!(plan.reread, [reread(scope(1)), reread(ScopeId::OWN)]);
        assert_eq!((plan.records.len(), plan.cursors.len()), (0, 0));
        assert_eq!(begins(&bench.saved()), round < 4, "round {round}");
    }
}
