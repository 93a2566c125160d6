//! What a program says as JSON.
#![no_main]

use keruen_domain::encoding;
use keruen_domain::protocol::{v1, v2};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = serde_json::from_slice::<v1::SyncRequest>(bytes) {
        let again = encoding::decode(&encoding::encode(&request));
        assert_eq!(again.as_ref(), Ok(&request));
    }
    if let Ok(request) = serde_json::from_slice::<v2::SyncRequest>(bytes) {
        let text = serde_json::to_vec(&request).expect("what was read can be written");
        let again = serde_json::from_slice::<v2::SyncRequest>(&text);
        assert_eq!(again.expect("what was written can be read"), request);
    }
});
