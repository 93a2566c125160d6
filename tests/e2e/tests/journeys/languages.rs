//! Kazakh, Russian, English.

use anyhow::Result;
use keruen_e2e::{Browser, BrowserOptions};

use crate::steps;

#[tokio::test]
async fn the_interface_and_the_content_change_with_the_language_and_stay_so() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    steps::open_session(&phone).await?;
    let session = phone.path().await?;

    let words = [
        ("Русский", "ru", "Расписание", "вторник", "Креативные хабы"),
        ("Қазақша", "kk", "Кесте", "сейсенбі", "Креативті хабтар"),
        ("English", "en", "Agenda", "Tuesday", "Creative hubs"),
    ];
    for (choice, code, agenda, weekday, title) in words {
        phone.open(&server.url("/more")).await?;
        phone.click("radio", choice).await?;
        phone.find("link", agenda).await?;
        phone.open(&server.url(&session)).await?;
        phone
            .until(&format!("document.documentElement.lang === '{code}'"))
            .await?;
        phone.find("link", agenda).await?;
        phone.sees(title).await?;
        sees_in_any_case(&phone, weekday).await?;
        phone.is_well_made().await?;
    }
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn the_browsers_language_is_the_first_choice() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = Browser::start(BrowserOptions {
        languages: "kk-KZ,ru".to_owned(),
        ..BrowserOptions::default()
    })
    .await?;
    phone.open(&server.url("/agenda")).await?;
    phone
        .until("document.documentElement.lang === 'kk'")
        .await?;
    phone.find("link", "Астанадағы үш күн").await?;
    steps::finish([&mut phone]).await
}

/// A weekday at the beginning of a line has a capital letter.
async fn sees_in_any_case(phone: &Browser, word: &str) -> Result<()> {
    phone
        .until(&format!(
            "document.body.innerText.toLowerCase().includes('{}')",
            word.to_lowercase()
        ))
        .await
}
