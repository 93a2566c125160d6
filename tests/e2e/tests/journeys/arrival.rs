//! Something new on the server reaches the phones.

use std::fs;

use anyhow::{Result, ensure};

use crate::steps;

/// A programme whose texts are in Russian only, but for the town.
const LATER: &str = r#"{
    "keruen": 1,
    "programme": { "id": "later", "title": { "ru": "Встреча музеев области" }, "public": true },
    "events": [ {
        "id": "later-1", "title": { "ru": "Семинар в Уральске" },
        "city": { "ru": "Уральск", "kk": "Орал", "en": "Oral" },
        "zone": "Asia/Oral", "first_day": "2024-02-01", "last_day": "2024-02-01"
    } ],
    "sessions": [ {
        "id": "later-1-a", "event": "later-1", "kind": "lecture",
        "title": { "ru": "Музей и дорога" },
        "start": "2024-02-01T10:00", "end": "2024-02-01T11:00"
    } ]
}"#;

#[tokio::test]
async fn a_programme_that_was_imported_later_arrives_and_says_which_language_it_is_in() -> Result<()>
{
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/agenda")).await?;
    ensure!(
        !phone.text().await?.contains("Встреча музеев области"),
        "nobody knows of it yet"
    );
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("later.json");
    fs::write(&file, LATER)?;
    server.stop().await?;
    server.import(&[file])?;
    server.start_again().await?;
    steps::sync_now(&phone).await?;
    phone.sees("Встреча музеев области").await?;
    phone.sees("in Russian").await?;
    phone.sees("Oral").await?;
    phone.is_well_made().await?;

    steps::go_to(&phone, "More").await?;
    phone.click("radio", "Русский").await?;
    phone.click("link", "Расписание").await?;
    phone.sees("Уральск").await?;
    phone.sees("Семинар в Уральске").await?;
    let labels = phone.text().await?;
    ensure!(
        !labels.contains("на русском") && !labels.contains("in Russian"),
        "a text in the chosen language needs no label"
    );
    // The west of the country was an hour behind its east until March 2024.
    phone.open(&server.url("/?now=2024-02-01T10:30")).await?;
    phone.sees("Музей и дорога").await?;
    phone.sees("10:30").await?;
    steps::finish([&mut phone]).await
}
