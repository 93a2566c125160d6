//! Public programmes without the app: their page and their calendars.

use keruen_domain::model::fields;
use keruen_domain::{
    Collection, EventId, FieldKey, GroupId, Language, Record, RecordId, SessionId,
};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderMap, IF_NONE_MATCH};

use crate::harness::*;
use crate::shares::hostile::{assert_harmless, hostile_records};
use crate::shares::{EVENT, SESSION, programme_with_everything, text};

fn page_path(number: u64) -> String {
    format!("/p/{}", programme_id(number))
}

fn event() -> String {
    EventId::from(RecordId::new(EVENT, RANDOM)).to_string()
}

fn calendar_path(number: u64, event: &str) -> String {
    [&page_path(number), "/calendar/", event].concat()
}

/// As a reader of Kazakh asks.
async fn look(server: &TestServer, path: &str) -> reqwest::Response {
    asked(server, path, &[(ACCEPT_LANGUAGE.as_str(), "kk, ru;q=0.8")]).await
}

async fn asked(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = http_client().get(server.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn read(server: &TestServer, path: &str) -> String {
    let answer = look(server, path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}

/// The programme that shares are tried with, for everybody.
async fn public_programme(server: &TestServer) {
    programme_with_everything(server).await;
    server.put(vec![programme_record(1, true)]).await;
}

#[tokio::test]
async fn a_public_programme_is_read_without_the_app() {
    let server = TestServer::start().await;
    public_programme(&server).await;
    let answer = look(&server, &page_path(1)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"));
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "public, max-age=60"),
        ("vary", "accept-encoding, accept-language"),
        ("referrer-policy", "no-referrer"),
        ("content-language", "kk"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(headers[name], value);
    }
    assert!(!headers.contains_key("x-robots-tag"));
    let page = answer.text().await.unwrap();
    let session = SessionId::new(SESSION, RANDOM);
    for part in [
        "<!doctype html>\n<html lang=\"kk\" dir=\"ltr\">",
        "<meta property=\"og:title\" content=\"Керуен жолы\">",
        "<meta property=\"og:type\" content=\"website\">",
        "<h1>Керуен жолы</h1>",
        "Семинар",
        "Ақтау",
        "2025\u{a0}ж. 12 мамыр, дүйсенбі",
        "09:00–10:00",
        "Зал 1",
        "Айгерім Сейіт",
        &format!("href=\"/session/{session}\""),
        &format!("href=\"/agenda/{}\"", event()),
        &format!("href=\"{}?lang=ru\"", page_path(1)),
        &format!("href=\"{}?lang=kk\" download", calendar_path(1, &event())),
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(
        !page.contains("noindex") && !page.contains("share="),
        "{page}"
    );
    assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("<style"));
}

#[tokio::test]
async fn machines_read_what_when_where_and_who() {
    let server = TestServer::start().await;
    public_programme(&server).await;
    let page = read(&server, &page_path(1)).await;
    let event = event();
    for part in [
        " itemscope itemtype=\"https://schema.org/Event\">\n<h2><span itemprop=\"name\">Семинар</span>",
        &format!(
            "<p id=\"place-{event}\" itemprop=\"location\" itemscope itemtype=\"https://schema.org/Place\">\
             <span itemprop=\"name\">Ақтау</span></p>"
        ),
        &format!(
            " itemprop=\"subEvent\" itemscope itemtype=\"https://schema.org/Event\" itemref=\"place-{event}\">"
        ),
        "<span itemprop=\"name\">Ашылу салтанаты</span>",
        "<meta itemprop=\"startDate\" content=\"2025-05-12T09:00+05:00\">",
        "<meta itemprop=\"endDate\" content=\"2025-05-12T10:00+05:00\">",
        "<span itemprop=\"performer\" itemscope itemtype=\"https://schema.org/Person\">\
         <span itemprop=\"name\">Айгерім Сейіт</span></span>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("EventCancelled"));
}

#[tokio::test]
async fn what_is_called_off_is_there_and_says_so() {
    let server = TestServer::start().await;
    public_programme(&server).await;
    let at = key(programme(1), Collection::SESSION, SESSION);
    server
        .put(vec![imported(at, fields::STATUS, "cancelled")])
        .await;
    let page = read(&server, &page_path(1)).await;
    for part in [
        "<span itemprop=\"name\">Ашылу салтанаты</span></a></s>",
        "<span class=\"fallback-label\">болмайды</span>",
        "<link itemprop=\"eventStatus\" href=\"https://schema.org/EventCancelled\">",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    let calendar = read(&server, &calendar_path(1, &event())).await;
    assert!(calendar.contains("STATUS:CANCELLED"), "{calendar}");
}

#[tokio::test]
async fn what_is_not_public_is_answered_as_what_is_not_there() {
    let server = TestServer::start().await;
    public_programme(&server).await;
    server.put(vec![programme_record(2, false)]).await;
    server.put(vec![programme_record(3, true)]).await;
    read(&server, &page_path(1)).await;
    read(&server, &page_path(3)).await;
    let mut device = Device::of_organiser(1);
    device.pull(&server).await;
    let deletion = device.delete(programme_record(3, true).key);
    device.exchange(&server, &[deletion]).await;
    // It was public, and somebody has it.
    server.put(vec![programme_record(1, false)]).await;
    let group = GroupId::new(5, RANDOM).to_string();
    let mut first: Option<(HeaderMap, String)> = None;
    for path in [
        page_path(1),
        page_path(2),
        page_path(3),
        page_path(4),
        ["/p/", &group].concat(),
        "/p/x".to_owned(),
        ["/p/", &"x".repeat(5_000)].concat(),
        "/p/%ff".to_owned(),
        "/p/..%2f..%2fkeruen.db".to_owned(),
        "/p/a%0d%0aset-cookie:b".to_owned(),
    ] {
        let answer = look(&server, &path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        let mut headers = answer.headers().clone();
        headers.remove("date");
        let face = (headers, answer.text().await.unwrap());
        assert_eq!(first.get_or_insert_with(|| face.clone()), &face, "{path}");
    }
    let (headers, body) = first.unwrap();
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["content-language"], "kk");
    assert!(body.contains("noindex") && !body.contains("Керуен жолы"));
}

#[tokio::test]
async fn calendars_are_those_of_public_programmes_alone() {
    let server = TestServer::start().await;
    public_programme(&server).await;
    let answer = look(&server, &calendar_path(1, &event())).await;
    assert_eq!(answer.status(), StatusCode::OK);
    for (name, value) in [
        ("content-type", "text/calendar; charset=utf-8"),
        ("content-disposition", "attachment; filename=\"keruen.ics\""),
        ("cache-control", "public, max-age=60"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
    let calendar = answer.text().await.unwrap().replace("\r\n ", "");
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 1, "{calendar}");
    assert!(calendar.contains("SUMMARY;LANGUAGE=kk:Ашылу салтанаты"));
    server.put(vec![programme_record(2, false)]).await;
    let elsewhere = key(programme(2), Collection::EVENT, EVENT + 1);
    let titled = imported(elsewhere, &text(fields::TITLE, Language::Kazakh), "Жабық");
    server.put(vec![titled]).await;
    let closed = EventId::from(elsewhere.id).to_string();
    let session = SessionId::new(SESSION, RANDOM).to_string();
    for path in [
        calendar_path(2, &closed),
        calendar_path(1, &closed),
        calendar_path(1, &session),
        calendar_path(1, "x"),
        calendar_path(1, "..%2f.."),
        calendar_path(9, &event()),
    ] {
        let answer = look(&server, &path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.text().await.unwrap(), "");
    }
}

#[tokio::test]
async fn conference_apps_read_schedules_of_public_programmes() {
    let server = TestServer::start().await;
    public_programme(&server).await;
    for (form, media_type, begin) in [
        (
            "frab-xml",
            "application/xml",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        ),
        ("frab-json", "application/json", "{\n"),
    ] {
        let path = |event: &str| [&page_path(1), "/", form, "/", event].concat();
        let page = look(&server, &page_path(1)).await.text().await.unwrap();
        let link = format!("<a href=\"{}?lang=", path(&event()));
        assert!(page.contains(&link), "{page}");
        let answer = look(&server, &path(&event())).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], media_type);
        assert_eq!(answer.headers()["cache-control"], "public, max-age=60");
        let schedule = answer.text().await.unwrap();
        assert!(schedule.starts_with(begin), "{schedule}");
        assert!(schedule.contains("Ашылу салтанаты"), "{schedule}");
        for other in ["x", &SessionId::new(SESSION, RANDOM).to_string()] {
            let answer = look(&server, &path(other)).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        }
        server.put(vec![programme_record(2, false)]).await;
        let closed = [&page_path(2), "/", form, "/", &event()].concat();
        let answer = look(&server, &closed).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn who_has_the_page_asks_again_without_getting_it_again() {
    let server = TestServer::start().await;
    public_programme(&server).await;
    let at = key(programme(1), Collection::SESSION, SESSION);
    let in_russian = text(fields::TITLE, Language::Russian);
    server
        .put(vec![imported(at, &in_russian, "Открытие")])
        .await;
    for path in [page_path(1), calendar_path(1, &event())] {
        let ask = async |tag: &str, language: &str, encoding: &str| {
            let headers = [
                (IF_NONE_MATCH.as_str(), tag),
                (ACCEPT_LANGUAGE.as_str(), language),
                (ACCEPT_ENCODING.as_str(), encoding),
            ];
            asked(&server, &path, &headers).await
        };
        let first = ask("", "kk", "br").await;
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()["content-encoding"], "br");
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        let again = ask(&tag, "kk", "br").await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()["etag"], tag.as_str());
        assert_eq!(again.headers()["cache-control"], "public, max-age=60");
        assert_eq!(again.headers()["vary"], "accept-encoding, accept-language");
        for (language, encoding) in [("kk", "gzip"), ("kk", "identity"), ("ru", "br")] {
            let other = ask(&tag, language, encoding).await;
            assert_eq!(other.status(), StatusCode::OK, "{language} {encoding}");
        }
        let moved = imported(
            at,
            fields::END,
            1_747_027_800_000 + path.len() as i64 * 60_000,
        );
        server.put(vec![moved]).await;
        let third = ask(&tag, "kk", "br").await;
        assert_eq!(third.status(), StatusCode::OK, "it has changed");
        let chosen = [&*path, "?lang=en"].concat();
        let answer = look(&server, &chosen).await;
        assert_eq!(answer.headers()["vary"], "accept-encoding");
        let odd = [&*path, "?lang=xx"].concat();
        let answer = look(&server, &odd).await;
        assert_eq!(answer.headers()["vary"], "accept-encoding, accept-language");
    }
}

#[tokio::test]
async fn a_hall_that_opens_it_at_once_gets_one_page_and_each_edit_is_seen() {
    let server = TestServer::start_with(&["--address-rate", "0"]).await;
    public_programme(&server).await;
    let at = key(programme(1), Collection::SESSION, SESSION);
    for title in ["Бірінші", "Екінші"] {
        let title_field = text(fields::TITLE, Language::Kazakh);
        server.put(vec![imported(at, &title_field, title)]).await;
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let page = http_client()
                .get(server.url(&[&page_path(1), "?lang=kk"].concat()))
                .send();
            readers.spawn(async { page.await.unwrap().text().await.unwrap() });
        }
        let pages = readers.join_all().await;
        assert!(pages[0].contains(title));
        assert!(pages.iter().all(|page| *page == pages[0]));
    }
}

#[tokio::test]
async fn no_content_becomes_markup() {
    let server = TestServer::start().await;
    public_programme(&server).await;
    server.put(hostile_records()).await;
    for language in ["kk", "ru", "en"] {
        let page = read(&server, &format!("{}?lang={language}", page_path(1))).await;
        assert!(page.contains("&lt;script&gt;"), "the words are there");
        assert_harmless(&page, "");
    }
}

/// Words of each language, so that no title is like another.
const WORDS: [(Language, &str); 3] = [
    (
        Language::Kazakh,
        include_str!("../../../locales/kk/sync.toml"),
    ),
    (
        Language::Russian,
        include_str!("../../../locales/ru/sync.toml"),
    ),
    (
        Language::English,
        include_str!("../../../locales/en/sync.toml"),
    ),
];

/// Numbers that look like chance.
fn numbers(of: u64) -> impl Iterator<Item = usize> {
    (0..).map(move |at: u64| {
        let hash = keruen_domain::ContentHash::of(&[of, at].map(u64::to_be_bytes).concat());
        usize::from(u16::from_be_bytes([hash.0[0], hash.0[1]]))
    })
}

/// A title of so many words.
fn words(from: &str, of: u64, count: usize) -> String {
    let is_letter = |letter: char| !letter.is_alphabetic();
    let known: Vec<&str> = from
        .split(is_letter)
        .filter(|word| word.len() > 3)
        .collect();
    let chosen = numbers(of).map(|number| known[number % known.len()]);
    chosen.take(count).collect::<Vec<_>>().join(" ")
}

/// An identifier as devices make it: all but the time is chance.
fn identifier(of: u64) -> RecordId {
    let bytes: Vec<u8> = numbers(of).map(|number| number as u8).take(10).collect();
    RecordId::new(NOW_MS + of, bytes.try_into().unwrap())
}

/// Three days in four rooms, with eight words in each title and two of forty speakers in each session.
fn sixty_sessions() -> Vec<Record> {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    const CARDS: u64 = 1_000;
    let event = key(programme(1), Collection::EVENT, EVENT);
    let mut records = vec![imported(event, fields::LAST_DAY, "2025-05-14")];
    for number in 0..40 {
        let mut card = key(programme(1), Collection::PERSON, 0);
        card.id = identifier(CARDS + number);
        let name = words(WORDS[number as usize % 2].1, CARDS + number, 2);
        records.push(imported(card, fields::NAME, name));
    }
    for number in 0..60_u64 {
        let mut session = key(programme(1), Collection::SESSION, 0);
        session.id = identifier(number);
        let (day, place) = (number as i64 / 20, number as i64 % 20);
        let start = 1_747_022_400_000 + day * DAY_MS + place / 4 * 5_400_000;
        for (language, known) in WORDS {
            let title = words(known, number, 8);
            let room = [words(known, CARDS, 2), (place % 4).to_string()].join(" ");
            records.push(imported(session, &text(fields::TITLE, language), title));
            records.push(imported(session, &text(fields::ROOM, language), room));
        }
        for speaker in [number % 40, (number * 7 + 3) % 40] {
            let id = identifier(CARDS + speaker).to_string();
            let member = FieldKey::member(fields::SPEAKERS, &id);
            records.push(imported(session, member.as_str(), true));
        }
        let kind = ["lecture", "workshop", "project-work", "discussion"][number as usize % 4];
        records.extend([
            imported(session, fields::KIND, kind),
            imported(session, fields::EVENT, event.id),
            imported(session, fields::START, start),
            imported(session, fields::END, start + 4_500_000),
            imported(session, fields::OFFSET_MINUTES, 300),
        ]);
    }
    records
}

#[tokio::test]
async fn the_page_of_sixty_sessions_is_small() {
    const MOST_BYTES: usize = 30 * 1_024;
    let server = TestServer::start().await;
    public_programme(&server).await;
    server.put(sixty_sessions()).await;
    for language in ["kk", "ru", "en"] {
        let path = format!("{}?lang={language}", page_path(1));
        let page = read(&server, &path).await;
        assert_eq!(page.matches("class=\"share-title\"").count(), 61);
        assert_eq!(page.matches("itemprop=\"performer\"").count(), 121);
        for encoding in ["br", "gzip"] {
            let answer = asked(&server, &path, &[(ACCEPT_ENCODING.as_str(), encoding)]).await;
            assert_eq!(answer.headers()["content-encoding"], encoding);
            let bytes = answer.bytes().await.unwrap().len();
            println!("{language}, {encoding}: {bytes} of {}", page.len());
            assert!(bytes < MOST_BYTES, "{language}, {encoding}: {bytes} bytes");
        }
    }
}
