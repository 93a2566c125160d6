//! A trainer gives a link away, and somebody without an account opens it.

use std::fs;

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, BrowserOptions, Server, ServerOptions};

use crate::joining::shown_link;
use crate::steps;

const MATERIAL: &str = "Count what matters";
const WORDS: &str = "Ask three people before you count.";
/// Something that is not public: only the link opens it.
const PROGRAMME: &str = r##"{
    "keruen": 1,
    "programme": { "id": "closed", "title": { "en": "Behind closed doors" }, "public": false },
    "events": [],
    "people": [],
    "sessions": [],
    "materials": [{
        "id": "closed-count",
        "kind": "text",
        "title": { "en": "Count what matters" },
        "body": { "en": "# First\n\nAsk three people before you count.\n\n<script>alert(1)</script>" }
    }]
}"##;

async fn server() -> Result<Server> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("programme.json");
    fs::write(&file, PROGRAMME)?;
    let options = ServerOptions {
        imports: vec![file],
        ..ServerOptions::default()
    };
    Server::start(&options).await
}

/// The organiser makes a link to the material; with the words that open it, if there are any.
async fn shared(server: &Server, passphrase: &str) -> Result<(Browser, String)> {
    let organiser = steps::visitor(&server.organiser_url("/")).await?;
    steps::go_to(&organiser, "Materials").await?;
    organiser.click("link", MATERIAL).await?;
    steps::unfold(&organiser, "Share by a link").await?;
    organiser
        .type_into("Passphrase (may be empty)", passphrase)
        .await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Make the link").await?;
    let link = shown_link(&organiser).await?;
    organiser.is_well_made().await?;
    Ok((organiser, link))
}

#[tokio::test]
async fn a_link_opens_for_everybody_is_kept_in_the_app_and_read_without_a_network() -> Result<()> {
    let mut server = server().await?;
    let (mut organiser, link) = shared(&server, "").await?;
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&link).await?;
    phone.find("heading", MATERIAL).await?;
    phone.sees(WORDS).await?;
    phone.sees("<script>alert(1)</script>").await?;
    phone.is_well_made().await?;

    phone.click("link", "Open in Keruen").await?;
    phone.find("heading", MATERIAL).await?;
    let address = phone.run("return location.href").await?;
    ensure!(
        address.as_str() == Some(&*server.url("/join")),
        "the secret has left the address: {address}"
    );
    phone.is_well_made().await?;
    phone.click("button", "Keep on this phone").await?;
    phone.sees("It is on this phone.").await?;
    phone.until_offline_ready().await?;

    organiser.click("link", "More").await?;
    organiser.click("link", "My links").await?;
    organiser.find("heading", MATERIAL).await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Take back").await?;
    organiser.sees("taken back").await?;
    let late = Browser::start(BrowserOptions::default()).await?;
    late.open(&link).await?;
    late.sees_no(WORDS).await?;

    server.stop().await?;
    phone.open(&server.url("/materials")).await?;
    phone.find("heading", "Shared with you").await?;
    phone.click("link", MATERIAL).await?;
    phone.sees(WORDS).await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn a_link_with_a_passphrase_opens_with_it_alone() -> Result<()> {
    let server = server().await?;
    let (mut organiser, link) = shared(&server, "five camels").await?;
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    let secret = link.rsplit('/').next().unwrap_or_default();
    phone
        .open(&server.url(&format!("/#share={secret}")))
        .await?;
    steps::type_passphrase(&phone, "six camels").await?;
    phone.sees("That is not the passphrase.").await?;
    phone.is_well_made().await?;
    steps::type_passphrase(&phone, "five camels").await?;
    phone.find("heading", MATERIAL).await?;
    phone.click("button", "Keep on this phone").await?;
    phone.click("link", MATERIAL).await?;
    phone.sees(WORDS).await?;
    steps::finish([&mut organiser, &mut phone]).await
}
