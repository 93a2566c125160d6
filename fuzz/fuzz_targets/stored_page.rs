//! A page of records: sealed on a device, or a chunk of a snapshot.
#![no_main]

use keruen_domain::{Sum, page};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(records) = page::decode(bytes) {
        let again = page::decode(&page::encode(&records));
        assert_eq!(again.as_ref(), Ok(&records));
        for record in &records {
            let _ = (Sum::of(record), record.last_edit(), record.contested().count());
        }
    }
});
