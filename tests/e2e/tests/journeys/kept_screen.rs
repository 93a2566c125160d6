//! The last screen, which is there before the app has started.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, Server, eventually};
use serde_json::json;

use crate::steps::{self, DAY, EVENT};

/// The first session of the day, which needs no scrolling.
const SESSION: &str = "How the second day works: three rooms";
/// From the next page on, the app does not start before the test says so.
const HOLD: &str = "
    const compile = WebAssembly.compileStreaming;
    WebAssembly.compileStreaming = async source => {
        const code = await compile.call(WebAssembly, source);
        await new Promise(resolve => { window.startApp = resolve; });
        return code;
    };";
const IS_HELD: &str = "window.startApp && document.readyState === 'complete'";
/// What can be read of the last screen.
const KEPT: &str = "(document.querySelector('#kept-screen')?.innerText ?? '')";

const PROGRAMME: &str = r#"{
    "keruen": 1,
    "programme": { "id": "museums", "title": { "en": "Museums meet" }, "public": true },
    "events": [ {
        "id": "museums-1", "title": { "en": "Seminar in Oral" },
        "city": { "en": "Oral" },
        "zone": "Asia/Oral", "first_day": "2024-02-01", "last_day": "2024-02-01"
    } ],
    "sessions": [ {
        "id": "museums-1-a", "event": "museums-1", "kind": "lecture",
        "title": { "en": "Museum and road" },
        "start": "2024-02-01T10:00", "end": "2024-02-01T11:00"
    } ]
}"#;

/// A phone that was shown the day of the samples for a while.
async fn reader(address: &str) -> Result<Browser> {
    let phone = steps::visitor(address).await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.click("link", EVENT).await?;
    phone.click("link", DAY).await?;
    phone.find("link", SESSION).await?;
    is_kept(&phone, &phone.path().await?, true).await?;
    Ok(phone)
}

async fn is_kept(phone: &Browser, address: &str, wanted: bool) -> Result<()> {
    let look = format!("return await caches.match('{address}') !== undefined");
    let what = format!("the screen of {address} is kept: {wanted}");
    eventually(&what, || async {
        let kept = phone.run_async(&look).await?;
        Ok((kept == json!(wanted)).then_some(()))
    })
    .await
}

#[tokio::test]
async fn the_last_screen_can_be_read_before_the_app_is_there_and_what_is_pressed_counts()
-> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = reader(&server.url("/")).await?;
    let address = phone.path().await?;
    server.kill().await?;
    phone.kill().await?;
    phone.start_again().await?;
    phone.prepare_pages(HOLD).await?;
    phone.open(&server.url(&address)).await?;
    phone.until(IS_HELD).await?;
    phone
        .until(&format!("{KEPT}.includes('{SESSION}')"))
        .await?;
    for of_the_moment in ["up to date", "offline", "on this phone"] {
        phone
            .until(&format!("!{KEPT}.includes('{of_the_moment}')"))
            .await?;
    }
    phone
        .run(&format!(
            "[...document.querySelectorAll('#kept-screen a')]
                .find(link => link.innerText === '{SESSION}').click()"
        ))
        .await?;
    let session = phone.path().await?;
    ensure!(session.starts_with("/session/"), "{session}");
    phone.run("startApp()").await?;
    phone.sees(SESSION).await?;
    phone.find("link", "Write a note").await?;
    steps::chip(&phone, "offline").await?;
    phone
        .until("!document.querySelector('#kept-screen, #shell')")
        .await?;

    phone.open(&server.url(&address)).await?;
    phone.until(IS_HELD).await?;
    phone
        .run("document.querySelector('#kept-screen .state-chip').click()")
        .await?;
    phone.run("startApp()").await?;
    phone
        .until("document.querySelector('dialog[open] h2') !== null")
        .await?;
    steps::finish([&mut phone]).await
}

/// The elements of the last screen as the browser read them, and as they were written.
const READ: &str =
    "[...document.querySelectorAll('#kept-screen *')].map(element => element.localName)";
const WRITTEN: &str = "(await (await caches.match(location.pathname)).json())
    .markup.match(/<[a-z][a-z0-9]*/g).map(tag => tag.slice(1))";

#[tokio::test]
async fn a_browser_reads_the_last_screen_as_it_was() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = reader(&server.url("/")).await?;
    let day = phone.path().await?;
    phone.open(&server.url("/")).await?;
    phone.find("link", EVENT).await?;
    is_kept(&phone, "/", true).await?;
    server.kill().await?;
    phone.prepare_pages(HOLD).await?;
    for address in ["/", &day] {
        phone.open(&server.url(address)).await?;
        phone.until(IS_HELD).await?;
        let read = phone.run(&format!("return {READ}")).await?;
        let written = phone.run_async(&format!("return {WRITTEN}")).await?;
        ensure!(read == written, "{address}: {read} is not {written}");
        ensure!(read.as_array().is_some_and(|all| all.len() > 50));
    }
    phone.run("startApp()").await?;
    phone.find("link", SESSION).await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_browser_that_cannot_start_the_app_says_so_above_what_was_last_seen() -> Result<()> {
    let server = steps::server().await?;
    let phone = reader(&server.url("/")).await?;
    let address = phone.path().await?;
    phone
        .prepare_pages("delete WebAssembly.compileStreaming")
        .await?;
    phone.open(&server.url(&address)).await?;
    phone.sees("Keruen did not start.").await?;
    phone
        .until(&format!("{KEPT}.includes('{SESSION}')"))
        .await?;
    let top = |id: &str| format!("document.querySelector('{id}').getBoundingClientRect().top");
    phone
        .until(&format!(
            "{} < {}",
            top("#start-failed"),
            top("#kept-screen")
        ))
        .await?;
    // Nothing is kept of this place.
    phone.open(&server.url("/more")).await?;
    phone.sees("Keruen did not start.").await
}

#[tokio::test]
async fn a_screen_that_may_look_different_now_is_not_shown() -> Result<()> {
    let mut server = steps::server().await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("museums.json");
    fs::write(&file, PROGRAMME)?;
    import(&mut server, &file).await?;
    let mut phone = steps::visitor(&server.url("/agenda")).await?;
    phone.click("link", "Seminar in Oral").await?;
    phone.find("link", "Museum and road").await?;
    let address = phone.path().await?;
    is_kept(&phone, &address, true).await?;

    // News come while another page is open.
    steps::go_to(&phone, "Notes").await?;
    is_kept(&phone, &address, true).await?;
    fs::write(&file, PROGRAMME.replace("and road", "and river"))?;
    import(&mut server, &file).await?;
    steps::sync_now(&phone).await?;
    is_kept(&phone, &address, false).await?;
    phone.prepare_pages(HOLD).await?;
    phone.open(&server.url(&address)).await?;
    phone.until(IS_HELD).await?;
    phone
        .until("!document.querySelector('#kept-screen')")
        .await?;
    phone.run("startApp()").await?;
    phone.find("link", "Museum and river").await?;
    is_kept(&phone, &address, true).await?;

    steps::go_to(&phone, "More").await?;
    phone.click("radio", "Русский").await?;
    is_kept(&phone, &address, false).await?;
    steps::finish([&mut phone]).await
}

async fn import(server: &mut Server, file: &Path) -> Result<()> {
    server.stop().await?;
    server.import(&[file.to_owned()])?;
    server.start_again().await
}
