//! Keruen's client: what runs in the browser.
//!
//! # Layout, from the bottom up
//!
//! - [`platform`]: thin covers over browser APIs.
//! - [`store`]: the replica in IndexedDB; one door for writes, which announces each commit.
//! - [`sync`]: performs what the domain's engine decides.
//! - [`i18n`]: words, numbers and dates in three languages.
//! - [`state`]: live queries to read, actions to write, status to show.
//! - [`components`]: reusable view; values and signals in, callbacks out.
//! - [`pages`]: one module per place of the app.
//! - [`app`]: the only place where the layers are joined.

#[cfg(feature = "interface")]
pub mod app;
#[cfg(feature = "interface")]
pub mod components;
#[cfg(feature = "interface")]
pub mod i18n;
#[cfg(feature = "interface")]
#[expect(
    unreachable_pub,
    reason = "the component macro makes its own items public"
)]
pub mod pages;
pub mod platform;
#[cfg(feature = "interface")]
pub mod state;
pub mod store;
pub mod sync;
