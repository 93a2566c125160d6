//! The harness itself: what the journeys rely on.

use std::fs;

use anyhow::Result;
use keruen_e2e::{Browser, BrowserOptions, Server, ServerOptions, Site};

const PAGE: &str = r#"<!doctype html><meta name="viewport" content="width=device-width"><title>Try</title><main>
<label>Note <input id="note"></label>
<button onclick="localStorage.note = note.value; seen.textContent = 'Kept: ' + localStorage.note">Keep</button>
<button hidden>Keep</button>
<p id="seen"></p>
<script>if (localStorage.note) seen.textContent = "Found: " + localStorage.note</script></main>"#;

#[tokio::test]
async fn a_killed_browser_comes_back_with_its_profile() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("index.html"), PAGE)?;
    let site = Site::start(folder.path()).await?;
    let mut browser = Browser::start(BrowserOptions::default()).await?;
    browser.open(&site.url("/")).await?;
    browser.type_into("Note", "жол").await?;
    browser.click("button", "Keep").await?;
    browser.sees("Kept: жол").await?;
    // localStorage reaches the disk some time after the page was left, so leave it politely once.
    browser.open("about:blank").await?;
    browser.open(&site.url("/")).await?;
    browser.sees("Found: жол").await?;

    browser.kill().await?;
    assert!(
        browser.open(&site.url("/")).await.is_err(),
        "nothing is left to open it"
    );
    browser.start_again().await?;
    browser.open(&site.url("/")).await?;
    browser.find("button", "Keep").await?;
    Ok(())
}

#[tokio::test]
async fn two_browsers_are_two_devices_with_their_own_languages() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("index.html"), PAGE)?;
    let site = Site::start(folder.path()).await?;
    let one = Browser::start(BrowserOptions::default()).await?;
    let two = Browser::start(BrowserOptions {
        languages: "kk,ru".to_owned(),
        ..BrowserOptions::default()
    })
    .await?;
    for browser in [&one, &two] {
        browser.open(&site.url("/")).await?;
    }
    one.type_into("Note", "mine").await?;
    one.click("button", "Keep").await?;
    one.sees("Kept: mine").await?;
    two.reload().await?;
    two.find("button", "Keep").await?;
    assert!(!two.text().await?.contains("mine"));
    assert_eq!(two.run("return navigator.languages[0]").await?, "kk");
    assert_eq!(one.run("return navigator.languages[0]").await?, "en");
    assert_eq!(one.run("return innerWidth").await?, 360);
    Ok(())
}

#[tokio::test]
async fn a_stopped_site_does_not_answer_until_it_is_started_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("index.html"), PAGE)?;
    let mut site = Site::start(folder.path()).await?;
    let browser = Browser::start(BrowserOptions::default()).await?;
    site.stop().await;
    assert!(
        browser.open(&site.url("/")).await.is_err(),
        "there is no server"
    );
    site.start_again().await?;
    browser.open(&site.url("/")).await?;
    browser.find("textbox", "Note").await?;
    Ok(())
}

#[tokio::test]
async fn a_killed_server_comes_back_on_the_same_port_with_its_data() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("index.html"), "<!doctype html><p>Served")?;
    let mut server = Server::start(&ServerOptions {
        client: Some(folder.path().to_path_buf()),
        ..ServerOptions::default()
    })
    .await?;
    let browser = Browser::start(BrowserOptions::default()).await?;
    let address = server.url("/");
    browser.open(&address).await?;
    browser.sees("Served").await?;
    assert!(server.data_folder().is_dir(), "the server keeps something");

    server.kill().await?;
    assert!(browser.open(&address).await.is_err(), "there is no server");
    server.start_again().await?;
    assert_eq!(server.url("/"), address);
    browser.open(&address).await?;
    browser.sees("Served").await?;
    server.stop().await?;
    assert!(browser.open(&address).await.is_err(), "there is no server");
    Ok(())
}
