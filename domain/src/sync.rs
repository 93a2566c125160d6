//! The sync engine: decides what to send, what to save and when to try again.
//!
//! Pure: [`Engine::handle`] takes an event, a time and random bits and returns effects. The driver
//! (`src/sync/` of the client, or a simulator) performs them and comes back with what happened.

mod backoff;
mod effect;
mod engine;
mod event;
mod status;
mod takeover;

pub use backoff::Backoff;
pub use effect::{ChunkName, Effect, SavePlan};
pub use engine::Engine;
pub use event::{Event, FetchFailure, Outgoing, SaveFailure, SendFailure, Summed, Wake};
pub use status::{Connection, Phase, SyncStatus};
pub use takeover::{Look, Takeover};
