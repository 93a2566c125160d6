//! Shared sessions and agendas as calendars.

use keruen_domain::EventId;
use reqwest::header::{ACCEPT_LANGUAGE, IF_NONE_MATCH};

use super::*;

fn calendar_path(secret: &str, event: &str) -> String {
    [&page_path(secret), "/calendar/", event].concat()
}

fn event() -> String {
    EventId::from(RecordId::new(EVENT, RANDOM)).to_string()
}

#[tokio::test]
async fn what_is_shared_can_be_taken_into_other_calendars() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    for (thing, is_there) in [
        (Shared::Session(session()), true),
        (Shared::Agenda, true),
        (Shared::Materials, false),
        (Shared::Material(material()), false),
    ] {
        let secret = shared(&server, thing).await;
        let path = calendar_path(&secret, &event());
        let page = html(&server, &page_path(&secret)).await;
        assert_eq!(page.contains(&path), is_there, "{thing:?}: {page}");
        let answer = look(&server, &path).await;
        let status = if is_there {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        assert_eq!(answer.status(), status, "{thing:?}");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
        assert!(answer.headers().contains_key("x-robots-tag"));
        if is_there {
            let headers = answer.headers();
            assert_eq!(headers["content-type"], "text/calendar; charset=utf-8");
            assert_eq!(headers["cache-control"], "private, no-cache");
            let text = answer.text().await.unwrap().replace("\r\n ", "");
            assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
            assert!(text.contains("Ашылу салтанаты"), "{text}");
        } else {
            assert_eq!(answer.headers()["cache-control"], "no-store");
        }
    }
}

#[tokio::test]
async fn who_has_a_calendar_asks_again_without_getting_it_again() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let at = key(programme(1), Collection::SESSION, SESSION);
    let in_russian = text(fields::TITLE, Language::Russian);
    server
        .put(vec![imported(at, &in_russian, "Открытие")])
        .await;
    let secret = shared(&server, Shared::Agenda).await;
    let ask = |tag: String, language: &'static str| {
        http_client()
            .get(server.url(&calendar_path(&secret, &event())))
            .header(IF_NONE_MATCH, tag)
            .header(ACCEPT_LANGUAGE, language)
            .send()
    };
    let first = ask(String::new(), "kk").await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let second = ask(tag.clone(), "kk").await.unwrap();
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(second.headers()["etag"], tag.as_str());
    let other = ask(tag.clone(), "ru").await.unwrap();
    assert_eq!(other.status(), StatusCode::OK, "it is another language");
    server
        .put(vec![imported(at, fields::END, 1_747_030_000_000)])
        .await;
    let third = ask(tag, "kk").await.unwrap();
    assert_eq!(third.status(), StatusCode::OK, "it has changed");
}

#[tokio::test]
async fn calendars_of_nothing_are_not_found() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let secret = shared(&server, Shared::Agenda).await;
    let other = EventId::from(RecordId::new(EVENT + 1, RANDOM)).to_string();
    for wrong in ["", "..%2f..", "x", &*other] {
        let answer = look(&server, &calendar_path(&secret, wrong)).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{wrong}");
    }
    let answer = look(&server, &calendar_path(&"x".repeat(22), &event())).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let behind_passphrase = NewShare {
        passphrase: "seven camels on the road".to_owned(),
        ..new_share(Shared::Agenda)
    };
    let secret = made(&server, &behind_passphrase).await.secret;
    let answer = look(&server, &calendar_path(&secret, &event())).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND, "without a ticket");
}
