//! A page of records: sealed on a device, or a chunk of a snapshot.
#![no_main]

use std::collections::BTreeSet;

use keruen_domain::{ScopeId, Sum, page};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(records) = page::decode(bytes) {
        // Pages are of one scope; those of the first form did not have to be.
        let scopes: BTreeSet<ScopeId> = records.iter().map(|record| record.key.scope).collect();
        if let (Some(scope), 1) = (scopes.first().copied(), scopes.len()) {
            let again = page::decode(&page::encode(scope, &records));
            assert_eq!(again.as_ref(), Ok(&records));
        }
        for record in &records {
            let _ = (
                Sum::of(record),
                record.last_edit(),
                record.contested().count(),
            );
        }
    }
});
