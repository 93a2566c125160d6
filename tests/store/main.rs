//! What the store promises, asked of every backend in a real browser.
//!
//! - [`transactions`]: what a backend owes the store.
//! - [`edits`]: a person's edits, on disk and in the image.
//! - [`bundles`]: many changes in one value.
//! - [`answers`]: what the server's answers do.
//! - [`clocks`]: phones whose clock is wrong.
//! - [`pages`]: records that arrive by the hundred.
//! - [`compaction`]: single records that piled up.
//! - [`snapshots`]: scopes that are read chunk by chunk.
//! - [`rereads`]: scopes that are read anew.
//! - [`rescue`]: groups that are lost, and what was written there.
//! - [`backups`]: the file that people keep themselves.
//! - [`sums`]: what the server has acknowledged, in a number.
//! - [`damage`]: bytes that cannot be read, and databases that go away.
//! - [`downloads`]: files that are to come, part by part.
//! - [`kept_index`]: the search index, and what it is compared with.
//! - [`tabs`]: two stores on one database.
//! - [`histories`]: random histories against a model.
//! - [`formats`]: the stored bytes of every released version.
#![cfg(target_arch = "wasm32")]

mod answers;
mod backups;
mod bundles;
mod clocks;
mod compaction;
mod damage;
mod downloads;
mod edits;
mod formats;
mod harness;
mod histories;
mod kept_index;
mod pages;
mod received;
mod rereads;
mod rescue;
mod snapshots;
mod sums;
mod tabs;
mod transactions;
mod uploads;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
