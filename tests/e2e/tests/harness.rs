//! The harness itself: what the journeys rely on.

use std::fs;

use anyhow::Result;
use keruen_e2e::{Answers, Browser, BrowserOptions, Proxy, Server, ServerOptions, Site};

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

#[tokio::test]
async fn a_browser_tells_what_it_complained_about_also_after_its_death() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("index.html"),
        "<!doctype html><meta http-equiv=\"Content-Security-Policy\" content=\"img-src 'none'\">\
         <p>Ready<script>console.error('said by the page'); nobody.knows()</script>\
         <img src=\"/forbidden.png\" alt=\"\">",
    )?;
    let mut site = Site::start(folder.path()).await?;
    let mut browser = Browser::start(BrowserOptions::default()).await?;
    site.stop().await;
    assert!(browser.open(&site.url("/")).await.is_err());
    assert_eq!(
        browser.complaints().await?,
        Vec::<String>::new(),
        "that nobody answers is not the page's fault"
    );
    site.start_again().await?;
    browser.open(&site.url("/")).await?;
    browser.sees("Ready").await?;
    browser.kill().await?;
    browser.start_again().await?;
    let complaints = browser.complaints().await?.join("\n");
    for expected in ["said by the page", "nobody is not defined", "forbidden.png"] {
        assert!(complaints.contains(expected), "{expected}: {complaints}");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_that_is_not_made_for_everybody_is_found_out() -> Result<()> {
    const GOOD: &str = "<!doctype html><html lang=\"en\"><meta name=\"viewport\" \
        content=\"width=device-width\"><title>Good</title><header><h1>One</h1></header>\
        <main><h2>Two</h2><button>Do</button></main>";
    let bad = [
        ("lang=\"en\"", "", "no language"),
        ("<h1>One</h1>", "", "0 headings are the first"),
        ("<h2>Two</h2>", "<h3>Three</h3>", "follows \"One\""),
        (
            "<button>Do</button>",
            "<button></button>",
            "a button has no name",
        ),
        ("<main>", "<div>", "0 elements are the page's main"),
        (
            "<button>",
            "<button style=\"width: 700px\">",
            "wider than the window",
        ),
    ];
    let folder = tempfile::tempdir()?;
    let page = folder.path().join("index.html");
    let site = Site::start(folder.path()).await?;
    let browser = Browser::start(BrowserOptions::default()).await?;
    fs::write(&page, GOOD)?;
    browser.open(&site.url("/")).await?;
    browser.is_well_made().await?;
    for (good, worse, fault) in bad {
        fs::write(&page, GOOD.replace(good, worse))?;
        browser.open(&site.url("/")).await?;
        let found = browser.is_well_made().await.expect_err(fault).to_string();
        assert!(found.contains(fault), "{fault}: {found}");
    }
    Ok(())
}

#[tokio::test]
async fn a_proxy_spoils_answers_of_the_interface_and_nothing_else() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("index.html"), "<!doctype html><p>Served")?;
    let server = Server::start(&ServerOptions {
        client: Some(folder.path().to_path_buf()),
        ..ServerOptions::default()
    })
    .await?;
    let proxy = Proxy::start(&server).await?;
    let browser = Browser::start(BrowserOptions::default()).await?;
    let ask = "
        const answer = await fetch('/api/openapi.json').catch(() => null);
        const text = await answer?.text().catch(() => 'broken off');
        return [answer?.status ?? 0, text?.slice(0, 10) ?? '']";
    let expected = [
        (Answers::Whole, 200, "{"),
        (Answers::SignInPage, 200, "<!doctype "),
        (Answers::Failure, 500, ""),
        (Answers::Halved, 200, "broken off"),
        (Answers::Never, 0, ""),
    ];
    for (answers, status, text) in expected {
        proxy.answer(answers);
        browser.open(&proxy.url("/")).await?;
        browser.sees("Served").await?;
        let seen = browser.run_async(ask).await?;
        assert_eq!(seen[0], status, "{answers:?}");
        let start = seen[1].as_str().unwrap_or_default();
        assert!(start.starts_with(text), "{answers:?}: {start}");
    }
    assert!(proxy.take_asked().contains(&"/api/openapi.json".to_owned()));
    Ok(())
}
