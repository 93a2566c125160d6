//! How soon the app finds something among 5,000 materials and 5,000 notes of 500 characters: after a start of the
//! browser, by the index that was kept; at each letter that is typed; and once after an edit.
//!
//! `cargo xtask bench search_in_app` prints the figures and fails when one is over its limit. The first search is
//! measured from the tap on *Search* until the frame with the first result has been drawn: opening the index, comparing
//! it with every record, searching, drawing. A key is measured until the page shows what it found and does nothing more
//! (*answered*), and until that frame has been drawn.

#[path = "search_in_app/texts.rs"]
mod texts;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use fantoccini::wd::TimeoutConfiguration;
use keruen_domain::model::fields;
use keruen_domain::protocol::v1::{Outcome, SyncRequest, SyncResponse};
use keruen_domain::protocol::{BINARY_MEDIA_TYPE, DEVICE_HEADER, VERSION_HEADER};
use keruen_domain::{
    Author, Change, ChangeId, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, RecordId,
    RecordKey, ScopeId, encoding,
};
use keruen_e2e::{Browser, BrowserOptions, Server, ServerOptions};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

const FIRST_LIMIT_MS: f64 = 150.0;
const KEY_LIMIT_MS: f64 = 16.0;
const STARTS: usize = 5;
const QUERIES: usize = 40;
const PATIENCE: Duration = Duration::from_secs(240);
/// When the notes were written.
const NOW_MS: u64 = 1_750_000_000_000;
/// Changes of one request.
const AT_ONCE: usize = 500;

/// What the scripts have in common.
const STEPS: &str = "
    const task = () => new Promise(done => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done();
        port2.postMessage(null);
    });
    const drawn = () => new Promise(requestAnimationFrame).then(task);
    const field = () => document.querySelector('input[type=search]');
    const type = query => {
        field().value = query;
        field().dispatchEvent(new Event('input', { bubbles: true }));
    };
    const first = () => document.querySelector('main .row-title');";

/// From the tap until the first result.
const FIRST: &str = "
    await drawn();
    const began = performance.now();
    document.querySelector('a[href=\"/search\"]').click();
    while (!field()) await task();
    type(query);
    while (!first()) await task();
    const answered = performance.now() - began;
    await drawn();
    return [answered, performance.now() - began];";

/// One query, letter by letter.
const KEYS: &str = "
    const took = [];
    for (let length = 1; length <= query.length; length++) {
        await drawn();
        const began = performance.now();
        type(query.slice(0, length));
        await task();
        const answered = performance.now() - began;
        await drawn();
        took.push([answered, performance.now() - began]);
    }
    return took;";

/// How many records are in the database. A page begins with the version of its form, eighteen bytes of its scope, and
/// the number of its records, seven bits a byte.
const COUNT_RECORDS: &str = "
    const open = indexedDB.open('keruen');
    const database = await new Promise((resolve, reject) => {
        open.onsuccess = () => resolve(open.result);
        open.onerror = () => reject(open.error);
    });
    const [pages, rows] = await new Promise(resolve => {
        const reading = database.transaction(['pages', 'rows']);
        const pages = reading.objectStore('pages').getAll();
        const rows = reading.objectStore('rows').count();
        rows.onsuccess = () => resolve([pages.result, rows.result]);
    });
    database.close();
    return pages.reduce((sum, page) => {
        let count = 0, at = 19, scale = 1;
        do { count += (page[at] & 127) * scale; scale *= 128; } while (page[at++] & 128);
        return sum + count;
    }, rows);";

/// What is kept of the index: how many bytes under each name.
const KEPT: &str = "
    const open = indexedDB.open('keruen');
    const database = await new Promise((resolve, reject) => {
        open.onsuccess = () => resolve(open.result);
        open.onerror = () => reject(open.error);
    });
    const kept = await new Promise(resolve => {
        const table = database.transaction('search').objectStore('search');
        const requests = ['sealed', 'changes'].map(name => table.get(name));
        requests[1].onsuccess = () => resolve(requests.map(({ result }) => result?.length ?? 0));
    });
    database.close();
    return kept;";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("programme.json");
    fs::write(&file, texts::programme().to_string())?;
    let mut server = Server::start(&ServerOptions {
        imports: vec![file],
        ..ServerOptions::default()
    })
    .await?;
    write_notes(&server)?;
    let mut browser = Browser::start(BrowserOptions::default()).await?;
    first_visit(&browser, &server).await?;
    server.stop().await?;

    let made = first_search(&browser, &server).await?;
    let whole = until_kept(&browser, 0).await?;
    println!("{} texts; the kept index has {whole} bytes", texts::TEXTS);
    println!("made anew, until the first result: {:.0} ms", made[1]);

    let mut is_within = true;
    let mut firsts = Vec::new();
    for _ in 0..STARTS {
        browser.kill().await?;
        browser.start_again().await?;
        patient(&browser).await?;
        firsts.push(first_search(&browser, &server).await?);
    }
    is_within &= print(
        "first search after a start",
        &firsts,
        0.5,
        1,
        FIRST_LIMIT_MS,
    );

    let mut keys = Vec::new();
    for query in texts::queries(QUERIES) {
        let took = run(&browser, KEYS, &query).await?;
        keys.extend(took.as_array().into_iter().flatten().filter_map(pair));
    }
    is_within &= print("a key", &keys, 0.95, 0, KEY_LIMIT_MS);

    // A note is written; the first key after it finds it.
    let mut edits = Vec::new();
    for number in 0..STARTS {
        browser
            .run("document.querySelector('.new-note').click()")
            .await?;
        let word = format!("қоңыраулар{number}");
        browser.type_into("Text of the note", &word).await?;
        browser.sees_line("main", "on this phone").await?;
        edits.push(
            run(&browser, FIRST, &word)
                .await
                .map(|took| pair(&took))?
                .context("two times")?,
        );
    }
    print("first search after an edit", &edits, 0.5, 1, FIRST_LIMIT_MS);
    let changes = until_kept(&browser, 1).await?;
    println!("kept beside the whole after an edit: {changes} bytes");
    if is_within {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("over a limit");
    Ok(ExitCode::FAILURE)
}

/// Writes the notes as another device of the organiser does.
fn write_notes(server: &Server) -> Result<()> {
    let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
    let mut changes = Vec::new();
    for (number, text) in (0_u64..).zip(texts::notes()) {
        let mut bits = [0; 10];
        bits[..8].copy_from_slice(&number.to_be_bytes());
        let key = RecordKey {
            scope: ScopeId::OWN,
            collection: Collection::NOTE,
            id: RecordId::new(NOW_MS, bits),
        };
        let mut edit = Edit::new(key, None, clock.stamp(NOW_MS), Author::Person);
        edit.set(FieldKey::register(fields::BODY), text);
        changes.push(Change {
            id: ChangeId::new(NOW_MS, bits),
            record: edit.finish().context("a text is news")?,
        });
    }
    for changes in changes.chunks(AT_ONCE) {
        push(server, changes)?;
    }
    Ok(())
}

/// Sends changes, all of which are accepted.
fn push(server: &Server, changes: &[Change]) -> Result<()> {
    let body = encoding::encode(&SyncRequest {
        changes: changes.to_vec(),
        cursors: Vec::new(),
        page_records: 0,
    });
    let url = server.url("");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address)?;
    let head = format!(
        "POST /api/v1/sync HTTP/1.1\r\nHost: {address}\r\n{VERSION_HEADER}: 1\r\n{DEVICE_HEADER}: {:016x}\r\n\
         Authorization: Bearer {}\r\nContent-Type: {BINARY_MEDIA_TYPE}\r\nAccept: {BINARY_MEDIA_TYPE}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        1,
        server.organiser_token(),
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.context("an answer with a head")? + 4);
    ensure!(
        head.starts_with(b"HTTP/1.1 200"),
        "the server answered {}",
        String::from_utf8_lossy(head)
    );
    let answer: SyncResponse = encoding::decode(body)?;
    let mut outcomes = answer.results.iter().map(|result| result.outcome);
    ensure!(
        answer.results.len() == changes.len()
            && outcomes.all(|outcome| outcome == Outcome::Accepted),
        "a change was not accepted"
    );
    Ok(())
}

/// Questions to the page wait while it is busy.
async fn patient(browser: &Browser) -> Result<()> {
    let patient = TimeoutConfiguration::new(Some(PATIENCE), None, None);
    Ok(browser.client()?.update_timeouts(patient).await?)
}

/// Visits until everything is on the device.
async fn first_visit(browser: &Browser, server: &Server) -> Result<()> {
    patient(browser).await?;
    browser.open(&server.organiser_url("/")).await?;
    browser.click("button", "Use this key").await?;
    browser.until_offline_ready().await?;
    let deadline = Instant::now() + PATIENCE;
    // With the programme itself.
    let all = texts::TEXTS as u64 + 1;
    while browser.run_async(COUNT_RECORDS).await?.as_u64() < Some(all) {
        if Instant::now() > deadline {
            bail!("not everything came in {} s", PATIENCE.as_secs());
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// From a page of the second part of the program to the first result.
async fn first_search(browser: &Browser, server: &Server) -> Result<[f64; 2]> {
    browser.open(&server.url("/more")).await?;
    browser.find("link", "My devices").await?;
    let took = run(browser, FIRST, "фестиваль").await?;
    pair(&took).context("two times")
}

async fn run(browser: &Browser, script: &str, query: &str) -> Result<Value> {
    let query = json!(query);
    browser
        .run_async(&format!("{STEPS}\nconst query = {query};\n{script}"))
        .await
}

fn pair(took: &Value) -> Option<[f64; 2]> {
    Some([took[0].as_f64()?, took[1].as_f64()?])
}

/// Waits until so many bytes, at least one, are kept of the index: of all of it, or of the changes.
async fn until_kept(browser: &Browser, which: usize) -> Result<u64> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let kept = browser.run_async(KEPT).await?;
        match kept[which].as_u64() {
            Some(bytes) if bytes > 0 => return Ok(bytes),
            _ if Instant::now() > deadline => bail!("the index is not kept"),
            _ => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Prints how long something took; whether this part of it, answered or drawn, was within the limit often enough.
fn print(what: &str, took: &[[f64; 2]], part: f64, which: usize, limit_ms: f64) -> bool {
    let at = |which: usize, part: f64| {
        let mut of: Vec<f64> = took.iter().map(|took| took[which]).collect();
        of.sort_by(f64::total_cmp);
        let last = of.len().saturating_sub(1);
        of.get(((of.len() as f64 * part) as usize).min(last))
            .copied()
            .unwrap_or(f64::NAN)
    };
    println!("{what}, {} times, in ms", took.len());
    for (name, which) in [("answered", 0), ("drawn", 1)] {
        println!(
            "  {name:<9} median {:>6.1}   95th percentile {:>6.1}   most {:>6.1}",
            at(which, 0.5),
            at(which, 0.95),
            at(which, 1.0)
        );
    }
    let measured = at(which, part);
    let is_within = measured <= limit_ms;
    let name = ["answered", "drawn"][which];
    println!("  limit of {name} at {:.0} %: {limit_ms}", part * 100.0);
    is_within
}
