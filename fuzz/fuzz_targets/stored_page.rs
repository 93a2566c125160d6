//! A page of records: sealed on a device, or a chunk of a snapshot.
#![no_main]

use std::collections::BTreeSet;

use keruen_domain::{ScopeId, Sum, page};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(directory) = page::index(bytes) {
        let mut whole = Vec::new();
        for place in &directory.places {
            let content = place.content(bytes);
            let values = page::peek(content, ["body", "title"]);
            let Ok(record) = page::read(place.key_in(directory.scope), content) else {
                continue;
            };
            // Looking finds what reading finds, where each field stands once.
            let again = page::encode(directory.scope, &[&record]);
            let found = page::index(&again).expect("what was written is whole");
            let content = found.places[0].content(&again);
            let looked = page::peek(content, ["body", "title"]);
            assert_eq!(
                [&looked[0], &looked[1]],
                ["body", "title"].map(|name| record.value(name))
            );
            let _ = values;
            whole.push(record);
        }
        assert_eq!(
            page::decode(bytes).is_ok(),
            whole.len() == directory.places.len()
        );
    }
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
