//! What several targets do with their bytes.

use std::collections::BTreeMap;

use keruen_domain::{Clock, DeviceId, Hlc, Record, RecordKey};
use keruen_formats::{NoCompanions, Options, plan, read};

const NOW_MS: u64 = 1_750_000_000_000;

/// Imports a file that begins with `head` twice: the second time changes nothing.
pub fn import(head: &str, bytes: &[u8]) {
    let file = [head.as_bytes(), bytes].concat();
    let options = Options {
        name: Some("a programme"),
        ..Options::default()
    };
    match read(&file, &options, &mut NoCompanions) {
        Ok(draft) => {
            for notice in draft.skipped.iter().chain(&draft.warnings) {
                assert!(!notice.to_string().is_empty());
            }
            let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
            let mut rows: BTreeMap<RecordKey, Record> = BTreeMap::new();
            for change in plan(&draft, &[], &mut clock, NOW_MS).changes {
                let row = rows.entry(change.key);
                row.or_insert_with(|| Record::new(change.key)).merge(change);
            }
            let rows: Vec<Record> = rows.into_values().collect();
            let again = plan(&draft, &rows, &mut clock, NOW_MS + 1);
            assert_eq!(again.changes, [], "a second import changes nothing");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
