//! What comes before what.

use keruen_search::{Document, Index, Options, Results};

fn index(titles_and_bodies: &[(&str, &str)]) -> Index {
    let mut index = Index::new();
    for (number, (title, body)) in titles_and_bodies.iter().enumerate() {
        index.put(&Document {
            key: &[number as u8],
            title,
            body,
            ..Document::default()
        });
    }
    index
}

fn order(results: &Results) -> Vec<u8> {
    results.hits.iter().map(|hit| hit.key[0]).collect()
}

fn found(documents: &[(&str, &str)], query: &str) -> Vec<u8> {
    order(&index(documents).search(query, &Options::default()))
}

#[test]
fn exact_before_folded_before_other_forms_before_slips() {
    let documents = [
        ("", "Қызылордада болды"),
        ("", "Қызылорда қаласы"),
        ("", "город Кызылорда"),
        ("", "Kyzylorda city"),
    ];
    assert_eq!(found(&documents, "қызылорда "), [1, 2, 0, 3]);
    assert_eq!(found(&documents, "кызылорда "), [2, 1, 0, 3]);
    assert_eq!(found(&[("", "семинар"), ("", "театр")], "симинар "), [0]);
}

#[test]
fn a_slip_is_not_looked_for_where_the_word_is_known() {
    assert_eq!(
        found(&[("", "театр"), ("", "театра"), ("", "тиатр")], "театр"),
        [0, 1]
    );
}

#[test]
fn titles_before_names_before_bodies() {
    let mut index = index(&[("", "музей"), ("музей", "")]);
    index.put(&Document {
        key: &[2],
        tags: "музей",
        ..Document::default()
    });
    assert_eq!(
        order(&index.search("музей", &Options::default())),
        [1, 2, 0]
    );
}

#[test]
fn every_word_must_be_there_unless_none_has_all() {
    let documents = [("музей в Актау", ""), ("музей в Семее", ""), ("театр", "")];
    assert_eq!(found(&documents, "актау музей"), [0]);
    let results = index(&documents).search("театр музей", &Options::default());
    assert!(results.is_partial);
    assert_eq!(results.hits.len(), 3);
    // The rarer word counts for more.
    assert_eq!(results.hits[0].key, [2]);
    assert!(
        !index(&documents)
            .search("театр", &Options::default())
            .is_partial
    );
}

#[test]
fn common_words_keep_nothing_from_being_found() {
    let documents = [("Семинар, Ақтау", ""), ("мен және ол", "")];
    assert_eq!(found(&documents, "семинар в Актау"), [0]);
    assert_eq!(found(&documents, "мен"), [1]);
}

#[test]
fn the_last_word_may_be_begun() {
    let documents = [("индикаторы культуры", ""), ("культура", "")];
    assert_eq!(found(&documents, "культуры инд"), [0]);
    assert_eq!(found(&documents, "инд "), [0_u8; 0]);
}

#[test]
fn quotes_hold_words_together_as_they_are() {
    let texts = [
        ("учёт культуры", "в городе"),
        ("культуры учёт", ""),
        ("учёт культура", ""),
    ];
    let index = index(&texts);
    let text_of = |key: &[u8]| {
        texts
            .get(key[0] as usize)
            .map(|(title, body)| format!("{title}\n{body}"))
    };
    let options = Options {
        text_of: Some(&text_of),
        ..Options::default()
    };
    assert_eq!(order(&index.search("«учет культуры»", &options)), [0]);
    assert_eq!(
        order(&index.search("\"учет культуры\" горо", &options)),
        [0]
    );
    assert_eq!(index.search("учет культуры", &options).hits.len(), 3);
}

#[test]
fn a_pasted_text_is_asked_for_by_its_first_words() {
    let long = "музей театр ".repeat(10_000);
    let results = index(&[("театр и музей", ""), ("кино", "")]).search(&long, &Options::default());
    assert_eq!(order(&results), [0]);
}

#[test]
fn kinds_are_counted_and_chosen() {
    let mut index = Index::new();
    for (key, kind) in [(1, 1), (2, 2), (3, 2)] {
        index.put(&Document {
            key: &[key],
            kind,
            title: "музей",
            ..Document::default()
        });
    }
    let options = Options {
        kinds: Some(&[2]),
        limit: 1,
        ..Options::default()
    };
    let results = index.search("музей", &options);
    assert_eq!(order(&results), [2]);
    assert_eq!(
        results.totals.into_iter().collect::<Vec<_>>(),
        [(1, 1), (2, 2)]
    );
}
