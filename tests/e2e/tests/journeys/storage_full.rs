//! The phone is full.

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, BrowserOptions};

use crate::steps;

const FULL: &str = "There is no space left on this phone.";

#[tokio::test]
async fn a_text_that_does_not_fit_stays_is_in_the_backup_and_is_saved_once_there_is_room()
-> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    phone.keep_downloads_in(folder.path()).await?;
    let note = steps::write_note(&phone, "Before.").await?;
    steps::mark(&phone, "sent").await?;

    steps::fill_storage(&phone, &server).await?;
    phone
        .type_into("Text of the note", " While it is full.")
        .await?;
    phone.sees(FULL).await?;
    steps::mark(&phone, "not saved yet").await?;
    steps::note_reads(&phone, "Before. While it is full.").await?;
    phone.is_well_made().await?;
    phone.click("button", "Save a backup file").await?;
    let file = steps::backup_file(folder.path()).await?;
    ensure!(
        steps::holds(&file, "While it is full")?,
        "the file holds what could not be saved"
    );

    // Not even a new page loses it.
    phone.reload().await?;
    phone.sees(FULL).await?;
    steps::mark(&phone, "not saved yet").await?;
    steps::free_storage(&phone, &server).await?;
    steps::note_reads(&phone, "Before. While it is full.").await?;
    steps::mark(&phone, "sent").await?;
    phone.sees_no(FULL).await?;

    // The same while the page stays, and in two notes, one of which nobody looks at.
    steps::fill_storage(&phone, &server).await?;
    phone.type_into("Text of the note", " Again.").await?;
    phone.sees(FULL).await?;
    let other = steps::write_note(&phone, "Another one.").await?;
    steps::mark(&phone, "not saved yet").await?;
    steps::free_storage(&phone, &server).await?;
    steps::mark(&phone, "sent").await?;
    phone.click("link", "Back").await?;
    phone
        .click("link", "Before. While it is full. Again.")
        .await?;
    steps::mark(&phone, "sent").await?;
    phone.sees_no(FULL).await?;
    for (note, text) in [
        (&note, "Before. While it is full. Again."),
        (&other, "Another one."),
    ] {
        phone.open(&server.url(note)).await?;
        steps::note_reads(&phone, text).await?;
        phone.sees_no("Two versions were made").await?;
    }
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn news_that_do_not_fit_come_once_there_is_room() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/notes")).await?;
    let mut tablet = steps::visitor(&server.organiser_url("/")).await?;
    steps::fill_storage(&phone, &server).await?;
    steps::write_note(&tablet, "From the tablet").await?;
    steps::mark(&tablet, "sent").await?;
    steps::open_sheet(&phone).await?;
    phone.click("button", "Sync now").await?;
    steps::close_sheet(&phone).await?;
    phone
        .sees("What is new on the server has not come yet.")
        .await?;
    phone.is_well_made().await?;
    steps::free_storage(&phone, &server).await?;
    phone.find("link", "From the tablet").await?;
    phone.sees_no(FULL).await?;
    steps::finish([&mut phone, &mut tablet]).await
}

#[tokio::test]
async fn an_app_that_finds_no_room_at_all_says_so_and_starts_once_there_is_some() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&server.url("/licences.txt")).await?;
    steps::fill_storage(&phone, &server).await?;
    phone.open(&server.url("/")).await?;
    phone.sees(FULL).await?;
    phone.is_well_made().await?;
    steps::free_storage(&phone, &server).await?;
    phone.click("link", "Reload the page").await?;
    steps::chip(&phone, "up to date").await?;
    steps::finish([&mut phone]).await
}
