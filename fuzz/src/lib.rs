//! What several targets do with their bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use keruen_domain::model::{Event, View as _};
use keruen_domain::{Clock, DeviceId, Hlc, Language, Record, RecordKey};
use keruen_formats::write::{Agenda, Words, calendar, csv, frab_json, frab_xml};
use keruen_formats::{NoCompanions, Options, plan, read};

const NOW_MS: u64 = 1_750_000_000_000;
const WORDS: Words<'_> = Words {
    samples: "made up",
    cancelled: "called off",
};

/// Imports a file that begins with `head` twice: the second time changes nothing, and neither does what is
/// written of it in other formats.
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
            come_back(&rows);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Each event in each format, read again, is what it was.
fn come_back(rows: &[Record]) {
    let records: Vec<Arc<Record>> = rows.iter().cloned().map(Arc::new).collect();
    for event in records.iter().filter_map(Event::of) {
        let Some(agenda) = Agenda::of(&records, event.id(), Language::Kazakh) else {
            continue;
        };
        let text = calendar(&agenda, WORDS.samples).text;
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        // A calendar without any entry is none to the reader.
        assert_unchanged(rows, &text, agenda.is_empty());
        for written in [
            frab_xml(&agenda, &WORDS),
            frab_json(&agenda, &WORDS),
            csv(std::slice::from_ref(&agenda), Language::Kazakh),
        ] {
            match written {
                Ok(written) => assert_unchanged(rows, &written.text, false),
                Err(_) => assert!(agenda.is_empty()),
            }
        }
    }
}

fn assert_unchanged(rows: &[Record], text: &str, may_be_none: bool) {
    match read(text.as_bytes(), &Options::default(), &mut NoCompanions) {
        Ok(draft) => {
            let mut clock = Clock::new(DeviceId(2), Hlc::default(), 0);
            let again = plan(&draft, rows, &mut clock, NOW_MS + 2);
            assert_eq!(again.changes, [], "{text}");
        }
        Err(error) => assert!(may_be_none, "{error}: {text}"),
    }
}
