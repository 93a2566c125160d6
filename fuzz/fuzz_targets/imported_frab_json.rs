//! The rest of a frab schedule in JSON that is imported.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| keruen_fuzz::import("{\"schedule\":", bytes));
