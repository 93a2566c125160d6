//! The engine's effects that take time: reading, sending, saving.

use keruen_domain::sync::{Effect, Event, SaveFailure};

use super::chunks::{fetch_chunk, sha256};
use super::transport::{self, Identity};
use crate::platform::{now_ms, sleep_ms};
use crate::store::Store;

/// How long it is to have been quiet before sums are made, in milliseconds.
const QUIET_MS: u32 = 2_000;

/// Does what the engine asks for and returns what came of it, to be told to the engine. `None` for
/// what asks for no such work: a pause, a report.
pub async fn perform(store: &Store, effect: Effect) -> Option<Event> {
    match effect {
        Effect::Read {
            exchange,
            max_changes,
        } => {
            let outgoing = store.outgoing(max_changes).await.map_err(SaveFailure::from);
            Some(Event::Read { exchange, outgoing })
        }
        Effect::Send { exchange, request } => {
            let sent_ms = now_ms();
            let sent = transport::send(&request, &Identity::of(store)).await;
            Some(match sent {
                Ok(response) => Event::Answered {
                    exchange,
                    sent_ms,
                    response,
                },
                Err(failure) => Event::SendFailed { exchange, failure },
            })
        }
        Effect::Save { exchange, plan } => {
            let plan = plan.with_chunks(sha256).await;
            let result = store.save(plan, now_ms()).await.map_err(SaveFailure::from);
            Some(Event::Saved { exchange, result })
        }
        Effect::Fetch { exchange, chunk } => {
            let result = fetch_chunk(store, chunk).await;
            Some(Event::Fetched {
                exchange,
                chunk,
                result,
            })
        }
        Effect::Sum { exchange } => {
            // Nobody waits for it, and somebody may wait for what they have just opened.
            sleep_ms(QUIET_MS).await;
            // One pause per slice, so that a slow phone can draw and answer in between.
            let sums = store.sum_up(async || sleep_ms(0).await).await;
            let sums = sums.unwrap_or_default();
            Some(Event::Summed { exchange, sums })
        }
        Effect::WakeAfter { .. } | Effect::Report(_) => None,
    }
}
