//! How much memory a page takes while large files come to the phone, and how fast they do.
//!
//! `cargo xtask bench download` prints the figures and fails when the page's memory grows by more than its
//! limit. What counts is the memory of their own of the processes that draw pages and run the app and its
//! service worker, looked at twenty times a second, as fast as one machine gives and takes. Nothing drives the
//! browser meanwhile: what looks into it has it remember what came. All files are asked for with one button, and go on
//! coming when the browser is started anew; each is as large as an import takes.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use keruen_e2e::{Browser, BrowserOptions, Proxy, Server, ServerOptions, Unwatched};
use serde_json::json;
use tokio::time::{Instant, sleep};

const LIMIT_BYTES: u64 = 64 * 1024 * 1024;
const FILES: usize = 10;
const MEGABYTES_EACH: usize = 50;
const LOOK_EVERY: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(600);
const TITLE: &str = "A recorded programme";
/// The button for all files.
const BUTTON: &str = "[...document.querySelectorAll('main button')].find(one => one.ariaLabel?.startsWith('Download'))";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let programme = programme(folder.path())?;
    let server = Server::start(&ServerOptions {
        imports: vec![programme],
        ..ServerOptions::default()
    })
    .await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&proxy.url("/materials")).await?;
    phone.until_offline_ready().await?;
    phone.until(&format!("{BUTTON} !== undefined")).await?;
    // All are asked for, and nothing comes yet.
    proxy.let_files_die_after(Some(0));
    phone.run(&format!("{BUTTON}.click()")).await?;
    let first_asked = |proxy: &Proxy| {
        let asked = proxy.take_asked();
        asked
            .iter()
            .any(|path| path.contains("/files/") && !path.ends_with("/parts"))
    };
    until(|| first_asked(&proxy)).await?;
    phone.kill().await?;

    let browser = phone.unwatched(&proxy.url("/materials"))?;
    until(|| first_asked(&proxy)).await?;
    let before = settled(&browser).await;
    proxy.let_files_die_after(None);
    let _ = proxy.take_given();
    let begun = Instant::now();
    let (mut most, mut looks) = (before, 0_u32);
    until(|| {
        most = most.max(browser.page_memory_bytes());
        looks += 1;
        proxy.bytes_given() >= (FILES * MEGABYTES_EACH) as u64 * 1_000_000
    })
    .await?;
    let seconds = begun.elapsed().as_secs_f64();
    drop(browser);

    phone.start_again().await?;
    phone.open(&proxy.url("/materials")).await?;
    let all_here =
        format!("document.querySelectorAll('.row .on-phone:not(.is-absent)').length === {FILES}");
    phone.until(&all_here).await?;
    let growth = most.saturating_sub(before);
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    let [before_mb, growth_mb, limit_mb] =
        [before, growth, LIMIT_BYTES].map(|bytes| bytes as f64 / f64::from(1 << 20));
    println!(
        "{} MB come to a phone, in {FILES} files",
        FILES * MEGABYTES_EACH
    );
    println!("  {seconds:.1} s until they have come");
    println!(
        "  {growth_mb:.1} MiB more in the page at most (limit {limit_mb:.0}), {before_mb:.1} MiB before; {looks} looks"
    );
    Ok(if growth <= LIMIT_BYTES {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The memory of a page that is open and at rest: five seconds without more than a megabyte more or less.
async fn settled(browser: &Unwatched<'_>) -> u64 {
    const NEARLY_NOTHING_BYTES: u64 = 1024 * 1024;
    let mut held = browser.page_memory_bytes();
    let mut quiet_looks = 0;
    while quiet_looks < 100 {
        sleep(LOOK_EVERY).await;
        let now = browser.page_memory_bytes();
        if now.abs_diff(held) > NEARLY_NOTHING_BYTES {
            (held, quiet_looks) = (now, 0);
        }
        quiet_looks += 1;
    }
    held
}

/// Looks again and again until it is so.
async fn until(mut is_so: impl FnMut() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !is_so() {
        if begun.elapsed() > PATIENCE {
            bail!("the files do not come");
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// A programme with recordings, of no two seconds the same.
fn programme(folder: &Path) -> Result<PathBuf> {
    let english = |words: &str| json!({ "en": words });
    let samples = u32::try_from(MEGABYTES_EACH * 1_000_000 - 44).context("shorter files")?;
    let mut state = 1_u32;
    let mut materials = Vec::new();
    for number in 0..FILES {
        let name = format!("{number}.wav");
        let mut file = BufWriter::new(File::create(folder.join(&name))?);
        file.write_all(b"RIFF")?;
        file.write_all(&(samples + 36).to_le_bytes())?;
        file.write_all(b"WAVEfmt ")?;
        // One channel of eight bits, eight thousand times a second.
        for value in [16, 0x0001_0001, 8_000, 8_000, 0x0008_0001] {
            file.write_all(&u32::to_le_bytes(value))?;
        }
        file.write_all(b"data")?;
        file.write_all(&samples.to_le_bytes())?;
        for _ in 0..samples {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            file.write_all(&[(state >> 24) as u8])?;
        }
        file.flush()?;
        let title = english(&format!("Lecture {number}"));
        materials.push(json!({ "id": format!("lecture-{number}"), "kind": "audio", "title": title, "file": name, "sample": [] }));
    }
    let content = json!({
        "keruen": 1,
        "programme": {
            "id": "recorded", "title": english(TITLE), "regions": [], "languages": ["en"],
            "public": true, "sample": [],
        },
        "events": [],
        "people": [],
        "materials": materials,
        "sessions": [],
    });
    let path = folder.join("programme.json");
    std::fs::write(&path, content.to_string())?;
    Ok(path)
}
