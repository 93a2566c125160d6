//! A programme goes from phone to phone without a server.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use keruen_e2e::{Browser, Server, ServerOptions, eventually};

use crate::downloads::{open_material, server};
use crate::steps;

const FILM: &str = "The whole lecture, recorded";
const MAKE: &str = "Make the pack, 3\u{a0}MB of files";

/// The pack that the browser has put into this folder.
async fn saved_pack(folder: &Path) -> Result<PathBuf> {
    eventually("the pack is saved", || async {
        let names = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
        let mut packs = names.filter(|path| path.to_string_lossy().ends_with(".keruen.zip"));
        Ok(packs.next())
    })
    .await
}

async fn open_packs(phone: &Browser) -> Result<()> {
    steps::go_to(phone, "More").await?;
    phone.click("link", "Packs").await?;
    phone.find("heading", "Make a pack").await?;
    Ok(())
}

async fn choose(phone: &Browser, file: &Path) -> Result<()> {
    phone.choose_files_at("Choose a pack", &[file]).await
}

/// A phone with the app and no programme, of which the server is gone.
async fn empty_phone() -> Result<(Browser, Server)> {
    let mut server = Server::start(&ServerOptions::default()).await?;
    let phone = steps::visitor(&server.url("/")).await?;
    server.stop().await?;
    Ok((phone, server))
}

#[tokio::test]
async fn a_programme_goes_to_a_phone_that_never_had_a_server() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (mut server, _files) = server(3_000_000).await?;
    let mut giver = steps::visitor(&server.url("/")).await?;
    giver.keep_downloads_in(folder.path()).await?;
    open_material(&giver, FILM).await?;
    steps::tap_download(&giver).await?;
    giver.find("button", "Save the file").await?;
    server.stop().await?;
    open_packs(&giver).await?;
    giver.is_well_made().await?;
    giver.click("button", MAKE).await?;
    giver.sees("The pack is made").await?;
    giver.is_well_made().await?;
    let pack = saved_pack(folder.path()).await?;

    let (mut taker, _gone) = empty_phone().await?;
    open_packs(&taker).await?;
    // What is no pack, is not whole or not what it was changes nothing.
    let whole = fs::read(&pack)?;
    let other = folder.path().join("other");
    fs::write(
        &other,
        "Dear colleagues, nothing of a pack is in this letter",
    )?;
    choose(&taker, &other).await?;
    taker.sees("This is no pack of Keruen.").await?;
    fs::write(&other, &whole[..whole.len() / 2])?;
    choose(&taker, &other).await?;
    taker.sees("This pack is not whole").await?;
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    fs::write(&other, &damaged)?;
    choose(&taker, &other).await?;
    taker.sees("This pack is damaged (lecture.wav).").await?;
    taker.is_well_made().await?;

    choose(&taker, &pack).await?;
    taker.find("heading", "A recorded programme").await?;
    taker
        .sees("1 session that is new or other than here")
        .await?;
    taker.sees("1 file (3\u{a0}MB)").await?;
    taker.is_well_made().await?;
    taker.click("button", "Take it in").await?;
    taker.sees("Taken in.").await?;
    taker.find("heading", "What came by packs").await?;
    taker.is_well_made().await?;
    open_material(&taker, FILM).await?;
    taker.find("button", "Save the file").await?;
    taker.sees("Came by a pack").await?;
    let page = taker.path().await?;
    // It is there again when the app is opened next, without any server.
    taker.reload().await?;
    ensure!(taker.path().await? == page, "elsewhere");
    taker.find("button", "Save the file").await?;
    steps::go_to(&taker, "Agenda").await?;
    taker.click("link", "Two days in Aktau").await?;
    taker.click("link", "Tue 13 May").await?;
    taker.click("link", "The lecture").await?;
    taker.find("link", FILM).await?;
    taker.is_well_made().await?;

    // A second time it changes nothing.
    open_packs(&taker).await?;
    choose(&taker, &pack).await?;
    taker.sees("All of it is on this phone already.").await?;
    taker.click("button", "Cancel").await?;
    // And it can be removed.
    taker.click("button", "Remove").await?;
    let removals = taker.find("button", "Remove").await?;
    removals.click().await?;
    taker.sees_no("What came by packs").await?;
    steps::go_to(&taker, "Agenda").await?;
    taker.sees_no("Two days in Aktau").await?;
    steps::finish([&mut giver, &mut taker])
        .await
        .context("at the end")
}

#[tokio::test]
async fn what_was_changed_without_the_server_goes_by_a_pack_and_is_the_same_later() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (mut server, _files) = server(100_000).await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    organiser.keep_downloads_in(folder.path()).await?;
    server.stop().await?;
    let open_session = async |phone: &Browser| -> Result<()> {
        steps::go_to(phone, "Agenda").await?;
        phone.click("link", "Two days in Aktau").await?;
        phone.click("link", "Tue 13 May").await?;
        phone.click("link", "The lecture").await?;
        Ok(())
    };
    open_session(&organiser).await?;
    organiser.click("link", "Change").await?;
    steps::set_field(&organiser, "Begins", "15:00").await?;
    steps::set_field(&organiser, "Ends", "16:30").await?;
    organiser.click("button", "Save").await?;
    organiser.sees("15:00–16:30").await?;
    // The note stays with its writer unless they say otherwise.
    organiser.click("link", "Write a note").await?;
    organiser
        .type_into("Text of the note", "Bring the old maps")
        .await?;
    steps::mark(&organiser, "on this phone").await?;
    open_packs(&organiser).await?;
    organiser
        .find("checkbox", "My 1 note about this programme goes along")
        .await?
        .click()
        .await?;
    organiser
        .click("button", "Make the pack, 0\u{a0}B of files")
        .await?;
    organiser.sees("The pack is made").await?;
    let pack = saved_pack(folder.path()).await?;

    open_packs(&phone).await?;
    choose(&phone, &pack).await?;
    phone
        .sees("1 session that is new or other than here")
        .await?;
    let notes = phone
        .find("checkbox", "Take 1 note along: it becomes yours")
        .await?;
    notes.click().await?;
    phone.click("button", "Take it in").await?;
    phone.sees("Taken in.").await?;
    open_session(&phone).await?;
    phone.sees("15:00–16:30").await?;
    phone.sees("Came by a pack").await?;
    phone.find("link", "Bring the old maps").await?;

    // The server hears it from the organiser, and the phone from the server: it is the same.
    server.start_again().await?;
    steps::sync_now(&organiser).await?;
    phone.reload().await?;
    phone.sees_no("Came by a pack").await?;
    phone.sees("15:00–16:30").await?;
    steps::finish([&mut organiser, &mut phone]).await
}
