//! People's own agendas as calendars that other programs subscribe to.

use keruen_domain::model::fields;
use keruen_domain::protocol::calendar::{Feed, paths};
use keruen_domain::protocol::people::{
    ChangeRole, Joined, KnownDevice, NewSecret, paths as people,
};
use keruen_domain::{Collection, DeviceId, Language, RecordId, RecordKey, Role};
use keruen_server::people::erase;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT_LANGUAGE, IF_NONE_MATCH};

use crate::harness::*;
use crate::people::{ask, invited, joined, me};
use crate::shares::{SESSION, programme_with_everything, text};

/// In the public programme that nobody has joined.
const PUBLIC_SESSION: u64 = 50;
const PUBLIC_EVENT: u64 = 51;

fn session(number: u64) -> RecordId {
    RecordId::new(number, RANDOM)
}

fn address(secret: &str) -> String {
    [paths::ADDRESS, secret, paths::END].concat()
}

/// As a program with a person who reads Kazakh asks.
async fn look(server: &TestServer, path: &str) -> reqwest::Response {
    let request = http_client().get(server.url(path));
    let request = request.header(ACCEPT_LANGUAGE, "kk");
    request.send().await.unwrap()
}

/// The calendar without its folds.
async fn read(server: &TestServer, secret: &str) -> String {
    let answer = look(server, &address(secret)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.unwrap().replace("\r\n ", "")
}

fn count(calendar: &str) -> usize {
    calendar.matches("BEGIN:VEVENT").count()
}

async fn new(server: &TestServer, device: &Device) -> String {
    let made: NewSecret = ask(server, device, paths::NEW, &()).await.unwrap();
    assert_eq!(made.expires_ms, None);
    made.secret
}

async fn feed(server: &TestServer, device: &Device) -> Option<Feed> {
    ask(server, device, paths::FEED, &()).await.unwrap()
}

/// A private programme with one session, a public one with another, and a participant of the first.
async fn scene(server: &TestServer) -> (Device, Joined) {
    programme_with_everything(server).await;
    let at = |collection, number| key(programme(2), collection, number);
    let event = at(Collection::EVENT, PUBLIC_EVENT);
    let session = at(Collection::SESSION, PUBLIC_SESSION);
    let title = text(fields::TITLE, Language::Russian);
    server
        .put(vec![
            programme_record(2, true),
            imported(event, &title, "Встреча"),
            imported(event, fields::ZONE, "Asia/Almaty"),
            imported(session, &title, "Открытая лекция"),
            imported(session, fields::EVENT, event.id),
            imported(session, fields::START, 1_747_108_800_000),
            imported(session, fields::END, 1_747_112_400_000),
            imported(session, fields::OFFSET_MINUTES, 300),
        ])
        .await;
    let secret = invited(server, 1, Role::Participant, 9).await;
    joined(server, &secret, 1).await
}

async fn mark(server: &TestServer, device: &mut Device, number: u64, is_mine: bool) {
    let change = device.mark(session(number), is_mine);
    device.exchange(server, &[change]).await;
}

#[tokio::test]
async fn what_somebody_marked_is_in_their_calendar_whatever_the_programme() {
    let server = TestServer::start().await;
    let (mut device, _) = scene(&server).await;
    assert_eq!(feed(&server, &device).await, None);
    let secret = new(&server, &device).await;
    assert!(secret.len() * 6 >= 128, "bits of base64url");
    let made_ms = NOW_MS;
    assert_eq!(feed(&server, &device).await, Some(Feed { made_ms }));
    assert_eq!(count(&read(&server, &secret).await), 0);
    for (number, expected) in [(SESSION, 1), (PUBLIC_SESSION, 2), (999, 2)] {
        mark(&server, &mut device, number, true).await;
        assert_eq!(count(&read(&server, &secret).await), expected);
    }
    let answer = look(&server, &address(&secret)).await;
    for (name, value) in [
        ("content-type", "text/calendar; charset=utf-8"),
        ("cache-control", "private, no-cache"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex, nofollow, noarchive"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
    let calendar = read(&server, &secret).await;
    for part in [
        "NAME;LANGUAGE=kk:Менің кестем\r\n",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n",
        "TZID:Asia/Almaty\r\n",
        "SUMMARY;LANGUAGE=kk:Ашылу салтанаты\r\n",
        "DTSTART;TZID=Asia/Almaty:20250513T090000\r\n",
        "SUMMARY;LANGUAGE=ru:Открытая лекция\r\n",
        "Айгерім Сейіт",
    ] {
        assert!(calendar.contains(part), "{part}\n{calendar}");
    }
    let english = look(&server, &(address(&secret) + "?lang=en")).await;
    let english = english.text().await.unwrap();
    assert!(english.contains("NAME;LANGUAGE=en:My agenda\r\n"));
    mark(&server, &mut device, SESSION, false).await;
    assert_eq!(count(&read(&server, &secret).await), 1);
    // What is called off stays, and says so.
    let at = key(programme(2), Collection::SESSION, PUBLIC_SESSION);
    server
        .put(vec![imported(at, fields::STATUS, "cancelled")])
        .await;
    let calendar = read(&server, &secret).await;
    assert!(calendar.contains("STATUS:CANCELLED\r\n"), "{calendar}");
}

#[tokio::test]
async fn it_holds_what_its_person_may_read_now_and_nobody_elses_marks() {
    let server = TestServer::start().await;
    let (mut device, joined_as) = scene(&server).await;
    let secret = new(&server, &device).await;
    for number in [SESSION, PUBLIC_SESSION] {
        mark(&server, &mut device, number, true).await;
    }
    let invitation = invited(&server, 1, Role::Participant, 1).await;
    let (other, _) = joined(&server, &invitation, 2).await;
    let of_other = new(&server, &other).await;
    assert_eq!(count(&read(&server, &of_other).await), 0);
    assert_eq!(count(&read(&server, &secret).await), 2);
    let question = ChangeRole {
        programme: programme_id(1),
        person: joined_as.person,
        role: None,
    };
    let operator = Device::of_organiser(1_000);
    let done: Result<(), _> = ask(&server, &operator, people::CHANGE_ROLE, &question).await;
    done.unwrap();
    let calendar = read(&server, &secret).await;
    assert_eq!(count(&calendar), 1);
    assert!(!calendar.contains("Ашылу"), "{calendar}");
    server.put(vec![programme_record(2, false)]).await;
    assert_eq!(count(&read(&server, &secret).await), 0);
    // The operator reads everything, but has not marked it.
    let of_operator = new(&server, &operator).await;
    assert_eq!(count(&read(&server, &of_operator).await), 0);
}

#[tokio::test]
async fn addresses_that_open_nothing_are_answered_alike() {
    let server = TestServer::start().await;
    let (device, _) = scene(&server).await;
    let replaced = new(&server, &device).await;
    let revoked = new(&server, &device).await;
    read(&server, &revoked).await;
    let done: Result<(), _> = ask(&server, &device, paths::REVOKE, &()).await;
    done.unwrap();
    assert_eq!(feed(&server, &device).await, None);
    // Of somebody who is erased, and of somebody whose last device was taken back.
    let invitation = invited(&server, 1, Role::Participant, 2).await;
    let (erased, joined_erased) = joined(&server, &invitation, 2).await;
    let of_erased = new(&server, &erased).await;
    let person = joined_erased.person;
    server
        .write(move |write| erase(write, person, DeviceId(99), NOW_MS))
        .await;
    let (lost, _) = joined(&server, &invitation, 3).await;
    let of_lost = new(&server, &lost).await;
    read(&server, &of_lost).await;
    let [KnownDevice { token, .. }] = me(&server, &lost).await.devices[..] else {
        panic!("one device");
    };
    let done: Result<(), _> = ask(&server, &lost, people::REVOKE_DEVICE, &token).await;
    done.unwrap();
    let open = new(&server, &device).await;
    let mut first = None;
    for path in [
        address("unknown"),
        address(&replaced),
        address(&revoked),
        address(&of_erased),
        address(&of_lost),
        address(""),
        address(&"x".repeat(500)),
        address("..%2f..%2fkeruen.db"),
        address("a%0d%0aset-cookie:b"),
        address("%ff"),
        [paths::ADDRESS, &open].concat(),
        [paths::ADDRESS, &open, ".ICS"].concat(),
        [paths::ADDRESS, &open, ".ics.ics"].concat(),
    ] {
        let answer = look(&server, &path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        let mut headers = answer.headers().clone();
        headers.remove("date");
        let face = (headers, answer.text().await.unwrap());
        assert_eq!(first.get_or_insert_with(|| face.clone()), &face, "{path}");
    }
    let (headers, body) = first.unwrap();
    assert_eq!(
        (&headers["cache-control"], &*body),
        (&"no-store".parse().unwrap(), "")
    );
    assert!(headers.contains_key("x-robots-tag"));
    // No secret is kept.
    let bytes = server.database_bytes().concat();
    for secret in [&open, &replaced] {
        let is_there = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!is_there, "{secret}");
    }
    read(&server, &open).await;
}

#[tokio::test]
async fn who_has_it_asks_again_without_getting_it_again() {
    let server = TestServer::start().await;
    let (mut device, _) = scene(&server).await;
    let secret = new(&server, &device).await;
    mark(&server, &mut device, SESSION, true).await;
    let ask_again = |tag: &str| {
        let request = http_client().get(server.url(&address(&secret)));
        request.header(IF_NONE_MATCH, tag.to_owned()).send()
    };
    let first = ask_again("").await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let second = ask_again(&tag).await.unwrap();
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(second.headers()["cache-control"], "private, no-cache");
    mark(&server, &mut device, PUBLIC_SESSION, true).await;
    let third = ask_again(&tag).await.unwrap();
    assert_eq!(third.status(), StatusCode::OK);
}

#[tokio::test]
async fn wrong_secrets_are_limited_for_each_address() {
    let server = TestServer::start_with(&["--address-rate", "0", "--device-rate", "0"]).await;
    let (device, _) = scene(&server).await;
    let secret = new(&server, &device).await;
    let mut wrong = 0;
    let status = loop {
        let answer = look(&server, &address(&format!("wrong{wrong}"))).await;
        if answer.status() != StatusCode::NOT_FOUND {
            break answer.status();
        }
        // Right ones cost nothing.
        if wrong < 5 {
            read(&server, &secret).await;
        }
        wrong += 1;
    };
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(wrong, 300);
    // Those of shares count together with them.
    let share = look(&server, "/s/wrong").await;
    assert_eq!(share.status(), StatusCode::TOO_MANY_REQUESTS);
    server.pass(1_000);
    read(&server, &secret).await;
}

#[tokio::test]
async fn no_text_ends_its_line() {
    let server = TestServer::start().await;
    let (mut device, _) = scene(&server).await;
    let secret = new(&server, &device).await;
    mark(&server, &mut device, SESSION, true).await;
    let hostile =
        "x\r\nEND:VEVENT\r\nEND:VCALENDAR\nATTENDEE:mailto:a@example.org\u{85}\u{2028}\0,;\\";
    let at = |collection, number| -> RecordKey { key(programme(1), collection, number) };
    let mut records = Vec::new();
    for name in [
        fields::TITLE,
        fields::ABSTRACT,
        fields::ROOM,
        fields::TRACK,
        fields::URL,
    ] {
        let session = at(Collection::SESSION, SESSION);
        records.push(imported(session, name, hostile));
        for language in Language::ALL {
            records.push(imported(session, &text(name, *language), hostile));
        }
    }
    let event = at(Collection::EVENT, crate::shares::EVENT);
    for name in [fields::TITLE, fields::VENUE, fields::CITY, fields::ZONE] {
        records.push(imported(event, name, hostile));
    }
    let speaker = at(Collection::PERSON, crate::shares::SPEAKER);
    records.push(imported(speaker, fields::NAME, hostile));
    server.put(records).await;
    let calendar = read(&server, &secret).await;
    for (line, times) in [("END:VEVENT", 1), ("END:VCALENDAR", 1), ("SUMMARY", 1)] {
        let lines = calendar.split("\r\n");
        let found = lines.filter(|found| found.starts_with(line)).count();
        assert_eq!(found, times, "{line}: {calendar}");
    }
    let lines = calendar.lines();
    assert_eq!(
        lines.filter(|line| line.starts_with("ATTENDEE")).count(),
        0,
        "{calendar}"
    );
}
