//! Links by which anybody reads one thing, and their pages.

mod calendars;
mod files;
pub(crate) mod hostile;
mod making;
mod opening;
mod pages;
mod passphrases;

use keruen_domain::model::fields;
use keruen_domain::protocol::people::NewSecret;
use keruen_domain::protocol::shares::*;
use keruen_domain::{
    Collection, FieldKey, Language, MaterialId, Record, RecordId, RecordKey, Role, SessionId,
};
use reqwest::StatusCode;
use reqwest::header::ACCEPT_LANGUAGE;

use crate::harness::*;
use crate::people::{ask, invited, joined, nothing};

const MATERIAL: u64 = 30;
const OTHER_MATERIAL: u64 = 31;
pub(crate) const SESSION: u64 = 20;
pub(crate) const EVENT: u64 = 10;
pub(crate) const SPEAKER: u64 = 40;

fn material() -> MaterialId {
    MaterialId::new(MATERIAL, RANDOM)
}

fn session() -> SessionId {
    SessionId::new(SESSION, RANDOM)
}

/// A translated text.
pub(crate) fn text(name: &str, language: Language) -> String {
    FieldKey::translated(name, language).as_str().to_owned()
}

/// A private programme with an event, a session, its material and speaker, and one more material.
pub(crate) async fn programme_with_everything(server: &TestServer) {
    let own = programme_record(1, false).key;
    let at = |collection, number| key(programme(1), collection, number);
    let event = at(Collection::EVENT, EVENT);
    let session = at(Collection::SESSION, SESSION);
    let material = at(Collection::MATERIAL, MATERIAL);
    let other = at(Collection::MATERIAL, OTHER_MATERIAL);
    let speaker = at(Collection::PERSON, SPEAKER);
    let (kazakh, russian) = (Language::Kazakh, Language::Russian);
    let member = |set, id: RecordId| FieldKey::member(set, &id.to_string()).as_str().to_owned();
    server
        .put(vec![
            programme_record(1, false),
            imported(own, &text(fields::TITLE, kazakh), "Керуен жолы"),
            imported(event, &text(fields::TITLE, kazakh), "Семинар"),
            imported(event, &text(fields::CITY, kazakh), "Ақтау"),
            imported(event, fields::FIRST_DAY, "2025-05-12"),
            imported(session, &text(fields::TITLE, kazakh), "Ашылу салтанаты"),
            imported(session, fields::EVENT, event.id),
            imported(session, fields::START, 1_747_022_400_000),
            imported(session, fields::END, 1_747_026_000_000),
            imported(session, fields::OFFSET_MINUTES, 300),
            imported(session, &text(fields::ROOM, russian), "Зал 1"),
            imported(session, &member(fields::MATERIALS, material.id), true),
            imported(session, &member(fields::SPEAKERS, speaker.id), true),
            imported(material, &text(fields::TITLE, kazakh), "Әдістемелік құрал"),
            imported(material, &text(fields::TITLE, russian), "Методичка"),
            imported(material, &text(fields::SUMMARY, russian), "О показателях"),
            imported(
                material,
                &text(fields::BODY, russian),
                "# Часть\n\n*Важное*",
            ),
            imported(other, &text(fields::TITLE, russian), "Другой материал"),
            imported(speaker, fields::NAME, "Айгерім Сейіт"),
        ])
        .await;
}

/// Gives a material a file with these bytes; its hash.
async fn give_file(
    server: &TestServer,
    number: u64,
    bytes: &'static [u8],
    media_type: &str,
    name: &str,
) -> String {
    let hash = server.put_file(programme(1), bytes, media_type, name).await;
    let at = key(programme(1), Collection::MATERIAL, number);
    server
        .put(vec![
            imported(at, fields::FILE_SHA256, &*hash),
            imported(at, fields::FILE_SIZE_BYTES, bytes.len() as i64),
            imported(at, fields::FILE_TYPE, media_type),
            imported(at, fields::FILE_NAME, name),
        ])
        .await;
    hash
}

fn new_share(shared: Shared) -> NewShare {
    NewShare {
        programme: programme_id(1),
        shared,
        valid_ms: None,
        passphrase: String::new(),
        note: "for the wall".to_owned(),
    }
}

fn operator() -> Device {
    Device::of_organiser(1_000)
}

async fn made(server: &TestServer, question: &NewShare) -> NewSecret {
    let made = ask(server, &operator(), paths::NEW, question).await;
    made.unwrap()
}

/// The secret of a new share.
async fn shared(server: &TestServer, shared: Shared) -> String {
    made(server, &new_share(shared)).await.secret
}

async fn shares(server: &TestServer, device: &Device) -> Vec<Share> {
    ask(server, device, paths::LIST, &()).await.unwrap()
}

async fn opened(server: &TestServer, secret: &str, typed: &str) -> Result<Opened, (u16, String)> {
    let question = OpenShare {
        secret: secret.to_owned(),
        passphrase: typed.to_owned(),
    };
    ask(server, &Device::visitor(5), paths::OPEN, &question).await
}

/// The records of a share without a passphrase.
async fn records(server: &TestServer, secret: &str) -> Vec<Record> {
    match opened(server, secret, "").await.unwrap() {
        Opened::Records { records, ticket } => {
            assert_eq!(ticket, "");
            records
        }
        Opened::NeedsPassphrase => panic!("there is no passphrase"),
    }
}

fn page_path(secret: &str) -> String {
    [paths::PAGE, secret].concat()
}

/// A page as a reader of Kazakh gets it; redirections are not followed.
async fn look(server: &TestServer, path: &str) -> reqwest::Response {
    let client = http_client_that_stays();
    let request = client.get(server.url(path));
    let request = request.header(ACCEPT_LANGUAGE, "kk, ru;q=0.8");
    request.send().await.unwrap()
}

async fn html(server: &TestServer, path: &str) -> String {
    let answer = look(server, path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}
