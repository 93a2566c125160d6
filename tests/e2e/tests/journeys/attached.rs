//! Photos and other files in notes: taken where there is no network, sent later, read by a group.

use std::fs;

use anyhow::{Result, ensure};
use keruen_e2e::{Answers, Browser, Proxy, eventually};

use crate::joining::{invitation, joined, open};
use crate::pictures::{picture, until_drawn};
use crate::steps;

const GROUP: &str = "Mapping the coast";
const WIDE: u32 = 2_400;
const WAITS: &str = "Waits until the server can be reached";
const SHOWN: &str = ".markdown img";

/// Waits until the open note has a text that fits.
async fn note_has(phone: &Browser, what: &str, fits: impl Fn(&str) -> bool) -> Result<()> {
    eventually(what, || async {
        let text = steps::text_of_note(phone).await?;
        Ok(fits(&text).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_photo_taken_without_a_network_reaches_the_group() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (photo, paper) = (
        folder.path().join("hall.png"),
        folder.path().join("Jobs.csv"),
    );
    fs::write(&photo, picture())?;
    fs::write(&paper, "Region;Jobs\nAktau;120\n")?;
    let server = steps::server().await?;
    let proxy = Proxy::start(&server).await?;
    let (mut organiser, link) = invitation(&server).await?;
    let secret = link.split_once('#').map_or("", |(_, secret)| secret);
    let mut phone = joined(&proxy.url(&format!("/#{secret}")), "Aliya").await?;
    let mut other = joined(&link, "Berik").await?;
    open(&organiser, "Groups").await?;
    steps::unfold(&organiser, "New group").await?;
    organiser.type_into("Name of the group", GROUP).await?;
    organiser.click("checkbox", "Aliya").await?;
    organiser.click("checkbox", "Berik").await?;
    organiser.click("button", "Make the group").await?;
    organiser.find("heading", GROUP).await?;

    proxy.answer(Answers::Never);
    // Nothing is typed before: the photo begins the note.
    steps::go_to(&phone, "Notes").await?;
    phone.click("link", "New note").await?;
    phone.choose_files_at("Add a photo", &[&photo]).await?;
    note_has(&phone, "the photo is in the text", |text| {
        text.starts_with("![hall](/materials/") && text.ends_with(")\n")
    })
    .await?;
    steps::mark(&phone, "on this phone").await?;
    phone.find("heading", "Files in this note").await?;
    phone.sees(WAITS).await?;
    until_drawn(&phone, ".thumbnail", WIDE).await?;
    phone.is_well_made().await?;
    phone.click("button", "Read").await?;
    until_drawn(&phone, SHOWN, WIDE).await?;
    phone.is_well_made().await?;
    phone.reload().await?;
    phone.click("button", "Read").await?;
    until_drawn(&phone, SHOWN, WIDE).await?;
    phone.click("button", "Write").await?;

    proxy.answer(Answers::Whole);
    steps::sync_now(&phone).await?;
    phone.sees_no(WAITS).await?;
    steps::unfold(&phone, "Only you can read this note.").await?;
    phone
        .click("button", &format!("Give it to “{GROUP}”"))
        .await?;
    phone
        .sees(&format!("The group “{GROUP}” reads and writes this note."))
        .await?;
    phone.find("heading", "Files in this note").await?;
    phone.choose_files_at("Add a file", &[&paper]).await?;
    note_has(&phone, "the paper is in the text", |text| {
        text.contains("[Jobs](/materials/") && text.contains("![hall](/materials/")
    })
    .await?;
    steps::mark(&phone, "sent").await?;

    steps::go_to(&other, "Notes").await?;
    steps::sync_now(&other).await?;
    other.click("link", "hall").await?;
    other.click("link", "Jobs").await?;
    other.sees("Download").await?;
    // It is a file of the note, and the way back leads there.
    other.click("link", "Back").await?;
    other.click("button", "Read").await?;
    // The light form comes by itself, the photo by choice.
    until_drawn(&other, SHOWN, 160).await?;
    other.is_well_made().await?;
    other
        .run(&format!("document.querySelector('{SHOWN}').click()"))
        .await?;
    other.click("button", "Download full, 3.8\u{a0}MB").await?;
    until_drawn(&other, "article .picture", WIDE).await?;
    steps::go_to(&other, "Materials").await?;
    other.sees_no("hall").await?;

    phone.click("button", "Remove hall").await?;
    phone.is_well_made().await?;
    phone.click("button", "Remove it").await?;
    note_has(&phone, "the photo is out of the text", |text| {
        text.starts_with("[Jobs](/materials/")
    })
    .await?;
    phone.sees_no("Remove hall").await?;
    steps::mark(&phone, "sent").await?;
    let asked = proxy.take_asked();
    ensure!(
        asked.iter().any(|path| path.starts_with("/api/v1/uploads")),
        "files go by their own way"
    );
    steps::finish([&mut organiser, &mut phone, &mut other]).await
}

#[tokio::test]
async fn who_belongs_to_nobody_yet_keeps_a_photo_and_what_is_no_file_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let [photo, empty] = ["hall.png", "empty.png"].map(|name| folder.path().join(name));
    fs::write(&photo, picture())?;
    fs::write(&empty, "")?;
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    phone.keep_downloads_in(folder.path()).await?;
    steps::write_note(&phone, "What the hall lacks").await?;
    steps::mark(&phone, "on this phone").await?;
    phone.choose_files_at("Add a file", &[&empty]).await?;
    phone.sees("This file is empty.").await?;
    phone.choose_files_at("Add a photo", &[&photo]).await?;
    note_has(&phone, "the photo has a line of its own", |text| {
        text.starts_with("What the hall lacks\n![hall](/materials/")
    })
    .await?;
    phone.sees_no("This file is empty.").await?;
    phone.open(&server.url("/more/storage")).await?;
    phone.sees("hall").await?;
    phone.is_well_made().await?;
    // Out of the app and into another phone, the photo goes with the note.
    phone.open(&server.url("/notes/files")).await?;
    phone.click("button", "All as Markdown files").await?;
    let archive = steps::saved_file(folder.path(), "zip").await?;
    ensure!(steps::holds(&archive, "![hall](files/hall.png)")?);
    let mut other = steps::visitor(&server.url("/notes/files")).await?;
    for found in ["1 new note", "1 is here already"] {
        other.choose_files_at("Choose files", &[&archive]).await?;
        other.sees(found).await?;
        if found == "1 new note" {
            other.click("button", "Take them").await?;
            other.sees("1 note is here now.").await?;
        }
    }
    steps::go_to(&other, "Notes").await?;
    other.click("link", "What the hall lacks").await?;
    note_has(&other, "the text leads to the photo", |text| {
        text.starts_with("What the hall lacks\n![hall](/materials/")
    })
    .await?;
    other.click("button", "Read").await?;
    until_drawn(&other, SHOWN, WIDE).await?;
    // Gone for good, the note takes the photo along.
    steps::go_to(&phone, "Notes").await?;
    phone.click("link", "What the hall lacks").await?;
    phone.click("button", "Delete").await?;
    steps::unfold(&phone, "1 deleted note").await?;
    phone
        .sees("Deleted notes can be brought back for 30 days.")
        .await?;
    phone.click("button", "Delete for good").await?;
    phone
        .click("button", "Delete for good? Nothing brings it back.")
        .await?;
    phone.sees_no("deleted note").await?;
    phone.open(&server.url("/more/storage")).await?;
    phone.sees("Storage").await?;
    phone.sees_no("hall").await?;
    steps::finish([&mut phone, &mut other]).await
}
