//! Keruen's client: what runs in the browser.
//!
//! # Layout
//!
//! - [`components`]: reusable view; values and signals in, callbacks out.
//! - [`i18n`]: words, numbers and dates in three languages.

pub mod components;
pub mod i18n;
