//! Three versions of one record, whoever made them: they merge in any order and grouping.
#![no_main]

use keruen_domain::{Author, DeviceId, Edit, FieldKey, Hlc, Record, Stamp, encoding};
use libfuzzer_sys::fuzz_target;

fn merged(one: &Record, other: &Record) -> Record {
    let mut both = one.clone();
    both.merge(other.clone());
    both
}

fuzz_target!(|bytes: &[u8]| {
    let Ok([one, two, three]) = encoding::decode::<[Record; 3]>(bytes) else {
        return;
    };
    let (two, three) = (two.moved_to(one.key.scope), three.moved_to(one.key.scope));
    if one.key != two.key || one.key != three.key {
        return;
    }
    let all = merged(&merged(&one, &two), &three);
    assert_eq!(all, merged(&one, &merged(&two, &three)));
    assert_eq!(all, merged(&three, &merged(&two, &one)));
    assert_eq!(all, merged(&all, &two));
    assert!(all.includes(&one) && all.includes(&two) && all.includes(&three));
    assert_eq!(encoding::decode(&encoding::encode(&all)), Ok(all.clone()));
    let now = Hlc::from_unix_ms(1_000);
    if let Some(bounded) = one.bounded(Some(&two), now, now) {
        let row = merged(&two, &bounded);
        assert!(row.includes(&bounded));
    }
    let stamp = Stamp {
        time: Hlc::from_unix_ms(2_000),
        device: DeviceId(7),
    };
    let mut edit = Edit::new(all.key, Some(&all), stamp, Author::Person);
    edit.delete();
    edit.set(FieldKey::register("title"), "written after all");
    if let Some(change) = edit.finish() {
        let _ = merged(&all, &change);
    }
});
