//! The rest of a programme in Keruen's own JSON that is imported.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| keruen_fuzz::import("{\"keruen\":1,", bytes));
