//! How soon the agenda can be read when the app is opened without a server and 10,000 records are
//! on the device; beside the same work in plain JavaScript.
//!
//! `cargo xtask bench start` prints the figures and fails when one is over its limit. Each figure is
//! the median over starts of the whole browser, from the navigation's start until the frame with
//! the first session of the opened day has been drawn: *readable*, when that is the screen as it was
//! last seen (docs/offline.md), and *live*, when the app itself has drawn it from its database.
//!
//! The plain page (`start/plain.html`) has the very bytes of the app's sealed pages in its own
//! database, in a table of pages as the app's. It reads all of them and shows the same day, once
//! with a reader of that binary form written by hand, once from the same records as JSON text. It
//! keeps no outbox, merges nothing, and knows no language but English.

#[path = "start/programme.rs"]
mod programme;

use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::wd::TimeoutConfiguration;
use keruen_e2e::{Browser, BrowserOptions, Server, ServerOptions, Site};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

const LIMIT_MS: f64 = 300.0;
const SLOW_LIMIT_MS: f64 = 1_500.0;
const SLOW_DOWN: u32 = 6;
const STARTS: usize = 5;
const FIRST_VISIT: Duration = Duration::from_secs(120);

/// Notes in the page when the code was ready, when the records had been read as bytes, and when the
/// first session of the day was drawn.
const WATCH: &str = "
    window.reached = {};
    const note = step => { window.reached[step] = performance.now(); };
    const compile = WebAssembly.compileStreaming;
    WebAssembly.compileStreaming = async (...parts) => {
        const module = await compile.apply(WebAssembly, parts);
        note('compiled');
        return module;
    };
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...parts) {
        note('asked');
        return open.apply(this, parts);
    };
    const getAll = IDBObjectStore.prototype.getAll;
    IDBObjectStore.prototype.getAll = function (...parts) {
        const request = getAll.apply(this, parts);
        const step = ['pages', 'bytes', 'json'].includes(this.name) ? 'read' : 'other';
        request.addEventListener('success', () => note(step), { once: true });
        return request;
    };
    const drawn = step => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => note(step);
        port2.postMessage(null);
    });
    const look = () => {
        if (!document.querySelector('.session-card')) return;
        if (!window.reached.shown) {
            note('shown');
            drawn('readable');
        }
        if (document.querySelector('#kept-screen')) return;
        watcher.disconnect();
        note('built');
        drawn('live');
    };
    const watcher = new MutationObserver(look);
    watcher.observe(document, { childList: true, subtree: true });";

/// How many records the pages of the app's database hold: each begins with the version of its
/// form, eighteen bytes of its scope, and the number of its records, seven bits a byte.
const COUNT_RECORDS: &str = "
    const known = (await indexedDB.databases()).some(({ name }) => name === 'keruen');
    if (!known) return 0;
    const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open('keruen');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const all = await new Promise((resolve, reject) => {
        const request = database.transaction('pages').objectStore('pages').getAll();
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    database.close();";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("programme.json");
    fs::write(&file, programme::json().to_string())?;
    let mut server = Server::start(&ServerOptions {
        imports: vec![file],
        ..ServerOptions::default()
    })
    .await?;

    let mut browser = Browser::start(BrowserOptions::default()).await?;
    let day = first_visit(&browser, &server).await?;
    let pages = stored_pages(&browser).await?;
    server.kill().await?;
    let app = Subject {
        name: APP,
        url: server.url(&day),
        is_done: KEPT_IS_DONE,
    };

    fs::write(
        folder.path().join("index.html"),
        include_str!("start/plain.html"),
    )?;
    fs::write(
        folder.path().join("plain.js"),
        include_str!("start/plain.js"),
    )?;
    fs::write(folder.path().join("pages.json"), pages)?;
    let site = Site::start(folder.path()).await?;
    browser.open(&site.url("/#fill")).await?;
    browser.until("window.filled === true").await?;
    let plain = |form: &str| site.url(&format!("/?form={form}#{day}"));
    let subjects = [
        app,
        Subject {
            name: "plain JavaScript, same bytes",
            is_done: PLAIN_IS_DONE,
            url: plain("bytes"),
        },
        Subject {
            name: "plain JavaScript, JSON",
            is_done: PLAIN_IS_DONE,
            url: plain("json"),
        },
    ];

    println!(
        "until the agenda can be read, {} records (median of {STARTS} starts, in ms)",
        programme::RECORDS
    );
    let mut is_within = true;
    for (slow_down, limit_ms) in [(1, LIMIT_MS), (SLOW_DOWN, SLOW_LIMIT_MS)] {
        let mut medians = Vec::new();
        for subject in &subjects {
            let mut starts = Vec::new();
            // Fills the browser's caches of compiled code, and leaves a screen behind.
            browser.kill().await?;
            browser.start_again().await?;
            browser.open(&subject.url).await?;
            let deadline = Instant::now() + FIRST_VISIT;
            while browser.run_async(subject.is_done).await? != json!(true) {
                if Instant::now() > deadline {
                    bail!("{} did not come to rest", subject.name);
                }
                sleep(Duration::from_millis(100)).await;
            }
            for _ in 0..STARTS {
                starts.push(measure(&mut browser, &subject.url, slow_down).await?);
            }
            let [readable, live] = ["readable", "live"].map(|step| middle(&starts, step));
            medians.push(live.0);
            is_within &= subject.name != APP || readable.0 <= limit_ms;
            for (words, (median, fastest, slowest)) in [("", readable), (", live", live)] {
                let name = [subject.name, words].concat();
                println!(
                    "{slow_down} × slower  {name:<32} {median:>6.0}   ({fastest:.0} to {slowest:.0})"
                );
            }
            let steps: Vec<String> = STEPS
                .iter()
                .filter(|step| starts[0].get(**step).is_some())
                .map(|step| format!("{step} {:.0}", middle(&starts, step).0))
                .collect();
            let busy = middle(&starts, BUSY).0;
            println!("            {}; thread busy {busy:.0}", steps.join(", "));
        }
        println!(
            "            live: {:.2} times the same bytes, {:.2} times JSON; limit until readable {limit_ms} ms",
            medians[0] / medians[1],
            medians[0] / medians[2]
        );
    }
    if !is_within {
        eprintln!("over a limit");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// What is measured.
struct Subject {
    name: &'static str,
    url: String,
    /// Returns true when a start has left behind all that the next one may use.
    is_done: &'static str,
}

const APP: &str = "Keruen, offline";
const KEPT_IS_DONE: &str = "return await caches.match(location.pathname) !== undefined";
const PLAIN_IS_DONE: &str = "return document.querySelector('.session-card') !== null";

/// Visits until everything is on the device; returns the path of one event's second day.
async fn first_visit(browser: &Browser, server: &Server) -> Result<String> {
    // Questions to the page wait while it is busy with what arrives.
    let patient = TimeoutConfiguration::new(Some(FIRST_VISIT), None, None);
    browser.client()?.update_timeouts(patient).await?;
    let began = Instant::now();
    browser.open(&server.url("/agenda")).await?;
    browser.until_offline_ready().await?;
    let count = format!(
        "{COUNT_RECORDS}
        return all.reduce((sum, page) => {{
            let count = 0, at = 19, scale = 1;
            do {{ count += (page[at] & 127) * scale; scale *= 128; }} while (page[at++] & 128);
            return sum + count;
        }}, 0);"
    );
    // Longer than the patience of journeys: no limit is set for this here.
    let deadline = Instant::now() + FIRST_VISIT;
    while browser.run_async(&count).await? != json!(programme::RECORDS) {
        if Instant::now() > deadline {
            bail!("not all records came in {} s", FIRST_VISIT.as_secs());
        }
        sleep(Duration::from_millis(100)).await;
    }
    println!(
        "first visit until all records are on the device: {:.1} s",
        began.elapsed().as_secs_f64()
    );
    let link = "document.querySelector('a[href^=\"/agenda/\"]')";
    browser.reload().await?;
    browser.until(link).await?;
    let event = browser
        .run(&format!("return {link}.getAttribute('href')"))
        .await?;
    let event = event.as_str().context("an event's address is text")?;
    Ok(format!("{event}/{}", programme::SECOND_DAY_OF_FIRST_EVENT))
}

/// The app's sealed pages, in hexadecimal digits.
async fn stored_pages(browser: &Browser) -> Result<String> {
    let script = format!(
        "{COUNT_RECORDS}
        const digits = Array.from({{ length: 256 }}, (_, byte) => byte.toString(16).padStart(2, '0'));
        return all.map(page => Array.from(page, byte => digits[byte]).join(''));"
    );
    Ok(browser.run_async(&script).await?.to_string())
}

/// How long the page's thread has had the processor: the same however busy the machine is.
const BUSY: &str = "busy";
/// What is reached on the way, in its order.
const STEPS: [&str; 7] = [
    "shown", "readable", "compiled", "asked", "read", "built", "live",
];

/// One start of the browser and the page: after how many milliseconds each step was reached.
async fn measure(browser: &mut Browser, url: &str, slow_down: u32) -> Result<Value> {
    browser.kill().await?;
    browser.start_again().await?;
    browser
        .devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": WATCH }),
        )
        .await?;
    browser
        .devtools(
            "Emulation.setCPUThrottlingRate",
            json!({ "rate": slow_down }),
        )
        .await?;
    let own_time = json!({ "timeDomain": "threadTicks" });
    browser.devtools("Performance.enable", own_time).await?;
    browser.open(url).await?;
    browser.until("window.reached?.live").await?;
    let mut reached = browser.run("return window.reached").await?;
    let metrics = browser
        .devtools("Performance.getMetrics", json!({}))
        .await?;
    let tasks = metrics["metrics"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|metric| metric["name"] == "TaskDuration")
        .and_then(|metric| metric["value"].as_f64())
        .context("the browser counts its work")?;
    reached[BUSY] = json!(tasks * 1_000.0);
    Ok(reached)
}

/// The median of a step, the fastest and the slowest start.
fn middle(starts: &[Value], step: &str) -> (f64, f64, f64) {
    let mut took: Vec<f64> = starts
        .iter()
        .filter_map(|start| start[step].as_f64())
        .collect();
    took.sort_by(f64::total_cmp);
    let at = |position: usize| took.get(position).copied().unwrap_or(f64::NAN);
    (at(took.len() / 2), at(0), at(took.len().saturating_sub(1)))
}
