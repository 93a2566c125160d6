//! One person, two devices.

use anyhow::Result;
use keruen_e2e::{Browser, Server};

use crate::steps;

#[tokio::test]
async fn a_note_written_without_the_server_reaches_the_other_device() -> Result<()> {
    let mut server = steps::server().await?;
    let (mut phone, mut tablet) = devices(&server).await?;
    server.kill().await?;
    let note = steps::write_note(&phone, "Written on the road").await?;
    steps::mark(&phone, "on this phone").await?;
    steps::open_sheet(&phone).await?;
    phone.sees("1 change is waiting to be sent").await?;
    phone.is_well_made().await?;
    steps::close_sheet(&phone).await?;

    server.start_again().await?;
    steps::sync_now(&phone).await?;
    steps::mark(&phone, "sent").await?;
    steps::chip(&phone, "up to date").await?;

    steps::go_to(&tablet, "Notes").await?;
    steps::sync_now(&tablet).await?;
    tablet.click("link", "Written on the road").await?;
    tablet.open(&server.url(&note)).await?;
    steps::note_reads(&tablet, "Written on the road").await?;
    steps::mark(&tablet, "sent").await?;
    steps::finish([&mut phone, &mut tablet]).await
}

#[tokio::test]
async fn different_notes_written_apart_are_on_both_devices_in_the_end() -> Result<()> {
    let mut server = steps::server().await?;
    let (mut phone, mut tablet) = devices(&server).await?;
    server.kill().await?;
    steps::write_note(&phone, "From the phone").await?;
    steps::mark(&phone, "on this phone").await?;
    steps::write_note(&tablet, "From the tablet").await?;
    steps::mark(&tablet, "on this phone").await?;

    server.start_again().await?;
    steps::sync_now(&phone).await?;
    steps::sync_now(&tablet).await?;
    steps::sync_now(&phone).await?;
    for device in [&phone, &tablet] {
        steps::go_to(device, "Notes").await?;
        device.find("link", "From the phone").await?;
        device.find("link", "From the tablet").await?;
    }
    steps::finish([&mut phone, &mut tablet]).await
}

#[tokio::test]
async fn when_both_change_the_same_note_neither_text_is_lost() -> Result<()> {
    let mut server = steps::server().await?;
    let (mut phone, mut tablet) = devices(&server).await?;
    let note = steps::write_note(&phone, "Budget").await?;
    steps::mark(&phone, "sent").await?;
    steps::sync_now(&tablet).await?;
    tablet.open(&server.url(&note)).await?;
    steps::note_reads(&tablet, "Budget").await?;

    server.kill().await?;
    phone.type_into("Text of the note", " 2026").await?;
    steps::mark(&phone, "on this phone").await?;
    tablet
        .type_into("Text of the note", " of the region")
        .await?;
    steps::mark(&tablet, "on this phone").await?;
    server.start_again().await?;
    steps::sync_now(&phone).await?;
    steps::sync_now(&tablet).await?;
    steps::sync_now(&phone).await?;

    for device in [&phone, &tablet] {
        device.find("heading", "Two versions were made").await?;
        device.is_well_made().await?;
    }
    // The later text stands in the editor of both, the other one is offered.
    steps::note_reads(&phone, "Budget of the region").await?;
    steps::note_reads(&tablet, "Budget of the region").await?;
    phone.sees("Show the other version").await?;
    phone.click("button", "Use the other version").await?;
    steps::note_reads(&phone, "Budget 2026").await?;
    phone.sees_no("Two versions were made").await?;
    steps::mark(&phone, "sent").await?;

    steps::sync_now(&tablet).await?;
    steps::note_reads(&tablet, "Budget 2026").await?;
    tablet.sees_no("Two versions were made").await?;
    steps::finish([&mut phone, &mut tablet]).await
}

/// Two browsers of the same person.
async fn devices(server: &Server) -> Result<(Browser, Browser)> {
    let address = server.organiser_url("/");
    Ok((
        steps::visitor(&address).await?,
        steps::visitor(&address).await?,
    ))
}
