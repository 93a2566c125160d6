//! How much of what people look for is found, by the queries in `quality/`.

#[path = "quality/corpus.rs"]
mod corpus;

use std::collections::BTreeMap;

use corpus::{Asked, Text};
use keruen_search::{Index, Options, highlights};

/// Of each group: the queries, per mille of recall among the first ten, per mille of first places.
const DECLARED: [(&str, usize, usize, usize); 12] = [
    ("A letter that slipped", 18, 1000, 1000),
    (
        "English: other forms of the word than the one written",
        27,
        1000,
        1000,
    ),
    (
        "Hard: several words for a place, two slips, verbs, changed stems",
        20,
        600,
        450,
    ),
    (
        "Kazakh: other forms of the word than the one written",
        49,
        1000,
        979,
    ),
    ("Kazakh: typed without Kazakh letters", 19, 1000, 947),
    ("People in another script or form", 14, 928, 857),
    ("Places in another spelling, script or form", 34, 1000, 1000),
    (
        "Russian: other forms of the word than the one written",
        51,
        990,
        941,
    ),
    ("Several words", 20, 1000, 1000),
    ("Words that are only begun", 16, 1000, 937),
    ("all", 277, 965, 931),
    ("o‘zbek, apostrophes and mixed keyboards", 9, 1000, 1000),
];

#[derive(Default)]
struct Tally {
    queries: usize,
    recall: f64,
    first: usize,
}

impl Tally {
    fn per_mille(&self) -> (usize, usize) {
        let recall = (self.recall * 1000.0 / self.queries as f64 + 1e-6) as usize;
        (recall, self.first * 1000 / self.queries)
    }
}

fn ask(index: &Index, texts: &BTreeMap<&str, &Text>, asked: &Asked) -> Vec<String> {
    let text_of = |key: &[u8]| {
        let key = std::str::from_utf8(key).ok()?;
        Some(texts.get(key)?.whole())
    };
    let options = Options {
        limit: 10,
        text_of: Some(&text_of),
        ..Options::default()
    };
    let results = index.search(&asked.query, &options);
    let keys = results
        .hits
        .into_iter()
        .map(|hit| String::from_utf8(hit.key));
    keys.map(|key| key.expect("a key as it was put")).collect()
}

#[test]
fn as_much_is_found_as_is_declared() {
    let texts = corpus::texts();
    let by_key: BTreeMap<&str, &Text> =
        texts.iter().map(|text| (text.key.as_str(), text)).collect();
    let mut index = corpus::index(&texts);
    index.seal();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for asked in corpus::queries() {
        for key in &asked.keys {
            assert!(
                by_key.contains_key(key.as_str()),
                "{}: there is no {key}",
                asked.query
            );
        }
        let found = ask(&index, &by_key, &asked);
        let hits = asked.keys.iter().filter(|key| found.contains(key)).count();
        let is_first = found
            .first()
            .is_some_and(|first| asked.keys.contains(first));
        if hits < asked.keys.len() || !is_first {
            println!("{}: {:?} instead of {:?}", asked.query, found, asked.keys);
        }
        for group in [asked.group.as_str(), "all"] {
            let tally = tallies.entry(group.to_owned()).or_default();
            tally.queries += 1;
            tally.recall += hits as f64 / asked.keys.len() as f64;
            tally.first += usize::from(is_first);
        }
    }
    let measured: Vec<(&str, usize, usize, usize)> = tallies
        .iter()
        .map(|(group, tally)| {
            let (recall, first) = tally.per_mille();
            (group.as_str(), tally.queries, recall, first)
        })
        .collect();
    println!("{measured:#?}");
    assert_eq!(measured.len(), DECLARED.len());
    for (measured, declared) in measured.iter().zip(DECLARED) {
        assert_eq!((measured.0, measured.1), (declared.0, declared.1));
        assert!(
            measured.2 >= declared.2 && measured.3 >= declared.3,
            "{measured:?} is less than {declared:?}"
        );
    }
}

#[test]
fn what_is_found_is_highlighted() {
    let texts = corpus::texts();
    let by_key: BTreeMap<&str, &Text> =
        texts.iter().map(|text| (text.key.as_str(), text)).collect();
    let index = corpus::index(&texts);
    for asked in corpus::queries() {
        for key in ask(&index, &by_key, &asked) {
            let text = by_key[key.as_str()].whole();
            assert!(
                !highlights(&text, &asked.query).is_empty(),
                "{}: {key}",
                asked.query
            );
        }
    }
}
