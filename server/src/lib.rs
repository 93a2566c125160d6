//! Keruen's server: keeps records in order, decides who may see and write them, hands them out.
//!
//! # Layout
//!
//! - [`config`]: all settings.
//! - [`serve`]: from settings to a running server.
//! - [`routes`]: extract, authorise, ask the exchange or the store, answer.
//! - [`exchange`]: changes in, news out; asks `may` about every one.
//! - [`people`]: who joins, with which devices, as what; [`regions`] to choose from.
//! - [`import`]: files into programmes, from the command line.
//! - [`uploads`]: files that people send.
//! - [`forms`]: smaller forms of pictures.
//! - [`shares`]: links by which anybody reads one thing.
//! - [`feeds`]: people's own agendas as calendars to subscribe to.
//! - [`files`]: files of materials, who may read them and in which parts.
//! - [`bucket`]: where files rest, if the operator has one.
//! - [`public`]: what anybody reads of public programmes.
//! - [`pages`]: what is read without the app, as HTML.
//! - [`snapshot`]: what a scope holds, made ready for whoever reads it from the beginning.
//! - [`upkeep`]: what is done now and then, beside all requests.
//! - [`store`]: the database and the bytes of files.
//! - [`auth`], [`limiter`], [`seen`]: who asks, how often, and when they did last; [`network`]: from where; [`secrets`]: what is given away to be known by.
//! - [`live`]: hints to whoever keeps a connection open.
//! - [`content`], [`error`]: the forms of bodies; errors as answers.
//! - [`administration`]: people and invitations from the command line; [`qr`] codes in a terminal.
//! - [`telemetry`]: the log.
//! - [`maintenance`]: checks, backups and restores from the command line.
//! - [`pruning`]: what is forgotten after a while.
//! - [`machine`]: the machine's clock and random bits.

pub mod administration;
pub mod auth;
pub mod bucket;
pub mod config;
pub mod content;
pub mod error;
pub mod exchange;
pub mod feeds;
pub mod files;
pub mod forms;
pub mod import;
pub mod limiter;
pub mod live;
pub mod machine;
pub mod maintenance;
pub mod network;
pub mod pages;
pub mod people;
pub mod pruning;
pub mod public;
pub mod qr;
pub mod readiness;
pub mod regions;
pub mod routes;
pub mod schedules;
pub mod secrets;
pub mod seen;
pub mod serve;
pub mod shares;
pub mod snapshot;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod upkeep;
pub mod uploads;

pub use routes::router;
pub use state::AppState;
