//! Agendas as other programs read them: records to text.
//!
//! ```text
//!  records of a programme ──Agenda::of──► one event with its sessions, in one language ──calendar──► text
//!                                                                           ├─frab_xml───► text
//!                                                                           ├─frab_json──► text
//!                                                                           └─csv────────► text
//! ```

mod agenda;
mod calendar;
mod frab;
mod lines;
mod table;
mod zones;

pub use agenda::Agenda;
pub use calendar::{calendar, feed, reminders};
pub use frab::{frab_json, frab_xml};
pub use table::{csv, template};

/// What is written, and what could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file's content.
    pub text: String,
    /// Sessions without a time that the format can say.
    pub untimed: usize,
}

/// There is no session with a time, and no day either where that would be enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NothingToWrite;

/// Words for people in the agenda's language.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// That something of a session was made up for the sample programmes.
    pub samples: &'a str,
    /// That a session or its event was called off.
    pub cancelled: &'a str,
}
