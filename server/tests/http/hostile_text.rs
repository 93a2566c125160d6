//! Markup in every text that people can write, and where it is shown afterwards: it is text there.

use std::process::Command;

use keruen_domain::model::fields;
use keruen_domain::protocol::people::*;
use keruen_domain::protocol::shares::{NewShare, Share, Shared, paths as shares};
use keruen_domain::protocol::v1::Outcome;
use keruen_domain::{Collection, GroupId, Role};
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use crate::harness::*;
use crate::people::{ask, invited, joining, private_programme};

const HOSTILE: &str = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&lt;";

/// Somebody who wrote markup wherever they could: their device, and their share's secret.
async fn scene(server: &TestServer) -> (Device, Joined, String) {
    private_programme(server, 1).await;
    let secret = invited(server, 1, Role::Organiser, 1).await;
    let mut question = joining(&secret, 1);
    question.card.name = HOSTILE.to_owned();
    question.card.organisation = HOSTILE.to_owned();
    question.label = HOSTILE.to_owned();
    let mut device = Device::visitor(1);
    let joined: Joined = ask(server, &device, paths::JOIN, &question).await.unwrap();
    device.token = Some(question.token.leak());
    let invite = Invite {
        programme: programme_id(1),
        role: Role::Participant,
        valid_ms: 1_000,
        max_uses: 1,
        note: HOSTILE.to_owned(),
    };
    // The newest is listed first.
    server.pass(1);
    let _: NewSecret = ask(server, &device, paths::INVITE, &invite).await.unwrap();
    let group = NewGroup {
        programme: programme_id(1),
        name: HOSTILE.to_owned(),
        people: Vec::new(),
    };
    let _: GroupId = ask(server, &device, paths::NEW_GROUP, &group)
        .await
        .unwrap();
    let share = NewShare {
        programme: programme_id(1),
        shared: Shared::Agenda,
        valid_ms: None,
        passphrase: HOSTILE.to_owned(),
        note: HOSTILE.to_owned(),
    };
    let made: NewSecret = ask(server, &device, shares::NEW, &share).await.unwrap();
    device.pull(server).await;
    let mut own = programme_record(1, false).key;
    let mut changes = vec![
        device.edit(note(1), fields::BODY, HOSTILE),
        device.edit(own, fields::SUMMARY, HOSTILE),
    ];
    own.collection = Collection::EVENT;
    changes.push(device.edit(own, fields::TITLE, HOSTILE));
    let answer = device.exchange(server, &changes).await;
    assert!(
        outcomes(&answer)
            .iter()
            .all(|outcome| *outcome == Outcome::Accepted)
    );
    (device, joined, made.secret)
}

/// What a question is answered with, as JSON that no browser takes for a page.
async fn told(server: &TestServer, device: &Device, path: &str, question: &str) -> Value {
    let answer = http_client()
        .post(server.url(path))
        .header(CONTENT_TYPE, "application/json")
        .bearer_auth(device.token.unwrap())
        .body(question.to_owned())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn markup_in_every_text_comes_back_as_the_same_text() {
    let server = TestServer::start().await;
    let (device, _, _) = scene(&server).await;
    let programme = format!("{{\"programme\":\"{}\"}}", programme_id(1));
    for (path, question, pointers) in [
        (paths::ME, "null", &["/name", "/devices/0/label"][..]),
        (paths::MEMBERS, &programme, &["/0/name", "/0/organisation"]),
        (paths::INVITATIONS, &programme, &["/0/note"]),
        (paths::GROUPS, &programme, &["/0/name", "/0/people/0/name"]),
        (shares::LIST, "null", &["/0/note"]),
    ] {
        let answer = told(&server, &device, path, question).await;
        for pointer in pointers {
            let text = answer.pointer(pointer).and_then(Value::as_str);
            assert_eq!(text, Some(HOSTILE), "{path}{pointer}: {answer}");
        }
    }
    let mut another = Device::visitor(2);
    another.token = device.token;
    another.pull(&server).await;
    assert_eq!(another.text(&note(1), fields::BODY), Some(HOSTILE));
    let list: Vec<Share> = ask(&server, &device, shares::LIST, &()).await.unwrap();
    assert_eq!(list.len(), 1);
}

#[tokio::test]
async fn markup_in_every_text_is_text_on_the_pages_of_shares() {
    let server = TestServer::start().await;
    let (_, _, secret) = scene(&server).await;
    let address = server.url(&[shares::PAGE, &secret].concat());
    let question = http_client()
        .get(&address)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let typed = form_encoded(HOSTILE);
    let page = http_client()
        .post(&address)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(["passphrase=", &typed].concat())
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 200, "the passphrase is the same text");
    let page = page.text().await.unwrap();
    assert!(
        page.contains("&lt;script&gt;"),
        "the event is shown: {page}"
    );
    for html in [question, page] {
        for markup in ["<script", "<img src=x", "onerror=alert(1)>"] {
            assert!(!html.contains(markup), "{markup}: {html}");
        }
        assert_eq!(html.matches("</title>").count(), 1);
    }
}

#[tokio::test]
async fn markup_in_every_text_is_text_in_the_export() {
    let server = TestServer::start().await;
    let (_, joined, _) = scene(&server).await;
    let output = Command::new(env!("CARGO_BIN_EXE_keruen"))
        .args(["people", "export", &joined.person.to_string(), "--data"])
        .arg(server.folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let export: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut texts = Vec::new();
    collect_texts(&export, &mut texts);
    let count = texts.iter().filter(|text| **text == HOSTILE).count();
    assert!(count >= 4, "name, organisation, label, note: {export}");
    assert!(
        texts
            .iter()
            .all(|text| *text == HOSTILE || !text.contains("<script"))
    );
}

fn collect_texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, found)),
        Value::Object(members) => members.values().for_each(|item| collect_texts(item, found)),
        _ => {}
    }
}

/// As a browser sends what was typed into a form.
fn form_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
