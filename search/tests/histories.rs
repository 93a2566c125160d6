//! However an index came to its documents, it finds what one made anew finds; and no bytes break it.

use std::collections::BTreeMap;

use keruen_search::{Damage, Document, Index, Options};
use proptest::prelude::*;

const QUERIES: [&str; 9] = [
    "ақтау",
    "актау",
    "музеи",
    "семинар а",
    "қалал",
    "мангистау ",
    "симинар",
    "\"семинар в\"",
    "нет такого слова музей",
];

#[derive(Clone, Debug)]
enum Step {
    Put(u8, String, String),
    Remove(u8),
    Seal,
    OpenChanges,
}

fn text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "Ақтау",
        "Актау",
        "музей",
        "музеев",
        "семинар",
        "в",
        "қалалар",
        "Маңғыстау",
        "Aktau",
        "workshops",
        "Кзыл-Орда",
        "o'zbek",
        "қала",
    ]);
    prop::collection::vec(words, 0..8).prop_map(|words| words.join(" "))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u8..12, text(), text()).prop_map(|(key, title, body)| Step::Put(key, title, body)),
        2 => (0_u8..12).prop_map(Step::Remove),
        1 => Just(Step::Seal),
        1 => Just(Step::OpenChanges),
    ]
}

fn put(index: &mut Index, key: u8, title: &str, body: &str) {
    index.put(&Document {
        key: &[key],
        kind: key % 3,
        fingerprint: (title.len() * 1000 + body.len()) as u64,
        title,
        body,
        ..Document::default()
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_finds_what_a_fresh_index_finds(steps in prop::collection::vec(step(), 0..40)) {
        let mut index = Index::new();
        let mut model = BTreeMap::new();
        for step in steps {
            match step {
                Step::Put(key, title, body) => {
                    put(&mut index, key, &title, &body);
                    model.insert(key, (title, body));
                }
                Step::Remove(key) => {
                    index.remove(&[key]);
                    model.remove(&key);
                }
                Step::Seal => {
                    let bytes = index.seal().to_vec();
                    index = Index::open(bytes).expect("just sealed");
                }
                Step::OpenChanges => {
                    let changes = index.seal_changes();
                    let base = index.clone().seal().to_vec();
                    match index.open_changes(&changes) {
                        Ok(()) => prop_assert_eq!(index.clone().seal().to_vec(), base),
                        Err(damage) => prop_assert!(false, "{}", damage),
                    }
                }
            }
        }
        let mut fresh = Index::new();
        for (key, (title, body)) in &model {
            put(&mut fresh, *key, title, body);
        }
        let mut keys: Vec<(Vec<u8>, u64)> =
            index.fingerprints().map(|(key, fingerprint)| (key.to_vec(), fingerprint)).collect();
        keys.sort();
        prop_assert_eq!(keys.len(), model.len());
        for (key, fingerprint) in keys {
            prop_assert_eq!(index.fingerprint(&key), Some(fingerprint));
            prop_assert_eq!(fresh.fingerprint(&key), Some(fingerprint));
        }
        let text_of = |key: &[u8]| model.get(&key[0]).map(|(title, body)| format!("{title}\n{body}"));
        let options = Options { text_of: Some(&text_of), limit: 5, ..Options::default() };
        for query in QUERIES {
            prop_assert_eq!(index.search(query, &options), fresh.search(query, &options), "{}", query);
        }
        prop_assert_eq!(index.seal(), fresh.seal());
        for query in QUERIES {
            prop_assert_eq!(index.search(query, &options), fresh.search(query, &options), "{}", query);
        }
    }

    #[test]
    fn a_changed_bit_is_damage(at in any::<prop::sample::Index>(), bit in 0_u8..8, title in text()) {
        let mut index = Index::new();
        put(&mut index, 1, &title, "музей");
        let whole = index.seal().to_vec();
        put(&mut index, 2, &title, "");
        let changes = index.seal_changes();
        let mut broken = whole.clone();
        broken[at.index(whole.len())] ^= 1 << bit;
        prop_assert!(Index::open(broken).is_err());
        prop_assert!(Index::open(whole[..at.index(whole.len())].to_vec()).is_err());
        let mut broken = changes.clone();
        broken[at.index(changes.len())] ^= 1 << bit;
        prop_assert!(index.open_changes(&broken).is_err());
        prop_assert!(index.open_changes(&changes[..at.index(changes.len())]).is_err());
        prop_assert_eq!(index.open_changes(&changes), Ok(()));
    }

    #[test]
    fn foreign_bytes_are_no_index(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Index::open(bytes.clone()).is_err());
        prop_assert!(Index::new().open_changes(&bytes).is_err());
    }

    #[test]
    fn any_query_of_any_text_is_answered(text in "\\PC{0,60}", query in "\\PC{0,20}") {
        let mut index = Index::new();
        put(&mut index, 1, &text, &text);
        let before = index.search(&query, &Options::default());
        index.seal();
        prop_assert_eq!(index.search(&query, &Options::default()), before);
    }
}

#[test]
fn changes_to_another_index_are_refused() {
    let mut one = Index::new();
    put(&mut one, 1, "музей", "");
    one.seal();
    put(&mut one, 2, "театр", "");
    let changes = one.seal_changes();
    let mut other = Index::new();
    assert_eq!(other.open_changes(&changes), Err(Damage::OtherBase));
}

#[test]
fn what_is_removed_is_not_found_and_leaves_no_change_behind() {
    let mut index = Index::new();
    let empty = index.seal_changes();
    put(&mut index, 1, "музей", "");
    index.remove(&[1]);
    assert_eq!(index.seal_changes(), empty);
    assert!(index.search("музей", &Options::default()).hits.is_empty());
    assert!(index.is_empty());
}
