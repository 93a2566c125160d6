//! The clock of the demonstration.

use anyhow::Result;
use keruen_e2e::{Browser, BrowserOptions};

use crate::steps;

#[tokio::test]
async fn the_demonstration_shows_now_and_next_until_it_is_left() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    phone.find("heading", "No sessions today").await?;
    phone.open(&server.url("/?now=2025-05-12T10:15")).await?;
    phone
        .sees("Demonstration: the clock shows 12 May 2025")
        .await?;
    phone.sees_line("main", "Now").await?;
    phone.find("link", "Opening of the programme").await?;
    phone.sees("until 10:40").await?;
    phone.sees("Main hall").await?;
    phone.sees_line("main", "Next").await?;
    phone.find("link", "Legislative changes").await?;
    phone.sees_line("main", "in 25 min").await?;
    phone.sees("Day 1 of 3").await?;
    phone.find("link", "Keruen on the road").await?;
    phone.find("link", "Write a note").await?;
    phone.is_well_made().await?;

    // The clock stays while the tab does.
    steps::go_to(&phone, "Agenda").await?;
    phone.open(&server.url("/")).await?;
    phone.find("link", "Opening of the programme").await?;
    phone.click("button", "Back to the present").await?;
    phone.find("heading", "No sessions today").await?;
    phone.sees_no("Demonstration").await?;
    phone.reload().await?;
    phone.find("heading", "No sessions today").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_phone_whose_clock_is_wrong_is_told_and_its_note_arrives() -> Result<()> {
    const WARNING: &str = "The clock of this phone is off.";
    let server = steps::server().await?;
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    // Nine hours ahead, as after a flight.
    phone
        .prepare_pages("const now = Date.now; Date.now = () => now.call(Date) + 9 * 60 * 60 * 1000")
        .await?;
    steps::open(&phone, &server.organiser_url("/")).await?;
    phone.sees(WARNING).await?;
    phone.is_well_made().await?;
    steps::open_sheet(&phone).await?;
    phone.sees("540 min ahead").await?;
    steps::close_sheet(&phone).await?;
    phone.click("button", "Close").await?;
    phone.sees_no(WARNING).await?;
    steps::write_note(&phone, "From tomorrow").await?;
    steps::mark(&phone, "sent").await?;
    let mut tablet = steps::visitor(&server.organiser_url("/notes")).await?;
    tablet.find("link", "From tomorrow").await?;
    tablet.sees_no(WARNING).await?;
    steps::finish([&mut phone, &mut tablet]).await
}
