//! The service worker by itself, on a small site that the build has finished as it does the app.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, BrowserOptions, Site, eventually, xtask};
use tempfile::TempDir;

/// Builds a version of the site: `word` is what its page shows, by a script in a file of its own.
fn build(word: &str) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name);
    let public = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public");
    for worker in ["service-worker.js", "service-worker-off.js"] {
        fs::copy(public.join(worker), file(worker))?;
    }
    fs::write(
        file("index.html"),
        "<!doctype html><title>Site</title><link rel=\"stylesheet\" href=\"/site.css\">\
         <p id=\"word\"></p><script type=\"module\" src=\"/start.js\"></script>",
    )?;
    fs::write(file("site.css"), "p { color: teal }")?;
    fs::write(file("start.js"), format!("word.textContent = \"{word}\";"))?;
    let status = Command::new(xtask()?)
        .args(["post-build", "--folder"])
        .arg(folder.path())
        .status()?;
    ensure!(status.success(), "the build could not be finished");
    Ok(folder)
}

/// Registers as the app does.
const REGISTER: &str =
    "await navigator.serviceWorker.register('/service-worker.js', { updateViaCache: 'none' })";
/// Looks for a new version and waits until it is installed or refused.
const UPDATE: &str = "
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    if (!worker) return 'none';
    while (worker.state === 'installing') {
        await new Promise(done => worker.addEventListener('statechange', done, { once: true }));
    }
    return worker.state;";
/// Agrees to the version that waits, and waits until it has taken over.
const AGREE: &str = "
    const registration = await navigator.serviceWorker.ready;
    const changed = new Promise(done =>
        navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
    registration.waiting.postMessage({ type: 'take-over' });
    await changed;";
/// Counts the versions that are kept, after a request that gives the worker a chance to clean up.
const CACHES: &str = "
    await fetch('/index.html').catch(() => {});
    return (await caches.keys()).filter(name => name.startsWith('keruen-app-')).length";

/// A browser that has visited the site once and can do without it.
async fn visitor(site: &Site) -> Result<Browser> {
    let browser = Browser::start(BrowserOptions::default()).await?;
    browser.open(&site.url("/")).await?;
    browser.run_async(REGISTER).await?;
    browser.until_offline_ready().await?;
    Ok(browser)
}

#[tokio::test]
async fn after_one_visit_every_address_opens_without_the_server() -> Result<()> {
    let first = build("first")?;
    let mut site = Site::start(first.path()).await?;
    let mut browser = visitor(&site).await?;

    site.stop().await;
    browser.open(&site.url("/")).await?;
    browser.sees("first").await?;
    browser.open(&site.url("/agenda/aktau/2016-10-19")).await?;
    browser.sees("first").await?;
    browser.kill().await?;
    browser.start_again().await?;
    browser.open(&site.url("/notes")).await?;
    browser.sees("first").await?;
    // Opening it fails, or shows the browser's own words; either way nothing of the site.
    for address in [
        "/api/v1/sync",
        "/p/271f23f5-d066-5124-a35c-a7e227f04dde",
        "/s/x",
        "/c/x.ics",
    ] {
        let _ = browser.open(&site.url(address)).await;
        assert!(
            !browser.text().await?.contains("first"),
            "{address}: the worker never answers for the server"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_new_version_waits_until_the_person_agrees() -> Result<()> {
    let first = build("first")?;
    let second = build("second")?;
    let site = Site::start(first.path()).await?;
    let browser = visitor(&site).await?;

    site.serve_folder(second.path());
    let _ = site.take_asked();
    assert_eq!(browser.run_async(UPDATE).await?, "installed");
    let asked = site.take_asked();
    assert!(
        asked.iter().any(|path| path.starts_with("/assets/start-")),
        "{asked:?}"
    );
    assert!(
        !asked.iter().any(|path| path.ends_with(".css")),
        "what is the same is not downloaded again: {asked:?}"
    );
    browser.reload().await?;
    browser.sees("first").await?;
    assert_eq!(
        browser.run_async(CACHES).await?,
        2,
        "both versions are whole"
    );

    browser.run_async(AGREE).await?;
    browser.reload().await?;
    browser.sees("second").await?;
    eventually("the old version is deleted", || async {
        Ok((browser.run_async(CACHES).await? == 1).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_new_version_takes_over_at_the_next_start() -> Result<()> {
    let first = build("first")?;
    let second = build("second")?;
    let mut site = Site::start(first.path()).await?;
    let mut browser = visitor(&site).await?;
    site.serve_folder(second.path());
    assert_eq!(browser.run_async(UPDATE).await?, "installed");
    site.stop().await;

    browser.open("about:blank").await?;
    browser.kill().await?;
    browser.start_again().await?;
    browser.open(&site.url("/")).await?;
    browser.sees("second").await
}

#[tokio::test]
async fn a_page_of_the_old_version_keeps_its_files_while_it_is_open() -> Result<()> {
    let first = build("first")?;
    let second = build("second")?;
    let site = Site::start(first.path()).await?;
    let browser = visitor(&site).await?;
    let old_tab = browser.new_tab().await?;
    browser.open(&site.url("/agenda")).await?;
    browser.sees("first").await?;
    site.serve_folder(second.path());
    assert_eq!(browser.run_async(UPDATE).await?, "installed");
    browser.run_async(AGREE).await?;
    browser.reload().await?;
    browser.sees("second").await?;

    let new_tab = browser.client()?.window().await?;
    browser.switch_to(old_tab).await?;
    browser.sees("first").await?;
    let again = "const address = document.querySelector('script').src;
                 return (await fetch(address)).status";
    assert_eq!(
        browser.run_async(again).await?,
        200,
        "the server has it no more"
    );
    assert_eq!(browser.run_async(CACHES).await?, 2);

    browser.reload().await?;
    browser.sees("second").await?;
    browser.switch_to(new_tab).await?;
    browser.reload().await?;
    eventually("the old version is deleted", || async {
        Ok((browser.run_async(CACHES).await? == 1).then_some(()))
    })
    .await
}

#[tokio::test]
async fn damaged_files_are_refused_and_the_attempt_is_resumed() -> Result<()> {
    let first = build("first")?;
    let second = build("second")?;
    let mut site = Site::start(first.path()).await?;
    let browser = visitor(&site).await?;
    site.serve_folder(second.path());
    site.replace(
        "/index.html",
        Some(b"<h1>Please log in to the hotel's network</h1>"),
    );
    assert_eq!(browser.run_async(UPDATE).await?, "redundant");
    browser.reload().await?;
    browser.sees("first").await?;

    site.replace("/index.html", None);
    let _ = site.take_asked();
    assert_eq!(browser.run_async(UPDATE).await?, "installed");
    let asked = site.take_asked();
    assert!(
        !asked.iter().any(|path| path.starts_with("/assets/")),
        "what had arrived is kept: {asked:?}"
    );
    browser.run_async(AGREE).await?;
    site.stop().await;
    browser.reload().await?;
    browser.sees("second").await
}

#[tokio::test]
async fn the_kill_switch_removes_the_worker_and_only_the_apps_files() -> Result<()> {
    let first = build("first")?;
    let mut site = Site::start(first.path()).await?;
    let browser = visitor(&site).await?;
    browser
        .run_async("localStorage.note = 'kept'; await caches.open('of-others')")
        .await?;

    let off = fs::read(first.path().join("service-worker-off.js"))?;
    site.replace("/service-worker.js", Some(&off));
    browser
        .run_async("await (await navigator.serviceWorker.ready).update()")
        .await?;
    eventually("the worker is gone", || async {
        let count = "return (await navigator.serviceWorker.getRegistrations()).length";
        Ok((browser.run_async(count).await? == 0).then_some(()))
    })
    .await?;
    assert_eq!(browser.run_async(CACHES).await?, 0);
    assert_eq!(
        browser
            .run_async("return await caches.has('of-others')")
            .await?,
        true
    );
    browser.reload().await?;
    browser.sees("first").await?;
    assert_eq!(browser.run("return localStorage.note").await?, "kept");
    site.stop().await;
    let _ = browser.reload().await;
    assert!(
        !browser.text().await?.contains("first"),
        "nothing answers from a cache now"
    );
    Ok(())
}
