//! People who want what is not theirs: a clear refusal each time, and an unchanged database.

use keruen_domain::encoding;
use keruen_domain::model::fields;
use keruen_domain::protocol::people::*;
use keruen_domain::protocol::shares::paths as shares;
use keruen_domain::protocol::v1::Outcome;
use keruen_domain::{Collection, PersonId, Role, ScopeId};
use reqwest::header::CONTENT_TYPE;

use crate::harness::*;
use crate::people::{ask, invited, joined, joining, members, nothing, private_programme, token};

/// A server with a programme, and two of its participants.
async fn scene() -> (TestServer, Device, Device, PersonId) {
    // Much is asked at once.
    let server = TestServer::start_with(&["--device-rate", "0"]).await;
    private_programme(&server, 1).await;
    let secret = invited(&server, 1, Role::Participant, 2).await;
    let (mut victim, joined_victim) = joined(&server, &secret, 1).await;
    let (other, _) = joined(&server, &secret, 2).await;
    victim.pull(&server).await;
    (server, victim, other, joined_victim.person)
}

#[tokio::test]
async fn forged_expired_and_revoked_tokens_open_nothing() {
    let (server, victim, _, _) = scene().await;
    let link: NewSecret = ask(&server, &victim, paths::DEVICE_LINK, &())
        .await
        .unwrap();
    let known = crate::people::me(&server, &victim).await;
    let done: Result<(), _> = ask(
        &server,
        &victim,
        paths::REVOKE_DEVICE,
        &known.devices[0].token,
    )
    .await;
    done.unwrap();
    let before = server.database_bytes();
    let own = victim.token.unwrap();
    let forged = [
        own.to_owned(),
        token(77),
        own[..42].to_owned(),
        format!("{own}0"),
        own.to_uppercase() + "x",
        // What is kept is not what opens.
        keruen_domain::ContentHash::of(own.as_bytes()).to_string(),
        link.secret,
        "0".to_owned(),
        "' OR 1=1 --".to_owned(),
        "x".repeat(6_000),
    ];
    for forged in forged {
        let mut device = Device::visitor(1);
        device.token = Some(forged.leak());
        for path in [paths::ME, paths::DEVICE_LINK, paths::RECOVERY_CODE] {
            let refused: Result<NewSecret, _> = ask(&server, &device, path, &()).await;
            assert_eq!(refused.err().map(|error| error.0), Some(401));
        }
        let body = encoding::encode(&device.request(Vec::new()));
        let answer = device.post(&server).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        let zeros = "0".repeat(64);
        for path in [
            "/api/v1/live".to_owned(),
            format!("/api/v1/files/{zeros}"),
            format!("/api/v1/chunks/programme/{}/{zeros}", programme_id(1)),
        ] {
            let answer = http_client()
                .get(server.url(&path))
                .header("keruen-device", "0123456789abcdef")
                .bearer_auth(device.token.unwrap())
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 401, "{path}");
        }
    }
    assert!(server.database_bytes() == before);
}

#[tokio::test]
async fn secrets_that_open_nothing_are_answered_alike() {
    let (server, victim, _, _) = scene().await;
    let used_up = invited(&server, 1, Role::Participant, 1).await;
    joined(&server, &used_up, 3).await;
    let expired = invited(&server, 1, Role::Participant, 9).await;
    let link: NewSecret = ask(&server, &victim, paths::DEVICE_LINK, &())
        .await
        .unwrap();
    server.pass(2 * 60 * 60 * 1_000);
    let visitor = Device::visitor(9);
    let before = server.database_bytes();
    for secret in [
        used_up,
        expired,
        link.secret,
        String::new(),
        "x".repeat(9_000),
    ] {
        let face = Secret {
            secret: secret.clone(),
        };
        let face: Result<InvitationFace, _> =
            ask(&server, &visitor, paths::INVITATION, &face).await;
        assert_eq!(face, nothing());
        let join: Result<Joined, _> =
            ask(&server, &visitor, paths::JOIN, &joining(&secret, 9)).await;
        assert_eq!(join, nothing());
        let question = AddDevice {
            secret,
            token: token(9),
            label: String::new(),
        };
        let added: Result<Joined, _> = ask(&server, &visitor, paths::ADD_DEVICE, &question).await;
        assert_eq!(added, nothing());
    }
    assert!(server.database_bytes() == before);
}

#[tokio::test]
async fn a_push_of_another_device_that_is_sent_again_changes_nothing_of_theirs() {
    let (server, mut victim, mut thief, person) = scene().await;
    let own = victim.edit(note(1), "body", "Ask about the budget");
    let mut card = key(programme(1), Collection::PERSON, 0);
    card.id = person.into();
    let shared = victim.edit(card, fields::NAME, "Айгерім Серікқызы");
    let changes = vec![own, shared];
    let taken = victim.exchange(&server, &changes).await;
    assert_eq!(outcomes(&taken), [Outcome::Accepted, Outcome::Accepted]);
    let theirs = server.rows(ScopeId::Person(person)).await;
    let before = server.rows(programme(1)).await;

    // Word by word as it was heard, under the thief's own token.
    let heard = encoding::encode(&victim.request(changes.clone()));
    let answer = thief.post(&server).body(heard).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    // And turned against the owner: the same names, other content.
    let mut real = note(1);
    real.scope = ScopeId::Person(person);
    let turned = [
        thief.edit(real, "body", "nothing to ask"),
        thief.edit(card, fields::NAME, "somebody else"),
        thief.delete(real),
        thief.delete(card),
    ];
    let turned = turned.map(|change| keruen_domain::Change {
        id: changes[0].id,
        ..change
    });
    let refused = thief.exchange(&server, &turned).await;
    assert!(
        outcomes(&refused)
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Refused(_)))
    );
    assert_eq!(server.rows(ScopeId::Person(person)).await, theirs);
    assert_eq!(server.rows(programme(1)).await, before);
    // The owner's repetition is answered as before.
    let again = victim.exchange(&server, &changes).await;
    assert_eq!(again.results, taken.results);
}

#[tokio::test]
async fn markup_in_names_is_text_and_stays_text() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let secret = invited(&server, 1, Role::Participant, 1).await;
    let mut question = joining(&secret, 1);
    let name = "<script>alert(1)</script>\"'&lt;";
    question.card.name = name.to_owned();
    question.card.organisation = "<img src=x onerror=alert(1)>".to_owned();
    question.label = "<b>Chrome</b>".to_owned();
    let _: Joined = ask(&server, &Device::visitor(1), paths::JOIN, &question)
        .await
        .unwrap();
    assert_eq!(members(&server, 1).await[0].name, name);
    let mut device = Device::visitor(1);
    device.token = Some(question.token.leak());
    let me = http_client()
        .post(server.url(paths::ME))
        .header(CONTENT_TYPE, "application/json")
        .bearer_auth(device.token.unwrap())
        .body("null")
        .send()
        .await
        .unwrap();
    assert_eq!(me.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(me.headers()["x-content-type-options"], "nosniff");
    assert!(me.text().await.unwrap().contains("<script>"));
}

#[tokio::test]
async fn huge_and_deep_and_strange_questions_are_refused() {
    let (server, victim, _, _) = scene().await;
    let before = server.database_bytes();
    let all = [
        paths::INVITATION,
        paths::JOIN,
        paths::ADD_DEVICE,
        paths::ME,
        paths::DEVICE_LINK,
        paths::RECOVERY_CODE,
        paths::REVOKE_DEVICE,
        paths::MEMBERS,
        paths::CHANGE_ROLE,
        paths::LEAVE_PROGRAMME,
        paths::INVITATIONS,
        paths::INVITE,
        paths::REVOKE_INVITATION,
        paths::GROUPS,
        paths::NEW_GROUP,
        paths::ADD_TO_GROUP,
        paths::LEAVE_GROUP,
        paths::WRITERS,
        shares::OPEN,
        shares::NEW,
        shares::LIST,
        shares::REVOKE,
    ];
    let post = |path: &str, kind: &'static str, body: Vec<u8>| {
        let request = http_client()
            .post(server.url(path))
            .header(CONTENT_TYPE, kind)
            .header("keruen-device", victim.id.to_string())
            .bearer_auth(victim.token.unwrap());
        async move { request.body(body).send().await.unwrap().status().as_u16() }
    };
    let json = "application/json";
    for path in all {
        assert_eq!(
            post(path, json, vec![b' '; 17 * 1_024]).await,
            413,
            "{path}"
        );
        for deep in ["[", "{\"secret\":"] {
            let deep = deep.repeat(12_000 / deep.len()).into_bytes();
            assert_eq!(post(path, json, deep).await, 400, "{path}");
        }
        for strange in [
            "",
            "nul",
            "\"../../etc/passwd\"",
            "{\"programme\":\"../..\"}",
            "[[]]",
            "\u{0}",
        ] {
            assert_eq!(
                post(path, json, strange.into()).await,
                400,
                "{path}: {strange:?}"
            );
        }
        assert_eq!(
            post(path, "text/html", b"null".to_vec()).await,
            415,
            "{path}"
        );
        let get = server.get(path).await;
        assert_eq!(get.status(), 405, "{path}: a question is asked by POST");
    }
    for path in [
        "/api/v1/join/..%2fme",
        "/api/v1/members/..%2f..%2fetc",
        "/api/v1/%00",
    ] {
        assert_eq!(post(path, json, b"null".to_vec()).await, 404, "{path}");
    }
    assert!(server.database_bytes() == before);
}
