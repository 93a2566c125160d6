//! What is true in Keruen, what may change, and how changes meet.
//!
//! Shared by the client (wasm) and the server. Pure: no I/O, no async, no clock and no randomness
//! of its own; time and random bits are parameters. It refuses to hold anything that needs a
//! browser, a database or a network.
//!
//! # Layout
//!
//! - [`id`]: a type of its own for every identifier.
//! - [`clock`]: hybrid logical clocks and the [`Stamp`] of a write.
//! - [`value`], [`record`]: fields, values and records as they are stored and sent.
//! - [`merge`]: how concurrent versions of a record meet; **the** rule.
//! - `bounded`: what becomes of stamps from too far ahead.
//! - [`restamp`]: stamps from too far ahead, before they are sent.
//! - [`change`]: every edit as data.
//! - [`text`]: long texts, which several people write at once.
//! - [`access`]: who may read and write what.
//! - [`model`]: the vocabulary (programme, event, session, material, note, person) read from records.
//! - [`dates`]: dates and times of day as each language writes them.
//! - [`protocol`]: what travels between device and server.
//! - [`sync`]: the engine that decides what to send and when; events in, effects out.
//! - [`parts`], [`downloads`]: files in parts, and the queue of those that are to come.
//! - [`backup`]: the file in which people keep what they wrote.
//! - [`encoding`]: the one binary form of what is stored and sent; [`page`]: many records in it.
//! - [`content`], [`sum`]: the names and sums by which content is known and compared.

pub mod access;
pub mod backup;
mod bounded;
pub mod change;
pub mod clock;
pub mod content;
pub mod dates;
pub mod downloads;
pub mod encoding;
pub mod id;
pub mod merge;
pub mod model;
pub mod mutation;
#[cfg(feature = "openapi")]
mod openapi;
pub mod page;
pub mod parts;
pub mod protocol;
pub mod record;
pub mod restamp;
pub mod sum;
pub mod sync;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod uploads;
pub mod value;
pub mod zones;

pub use access::{Action, Actor, Refusal, Role, may, may_share};
pub use change::{Change, Edit, Finished};
pub use clock::{Clock, Hlc, Stamp};
pub use content::ContentHash;
pub use id::{
    ChangeId, DeviceId, EventId, GroupId, InvitationId, MaterialId, NoteId, ParseIdError, PersonId,
    ProgrammeId, RecordId, SessionId, ShareId,
};
pub use model::{Language, Translated};
pub use mutation::Mutation;
pub use record::{Author, Collection, Record, RecordKey, Register, ScopeId, Version};
pub use sum::Sum;
pub use value::{FieldKey, Value};
