//! Trainers and organisers make materials: texts, files, links, with and without the server.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use fantoccini::elements::Element;
use keruen_e2e::{Browser, Given, Proxy, Server, eventually};

use crate::downloads::{open_material, recording, server};
use crate::steps;

/// A picture of one point.
const POINT_PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b,
    0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x01, 0x48, 0xaf, 0xa4, 0x71, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae,
    0x42, 0x60, 0x82,
];
/// How the form calls its text.
const TEXT: &str = "Text, English";

/// Somebody who organises, on the page of materials with the ways to new ones unfolded.
async fn organiser(server: &Server) -> Result<Browser> {
    let organiser = steps::visitor(&server.organiser_url("/")).await?;
    unfold(&organiser).await?;
    Ok(organiser)
}

async fn unfold(organiser: &Browser) -> Result<()> {
    steps::go_to(organiser, "Materials").await?;
    steps::unfold(organiser, "Add materials").await
}

async fn field(phone: &Browser, name: &str) -> Result<Element> {
    phone.find("textbox", name).await
}

/// Waits until a field holds a text.
async fn reads(phone: &Browser, name: &str, text: &str) -> Result<()> {
    eventually(&format!("\"{name}\" reads \"{text}\""), || async {
        let value = field(phone, name).await?.prop("value").await?;
        Ok((value.as_deref() == Some(text)).then_some(()))
    })
    .await
}

/// Waits until what is written into a form is in the database.
async fn until_kept(phone: &Browser, words: &str) -> Result<()> {
    let script = format!(
        "const open = indexedDB.open('keruen');
         const database = await new Promise((resolve, reject) => {{
             open.onsuccess = () => resolve(open.result);
             open.onerror = () => reject(open.error);
         }});
         const all = database.transaction('drafts').objectStore('drafts').getAll();
         const drafts = await new Promise(resolve => {{ all.onsuccess = () => resolve(all.result); }});
         database.close();
         return drafts.some(bytes => new TextDecoder().decode(bytes).includes('{words}'))"
    );
    eventually("the draft is kept", || async {
        let is_kept = phone.run_async(&script).await?;
        Ok((is_kept == true).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_text_that_is_being_written_outlives_the_browser_and_is_read_by_others() -> Result<()> {
    let (server, folder) = server(100_000).await?;
    let mut organiser = organiser(&server).await?;
    organiser.is_well_made().await?;
    organiser.click("link", "Write a text").await?;
    organiser.click("button", "Save").await?;
    organiser
        .sees("Write a title in one language at least.")
        .await?;
    organiser
        .type_into("Title, English", "What to bring")
        .await?;
    organiser.type_into(TEXT, "A notebook and patience").await?;
    // What the buttons do, the browser takes back.
    organiser
        .run(&format!(
            "const field = document.querySelector('textarea[aria-label=\"{TEXT}\"]');
             field.focus();
             field.setSelectionRange(2, 10)"
        ))
        .await?;
    organiser.click("button", "Bold").await?;
    reads(&organiser, TEXT, "A **notebook** and patience").await?;
    organiser.run("document.execCommand('undo')").await?;
    reads(&organiser, TEXT, "A notebook and patience").await?;
    organiser.run("document.execCommand('redo')").await?;
    reads(&organiser, TEXT, "A **notebook** and patience").await?;
    // A picture becomes a material, and stands where the caret is.
    let picture = folder.path().join("felt.png");
    fs::write(&picture, POINT_PNG)?;
    let to_the_end = "const field = document.activeElement; field.setSelectionRange(99, 99)";
    organiser.run(to_the_end).await?;
    organiser
        .choose_files_at("Add a picture", &[&picture])
        .await?;
    eventually("the picture is in the text", || async {
        let text = field(&organiser, TEXT).await?.prop("value").await?;
        let begin = "A **notebook** and patience![felt](/materials/";
        let is_there = text.is_some_and(|text| text.starts_with(begin));
        Ok(is_there.then_some(()))
    })
    .await?;
    organiser.is_well_made().await?;
    until_kept(&organiser, "A **notebook** and patience![felt]").await?;
    organiser.kill().await?;
    organiser.start_again().await?;
    organiser.open(&server.url("/")).await?;
    steps::go_to(&organiser, "Materials").await?;
    organiser.find("heading", "Begun and not saved").await?;
    organiser.is_well_made().await?;
    organiser.click("link", "What to bring").await?;
    organiser
        .sees("What you wrote here before and did not save is here again.")
        .await?;
    reads(&organiser, "Title, English", "What to bring").await?;
    organiser.click("button", "How it looks").await?;
    organiser
        .until("document.querySelector('.markdown-field strong')?.innerText === 'notebook'")
        .await?;
    organiser
        .until("document.querySelector('.markdown-field img[alt=felt]')?.naturalWidth === 1")
        .await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Save").await?;
    organiser.find("heading", "What to bring").await?;
    organiser.click("link", "Change").await?;
    organiser.find("button", "Save").await?;
    organiser
        .sees_no("What you wrote here before and did not save is here again.")
        .await?;
    steps::sync_now(&organiser).await?;

    let mut phone = steps::visitor(&server.url("/")).await?;
    open_material(&phone, "What to bring").await?;
    phone
        .until("document.querySelector('.markdown strong')?.innerText === 'notebook'")
        .await?;
    ensure!(
        !phone.has("link", "Change").await?,
        "a visitor may change it"
    );
    steps::finish([&mut organiser, &mut phone]).await
}

/// A recording and a table, to be added.
fn files(folder: &Path, size_bytes: usize) -> Result<[PathBuf; 2]> {
    let names = ["Second_lecture.wav", "Craft shops.csv"];
    let [sound, table] = names.map(|name| folder.join(name));
    fs::write(&sound, recording(size_bytes)?)?;
    fs::write(&table, "Town;Shops\nAktau;12\n")?;
    Ok([sound, table])
}

#[tokio::test]
async fn files_that_are_added_without_the_server_go_to_it_later() -> Result<()> {
    let (mut server, folder) = server(100_000).await?;
    let [sound, table] = files(folder.path(), 2_500_000)?;
    let mut organiser = organiser(&server).await?;
    server.stop().await?;
    organiser
        .choose_files_at("Add files", &[&sound, &table])
        .await?;
    organiser.sees("Second_lecture.wav: added").await?;
    organiser.sees("Craft shops.csv: added").await?;
    organiser
        .find("heading", "On the way to the server")
        .await?;
    organiser
        .sees("Waits until the server can be reached")
        .await?;
    organiser.is_well_made().await?;
    organiser.kill().await?;
    organiser.start_again().await?;
    organiser.open(&server.url("/materials")).await?;
    organiser
        .find("heading", "On the way to the server")
        .await?;
    // It can be looked at meanwhile, and is not removed while nobody else has it.
    open_material(&organiser, "Craft shops").await?;
    organiser.find("button", "Save the file").await?;
    organiser.find("button", "Do not send").await?;
    let may_remove = organiser.has("button", "Remove from this phone").await?;
    ensure!(!may_remove, "nobody else has it");
    organiser.is_well_made().await?;
    server.start_again().await?;
    organiser.sees_no("On the way to the server").await?;
    organiser.find("button", "Remove from this phone").await?;

    let mut phone = steps::visitor(&server.url("/")).await?;
    open_material(&phone, "Second lecture").await?;
    steps::tap_download(&phone).await?;
    phone.find("button", "Save the file").await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn a_file_goes_over_a_link_that_dies_and_no_byte_goes_twice() -> Result<()> {
    const WAY_UP_DIES_AFTER: usize = 700_000;
    // 50 MB by KERUEN_FILE_MB=50.
    let megabytes = std::env::var("KERUEN_FILE_MB").ok();
    let megabytes: usize = megabytes.map_or(Ok(6), |text| text.parse())?;
    let size = megabytes * 1_000_000;
    let (server, folder) = server(100_000).await?;
    let [sound, _] = files(folder.path(), size)?;
    let proxy = Proxy::start(&server).await?;
    let mut organiser = Browser::start(keruen_e2e::BrowserOptions::default()).await?;
    let page = server
        .organiser_url("/")
        .replace(&server.url("/"), &proxy.url("/"));
    steps::open(&organiser, &page).await?;
    steps::settle(&organiser).await?;
    unfold(&organiser).await?;
    proxy.let_the_way_up_die_after(Some(WAY_UP_DIES_AFTER));
    organiser.choose_files_at("Add files", &[&sound]).await?;
    organiser.sees("Second_lecture.wav: added").await?;
    // Half-way the browser is killed, too.
    eventually("half of it has gone", || async {
        Ok((proxy.bytes_taken() >= size as u64 / 2).then_some(()))
    })
    .await?;
    organiser.kill().await?;
    organiser.start_again().await?;
    organiser.open(&proxy.url("/materials")).await?;
    eventually("all of it has gone", || async {
        Ok((proxy.bytes_taken() >= size as u64).then_some(()))
    })
    .await?;
    organiser.sees_no("On the way to the server").await?;
    let taken: Vec<Given> = proxy.take_taken();
    let sent: u64 = taken.iter().map(|one| one.bytes).sum();
    let twice = sent.saturating_sub(size as u64);
    println!(
        "{size} bytes in {} pieces, {twice} of them twice",
        taken.len()
    );
    ensure!(twice <= 1 << 20, "{taken:?}");
    // The server compared it with its hash; a phone does once more.
    let mut phone = steps::visitor(&server.url("/")).await?;
    open_material(&phone, "Second lecture").await?;
    steps::tap_download(&phone).await?;
    phone.find("button", "Save the file").await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn a_link_is_made_for_a_session_changed_and_deleted() -> Result<()> {
    let (server, folder) = server(100_000).await?;
    let mut organiser = steps::visitor(&server.organiser_url("/?now=2025-05-12T10:00")).await?;
    steps::go_to(&organiser, "Agenda").await?;
    organiser.click("link", "Two days in Aktau").await?;
    organiser.click("link", "Tue 13 May").await?;
    organiser.click("link", "The lecture").await?;
    steps::unfold(&organiser, "Add materials").await?;
    // What is not what it says is not taken.
    let fake = folder.path().join("fake.pdf");
    fs::write(&fake, "not a document at all")?;
    organiser.choose_files_at("Add files", &[&fake]).await?;
    organiser
        .sees("The content of this file is not what the end of its name says.")
        .await?;
    organiser.click("link", "Add a link").await?;
    organiser.type_into("Title, English", "The map").await?;
    organiser.click("button", "Save").await?;
    organiser
        .sees("Write an address that begins with https:// or http://.")
        .await?;
    organiser
        .type_into("Address", "https://example.org/map")
        .await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Save").await?;
    organiser.find("link", "Open the link").await?;
    organiser.find("link", "The lecture").await?;
    organiser.click("link", "Change").await?;
    let licence = organiser.find("combobox", "Licence").await?;
    licence.send_keys("CC BY 4.0").await?;
    organiser.click("button", "Save").await?;
    organiser.sees("CC BY 4.0").await?;
    organiser.click("link", "Change").await?;
    organiser.click("button", "Delete the material").await?;
    organiser.click("button", "Delete").await?;
    organiser.find("heading", "Materials").await?;
    organiser.sees_no("The map").await?;
    steps::finish([&mut organiser]).await.context("at the end")
}
