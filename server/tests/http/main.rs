//! The server as devices meet it: over HTTP, on a free port, with a store in a folder of its own.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as loudly as tests do"
)]

mod access;
mod bucket;
mod client_files;
mod clocks;
mod connections;
mod description;
mod devices;
mod feeds;
mod files;
mod first_version;
mod forms;
mod harness;
mod hostile;
mod hostile_bytes;
mod hostile_text;
mod limits;
mod live;
mod operation;
mod paging;
mod people;
mod public;
mod refusals;
mod rereading;
mod schedules;
mod shares;
mod snapshots;
mod sync;
mod uploads;
