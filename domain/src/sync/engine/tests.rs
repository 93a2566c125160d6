//! Every way from one state to the next, and that none of them goes round for ever.

mod answers;
mod blame;
mod chunks;
mod failures;
mod hints;
mod sums;
mod wakes;

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
        bench.0.knows_time = true;
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
            ..Outgoing::default()
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

    /// Saved; and if sums are wanted now, there are none.
    fn saved(&mut self) -> Vec<Effect> {
        match self.saved_as_it_is(NOW_MS).as_slice() {
            [Effect::Sum { exchange }] => self.tell(Event::Summed {
                exchange: *exchange,
                sums: Vec::new(),
            }),
            other => other.to_vec(),
        }
    }

    fn saved_as_it_is(&mut self, now_ms: u64) -> Vec<Effect> {
        let event = Event::Saved {
            exchange: self.number(),
            result: Ok(()),
        };
        let mut effects = self.0.handle(event, now_ms, RANDOM);
        effects.retain(|effect| !matches!(effect, Effect::Report(_)));
        effects
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
