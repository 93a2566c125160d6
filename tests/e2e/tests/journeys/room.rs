//! Room on a full phone: what may go, what stays, and what went by itself.

use std::fs;

use anyhow::{Result, ensure};
use keruen_e2e::{Proxy, Server, ServerOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::downloads::{open_material, recording, visitor};
use crate::steps;

const OLD: &str = "The first lecture, recorded";
const PINNED: &str = "The second lecture, recorded";
const AHEAD: &str = "The last lecture, recorded";
const NOW: &str = "now=2025-05-14T10:00";

/// A server whose programme has two lectures that are over and one that is ahead.
async fn server() -> Result<(Server, TempDir)> {
    let folder = tempfile::tempdir()?;
    let english = |words: &str| json!({ "en": words });
    let mut materials = Vec::new();
    let mut sessions = Vec::new();
    for (id, title, size_bytes, day) in [
        ("old", OLD, 3_000_000, 10),
        ("pinned", PINNED, 2_600_000, 11),
        ("ahead", AHEAD, 2_000_000, 15),
    ] {
        let file = format!("{id}.wav");
        fs::write(folder.path().join(&file), recording(size_bytes)?)?;
        materials.push(json!({ "id": id, "kind": "audio", "title": english(title), "file": file, "sample": [] }));
        sessions.push(json!({
            "id": format!("{id}-session"), "event": "room-aktau", "kind": "lecture",
            "title": english("A lecture"), "start": format!("2025-05-{day}T10:00"),
            "end": format!("2025-05-{day}T11:00"), "speakers": [], "materials": [id], "sample": [],
        }));
    }
    let content = json!({
        "keruen": 1,
        "programme": {
            "id": "room", "title": english("A programme with recordings"), "regions": [],
            "languages": ["en"], "public": true, "sample": [],
        },
        "events": [{
            "id": "room-aktau", "title": english("Six days in Aktau"), "city": english("Aktau"),
            "zone": "Asia/Aqtau", "first_day": "2025-05-10", "last_day": "2025-05-15", "sample": [],
        }],
        "people": [],
        "materials": materials,
        "sessions": sessions,
    });
    let programme = folder.path().join("programme.json");
    fs::write(&programme, content.to_string())?;
    let options = ServerOptions {
        imports: vec![programme],
        ..ServerOptions::default()
    };
    Ok((Server::start(&options).await?, folder))
}

#[tokio::test]
async fn room_is_made_of_what_is_over_and_never_of_what_was_pinned() -> Result<()> {
    let (server, _folder) = server().await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = visitor(&proxy, &format!("/?{NOW}")).await?;
    for title in [OLD, PINNED] {
        open_material(&phone, title).await?;
        steps::tap_download(&phone).await?;
        phone.find("button", "Save the file").await?;
    }
    phone.click("checkbox", "Keep it when room is made").await?;
    phone.is_well_made().await?;
    open_material(&phone, AHEAD).await?;
    let page = phone.path().await?;
    proxy.withhold(Some("/api/v1/files/"));
    steps::tap_download(&phone).await?;
    phone.sees("Waits until the server can be reached").await?;
    steps::fill_storage_at(&phone, &proxy.url("")).await?;
    proxy.withhold(None);
    phone.sees("There is no room for it on this phone").await?;

    // What can go is listed, and goes with one button.
    let road = proxy.url(&format!("/more/road?{NOW}"));
    phone.open(&road).await?;
    phone.sees("These can go").await?;
    phone
        .sees_line("main", &format!("{OLD} · 3\u{a0}MB"))
        .await?;
    phone.is_well_made().await?;
    let words = phone.text().await?;
    ensure!(!words.contains(PINNED), "what was pinned stays: {words}");
    steps::free_storage_at(&phone, &proxy.url("")).await?;
    phone.click("button", "Remove these, 3\u{a0}MB").await?;
    phone
        .sees("Everything that is ahead is on this phone.")
        .await?;
    phone
        .open(&proxy.url(&format!("/more/storage?{NOW}")))
        .await?;
    phone.find("link", PINNED).await?;
    phone.find("link", AHEAD).await?;
    ensure!(!phone.has("link", OLD).await?, "it has gone");

    // By itself, if that was chosen: it is said, and comes again with a tap.
    phone.click("button", &format!("Remove: {AHEAD}")).await?;
    phone.sees_no(AHEAD).await?;
    phone.click("checkbox", "Make room by itself").await?;
    phone
        .click("checkbox", &format!("Keep it when room is made: {PINNED}"))
        .await?;
    proxy.withhold(Some("/api/v1/files/"));
    phone.open(&proxy.url(&format!("{page}?{NOW}"))).await?;
    steps::tap_download(&phone).await?;
    phone.sees("Waits until the server can be reached").await?;
    steps::fill_storage_at(&phone, &proxy.url("")).await?;
    proxy.withhold(None);
    phone.sees("There is no room for it on this phone").await?;
    phone.open(&road).await?;
    phone.find("heading", "Removed to make room").await?;
    phone.find("link", PINNED).await?;
    phone.is_well_made().await?;
    steps::free_storage_at(&phone, &proxy.url("")).await?;
    phone.click("button", "Download again").await?;
    phone.sees_no("Removed to make room").await?;
    phone
        .sees("Everything that is ahead is on this phone.")
        .await?;
    phone.sees("Nothing is being downloaded.").await?;
    phone
        .open(&proxy.url(&format!("/more/storage?{NOW}")))
        .await?;
    phone.find("link", PINNED).await?;
    steps::finish([&mut phone]).await
}
