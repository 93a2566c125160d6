//! What a server says, in both versions, and what it says instead.
#![no_main]

use keruen_domain::encoding;
use keruen_domain::protocol::{v1, v2};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(response) = encoding::decode::<v1::SyncResponse>(bytes) {
        let again = encoding::decode(&encoding::encode(&response));
        assert_eq!(again.as_ref(), Ok(&response));
    }
    if let Ok(response) = encoding::decode::<v2::SyncResponse>(bytes) {
        let again = encoding::decode(&encoding::encode(&response));
        assert_eq!(again.as_ref(), Ok(&response));
        let _ = v1::SyncResponse::from(response);
    }
    let _ = encoding::decode::<v1::Problem>(bytes);
});
