//! Every page is made for everybody: in each language, on a phone and on a wide screen.

use anyhow::Result;
use keruen_e2e::{Browser, BrowserOptions};

use crate::steps;

#[tokio::test]
async fn every_page_has_its_landmarks_headings_and_names() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    let mut addresses = vec![
        "/?now=2025-05-12T10:15".to_owned(),
        "/agenda".to_owned(),
        "/agenda/list".to_owned(),
        "/agenda/mine".to_owned(),
        "/agenda/month/2025-05".to_owned(),
        "/more/kept".to_owned(),
        "/materials".to_owned(),
        "/more".to_owned(),
        "/nowhere".to_owned(),
    ];
    steps::open_session(&phone).await?;
    phone.find("heading", steps::SESSION).await?;
    let session = phone.path().await?;
    addresses.push(session.replace("/session/", "/edit/"));
    addresses.push(session);
    steps::go_to(&phone, "Agenda").await?;
    phone.click("link", steps::EVENT).await?;
    phone.find("link", steps::DAY).await?;
    let event = phone.path().await?;
    addresses.push([&event.replace("/agenda/", "/agenda/rooms/"), "/2025-05-13"].concat());
    addresses.push(event);
    steps::go_to(&phone, "Materials").await?;
    phone.click("link", "How to write a recommendation").await?;
    phone.sees("Author").await?;
    addresses.push(phone.path().await?);
    addresses.push(steps::write_note(&phone, "One\n\nTwo").await?);
    steps::mark(&phone, "sent").await?;
    addresses.push("/notes".to_owned());

    look_at_all(&phone, &server, &addresses).await?;
    for languages in ["ru", "kk"] {
        let mut desk = Browser::start(BrowserOptions {
            languages: languages.to_owned(),
            window: (1280, 800),
        })
        .await?;
        steps::open(&desk, &server.organiser_url("/")).await?;
        desk.until_offline_ready().await?;
        look_at_all(&desk, &server, &addresses).await?;
        steps::finish([&mut desk]).await?;
    }
    steps::finish([&mut phone]).await
}

async fn look_at_all(
    browser: &Browser,
    server: &keruen_e2e::Server,
    addresses: &[String],
) -> Result<()> {
    for address in addresses {
        browser.open(&server.url(address)).await?;
        browser
            .until("document.querySelector('h1')?.innerText")
            .await?;
        browser.is_well_made().await?;
        steps::open_sheet(browser).await?;
        browser.is_well_made().await?;
    }
    Ok(())
}
