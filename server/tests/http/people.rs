//! People, their devices and invitations: what is asked beside the exchange.

mod devices;
mod erasing;
mod groups;
mod invitations;
mod joining;
mod members;
mod readiness;

use keruen_domain::model::fields;
use keruen_domain::protocol::people::*;
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER};
use keruen_domain::{Collection, FieldKey, Language, Role, ScopeId, encoding};
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::harness::*;

/// An hour, in milliseconds.
const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Asks a question; what is not answered with 200 gives its status and the problem's code.
pub(crate) async fn ask<Q: Serialize, A: DeserializeOwned>(
    server: &TestServer,
    device: &Device,
    path: &str,
    question: &Q,
) -> Result<A, (u16, String)> {
    let request = http_client()
        .post(server.url(path))
        .header(DEVICE_HEADER, device.id.to_string())
        .header(CONTENT_TYPE, BINARY_MEDIA_TYPE)
        .body(encoding::encode(question));
    let request = match device.token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()[CACHE_CONTROL], "no-store", "{path}");
    let status = answer.status().as_u16();
    if status != 200 {
        let code = answer.headers()["keruen-problem"].to_str().unwrap();
        return Err((status, code.to_owned()));
    }
    Ok(encoding::decode(&answer.bytes().await.unwrap()).unwrap())
}

/// What is answered when a secret opens nothing.
pub(crate) fn nothing<T>() -> Result<T, (u16, String)> {
    Err((404, "not-found".to_owned()))
}

/// A programme with a title and a region, which only its members read.
pub(crate) async fn private_programme(server: &TestServer, number: u64) {
    let key = programme_record(number, false).key;
    let title = FieldKey::translated(fields::TITLE, Language::Kazakh);
    let region = FieldKey::member(fields::REGIONS, "KZ-47");
    server
        .put(vec![
            programme_record(number, false),
            imported(key, title.as_str(), "Креативті Қазақстан"),
            imported(key, region.as_str(), true),
        ])
        .await;
    server.put(sessions(number, 2)).await;
}

/// The secret of a new invitation, made by the operator.
pub(crate) async fn invited(server: &TestServer, number: u64, role: Role, max_uses: u32) -> String {
    let question = Invite {
        programme: programme_id(number),
        role,
        valid_ms: HOUR_MS,
        max_uses,
        note: "the wall".to_owned(),
    };
    let operator = Device::of_organiser(1_000);
    let made: NewSecret = ask(server, &operator, paths::INVITE, &question)
        .await
        .unwrap();
    assert_eq!(made.expires_ms, Some(NOW_MS + HOUR_MS));
    made.secret
}

/// A token as a device makes it.
pub(crate) fn token(number: u64) -> String {
    format!("{number:0>43}")
}

/// Taking up an invitation by the device of this number.
pub(crate) fn joining(secret: &str, number: u64) -> Join {
    Join {
        secret: secret.to_owned(),
        token: token(number),
        label: "Chrome, Android".to_owned(),
        card: Card {
            name: format!("Айгерім {number}"),
            organisation: "Акимат".to_owned(),
            region: "KZ-47".to_owned(),
            language: "ru".to_owned(),
            is_listed: true,
        },
    }
}

/// The device of somebody who has joined by this invitation.
pub(crate) async fn joined(server: &TestServer, secret: &str, number: u64) -> (Device, Joined) {
    let mut device = Device::visitor(number);
    let question = joining(secret, number);
    let joined = ask(server, &device, paths::JOIN, &question).await.unwrap();
    device.token = Some(question.token.leak());
    (device, joined)
}

pub(crate) async fn me(server: &TestServer, device: &Device) -> Me {
    ask(server, device, paths::ME, &()).await.unwrap()
}

/// The members of a programme, as the operator is told.
pub(crate) async fn members(server: &TestServer, number: u64) -> Vec<Member> {
    let question = OfProgramme {
        programme: programme_id(number),
    };
    let operator = Device::of_organiser(1_000);
    ask(server, &operator, paths::MEMBERS, &question)
        .await
        .unwrap()
}

/// What somebody's card says in a programme.
fn card(device: &Device, number: u64, person: keruen_domain::PersonId) -> Option<&str> {
    let mut key = key(programme(number), Collection::PERSON, 0);
    key.id = person.into();
    assert_eq!(key.scope, ScopeId::Programme(programme_id(number)));
    device.text(&key, fields::NAME)
}
