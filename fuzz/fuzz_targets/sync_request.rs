//! What a device says, in both versions: whatever can be read is written as it was read, and merges.
#![no_main]

use keruen_domain::protocol::{v1, v2};
use keruen_domain::{Record, encoding};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = encoding::decode::<v1::SyncRequest>(bytes) {
        let again = encoding::decode(&encoding::encode(&request));
        assert_eq!(again.as_ref(), Ok(&request));
        take(&v2::SyncRequest::from(request));
    }
    if let Ok(request) = encoding::decode::<v2::SyncRequest>(bytes) {
        let again = encoding::decode(&encoding::encode(&request));
        assert_eq!(again.as_ref(), Ok(&request));
        take(&request);
    }
});

/// What the server does with the changes.
fn take(request: &v2::SyncRequest) {
    for change in &request.changes {
        let mut row = Record::new(change.record.key);
        row.merge(change.record.clone());
        assert!(row.includes(&change.record));
        let before = row.clone();
        row.merge(change.record.clone());
        assert_eq!(row, before);
        let _ = row.last_edit();
    }
}
