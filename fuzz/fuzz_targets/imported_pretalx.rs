//! The rest of an answer of pretalx that is imported.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| keruen_fuzz::import("{\"talks\":", bytes));
