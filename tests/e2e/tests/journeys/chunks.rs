//! A programme that is too large for one answer: its snapshot comes in chunks.

use std::fs;

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, BrowserOptions, Proxy, Server, ServerOptions, eventually};
use serde_json::{Value, json};

use crate::steps;

const TITLE: &str = "A large programme";
const EVENT: &str = "The largest seminar";
/// In the last chunk.
const LAST_MATERIAL: &str = "Material 3999";

#[tokio::test]
async fn the_first_visit_is_usable_before_all_chunks_are_there() -> Result<()> {
    let server = server().await?;
    let proxy = Proxy::start(&server).await?;
    proxy.pass_chunks(Some(0));
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&proxy.url("/agenda")).await?;
    phone.click("link", EVENT).await?;
    phone.find("heading", EVENT).await?;
    ensure!(!is_up_to_date(&phone).await?, "not everything is there yet");

    proxy.pass_chunks(None);
    steps::sync_now(&phone).await?;
    steps::chip(&phone, "up to date").await?;
    phone.open(&proxy.url("/materials")).await?;
    phone.sees(LAST_MATERIAL).await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn an_interrupted_first_visit_fetches_no_chunk_twice() -> Result<()> {
    const PASSED: usize = 2;
    let server = server().await?;
    let proxy = Proxy::start(&server).await?;
    proxy.pass_chunks(Some(PASSED));
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&proxy.url("/agenda")).await?;
    // Those that came are saved by then.
    steps::chip(&phone, "offline").await?;
    phone.kill().await?;
    let mut came = chunks_of(proxy.take_asked());
    ensure!(came.len() > PASSED, "{came:?}");
    came.truncate(PASSED);

    proxy.pass_chunks(None);
    drop(proxy.take_asked());
    phone.start_again().await?;
    phone.open(&proxy.url("/materials")).await?;
    steps::chip(&phone, "up to date").await?;
    phone.sees(LAST_MATERIAL).await?;
    let asked = chunks_of(proxy.take_asked());
    ensure!(asked.len() > 1, "there was more: {asked:?}");
    for chunk in &came {
        ensure!(!asked.contains(chunk), "{chunk} was there already");
    }
    steps::finish([&mut phone]).await
}

fn chunks_of(asked: Vec<String>) -> Vec<String> {
    let chunks = asked.into_iter().filter(|path| path.contains("/chunks/"));
    chunks.collect()
}

async fn is_up_to_date(phone: &Browser) -> Result<bool> {
    let chip = "return document.querySelector('header [aria-haspopup=dialog]').innerText";
    let words = phone.run(chip).await?;
    Ok(words.as_str().unwrap_or_default().contains("up to date"))
}

/// A server with a programme of some thousand records and its snapshot.
async fn server() -> Result<Server> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("programme.json");
    fs::write(&file, programme().to_string())?;
    let options = ServerOptions {
        imports: vec![file],
        ..ServerOptions::default()
    };
    let server = Server::start(&options).await?;
    eventually("the server has a snapshot", || async {
        Ok(server.log().contains("made a snapshot").then_some(()))
    })
    .await?;
    Ok(server)
}

fn programme() -> Value {
    let material = |number: usize| {
        json!({
            "id": format!("material-{number}"),
            "kind": "link",
            "title": { "en": format!("Material {number}") },
            "summary": { "en": words(number) },
            "url": format!("https://example.org/{number}"),
        })
    };
    json!({
        "keruen": 1,
        "programme": {
            "id": "large",
            "title": { "en": TITLE },
            "languages": ["en"],
            "public": true,
        },
        "events": [{
            "id": "event",
            "title": { "en": EVENT },
            "city": { "en": "Aktau" },
            "region": "KZ-47",
            "zone": "Asia/Aqtau",
            "first_day": "2023-06-01",
            "last_day": "2023-06-02",
            "status": "held",
        }],
        "people": [],
        "materials": (0..4_000).map(material).collect::<Vec<_>>(),
        "sessions": [],
    })
}

/// Text that does not shrink much, the same at each run.
fn words(seed: usize) -> String {
    let mut bits = seed as u64 + 1;
    let mut word = || {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{:x} ", bits >> 32)
    };
    (0..8).map(|_| word()).collect()
}
