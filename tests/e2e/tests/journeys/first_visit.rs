//! Somebody opens the invitation for the first time.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, BrowserOptions, Proxy, eventually};
use serde_json::json;

use crate::steps::{self, DAY, EVENT, SESSION};

/// The second part of the program.
const LATER: &str = "/assets/split_later";

/// The sample programme's form, to compare with what a person gets.
const FORM: &str = "../../samples/creative-kazakhstan-2025/files/recommendation-form.pdf";

#[tokio::test]
async fn a_first_visit_shows_the_programmes_the_agenda_and_the_session() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    steps::go_to(&phone, "Agenda").await?;
    for programme in [
        "Creative Kazakhstan: Developing Creative Industries in the Regions",
        "Regional expert meetings on creative industries",
        "Culture for Development Indicators (CDIS): training seminar in Aktau",
    ] {
        phone.find("heading", programme).await?;
    }
    phone.is_well_made().await?;

    phone.click("link", EVENT).await?;
    phone.click("link", DAY).await?;
    phone.sees(SESSION).await?;
    // Three rooms at the same time, each by its name.
    for room in ["Main hall", "Room 2", "Room 3"] {
        phone.sees_line("main", room).await?;
    }
    phone.find("link", "Impact investment: group 2").await?;
    phone.is_well_made().await?;

    phone.click("link", SESSION).await?;
    phone.find("heading", SESSION).await?;
    phone.sees("09:30").await?;
    phone.sees("Main hall").await?;
    phone.sees_line("main", "sample").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_text_is_read_a_picture_fetched_by_a_tap_and_a_file_kept() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    steps::go_to(&phone, "Materials").await?;
    phone.is_well_made().await?;
    phone.click("link", "How to write a recommendation").await?;
    phone
        .until("document.querySelectorAll('article .markdown p, article .markdown li').length > 5")
        .await?;
    phone.is_well_made().await?;

    phone.click("link", "Materials").await?;
    phone
        .click("link", "Priority table: importance and state")
        .await?;
    phone.sees("not on this phone").await?;
    ensure!(
        !phone
            .has("img", "Priority table: importance and state")
            .await?,
        "nothing large is fetched without a tap"
    );
    steps::tap_download(&phone).await?;
    phone
        .until("[...document.images].some(picture => picture.naturalWidth > 100)")
        .await?;
    phone
        .find("image", "Priority table: importance and state")
        .await?;
    phone.is_well_made().await?;

    phone.click("link", "Materials").await?;
    phone
        .click("link", "Recommendation on one page: a form to print")
        .await?;
    steps::tap_download(&phone).await?;
    let downloads = tempfile::tempdir()?;
    let folder = json!({ "behavior": "allow", "downloadPath": downloads.path() });
    phone
        .devtools("Browser.setDownloadBehavior", folder)
        .await?;
    phone.click("button", "Save the file").await?;
    let saved = downloads.path().join("recommendation-form.pdf");
    let original = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(FORM))?;
    eventually("the file is saved whole", || async {
        Ok((fs::read(&saved).ok().as_ref() == Some(&original)).then_some(()))
    })
    .await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_link_into_the_app_opens_the_thing_itself() -> Result<()> {
    let server = steps::server().await?;
    let mut one = steps::visitor(&server.url("/")).await?;
    steps::open_session(&one).await?;
    one.find("heading", SESSION).await?;
    let session = one.path().await?;
    let mut other = steps::visitor(&server.url(&session)).await?;
    other.find("heading", SESSION).await?;
    ensure!(other.path().await? == session, "the address stays");
    // There is no page before this one in the history, and yet there is a way up.
    other.click("link", "Back").await?;
    other.find("link", "Impact investment: group 2").await?;
    steps::finish([&mut one, &mut other]).await
}

#[tokio::test]
async fn the_app_is_used_before_its_second_part_is_there_and_says_what_lacks() -> Result<()> {
    const LACKS: &str = "This part of the app is not on your phone yet";
    let server = steps::server().await?;
    let proxy = Proxy::start(&server).await?;
    proxy.withhold(Some(LATER));
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&proxy.url("/")).await?;
    steps::chip(&phone, "up to date").await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.click("link", EVENT).await?;
    phone.click("link", DAY).await?;
    phone.find("link", SESSION).await?;
    phone.click("link", "Notes").await?;
    phone.find("heading", LACKS).await?;
    phone.is_well_made().await?;
    // So it is where the page's own title is not known yet.
    phone.open(&proxy.url("/notes")).await?;
    phone.find("heading", LACKS).await?;
    phone.is_well_made().await?;
    let asked = proxy.take_asked();
    ensure!(
        asked.iter().any(|path| path.starts_with(LATER)),
        "it was asked for: {asked:?}"
    );

    proxy.withhold(None);
    phone.click("button", "Try again").await?;
    phone.find("heading", "Notes").await?;
    phone.sees_no(LACKS).await?;
    steps::write_note(&phone, "Written in the second part").await?;
    steps::mark(&phone, "on this phone").await?;
    // The worker could not get everything at its first attempt; it goes on at the next visit.
    phone.reload().await?;
    phone.until_offline_ready().await?;
    drop(server);
    phone.reload().await?;
    steps::note_reads(&phone, "Written in the second part").await?;
    steps::finish([&mut phone]).await
}
