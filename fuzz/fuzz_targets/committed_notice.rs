//! What one tab tells another: it may be of another version.
#![no_main]

use keruen_app::store::Committed;
use keruen_domain::encoding;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(committed) = encoding::decode::<Committed>(bytes) {
        let again = encoding::decode(&encoding::encode(&committed));
        assert_eq!(again.as_ref(), Ok(&committed));
    }
});
