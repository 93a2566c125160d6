//! The engine's effects that take time: reading, sending, saving.

use keruen_domain::sync::{Effect, Event, SaveFailure};

use super::chunks::{Arrivals, sha256};
use super::transport::{self, Identity};
use crate::platform::{now_ms, sleep_ms};
use crate::store::Store;

/// How long it is to have been quiet before sums are made, in milliseconds.
const QUIET_MS: u32 = 2_000;

/// Does what the engine asks for and tells it what came of it. Nothing for what asks for no such work: a
/// pause, a report.
pub(super) async fn perform(
    store: &Store,
    arrivals: &Arrivals,
    effect: Effect,
    tell: impl Fn(Event),
) {
    let event = match effect {
        Effect::Read {
            exchange,
            max_changes,
            knows_time,
        } => {
            let outgoing = store.outgoing(max_changes, knows_time).await;
            let outgoing = outgoing.map_err(SaveFailure::from);
            Event::Read { exchange, outgoing }
        }
        Effect::Send { exchange, request } => {
            let sent_ms = now_ms();
            match transport::send(&request, &Identity::of(store)).await {
                Ok(response) => Event::Answered {
                    exchange,
                    sent_ms,
                    response,
                },
                Err(failure) => Event::SendFailed { exchange, failure },
            }
        }
        Effect::Save { exchange, plan } => {
            let plan = plan.with_chunks(sha256).await;
            let result = store.save(plan, now_ms()).await.map_err(SaveFailure::from);
            Event::Saved { exchange, result }
        }
        Effect::Fetch { exchange, chunk } => {
            return arrivals.fetch(store, exchange, chunk, tell).await;
        }
        Effect::Sum { exchange } => {
            // Nobody waits for it, and somebody may wait for what they have just opened.
            sleep_ms(QUIET_MS).await;
            // One pause per slice, so that a slow phone can draw and answer in between.
            let sums = store.sum_up(async || sleep_ms(0).await).await;
            let sums = sums.unwrap_or_default();
            Event::Summed { exchange, sums }
        }
        Effect::WakeAfter { .. } | Effect::Report(_) => return,
    };
    tell(event);
}
