//! A file against everything that can happen to a browser's data.

use anyhow::Result;

use crate::steps;

const NOTES: [&str; 2] = ["Көпірдің суреті қайда?", "Three questions for the fund"];

#[tokio::test]
async fn a_backup_brings_back_what_was_never_sent_and_a_second_time_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    phone.keep_downloads_in(folder.path()).await?;
    server.stop().await?;
    for text in NOTES {
        steps::write_note(&phone, text).await?;
        steps::mark(&phone, "on this phone").await?;
        phone.click("link", "Back").await?;
    }
    steps::go_to(&phone, "More").await?;
    phone.click("button", "Save a backup file").await?;
    phone
        .sees("The file is among the browser’s downloads.")
        .await?;
    phone.is_well_made().await?;
    let file = steps::backup_file(folder.path()).await?;
    anyhow::ensure!(
        !steps::holds(&file, server.organiser_token())?,
        "whoever has the file gets into nobody's account"
    );

    // All data go, and there is no network.
    phone.open("about:blank").await?;
    steps::delete_data(&phone, &server, "indexeddb,local_storage").await?;
    phone.open(&server.url("/notes")).await?;
    phone.find("heading", "No notes yet").await?;
    steps::go_to(&phone, "More").await?;
    let half = folder.path().join("half");
    let whole = std::fs::read(&file)?;
    std::fs::write(&half, &whole[..whole.len() / 2])?;
    phone.choose_file(&half).await?;
    phone.sees("This file is damaged.").await?;
    phone.choose_file(&file).await?;
    phone
        .sees("It holds 2 notes. 2 changes in it had not been sent.")
        .await?;
    phone.is_well_made().await?;
    phone.click("button", "Restore").await?;
    phone.sees("2 changes were brought back.").await?;
    phone.choose_file(&file).await?;
    phone.click("button", "Restore").await?;
    phone
        .sees("Everything in this file is on this phone already.")
        .await?;
    steps::go_to(&phone, "Notes").await?;
    for text in NOTES {
        phone.find("link", text).await?;
    }

    server.start_again().await?;
    steps::open(&phone, &server.organiser_url("/notes")).await?;
    steps::sync_now(&phone).await?;
    let mut tablet = steps::visitor(&server.organiser_url("/notes")).await?;
    for text in NOTES {
        tablet.find("link", text).await?;
    }
    tablet
        .until("document.querySelectorAll('main article').length === 2")
        .await?;
    steps::finish([&mut phone, &mut tablet]).await
}
