//! The rest of a table that is imported.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| keruen_fuzz::import("Title;Start;", bytes));
