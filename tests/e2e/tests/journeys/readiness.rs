//! How many phones are ready: a count for who leads, and no more.

use std::fs;

use anyhow::{Context, Result, ensure};
use keruen_e2e::{Browser, BrowserOptions, Proxy, Server, ServerOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::{joining, steps};

/// A server whose programme, for members only, needs a file on this day.
async fn server(day: &str) -> Result<(Server, TempDir)> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("table.csv"), "Region;Jobs\nAktau;120\n")?;
    let english = |words: &str| json!({ "en": words });
    let content = json!({
        "keruen": 1,
        "programme": {
            "id": "ready", "title": english(joining::PROGRAMME), "regions": [],
            "languages": ["en"], "public": false, "sample": [],
        },
        "events": [{
            "id": "ready-aktau", "title": english("A day in Aktau"), "city": english("Aktau"),
            "zone": "Asia/Aqtau", "first_day": day, "last_day": day, "sample": [],
        }],
        "people": [],
        "materials": [
            { "id": "table", "kind": "file", "title": english("A table"), "file": "table.csv", "sample": [] },
        ],
        "sessions": [{
            "id": "lecture", "event": "ready-aktau", "kind": "lecture", "title": english("The lecture"),
            "start": format!("{day}T10:00"), "end": format!("{day}T11:00"), "speakers": [],
            "materials": ["table"], "sample": [],
        }],
    });
    let programme = folder.path().join("programme.json");
    fs::write(&programme, content.to_string())?;
    let options = ServerOptions {
        imports: vec![programme],
        ..ServerOptions::default()
    };
    Ok((Server::start(&options).await?, folder))
}

/// A phone that joins, has the file if it is to, and then tells.
async fn member(proxy: &Proxy, link: &str, name: &str, is_ready: bool) -> Result<Browser> {
    // What is told first is told again only minutes later.
    proxy.withhold(Some("/api/v1/readiness/tell"));
    let phone = joining::joined(link, name).await?;
    joining::open(&phone, "Ready for the road").await?;
    phone
        .sees("The server is told whether this phone has everything")
        .await?;
    phone.is_well_made().await?;
    if is_ready {
        phone
            .click("button", "Download 22\u{a0}B: Ready for the road")
            .await?;
        phone
            .sees("Everything that is ahead is on this phone.")
            .await?;
    }
    let _ = proxy.take_asked();
    proxy.withhold(None);
    phone.reload().await?;
    keruen_e2e::eventually("it is told", || async {
        let asked = proxy.take_asked();
        let is_told = asked.iter().any(|path| path == "/api/v1/readiness/tell");
        Ok(is_told.then_some(()))
    })
    .await?;
    steps::sync_now(&phone).await?;
    Ok(phone)
}

#[tokio::test]
async fn who_leads_sees_how_many_phones_are_ready_and_of_few_nothing() -> Result<()> {
    let clock = Browser::start(BrowserOptions::default()).await?;
    let tomorrow = clock
        .run("return new Date(Date.now() + 864e5).toISOString().slice(0, 10)")
        .await?;
    let (server, _folder) = server(tomorrow.as_str().context("a day")?).await?;
    drop(clock);
    let proxy = Proxy::start(&server).await?;
    let (organiser, link) = joining::invitation(&server).await?;
    let link = link.replace(&server.url(""), &proxy.url(""));
    let mut phones = Vec::new();
    for (name, is_ready) in [("Aliya", true), ("Bolat", true)] {
        phones.push(member(&proxy, &link, name, is_ready).await?);
    }
    organiser.open(&server.url("/more/road")).await?;
    organiser
        .sees("Fewer than three phones have told whether they are ready.")
        .await?;
    organiser.is_well_made().await?;
    phones.push(member(&proxy, &link, "Galiya", false).await?);
    organiser.reload().await?;
    organiser
        .sees("2 of 3 phones have everything for the next days.")
        .await?;
    organiser.is_well_made().await?;
    // And where the event is made.
    steps::go_to(&organiser, "Agenda").await?;
    organiser.click("link", "A day in Aktau").await?;
    organiser
        .sees("2 of 3 phones have everything for the next days.")
        .await?;
    let phone = &phones[0];
    phone.open(&proxy.url("/more/road")).await?;
    phone
        .sees("Everything that is ahead is on this phone.")
        .await?;
    steps::sync_now(phone).await?;
    let words = phone.text().await?;
    ensure!(
        !words.contains("of 3 phones"),
        "participants see none: {words}"
    );
    phones.push(organiser);
    steps::finish(&mut phones).await
}
