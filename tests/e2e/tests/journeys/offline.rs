//! The server is gone: in a valley, in a cellar, on the road.

use anyhow::Result;
use keruen_e2e::Browser;

use crate::steps::{self, DAY, EVENT, SESSION};

const PICTURE: &str = "Priority table: importance and state";
const TEXT: &str = "How to write a recommendation";
/// A sentence of it.
const SENTENCE: &str = "A recommendation is a request to a particular person";
const NOTE: &str = "Ask about the fund in Abai Region";

#[tokio::test]
async fn without_the_server_everything_that_is_on_the_phone_is_there() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    steps::open_session(&phone).await?;
    phone.find("heading", SESSION).await?;
    let session = phone.path().await?;
    let note = steps::write_note(&phone, NOTE).await?;
    steps::mark(&phone, "on this phone").await?;
    steps::go_to(&phone, "Materials").await?;
    phone.click("link", PICTURE).await?;
    fetch_file(&phone).await?;
    let picture = phone.path().await?;
    phone.click("link", "Materials").await?;
    phone.click("link", TEXT).await?;
    phone.sees(SENTENCE).await?;
    let text = phone.path().await?;

    server.kill().await?;
    phone.reload().await?;
    steps::chip(&phone, "offline").await?;
    phone.sees(SENTENCE).await?;
    read_all(&phone, &server.url(""), [&session, &note, &picture, &text]).await?;

    phone.kill().await?;
    phone.start_again().await?;
    phone.open(&server.url("/")).await?;
    steps::chip(&phone, "offline").await?;
    phone.is_well_made().await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.click("link", EVENT).await?;
    phone.click("link", DAY).await?;
    phone.find("link", SESSION).await?;
    read_all(&phone, &server.url(""), [&session, &note, &picture, &text]).await?;

    steps::go_to(&phone, "Materials").await?;
    phone
        .click("link", "Recommendation on one page: a form to print")
        .await?;
    phone.sees("not on this phone").await?;
    phone
        .open(&server.url("/session/00000000-0000-7000-8000-000000000000"))
        .await?;
    phone
        .find("heading", "This is not on your phone yet")
        .await?;
    steps::chip(&phone, "offline").await?;
    phone.open(&server.url("/no/such/page")).await?;
    phone.find("heading", "There is no such page").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_file_that_cannot_be_fetched_says_so_and_comes_by_itself() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/materials")).await?;
    phone.click("link", PICTURE).await?;
    server.stop().await?;
    steps::tap_download(&phone).await?;
    phone.sees("Waits until the server can be reached").await?;
    phone.is_well_made().await?;

    server.start_again().await?;
    phone.find("button", "Save the file").await?;
    steps::finish([&mut phone]).await
}

/// Opens each by its address and sees what it holds.
async fn read_all(phone: &Browser, origin: &str, addresses: [&str; 4]) -> Result<()> {
    let [session, note, picture, text] = addresses.map(|path| [origin, path].concat());
    phone.open(&session).await?;
    phone.find("heading", SESSION).await?;
    phone.open(&note).await?;
    steps::note_reads(phone, NOTE).await?;
    phone.open(&picture).await?;
    phone
        .until("[...document.images].some(picture => picture.naturalWidth > 100)")
        .await?;
    phone.open(&text).await?;
    phone.sees(SENTENCE).await
}

async fn fetch_file(phone: &Browser) -> Result<()> {
    steps::tap_download(phone).await?;
    phone.find("button", "Save the file").await?;
    Ok(())
}
