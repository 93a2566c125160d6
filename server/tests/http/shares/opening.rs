//! What a link opens, and when it does not.

use super::*;

fn names(records: &[Record]) -> Vec<(Collection, RecordId)> {
    let name = |record: &Record| (record.key.collection, record.key.id);
    records.iter().map(name).collect()
}

#[tokio::test]
async fn a_link_opens_what_it_names_and_nothing_else() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let id = |number| RecordId::new(number, RANDOM);
    let of_programme = (Collection::PROGRAMME, programme_id(1).into());
    let of_event = (Collection::EVENT, id(EVENT));
    let of_session = (Collection::SESSION, id(SESSION));
    let of_material = (Collection::MATERIAL, id(MATERIAL));
    let of_other = (Collection::MATERIAL, id(OTHER_MATERIAL));
    let of_speaker = (Collection::PERSON, id(SPEAKER));
    for (thing, expected) in [
        (Shared::Material(material()), vec![of_material]),
        (
            Shared::Session(session()),
            vec![of_session, of_event, of_material, of_speaker],
        ),
        (Shared::Materials, vec![of_programme, of_material, of_other]),
        (
            Shared::Agenda,
            vec![of_programme, of_session, of_event, of_speaker],
        ),
    ] {
        let secret = shared(&server, thing).await;
        let records = records(&server, &secret).await;
        assert_eq!(names(&records), expected, "{thing:?}");
        // As they stand, where they stand.
        let rows = server.rows(programme(1)).await;
        for record in records {
            assert!(rows.iter().any(|row| row.record == record));
        }
    }
}

#[tokio::test]
async fn every_link_that_does_not_open_is_answered_alike() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let thing = Shared::Material(RecordId::new(OTHER_MATERIAL, RANDOM).into());
    let gone = shared(&server, thing).await;
    server.pass(1);
    let revoked = shared(&server, Shared::Agenda).await;
    let id = shares(&server, &operator()).await[0].id;
    let taken_back: Result<(), _> = ask(&server, &operator(), paths::REVOKE, &id).await;
    taken_back.unwrap();
    let question = NewShare {
        valid_ms: Some(5),
        ..new_share(Shared::Agenda)
    };
    let expired = made(&server, &question).await.secret;
    records(&server, &expired).await;
    server.pass(5);
    let mut device = Device::of_organiser(1);
    device.pull(&server).await;
    let deleted = key(programme(1), Collection::MATERIAL, OTHER_MATERIAL);
    let deletion = device.delete(deleted);
    device.exchange(&server, &[deletion]).await;

    let mut first = None;
    for secret in [
        "unknown",
        &expired,
        &revoked,
        &gone,
        &[&expired, "x"].concat(),
        &"x".repeat(500),
        "%D2%9B",
        "%ff",
        "..%2f..%2fkeruen.db",
        "a%0d%0aset-cookie:b",
    ] {
        for path in [
            page_path(secret),
            page_path(secret) + "/materials/" + &material().to_string(),
        ] {
            let answer = look(&server, &path).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{secret}");
            let mut headers = answer.headers().clone();
            headers.remove("date");
            let face = (headers, answer.text().await.unwrap());
            assert_eq!(first.get_or_insert_with(|| face.clone()), &face, "{secret}");
        }
        let file = look(&server, &(page_path(secret) + "/files/" + &"0".repeat(64))).await;
        assert_eq!(file.status(), StatusCode::NOT_FOUND);
        if !secret.contains('%') && secret.len() <= 64 {
            assert_eq!(opened(&server, secret, "").await, nothing(), "{secret}");
        }
    }
    let (headers, body) = first.unwrap();
    assert_eq!(headers["content-language"], "kk");
    assert_eq!(headers["cache-control"], "no-store");
    assert!(body.contains("Бұл сілтеме ашылмайды"));
}

#[tokio::test]
async fn wrong_secrets_are_limited_for_each_address() {
    let server = TestServer::start_with(&["--address-rate", "0", "--device-rate", "0"]).await;
    programme_with_everything(&server).await;
    let secret = shared(&server, Shared::Agenda).await;
    let mut wrong = 0;
    let status = loop {
        let answer = look(&server, &page_path(&format!("wrong{wrong}"))).await;
        if answer.status() != StatusCode::NOT_FOUND {
            break answer.status();
        }
        // Right ones cost nothing.
        if wrong < 5 {
            html(&server, &page_path(&secret)).await;
        }
        wrong += 1;
    };
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(wrong, 300);
    let kept_back = opened(&server, "wrong", "").await;
    assert_eq!(kept_back, Err((429, "too-many".to_owned())));
    server.pass(1_000);
    html(&server, &page_path(&secret)).await;
}
