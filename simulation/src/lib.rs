//! Whole histories, played in memory with the code that is released: the client's store and engine,
//! the server's exchange. Around them everything goes wrong that can: messages are lost, doubled,
//! cut and delayed, tabs and phones die between any two steps and inside their transactions,
//! clocks jump, tokens end, the server is put back from a backup.
//!
//! A [`Tape`] decides everything that happens, so that a history can be played again and made
//! shorter. What must hold is held against a plain list of what people wrote ([`Ledger`]), which knows
//! nothing of merging.
//!
//! [`Ledger`]: ledger::Ledger

pub mod campaign;
mod device;
mod hardship;
mod ledger;
mod now;
mod people;
mod random;
mod server;
pub mod shrink;
mod tape;
mod texts;
mod told;
pub mod trace;
mod world;

pub use tape::Tape;
pub use told::Told;
pub use world::play;
