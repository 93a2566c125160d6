//! One person, two devices.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
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
async fn what_one_device_sends_the_other_shows_in_a_moment() -> Result<()> {
    // Without hints, a device asks once a minute.
    const A_MOMENT: Duration = Duration::from_secs(20);
    let server = steps::server().await?;
    let (mut phone, mut tablet) = devices(&server).await?;
    steps::go_to(&tablet, "Notes").await?;
    steps::write_note(&phone, "See you at the bridge").await?;
    steps::mark(&phone, "sent").await?;
    let sent = Instant::now();
    tablet.find("link", "See you at the bridge").await?;
    ensure!(sent.elapsed() < A_MOMENT, "after {:?}", sent.elapsed());
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

/// Presses a button as long as it can be pressed.
async fn turn_all(phone: &Browser, button: &str) -> Result<()> {
    phone.find("button", button).await?;
    let script = format!(
        "const button = [...document.querySelectorAll('button')].find(one => one.ariaLabel === '{button}');
         while (!button.disabled) {{
             button.click();
             await new Promise(done => requestAnimationFrame(done));
         }}"
    );
    phone.run_async(&script).await?;
    Ok(())
}

#[tokio::test]
async fn taking_back_what_one_typed_leaves_what_the_other_wrote_in_between() -> Result<()> {
    let server = steps::server().await?;
    let (mut phone, mut tablet) = devices(&server).await?;
    let note = steps::write_note(&phone, "Ask about tea.").await?;
    steps::mark(&phone, "sent").await?;
    steps::sync_now(&tablet).await?;
    tablet.open(&server.url(&note)).await?;
    steps::note_reads(&tablet, "Ask about tea.").await?;
    steps::type_before(&tablet, "tea", "green ").await?;
    steps::note_reads(&phone, "Ask about green tea.").await?;

    turn_all(&phone, "Undo typing").await?;
    steps::note_reads(&phone, "green ").await?;
    turn_all(&phone, "Redo typing").await?;
    steps::note_reads(&phone, "Ask about green tea.").await?;
    turn_all(&phone, "Undo typing").await?;
    steps::note_reads(&phone, "green ").await?;
    steps::mark(&phone, "sent").await?;
    steps::note_reads(&tablet, "green ").await?;
    // By the keyboard: control and Z.
    tablet
        .type_into("Text of the note", "\u{e009}z\u{e000}")
        .await?;
    steps::note_reads(&tablet, "").await?;
    tablet
        .type_into("Text of the note", "\u{e009}y\u{e000}")
        .await?;
    steps::note_reads(&phone, "green ").await?;
    phone.is_well_made().await?;
    steps::finish([&mut phone, &mut tablet]).await
}

#[tokio::test]
async fn when_both_write_in_one_note_both_read_all_of_it() -> Result<()> {
    const BOTH: &str = "Ask about the budget of 2026 and the hall.";
    let mut server = steps::server().await?;
    let (mut phone, mut tablet) = devices(&server).await?;
    let note = steps::write_note(&phone, "Ask about the budget.").await?;
    steps::mark(&phone, "sent").await?;
    steps::sync_now(&tablet).await?;
    tablet.open(&server.url(&note)).await?;
    steps::note_reads(&tablet, "Ask about the budget.").await?;

    server.kill().await?;
    steps::type_before(&phone, ".", " of 2026").await?;
    steps::note_reads(&phone, "Ask about the budget of 2026.").await?;
    steps::mark(&phone, "on this phone").await?;
    steps::type_before(&tablet, ".", " and the hall").await?;
    steps::mark(&tablet, "on this phone").await?;
    steps::type_before(&tablet, "Ask", "Tea! ").await?;
    steps::note_reads(&tablet, "Tea! Ask about the budget and the hall.").await?;
    steps::mark(&tablet, "on this phone").await?;
    server.start_again().await?;
    steps::sync_now(&phone).await?;
    steps::sync_now(&tablet).await?;
    // While somebody has the note open, others' words come in, and the caret stays in its place.
    steps::type_before(&phone, " of 2026", "").await?;
    steps::sync_now(&phone).await?;
    steps::note_reads(&phone, &["Tea! ", BOTH].concat()).await?;
    steps::caret_is_before(&phone, " of 2026").await?;
    steps::note_reads(&tablet, &["Tea! ", BOTH].concat()).await?;

    // What one removes is gone for both, and both can bring it back.
    steps::remove(&tablet, " and the hall").await?;
    steps::note_reads(&tablet, "Tea! Ask about the budget of 2026.").await?;
    steps::mark(&tablet, "sent").await?;
    steps::sync_now(&phone).await?;
    steps::note_reads(&phone, "Tea! Ask about the budget of 2026.").await?;
    phone.sees_no("Bring back").await?;
    steps::unfold(&phone, "Removed passages").await?;
    phone.sees("and the hall").await?;
    phone.is_well_made().await?;
    phone.click("button", "Bring back").await?;
    steps::note_reads(&phone, &["Tea! ", BOTH].concat()).await?;
    phone.sees_no("Removed passages").await?;
    steps::mark(&phone, "sent").await?;
    steps::sync_now(&tablet).await?;
    steps::note_reads(&tablet, &["Tea! ", BOTH].concat()).await?;
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
