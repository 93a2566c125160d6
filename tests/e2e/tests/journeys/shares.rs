//! A trainer gives a link away, and somebody without an account opens it.

use std::fs;

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, BrowserOptions, Server, ServerOptions};

use crate::joining::shown_link;
use crate::steps;

const MATERIAL: &str = "Count what matters";
const WORDS: &str = "Ask three people before you count.";
/// Something that is not public: only the link opens it.
const PROGRAMME: &str = r##"{
    "keruen": 1,
    "programme": { "id": "closed", "title": { "en": "Behind closed doors" }, "public": false },
    "events": [],
    "people": [],
    "sessions": [],
    "materials": [{
        "id": "closed-count",
        "kind": "text",
        "title": { "en": "Count what matters" },
        "body": { "en": "# First\n\nAsk three people before you count.\n\n<script>alert(1)</script>" }
    }]
}"##;

async fn server() -> Result<Server> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("programme.json");
    fs::write(&file, PROGRAMME)?;
    let options = ServerOptions {
        imports: vec![file],
        ..ServerOptions::default()
    };
    Server::start(&options).await
}

/// The organiser makes a link to the material; with the words that open it, if there are any.
async fn shared(server: &Server, passphrase: &str) -> Result<(Browser, String)> {
    let organiser = steps::visitor(&server.organiser_url("/")).await?;
    steps::go_to(&organiser, "Materials").await?;
    organiser.click("link", MATERIAL).await?;
    let link = made_link(&organiser, passphrase).await?;
    Ok((organiser, link))
}

/// Makes a link to what is open.
pub(crate) async fn made_link(organiser: &Browser, passphrase: &str) -> Result<String> {
    steps::unfold(organiser, "Share by a link").await?;
    organiser
        .type_into("Passphrase (may be empty)", passphrase)
        .await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Make the link").await?;
    let link = shown_link(organiser).await?;
    organiser.is_well_made().await?;
    Ok(link)
}

#[tokio::test]
async fn a_link_opens_for_everybody_is_kept_in_the_app_and_read_without_a_network() -> Result<()> {
    let mut server = server().await?;
    let (mut organiser, link) = shared(&server, "").await?;
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&link).await?;
    phone.find("heading", MATERIAL).await?;
    phone.sees(WORDS).await?;
    phone.sees("<script>alert(1)</script>").await?;
    phone.is_well_made().await?;

    phone.click("link", "Open in Keruen").await?;
    phone.find("heading", MATERIAL).await?;
    let address = phone.run("return location.href").await?;
    ensure!(
        address.as_str() == Some(&*server.url("/join")),
        "the secret has left the address: {address}"
    );
    phone.is_well_made().await?;
    phone.click("button", "Keep on this phone").await?;
    phone.sees("It is on this phone.").await?;
    phone.until_offline_ready().await?;

    organiser.click("link", "More").await?;
    organiser.click("link", "My links").await?;
    organiser.find("heading", MATERIAL).await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Take back").await?;
    organiser.sees("taken back").await?;
    let late = Browser::start(BrowserOptions::default()).await?;
    late.open(&link).await?;
    late.sees_no(WORDS).await?;

    server.stop().await?;
    phone.open(&server.url("/materials")).await?;
    phone.find("heading", "Shared with you").await?;
    phone.click("link", MATERIAL).await?;
    phone.sees(WORDS).await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn a_link_with_a_passphrase_opens_with_it_alone() -> Result<()> {
    let server = server().await?;
    let (mut organiser, link) = shared(&server, "five camels").await?;
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    let secret = link.rsplit('/').next().unwrap_or_default();
    phone
        .open(&server.url(&format!("/#share={secret}")))
        .await?;
    steps::type_passphrase(&phone, "six camels").await?;
    phone.sees("That is not the passphrase.").await?;
    phone.is_well_made().await?;
    steps::type_passphrase(&phone, "five camels").await?;
    phone.find("heading", MATERIAL).await?;
    phone.click("button", "Keep on this phone").await?;
    phone.click("link", MATERIAL).await?;
    phone.sees(WORDS).await?;
    steps::finish([&mut organiser, &mut phone]).await
}

/// A closed programme with an agenda, of which one session is called so.
fn agenda(session: &str) -> String {
    format!(
        r#"{{
            "keruen": 1,
            "programme": {{ "id": "road", "title": {{ "en": "On the road" }}, "public": false }},
            "events": [{{
                "id": "semey", "title": {{ "en": "Days in Semey" }}, "city": {{ "en": "Semey" }},
                "zone": "Asia/Almaty", "first_day": "2027-05-10", "last_day": "2027-05-11"
            }}],
            "people": [{{ "id": "aigerim", "name": "Aigerim" }}],
            "sessions": [
                {{
                    "id": "felt", "event": "semey", "kind": "workshop", "title": {{ "en": "{session}" }},
                    "start": "2027-05-10T10:00", "end": "2027-05-10T11:00", "speakers": ["aigerim"]
                }},
                {{
                    "id": "wool", "event": "semey", "kind": "lecture", "title": {{ "en": "Wool and water" }},
                    "start": "2027-05-10T11:00", "end": "2027-05-10T12:00", "speakers": []
                }}
            ],
            "materials": []
        }}"#
    )
}

#[tokio::test]
async fn a_shared_agenda_is_kept_brought_up_to_date_and_gives_way_to_the_programme() -> Result<()> {
    const KEPT: &str = "Kept from a link: what changes afterwards does not arrive.";
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("programme.json");
    fs::write(&file, agenda("Felt by hand"))?;
    let mut server = Server::start(&ServerOptions {
        imports: vec![file.clone()],
        ..ServerOptions::default()
    })
    .await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    crate::joining::open(&organiser, "My links").await?;
    steps::unfold(&organiser, "Share the agenda or all materials").await?;
    organiser.click("button", "Make the link").await?;
    let link = shown_link(&organiser).await?;

    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&link).await?;
    phone.click("link", "Open in Keruen").await?;
    phone.find("heading", "On the road").await?;
    phone.click("button", "Keep on this phone").await?;
    phone.sees("It is on this phone.").await?;
    phone.is_well_made().await?;
    phone.until_offline_ready().await?;
    server.stop().await?;
    phone.open(&server.url("/")).await?;
    crate::joining::open(&phone, "Kept from links").await?;
    phone.find("link", "On the road").await?;
    phone.sees_no("Felt by hand").await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.find("heading", "On the road").await?;
    phone.click("link", "Days in Semey").await?;
    phone.sees(KEPT).await?;
    phone.click("link", "Felt by hand").await?;
    phone.sees("Aigerim").await?;
    phone.sees(KEPT).await?;
    phone.is_well_made().await?;

    server.start_again().await?;
    fs::write(&file, agenda("Felt and silk"))?;
    server.import(&[file])?;
    phone.open(&link).await?;
    phone.click("link", "Open in Keruen").await?;
    phone.click("button", "Bring up to date").await?;
    phone.click("link", "Open").await?;
    phone.click("link", "Felt and silk").await?;
    phone.sees("Aigerim").await?;

    // Whoever belongs to the programme has it by itself, once.
    steps::open(&phone, &server.organiser_url("/")).await?;
    steps::settle(&phone).await?;
    steps::go_to(&phone, "Agenda").await?;
    phone
        .until("document.querySelectorAll('main .row-link').length === 1")
        .await?;
    phone.click("link", "Days in Semey").await?;
    phone.click("link", "Felt and silk").await?;
    phone.sees_no(KEPT).await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn what_was_kept_from_a_link_is_removed_with_what_came_along() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("programme.json");
    fs::write(&file, agenda("Felt by hand"))?;
    let server = Server::start(&ServerOptions {
        imports: vec![file],
        ..ServerOptions::default()
    })
    .await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    steps::go_to(&organiser, "Agenda").await?;
    organiser.click("link", "Days in Semey").await?;
    organiser.click("link", "Felt by hand").await?;
    steps::unfold(&organiser, "Share by a link").await?;
    organiser.click("button", "Make the link").await?;
    let link = shown_link(&organiser).await?;

    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&link).await?;
    phone.click("link", "Open in Keruen").await?;
    phone.click("button", "Keep on this phone").await?;
    phone.click("link", "Open").await?;
    phone.find("heading", "Felt by hand").await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.find("heading", "Shared with you").await?;
    phone.find("link", "Days in Semey").await?;
    phone.is_well_made().await?;
    crate::joining::open(&phone, "Kept from links").await?;
    phone.find("link", "Felt by hand").await?;
    phone.is_well_made().await?;
    phone.click("button", "Remove from this phone").await?;
    phone.click("button", "Yes, remove").await?;
    phone.sees("Nothing was kept from links.").await?;
    phone.is_well_made().await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.sees_no("Days in Semey").await?;
    steps::finish([&mut organiser, &mut phone]).await
}
