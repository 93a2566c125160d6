//! Agendas as other programs read them: records to text.
//!
//! ```text
//!  records of a programme ──Agenda::of──► one event with its sessions, in one language ──calendar──► text
//! ```

mod agenda;
mod calendar;
mod lines;
mod zones;

pub use agenda::Agenda;
pub use calendar::{Written, calendar};
