//! Whether a large download is in the way of the agenda and of a note, over 150 kbit/s with a round trip of 800 ms and 5 % of
//! all packets lost.
//!
//! `cargo xtask bench slow_link` prints the figures and fails when a median with the download is more than twice the one
//! without. The browser runs in a network namespace of its own, whose only way to the server is the link
//! (`bench/slow-link/slow-link`; needs root, Python 3, iproute2 and iptables). First the app is fetched over that link and made
//! able to do without it; then the agenda is opened, and a note is written until it is marked as sent, again and
//! again, alone and while a file comes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use keruen_e2e::{Browser, BrowserOptions, Server, ServerOptions};
use serde_json::json;
use tokio::time::{Instant, sleep};

const TIMES: usize = 9;
const MOST_TIMES_AS_LONG: f64 = 2.0;
const FILE_BYTES: usize = 20_000_000;
const PATIENCE: Duration = Duration::from_secs(300);
/// Where the part of this program that runs behind the link is told the server's address.
const BEHIND: &str = "KERUEN_BEHIND_THE_LINK";
/// The button that fetches the file, and how far it is, both on its own page.
const BUTTON: &str = "[...document.querySelectorAll('main button')].find(one => /^Download 20\\sMB/.test(one.innerText.trim()))";
const PROGRESS: &str = "document.querySelector('main .amount progress')";
const CHIP: &str = "document.querySelector('header [aria-haspopup=dialog]')?.innerText.trim()";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    if let Ok(server) = env::var(BEHIND) {
        return behind_the_link(&server).await;
    }
    let folder = tempfile::tempdir()?;
    let mut options = ServerOptions::with_samples()?;
    options.imports.push(programme(folder.path())?);
    let server = Server::start(&options).await?;
    let address = server.organiser_url("/");
    let port = address
        .split(':')
        .nth(2)
        .and_then(|rest| rest.split('/').next());
    let link = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/slow-link/slow-link");
    let status = Command::new(link)
        .args(["--port", port.context("a port")?])
        .args([
            "--rate", "150", "--rtt", "800", "--loss", "0.05", "--seed", "1",
        ])
        .args(["--time-limit", "3000", "--"])
        .arg(env::current_exe()?)
        .env(BEHIND, &address)
        .status()
        .context("the link cannot be made")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn behind_the_link(address: &str) -> Result<ExitCode> {
    let phone = Browser::start(BrowserOptions::default()).await?;
    let begun = Instant::now();
    phone.open(address).await?;
    until(&phone, "[...document.querySelectorAll('main button')].some(one => one.innerText === 'Use this key')").await?;
    phone.click("button", "Use this key").await?;
    until(&phone, &format!("{CHIP}?.startsWith('up to date')")).await?;
    until(&phone, "(await navigator.serviceWorker?.getRegistration())?.active !== undefined && navigator.serviceWorker.controller").await?;
    println!(
        "{:.0} s until all was there and the app can do without the server",
        begun.elapsed().as_secs_f64()
    );

    let alone = measure(&phone).await?;
    look_at_the_file(&phone).await?;
    until(&phone, &format!("{BUTTON} !== undefined")).await?;
    phone.run(&format!("{BUTTON}.click()")).await?;
    let comes = format!("{PROGRESS}?.value > 0 && {PROGRESS}.value < {PROGRESS}.max");
    until(&phone, &comes).await?;
    let beside = measure(&phone).await?;
    // Else the figures say nothing, and the file must be larger.
    look_at_the_file(&phone).await?;
    until(&phone, &comes).await?;

    println!("median of {TIMES}, in ms           alone   beside a download");
    let mut is_well = true;
    for (what, alone, beside) in [
        ("the agenda is open", alone.agenda_ms, beside.agenda_ms),
        ("a note is sent", alone.note_ms, beside.note_ms),
    ] {
        let ratio = beside / alone;
        is_well &= ratio <= MOST_TIMES_AS_LONG;
        println!("  {what:<26} {alone:>8.0} {beside:>10.0}   {ratio:.2} times as long");
    }
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Opens the page of the file.
async fn look_at_the_file(phone: &Browser) -> Result<()> {
    phone.click("link", "Materials").await?;
    phone.click("link", "The book").await?;
    until(phone, &format!("{BUTTON} || {PROGRESS}")).await
}

struct Times {
    agenda_ms: f64,
    note_ms: f64,
}

async fn measure(phone: &Browser) -> Result<Times> {
    let (mut agenda, mut notes) = (Vec::new(), Vec::new());
    for number in 0..TIMES {
        phone.click("link", "Notes").await?;
        until(phone, "location.pathname === '/notes'").await?;
        // In the page itself: the driver's own way takes longer than the app.
        let opened = phone
            .run_async(
                "const began = performance.now();
                 document.querySelector('nav a[href=\"/agenda\"]').click();
                 while (!document.querySelector('main a[href^=\"/agenda/\"]')) await new Promise(done => setTimeout(done));
                 return performance.now() - began;",
            )
            .await?;
        agenda.push(opened.as_f64().context("a number")?);
        phone.click("link", "Notes").await?;
        phone.click("link", "New note").await?;
        phone
            .type_into("Text of the note", &format!("Note {number}"))
            .await?;
        let begun = Instant::now();
        until(
            phone,
            "document.querySelector('main .note-state')?.innerText.trim() === 'sent'",
        )
        .await?;
        notes.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(Times {
        agenda_ms: median(agenda),
        note_ms: median(notes),
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Waits longer than tests do: over this link much takes minutes.
async fn until(phone: &Browser, expression: &str) -> Result<()> {
    let begun = Instant::now();
    let script = format!("return Boolean({expression})");
    while phone.run_async(&script).await? != true {
        if begun.elapsed() > PATIENCE {
            bail!(
                "waited in vain for {expression}; the page says {}",
                phone.text().await?
            );
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// A programme with one large file.
fn programme(folder: &Path) -> Result<PathBuf> {
    let english = |words: &str| json!({ "en": words });
    let mut state = 1_u32;
    let noise = (0..FILE_BYTES).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let bytes: Vec<u8> = b"%PDF-1.7\n".iter().copied().chain(noise).collect();
    fs::write(folder.join("book.pdf"), bytes)?;
    let content = json!({
        "keruen": 1,
        "programme": {
            "id": "book", "title": english("A book"), "regions": [], "languages": ["en"],
            "public": true, "sample": [],
        },
        "materials": [{ "id": "book", "kind": "file", "title": english("The book"), "file": "book.pdf", "sample": [] }],
    });
    let path = folder.join("programme.json");
    fs::write(&path, content.to_string())?;
    Ok(path)
}
