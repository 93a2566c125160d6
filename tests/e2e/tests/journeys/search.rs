//! Everything on the phone is found by its words.

use anyhow::Result;
use keruen_e2e::{Browser, BrowserOptions};

use crate::steps;

const FIELD: &str = "Search everything on this phone";

/// Searches for this, from anywhere.
async fn search(phone: &Browser, query: &str) -> Result<()> {
    phone.click("link", "Search").await?;
    phone
        .until("document.activeElement?.type === 'search'")
        .await?;
    ask(phone, query).await
}

/// Puts these words into the field as if they were typed.
async fn ask(phone: &Browser, query: &str) -> Result<()> {
    phone.find("searchbox", FIELD).await?;
    phone
        .run(&format!(
            "const field = document.querySelector('input[type=search]');
             field.value = '{query}';
             field.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        ))
        .await?;
    Ok(())
}

/// Waits until the first result has this title.
async fn finds(phone: &Browser, title: &str) -> Result<()> {
    let first = "document.querySelector('main .row-title')?.innerText";
    phone.until(&format!("{first}.includes('{title}')")).await
}

#[tokio::test]
async fn everything_on_the_phone_is_found_without_the_server_too() -> Result<()> {
    let mut server = steps::server().await?;
    let phone = Browser::start(BrowserOptions::default()).await?;
    steps::open(&phone, &server.organiser_url("/")).await?;
    steps::settle(&phone).await?;
    server.stop().await?;

    // Without the letters of Kazakh, in another language than the app's, only begun.
    search(&phone, "кызылорда").await?;
    phone
        .until("[...document.querySelectorAll('main h2')].some(one => one.innerText === 'Events')")
        .await?;
    phone.sees("Kyzylorda").await?;
    ask(&phone, "creative hu").await?;
    finds(&phone, "Creative hubs").await?;
    let marked = phone
        .run("return document.querySelector('main .row-title mark').innerText")
        .await?;
    assert_eq!(marked, "Creative");
    // Only some, then of one kind only.
    ask(&phone, "creative zzzzqq").await?;
    phone.sees("Nothing has all of these words").await?;
    ask(&phone, "zzzzqq").await?;
    phone.sees("Nothing on this phone has these words.").await?;
    ask(&phone, "creative").await?;
    phone.until("[...document.querySelectorAll('main button')].some(one => one.innerText.startsWith('Materials '))").await?;
    phone.run("[...document.querySelectorAll('main button')].find(one => one.innerText.startsWith('Materials ')).click()").await?;
    phone.until("[...document.querySelectorAll('main h2')].map(one => one.innerText).join() === 'Materials'").await?;
    phone
        .run("document.querySelector('main .row-link').click()")
        .await?;
    phone
        .until("location.pathname.startsWith('/materials/')")
        .await?;

    // A note is found as soon as it is written, as it is now, and no more once it is deleted.
    steps::write_note(&phone, "Felt workshops need a road in winter").await?;
    steps::mark(&phone, "on this phone").await?;
    search(&phone, "workshop winter").await?;
    finds(&phone, "Felt workshops").await?;
    phone
        .run("document.querySelector('main .row-link').click()")
        .await?;
    phone
        .until("location.pathname.startsWith('/notes/')")
        .await?;
    steps::remove(&phone, "in winter").await?;
    steps::mark(&phone, "on this phone").await?;
    search(&phone, "\"in winter\" felt").await?;
    phone.sees("Nothing has all of these words").await?;
    ask(&phone, "").await?;
    phone.sees("Recent searches").await?;
    phone.click("button", "workshop winter").await?;
    phone
        .until("document.querySelector('input[type=search]').value === 'workshop winter'")
        .await?;
    assert_eq!(phone.complaints().await?, Vec::<String>::new());
    Ok(())
}
