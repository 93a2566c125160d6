//! The description of the interface, and what it says that no other test looks at. `cargo xtask api` asks all of it.

use keruen_domain::protocol::calendar::paths as calendar;
use keruen_domain::protocol::people::paths as people;
use keruen_domain::protocol::shares::{OpenShare, Opened, paths as shares};
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};

use crate::harness::*;
use crate::people::ask;

/// Questions that only somebody known may ask, with content that says nothing.
const OF_THE_KNOWN: [(&str, &str); 21] = [
    (people::ME, "null"),
    (people::DEVICE_LINK, "null"),
    (people::RECOVERY_CODE, "null"),
    (people::REVOKE_DEVICE, "0"),
    (people::MEMBERS, PROGRAMME),
    (people::LEAVE_PROGRAMME, PROGRAMME),
    (people::CHANGE_ROLE, CHANGE_ROLE),
    (people::INVITATIONS, PROGRAMME),
    (people::INVITE, INVITE),
    (people::REVOKE_INVITATION, ID),
    (people::GROUPS, PROGRAMME),
    (people::NEW_GROUP, NEW_GROUP),
    (people::ADD_TO_GROUP, ADD_TO_GROUP),
    (people::LEAVE_GROUP, ID),
    (people::WRITERS, WRITERS),
    (shares::NEW, NEW_SHARE),
    (shares::LIST, "null"),
    (shares::REVOKE, ID),
    (calendar::FEED, "null"),
    (calendar::NEW, "null"),
    (calendar::REVOKE, "null"),
];
const ID: &str = "\"e3e70682-c209-1cac-a29f-6fbed82c07cd\"";
const PROGRAMME: &str = r#"{"programme":"e3e70682-c209-1cac-a29f-6fbed82c07cd"}"#;
const CHANGE_ROLE: &str = r#"{"programme":"e3e70682-c209-1cac-a29f-6fbed82c07cd",
    "person":"e3e70682-c209-1cac-a29f-6fbed82c07cd","role":null}"#;
const INVITE: &str = r#"{"programme":"e3e70682-c209-1cac-a29f-6fbed82c07cd","role":"Trainer","valid_ms":0,
    "max_uses":0,"note":""}"#;
const NEW_GROUP: &str =
    r#"{"programme":"e3e70682-c209-1cac-a29f-6fbed82c07cd","name":"","people":[]}"#;
const ADD_TO_GROUP: &str = r#"{"group":"e3e70682-c209-1cac-a29f-6fbed82c07cd","people":[]}"#;
const WRITERS: &str = r#"{"group":"e3e70682-c209-1cac-a29f-6fbed82c07cd","devices":[]}"#;
const NEW_SHARE: &str = r#"{"programme":"e3e70682-c209-1cac-a29f-6fbed82c07cd","shared":"Agenda","valid_ms":0,
    "passphrase":"","note":""}"#;

async fn status(server: &TestServer, path: &str, question: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = http_client()
        .post(server.url(path))
        .header(CONTENT_TYPE, "application/json")
        .body(question.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn whoever_is_not_known_hears_that_and_nothing_else() {
    let server = TestServer::start().await;
    let before = server.database_bytes();
    for (path, question) in OF_THE_KNOWN {
        assert_eq!(status(&server, path, question, &[]).await, 401, "{path}");
    }
    assert!(server.database_bytes() == before);
}

#[tokio::test]
async fn a_device_that_is_none_is_refused() {
    let server = TestServer::start().await;
    let bearer = format!("Bearer {TOKEN}");
    let before = server.database_bytes();
    for (path, question) in OF_THE_KNOWN {
        for device in ["", "0123", "0123456789abcdeg", "0123456789abcdef0"] {
            let headers = [(AUTHORIZATION.as_str(), &*bearer), (DEVICE_HEADER, device)];
            let answer = status(&server, path, question, &headers).await;
            assert_eq!(answer, 400, "{path}: {device:?}");
        }
    }
    assert!(server.database_bytes() == before);
}

#[tokio::test]
async fn nobody_types_a_passphrase_that_nobody_may_make() {
    let server = TestServer::start().await;
    let question = OpenShare {
        secret: "x".to_owned(),
        passphrase: "ы".repeat(201),
    };
    let refused: Result<Opened, _> =
        ask(&server, &Device::visitor(1), shares::OPEN, &question).await;
    assert_eq!(refused.err(), Some((400, "malformed".to_owned())));
}

#[tokio::test]
async fn the_description_is_complete() {
    let server = TestServer::start().await;
    let answer = server.get("/api/openapi.json").await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    let description: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(description["openapi"], "3.1.0");
    for path in [
        "/api/v1/sync",
        "/api/v1/files/{sha256}",
        "/api/v1/live",
        "/api/v1/files/{sha256}/parts",
        "/api/v1/uploads",
        "/api/v1/uploads/{name}",
        people::INVITATION,
        people::JOIN,
        people::ADD_DEVICE,
        people::ME,
        people::DEVICE_LINK,
        people::RECOVERY_CODE,
        people::REVOKE_DEVICE,
        people::MEMBERS,
        people::CHANGE_ROLE,
        people::LEAVE_PROGRAMME,
        people::INVITATIONS,
        people::INVITE,
        people::REVOKE_INVITATION,
        people::GROUPS,
        people::NEW_GROUP,
        people::ADD_TO_GROUP,
        people::LEAVE_GROUP,
        people::WRITERS,
        "/api/v1/chunks/{kind}/{id}/{sha256}",
        calendar::FEED,
        calendar::NEW,
        calendar::REVOKE,
        "/c/{file}",
        "/p/{programme}",
        "/p/{programme}/calendar/{event}",
        "/p/{programme}/frab-json/{event}",
        "/p/{programme}/frab-xml/{event}",
        "/api/openapi.json",
        "/healthz",
    ] {
        assert!(description["paths"][path].is_object(), "{path}");
    }
    let mut references = Vec::new();
    collect_references(&description, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
    let schemas = &description["components"]["schemas"];
    let record = &schemas["Record"]["properties"];
    assert!(record["stamps"].is_object() && record["fields"].is_object());
    // What types alone do not say.
    assert_eq!(
        schemas["Version"]["properties"]["stamp"]["maximum"],
        u32::MAX
    );
    assert_eq!(
        schemas["ScopeId"]["oneOf"][0]["additionalProperties"],
        false
    );
    assert_eq!(schemas["Nothing"]["type"], "null");
    let refused = &description["paths"][people::ME]["post"]["responses"]["401"];
    for kind in ["application/json", BINARY_MEDIA_TYPE] {
        assert!(refused["content"][kind]["schema"].is_object(), "{kind}");
    }
    for name in ["keruen-problem", "www-authenticate"] {
        assert!(refused["headers"][name]["schema"].is_object(), "{name}");
    }
}

fn collect_references(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            if let Some(serde_json::Value::String(reference)) = members.get("$ref") {
                found.push(reference.clone());
            }
            members
                .values()
                .for_each(|member| collect_references(member, found));
        }
        serde_json::Value::Array(items) => {
            items
                .iter()
                .for_each(|item| collect_references(item, found));
        }
        _ => {}
    }
}
