//! Content that would rather be markup, and secrets in the log.

use super::*;

const HOSTILE: &str =
    "</title></h1>\"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;\u{202e}";

/// All fields of text that a page shows, of a record of each kind.
pub(crate) fn hostile_records() -> Vec<Record> {
    let at = |collection, number| key(programme(1), collection, number);
    let own: RecordKey = programme_record(1, false).key;
    let fields_of: [(RecordKey, &[&str]); 5] = [
        (own, &[fields::TITLE, fields::SUMMARY]),
        (
            at(Collection::EVENT, EVENT),
            &[
                fields::TITLE,
                fields::CITY,
                fields::VENUE,
                fields::STATUS,
                fields::FIRST_DAY,
            ],
        ),
        (
            at(Collection::SESSION, SESSION),
            &[fields::TITLE, fields::ABSTRACT, fields::ROOM, fields::KIND],
        ),
        (
            at(Collection::MATERIAL, MATERIAL),
            &[
                fields::TITLE,
                fields::SUMMARY,
                fields::BODY,
                fields::AUTHOR,
                fields::LICENCE,
                fields::LANGUAGE,
                fields::KIND,
            ],
        ),
        (
            at(Collection::PERSON, SPEAKER),
            &[fields::NAME, fields::ORGANISATION, fields::POST],
        ),
    ];
    let mut records = Vec::new();
    for (key, names) in fields_of {
        for name in names {
            records.push(imported(key, name, HOSTILE));
            for language in Language::ALL {
                records.push(imported(key, &text(name, *language), HOSTILE));
            }
        }
        records.push(imported(
            key,
            FieldKey::member(fields::SAMPLE, HOSTILE).as_str(),
            true,
        ));
    }
    let material = at(Collection::MATERIAL, MATERIAL);
    let url = ["https://e.org/", HOSTILE].concat();
    records.push(imported(material, fields::URL, &*url));
    records
}

/// Whether every `<` of the page begins one of our own tags, and every attribute is one of ours.
pub(crate) fn assert_harmless(page: &str, secret: &str) {
    for hostile in ["<script", "<img", "onerror=alert(1)>", "</title></h1>"] {
        assert!(!page.contains(hostile), "{hostile}\n{page}");
    }
    assert_eq!(page.matches("</title>").count(), 1);
    assert_eq!(page.matches("</h1>").count(), 1);
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("tags end");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let outside: String = tag.split('"').step_by(2).collect();
        assert!(!outside.contains("on") || outside.starts_with("a ") || !outside.contains(" on"));
        assert!(!outside.contains(['\'', '&']), "{tag}");
    }
    assert!(!page.contains("javascript:"), "{secret}");
}

#[tokio::test]
async fn no_content_becomes_markup() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    server.put(hostile_records()).await;
    give_file(&server, MATERIAL, b"x", HOSTILE, HOSTILE).await;
    for thing in [
        Shared::Material(material()),
        Shared::Session(session()),
        Shared::Materials,
        Shared::Agenda,
    ] {
        let secret = shared(&server, thing).await;
        for language in ["kk", "ru", "en"] {
            let page = html(&server, &format!("/s/{secret}?lang={language}")).await;
            assert!(page.contains("&lt;script&gt;"), "the words are there");
            assert_harmless(&page, &secret);
        }
    }
}

#[tokio::test]
async fn links_of_content_lead_to_harmless_places() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let at = key(programme(1), Collection::MATERIAL, MATERIAL);
    let body = "[a](javascript:alert(1)) [b](//evil.example) ![c](data:text/html,x) \
                <a href=\"javascript:x\">d</a> [e](https://e.org/?a=\"b)";
    server
        .put(vec![
            imported(at, fields::URL, "javascript:alert(1)"),
            imported(at, &text(fields::BODY, Language::Kazakh), body),
        ])
        .await;
    let secret = shared(&server, Shared::Material(material())).await;
    let page = html(&server, &page_path(&secret)).await;
    for link in page.split("href=\"").skip(1) {
        let address = link.split('"').next().unwrap();
        let is_ours = address.starts_with('/') && !address.starts_with("//");
        assert!(
            is_ours || address.starts_with("https://e.org/"),
            "{address}"
        );
    }
    assert!(page.contains("href=\"https://e.org/?a=&quot;b\""));
}
