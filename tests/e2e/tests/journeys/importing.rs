//! An organiser brings in the agenda from a file of another program.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::steps;

/// A calendar of entries that each are an identifier, a title, a beginning by the venue's clocks and a room; one
/// without a beginning cannot be read.
fn calendar(folder: &Path, entries: &[(&str, &str, &str, &str)]) -> Result<PathBuf> {
    let mut text = String::from(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nX-WR-CALNAME:Crafts week\r\n",
    );
    for (id, title, start, room) in entries {
        text.push_str(&format!("BEGIN:VEVENT\r\nUID:{id}\r\nSUMMARY:{title}\r\n"));
        if !start.is_empty() {
            text.push_str(&format!(
                "DTSTART;TZID=Asia/Almaty:{start}\r\nDURATION:PT1H\r\nLOCATION:{room}\r\n"
            ));
        }
        text.push_str("END:VEVENT\r\n");
    }
    text.push_str("END:VCALENDAR\r\n");
    let file = folder.join("crafts.ics");
    std::fs::write(&file, text)?;
    Ok(file)
}

#[tokio::test]
async fn a_calendar_is_imported_once_it_was_seen_and_again_beside_what_people_wrote() -> Result<()>
{
    let folder = tempfile::tempdir()?;
    let server = steps::server().await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    steps::go_to(&organiser, "More").await?;
    organiser.click("link", "Import a schedule").await?;
    organiser.find("heading", "Import a schedule").await?;
    organiser.is_well_made().await?;

    let letter = folder.path().join("letter.txt");
    std::fs::write(&letter, "Dear colleagues")?;
    organiser.choose_file(&letter).await?;
    organiser.sees("This file cannot be imported:").await?;
    organiser.is_well_made().await?;

    let first = [
        ("1", "Felt for beginners", "20250512T090000", "Yurt"),
        ("2", "Silver", "20250512T110000", "Hall"),
        ("3", "Some day", "", ""),
    ];
    let file = calendar(folder.path(), &first)?;
    organiser.choose_file(&file).await?;
    organiser.sees("1 entry is left out").await?;
    organiser.sees("“Some day”").await?;
    organiser.sees("3 new entries").await?;
    organiser.sees("09:00–10:00").await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Cancel").await?;
    organiser.sees_no("3 new entries").await?;
    organiser.choose_file(&file).await?;
    organiser.sees("3 new entries").await?;
    organiser.click("button", "Import what is left").await?;
    organiser.sees("Imported.").await?;
    organiser.is_well_made().await?;

    // Everybody has it, and the organiser changes it by hand.
    steps::sync_now(&organiser).await?;
    phone.reload().await?;
    for one in [&phone, &organiser] {
        steps::go_to(one, "Agenda").await?;
        one.click("link", "Crafts week").await?;
        one.click("link", "Felt for beginners").await?;
        one.find("heading", "Felt for beginners").await?;
    }
    organiser.click("link", "Change").await?;
    steps::set_field(&organiser, "Begins", "15:00").await?;
    steps::set_field(&organiser, "Ends", "16:00").await?;
    organiser.click("button", "Save").await?;
    organiser.sees("15:00–16:00").await?;

    // The next version of the file says something else, and has another session instead of the second.
    let second = [
        ("1", "Felt", "20250512T100000", "Yurt"),
        ("4", "Carpets", "20250512T110000", "Hall"),
    ];
    let file = calendar(folder.path(), &second)?;
    steps::go_to(&organiser, "More").await?;
    organiser.click("link", "Import a schedule").await?;
    organiser.choose_file(&file).await?;
    organiser.sees("1 new entry").await?;
    organiser.sees("1 entry changes").await?;
    organiser
        .sees("1 entry is not in the file any more")
        .await?;
    organiser.sees("1 entry that people changed").await?;
    organiser.sees("Here: Monday, 12 May, 15:00–16:00").await?;
    organiser
        .sees("In the file: Monday, 12 May, 10:00–11:00")
        .await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Import").await?;
    organiser.sees("Imported.").await?;
    steps::sync_now(&organiser).await?;
    phone.reload().await?;
    phone.find("heading", "Felt").await?;
    phone.sees("15:00–16:00").await?;

    // Read again there is only what people said; the organiser takes the file's word.
    organiser.click("button", "Another file").await?;
    organiser.choose_file(&file).await?;
    organiser
        .sees("All that the file says is here already.")
        .await?;
    organiser
        .click("checkbox", "Take what the file says")
        .await?;
    organiser.click("button", "Import").await?;
    organiser.sees("Imported.").await?;
    steps::sync_now(&organiser).await?;
    phone.reload().await?;
    phone.sees("10:00–11:00").await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn who_organises_everything_brings_a_programme_of_its_own() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut server = steps::server().await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    steps::go_to(&organiser, "More").await?;
    organiser.click("link", "Import a schedule").await?;
    let entries = [("1", "Felt for beginners", "20250512T090000", "Yurt")];
    let file = calendar(folder.path(), &entries)?;
    organiser
        .find("combobox", "Into which programme")
        .await?
        .select_by_label("The one that the file describes")
        .await?;
    server.stop().await?;
    organiser.choose_file(&file).await?;
    organiser
        .sees("This needs a connection to the server.")
        .await?;
    organiser.is_well_made().await?;
    server.start_again().await?;
    organiser.choose_file(&file).await?;
    organiser.find("heading", "Crafts week").await?;
    organiser
        .click(
            "checkbox",
            "Everybody may read it, also without an invitation",
        )
        .await?;
    organiser.click("button", "Import").await?;
    organiser.sees("Imported.").await?;
    steps::sync_now(&organiser).await?;
    phone.reload().await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.find("heading", "Crafts week").await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn a_file_that_is_chosen_before_the_page_knows_who_asks_is_read() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = steps::server().await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    steps::go_to(&organiser, "More").await?;
    organiser
        .run(
            "const fetch = window.fetch;
             window.fetch = async (...asked) => {
                const address = String(asked[0].url ?? asked[0]);
                if (address.endsWith('/api/v1/me')) await new Promise(go => { window.tellNow = go; });
                return fetch(...asked);
             };",
        )
        .await?;
    organiser.click("link", "Import a schedule").await?;
    organiser.until("window.tellNow").await?;
    let letter = folder.path().join("letter.txt");
    std::fs::write(&letter, "Dear colleagues")?;
    organiser.choose_file(&letter).await?;
    organiser.sees("This file cannot be imported:").await?;
    organiser.run("window.tellNow()").await?;
    organiser
        .until("document.querySelector('main option[value=\"\"]')")
        .await?;
    organiser.sees("This file cannot be imported:").await?;
    steps::finish([&mut organiser]).await
}
