//! Files on their way to a phone: over links that die, from a server that is not always there, onto a phone
//! that has little room.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use keruen_e2e::{Browser, BrowserOptions, Given, Proxy, Server, ServerOptions, eventually};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{shares, steps};

/// The file of the programme below.
const FILM: &str = "The whole lecture, recorded";
/// A small one of the same session.
const TABLE: &str = "Indicators by region";
/// The part of a file that is fetched, verified and kept as one.
const PART_BYTES: u64 = 1 << 20;
/// Samples in a second of the recording.
const RATE: u32 = 8_000;

/// A server whose only programme has a recording of so many bytes.
pub(crate) async fn server(size_bytes: usize) -> Result<(Server, TempDir)> {
    server_of(size_bytes, true).await
}

/// The same, of a programme that everybody may read, or its members only.
async fn server_of(size_bytes: usize, is_public: bool) -> Result<(Server, TempDir)> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("lecture.wav"), recording(size_bytes)?)?;
    fs::write(
        folder.path().join("indicators.csv"),
        "Region;Jobs, total;\"Words\"\nAktau;120;\"a \"\"quoted\"\" word\"\nAstana;2300;plain\n",
    )?;
    let programme = programme(folder.path(), is_public)?;
    let options = ServerOptions {
        imports: vec![programme],
        ..ServerOptions::default()
    };
    Ok((Server::start(&options).await?, folder))
}

fn programme(folder: &Path, is_public: bool) -> Result<std::path::PathBuf> {
    let english = |words: &str| json!({ "en": words });
    let material = |id: &str, kind: &str, title: &str, file: &str| json!({ "id": id, "kind": kind, "title": english(title), "file": file, "sample": [] });
    let content = json!({
        "keruen": 1,
        "programme": {
            "id": "recorded", "title": english("A recorded programme"), "regions": [],
            "languages": ["en"], "public": is_public, "sample": [],
        },
        "events": [{
            "id": "recorded-aktau", "title": english("Two days in Aktau"), "city": english("Aktau"),
            "zone": "Asia/Aqtau", "first_day": "2025-05-12", "last_day": "2025-05-13", "sample": [],
        }],
        "people": [],
        "materials": [
            material("film", "audio", FILM, "lecture.wav"),
            material("table", "file", TABLE, "indicators.csv"),
        ],
        "sessions": [{
            "id": "lecture", "event": "recorded-aktau", "kind": "lecture",
            "title": english("The lecture"), "start": "2025-05-13T10:00", "end": "2025-05-13T11:00",
            "speakers": [], "materials": ["film", "table"], "sample": [],
        }],
    });
    let path = folder.join("programme.json");
    fs::write(&path, content.to_string())?;
    Ok(path)
}

/// Sound without compression, which any browser plays: of no two seconds the same.
pub(crate) fn recording(size_bytes: usize) -> Result<Vec<u8>> {
    const HEAD_BYTES: usize = 44;
    let samples = u32::try_from(size_bytes - HEAD_BYTES)?;
    let mut bytes = Vec::with_capacity(size_bytes);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(samples + 36).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    // One channel of eight bits.
    for number in [16, 0x0001_0001, RATE, RATE, 0x0008_0001] {
        bytes.extend_from_slice(&u32::to_le_bytes(number));
    }
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&samples.to_le_bytes());
    let mut state = 1_u32;
    bytes.extend((0..samples).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }));
    Ok(bytes)
}

/// A phone that has the programme, through a proxy.
pub(crate) async fn visitor(proxy: &Proxy, path: &str) -> Result<Browser> {
    let phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&proxy.url(path)).await?;
    steps::settle(&phone).await?;
    Ok(phone)
}

pub(crate) async fn open_material(phone: &Browser, title: &str) -> Result<()> {
    steps::go_to(phone, "Materials").await?;
    phone.click("link", title).await?;
    // The list has buttons to download, too.
    let shown = "document.querySelector('.detail-title')?.innerText";
    phone.until(&format!("{shown} === '{title}'")).await
}

/// Waits until so many parts of files are on the phone.
async fn until_parts(phone: &Browser, count: u64) -> Result<()> {
    let script = "
        const open = indexedDB.open('keruen');
        const database = await new Promise((resolve, reject) => {
            open.onsuccess = () => resolve(open.result);
            open.onerror = () => reject(open.error);
        });
        const counting = database.transaction('parts').objectStore('parts').count();
        const count = await new Promise(resolve => { counting.onsuccess = () => resolve(counting.result); });
        database.close();
        return count";
    eventually(&format!("{count} parts are on the phone"), || async {
        let kept = phone.run_async(script).await?;
        Ok(kept.as_u64().filter(|kept| *kept >= count).map(drop))
    })
    .await
}

/// How many bytes of a file passed more than once.
fn bytes_passed_twice(given: &[Given], size_bytes: u64) -> u64 {
    let passed: u64 = given.iter().map(|one| one.bytes).sum();
    passed.saturating_sub(size_bytes)
}

#[tokio::test]
async fn a_file_arrives_over_a_link_that_dies_and_over_a_restart_of_the_browser() -> Result<()> {
    const LINK_DIES_AFTER: usize = 2_000_000;
    // 50 MB by KERUEN_FILE_MB=50; the link dies as often in proportion.
    let megabytes = std::env::var("KERUEN_FILE_MB").ok();
    let megabytes: usize = megabytes.map_or(Ok(12), |text| text.parse())?;
    let size = megabytes * 1_000_000;
    let (server, _folder) = server(size).await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = visitor(&proxy, "/").await?;
    open_material(&phone, FILM).await?;
    let page = phone.path().await?;
    proxy.let_files_die_after(Some(LINK_DIES_AFTER));
    steps::tap_download(&phone).await?;
    let kept = size as u64 / PART_BYTES / 2;
    until_parts(&phone, kept).await?;
    phone.kill().await?;
    let before = proxy.take_given();
    phone.start_again().await?;
    phone.open(&proxy.url(&page)).await?;
    // By itself.
    phone.find("button", "Save the file").await?;
    let after = proxy.take_given();
    let breaks = before.len() + after.len() - 1;
    ensure!(breaks >= size / LINK_DIES_AFTER, "{before:?}, {after:?}");
    // What was kept when the browser was killed does not come again.
    ensure!(after[0].start >= kept * PART_BYTES, "{after:?}");
    // A link that dies takes along what was on it, and nothing of what had come.
    for given in [&before, &after] {
        for pair in given.windows(2) {
            let end = pair[0].start + pair[0].bytes;
            ensure!(pair[1].start + PART_BYTES >= end, "{given:?}");
        }
    }
    let twice = bytes_passed_twice(&[before, after].concat(), size as u64);
    println!(
        "{size} bytes in {} answers, {twice} of them twice",
        breaks + 1
    );
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_damaged_part_is_noticed_and_fetched_again_alone() -> Result<()> {
    let size = 5_500_000;
    let (server, _folder) = server(size).await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = visitor(&proxy, "/").await?;
    open_material(&phone, FILM).await?;
    proxy.damage_byte(2 * PART_BYTES + 17);
    steps::tap_download(&phone).await?;
    phone.find("button", "Save the file").await?;
    let given = proxy.take_given();
    let again = given.iter().skip(1);
    let is_it = |one: &Given| one.start == 2 * PART_BYTES;
    ensure!(again.clone().any(is_it), "{given:?}");
    // The exchange goes first: each time it breaks an answer off, what is on the way is lost.
    let broken_off = given.len() as u64 - 2;
    let twice = bytes_passed_twice(&given, size as u64);
    ensure!(twice <= PART_BYTES * (1 + 2 * broken_off), "{given:?}");
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_full_phone_says_so_and_leaves_a_choice() -> Result<()> {
    let size = 12_000_000;
    let (server, _folder) = server(size).await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = visitor(&proxy, "/").await?;
    // Something that can go.
    open_material(&phone, TABLE).await?;
    steps::tap_download(&phone).await?;
    phone.find("button", "Save the file").await?;
    open_material(&phone, FILM).await?;
    let page = phone.path().await?;
    let _ = proxy.take_given();
    proxy.withhold(Some("/api/v1/files/"));
    steps::tap_download(&phone).await?;
    phone.sees("Waits until the server can be reached").await?;
    steps::fill_storage_at(&phone, &proxy.url("")).await?;
    proxy.withhold(None);
    phone.sees("There is no room for it on this phone").await?;
    phone.open(&proxy.url("/more/road")).await?;
    phone
        .find("heading", "There is not enough room for the next file")
        .await?;
    phone.is_well_made().await?;
    phone.click("link", "See what could be removed").await?;
    phone.find("button", &format!("Remove: {TABLE}")).await?;
    phone.is_well_made().await?;

    steps::free_storage_at(&phone, &proxy.url("")).await?;
    phone.click("button", "Try again").await?;
    phone.open(&proxy.url(&page)).await?;
    phone.find("button", "Save the file").await?;
    let twice = bytes_passed_twice(&proxy.take_given(), size as u64);
    ensure!(twice <= 2 * PART_BYTES, "{twice} bytes came twice");
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_recording_is_sought_in_without_the_server() -> Result<()> {
    let size = 6_000_000;
    let seconds = size as u64 / u64::from(RATE);
    let (mut server, folder) = server(size).await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    open_material(&phone, FILM).await?;
    steps::tap_download(&phone).await?;
    phone.find("button", "Save the file").await?;
    let page = phone.path().await?;
    server.stop().await?;
    phone.open(&server.url(&page)).await?;
    let player = "document.querySelector('audio')";
    phone
        .until(&format!("{player}?.src.includes('/files/')"))
        .await?;
    phone
        .until(&format!("Math.round({player}.duration) === {seconds}"))
        .await?;
    for place in [seconds - 5, 3, seconds / 2] {
        phone
            .run(&format!("{player}.currentTime = {place}"))
            .await?;
        phone
            .until(&format!(
                "!{player}.seeking && {player}.readyState >= 2 && {player}.currentTime === {place}"
            ))
            .await?;
    }
    // What the worker gives is the file, to the byte.
    let whole = fs::read(folder.path().join("lecture.wav"))?;
    for (range, start, end) in [
        ("bytes=0-0", 0, 1),
        ("bytes=1048570-1048585", 1_048_570, 1_048_586),
        ("bytes=2097152-4194303", 2_097_152, 4_194_304),
        ("bytes=-10", size - 10, size),
        ("bytes=5999990-9999999", size - 10, size),
    ] {
        let given = given_by_worker(&phone, range).await?;
        let expected = json!({
            "status": 206,
            "range": format!("bytes {start}-{}/{size}", end - 1),
            "sum": sum(&whole[start..end]),
            "length": end - start,
        });
        ensure!(given == expected, "{range}: {given} instead of {expected}");
    }
    let beyond = given_by_worker(&phone, "bytes=6000000-").await?;
    ensure!(beyond["status"] == 416, "{beyond}");
    let open_end = given_by_worker(&phone, "bytes=100-").await?;
    ensure!(
        open_end["length"].as_u64() < Some(size as u64 - 100),
        "{open_end}"
    );
    let unknown = phone
        .run_async(&format!(
            "return (await fetch('/files/{}')).status",
            "0".repeat(64)
        ))
        .await?;
    ensure!(unknown == 404, "{unknown}");
    steps::finish([&mut phone]).await
}

/// What the worker answers to a request for a part of the file of the open page.
async fn given_by_worker(phone: &Browser, range: &str) -> Result<Value> {
    let script = format!(
        "const reply = await fetch(document.querySelector('audio').src, {{ headers: {{ range: '{range}' }} }});
         const bytes = new Uint8Array(await reply.arrayBuffer());
         let sum = 0;
         for (const byte of bytes) sum = (sum * 31 + byte) % 1000003;
         return {{
             status: reply.status, range: reply.headers.get('content-range'), sum, length: bytes.length,
         }}"
    );
    phone.run_async(&script).await.context(range.to_owned())
}

/// The same sum as in the page.
fn sum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |sum, byte| (sum * 31 + u64::from(*byte)) % 1_000_003)
}

#[tokio::test]
async fn a_session_is_made_ready_for_the_road_with_one_button() -> Result<()> {
    let (mut server, _folder) = server(3_000_000).await?;
    let mut phone = steps::visitor(&server.url("/?now=2025-05-12T10:00")).await?;
    phone
        .sees("2 files for today and tomorrow are not on this phone yet (3\u{a0}MB).")
        .await?;
    phone.is_well_made().await?;
    phone.click("link", "All days").await?;
    phone.sees("0 of 2 files are here").await?;
    phone.is_well_made().await?;
    phone
        .click("button", "Download 3\u{a0}MB: Ready for the road")
        .await?;
    phone
        .sees("Everything that is ahead is on this phone.")
        .await?;
    phone.sees("2 of 2 files are here").await?;
    phone.sees("Nothing is being downloaded.").await?;
    steps::go_to(&phone, "Today").await?;
    phone
        .sees("Everything for today and tomorrow is on this phone.")
        .await?;
    server.stop().await?;
    open_material(&phone, TABLE).await?;
    phone
        .until("document.querySelector('table td')?.innerText === 'Aktau'")
        .await?;
    phone
        .until("document.querySelector('tbody tr td:last-child').innerText === 'a \"quoted\" word'")
        .await?;
    phone.is_well_made().await?;

    // And away again.
    steps::go_to(&phone, "More").await?;
    phone.click("link", "What is on this phone").await?;
    phone.sees("13 May 2025").await?;
    phone.sees_no("Of sessions that are over").await?;
    phone.is_well_made().await?;
    phone.click("button", &format!("Remove: {TABLE}")).await?;
    phone.find("link", FILM).await?;
    phone.sees_no(TABLE).await?;
    open_material(&phone, TABLE).await?;
    phone.sees("not on this phone").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_download_is_paused_goes_on_and_is_called_off() -> Result<()> {
    let (server, _folder) = server(8_000_000).await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = visitor(&proxy, "/").await?;
    open_material(&phone, FILM).await?;
    let page = phone.path().await?;
    proxy.withhold(Some("/api/v1/files/"));
    steps::tap_download(&phone).await?;
    phone.sees("Waits until the server can be reached").await?;
    phone.is_well_made().await?;
    phone.click("button", "Pause").await?;
    phone.sees("Paused").await?;
    proxy.withhold(None);
    let _ = proxy.take_asked();
    phone.reload().await?;
    phone.sees("Paused").await?;
    ensure!(proxy.take_given().is_empty(), "it stays put off");
    phone.click("button", "Cancel").await?;
    phone.sees("not on this phone").await?;
    phone.open(&proxy.url(&page)).await?;
    phone.sees("not on this phone").await?;
    steps::tap_download(&phone).await?;
    phone.find("button", "Save the file").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn of_two_tabs_one_downloads_and_both_show_the_same() -> Result<()> {
    let size = 5_000_000;
    let (server, _folder) = server(size).await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = visitor(&proxy, "/").await?;
    open_material(&phone, FILM).await?;
    let page = phone.path().await?;
    let first = phone.new_tab().await?;
    phone.open(&proxy.url(&page)).await?;
    steps::chip(&phone, "up to date").await?;
    let second = phone.client()?.window().await?;
    proxy.withhold(Some("/api/v1/files/"));
    // This tab does not lead, and asks.
    steps::tap_download(&phone).await?;
    phone.sees("Waits until the server can be reached").await?;
    phone.switch_to(first.clone()).await?;
    phone.sees("Waits until the server can be reached").await?;
    phone.click("button", "Pause").await?;
    phone.sees("Paused").await?;
    phone.switch_to(second.clone()).await?;
    phone.sees("Paused").await?;
    proxy.withhold(None);
    let _ = proxy.take_given();
    phone.click("button", "Resume").await?;
    phone.find("button", "Save the file").await?;
    phone.switch_to(first).await?;
    phone.find("button", "Save the file").await?;
    let given = proxy.take_given();
    let broken_off = given.len() as u64 - 1;
    let twice = bytes_passed_twice(&given, size as u64);
    ensure!(twice <= 2 * PART_BYTES * broken_off, "{given:?}");
    phone.switch_to(second).await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn what_is_refused_midway_keeps_its_parts() -> Result<()> {
    let size = 6_000_000;
    let (server, _folder) = server(size).await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = visitor(&proxy, "/").await?;
    open_material(&phone, FILM).await?;
    let page = phone.path().await?;
    proxy.let_files_die_after(Some(2_500_000));
    proxy.refuse_files_from(Some(1));
    steps::tap_download(&phone).await?;
    phone
        .sees("The server does not have this file, or not for you.")
        .await?;
    phone.is_well_made().await?;
    until_parts(&phone, 2).await?;
    let before: u64 = proxy.take_given().iter().map(|one| one.bytes).sum();
    ensure!(before <= 2_500_000, "{before} bytes came");
    // It stays so until somebody asks anew.
    phone.open(&proxy.url(&page)).await?;
    phone
        .sees("The server does not have this file, or not for you.")
        .await?;
    proxy.refuse_files_from(None);
    proxy.let_files_die_after(None);
    phone.click("button", "Try again").await?;
    phone.find("button", "Save the file").await?;
    let given = proxy.take_given();
    ensure!(given[0].start >= 2 * PART_BYTES, "{given:?}");
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn going_on_with_a_file_on_a_full_phone_says_nothing_of_texts() -> Result<()> {
    let (server, _folder) = server(3_000_000).await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = visitor(&proxy, "/").await?;
    open_material(&phone, FILM).await?;
    proxy.withhold(Some("/api/v1/files/"));
    steps::tap_download(&phone).await?;
    phone.sees("Waits until the server can be reached").await?;
    phone.click("button", "Pause").await?;
    phone.sees("Paused").await?;
    steps::fill_storage_at(&phone, &proxy.url("")).await?;
    phone.click("button", "Resume").await?;
    phone.sees("There is no room for it on this phone").await?;
    phone.is_well_made().await?;
    let words = phone.text().await?;
    ensure!(!words.contains("The last text"), "{words}");
    steps::free_storage_at(&phone, &proxy.url("")).await?;
    proxy.withhold(None);
    phone.click("button", "Resume").await?;
    phone.find("button", "Save the file").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_link_that_gives_no_more_says_so_and_goes_on_once_it_is_opened_again() -> Result<()> {
    const WORDS: &str = "five camels";
    let size = 3_000_000;
    let (mut server, _folder) = server_of(size, false).await?;
    let mut organiser = steps::visitor(&server.organiser_url("/")).await?;
    open_material(&organiser, FILM).await?;
    let link = shares::made_link(&organiser, WORDS).await?;
    let secret = link.rsplit('/').next().unwrap_or_default();
    let proxy = Proxy::start(&server).await?;
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.open(&proxy.url(&format!("/#share={secret}"))).await?;
    proxy.withhold(Some(&format!("/s/{secret}/files/")));
    steps::type_passphrase(&phone, WORDS).await?;
    phone.click("button", "Keep on this phone").await?;
    phone.click("link", FILM).await?;
    phone.sees("Waits until the server can be reached").await?;
    // With the server's end ends what the words had opened, as after four hours.
    server.stop().await?;
    server.start_again().await?;
    proxy.withhold(None);
    phone.sees("The link gives this file no more").await?;
    phone.is_well_made().await?;
    phone.click("link", "Open the link again").await?;
    steps::type_passphrase(&phone, WORDS).await?;
    phone.click("button", "Bring up to date").await?;
    phone.click("link", FILM).await?;
    phone.find("button", "Save the file").await?;
    steps::finish([&mut organiser, &mut phone]).await
}

/// A share sheet as Chrome's: it takes files of some kinds, and only soon after a tap.
const SHEET: &str = "
    navigator.canShare = ({ files }) => files.every(({ type }) => /^(audio|image|text)\\//.test(type));
    navigator.share = async ({ files }) => {
        if (!window.isTapped) {
            window.isTapped = true;
            throw new DOMException('too late', 'NotAllowedError');
        }
        const [file] = files;
        const bytes = new Uint8Array(await file.arrayBuffer());
        let sum = 0;
        for (const byte of bytes) sum = (sum * 31 + byte) % 1000003;
        window.handedOn = { name: file.name, type: file.type, length: bytes.length, sum };
    }";

#[tokio::test]
async fn a_file_is_given_to_the_share_sheet_whole_where_that_takes_its_kind() -> Result<()> {
    let (mut server, folder) = server(2_500_000).await?;
    let mut phone = Browser::start(BrowserOptions::default()).await?;
    phone.prepare_pages(SHEET).await?;
    phone.open(&server.url("/")).await?;
    steps::settle(&phone).await?;
    open_material(&phone, FILM).await?;
    steps::tap_download(&phone).await?;
    phone.find("button", "Share the file").await?;
    phone.is_well_made().await?;
    server.stop().await?;
    phone.click("button", "Share the file").await?;
    phone.sees("The file is ready. Tap once more.").await?;
    phone.is_well_made().await?;
    phone.click("button", "Share the file").await?;
    phone.until("window.handedOn !== undefined").await?;
    let handed_on = phone.run("return window.handedOn").await?;
    let whole = fs::read(folder.path().join("lecture.wav"))?;
    let length = whole.len();
    let expected =
        json!({ "name": "lecture.wav", "type": "audio/wav", "length": length, "sum": sum(&whole) });
    ensure!(handed_on == expected, "{handed_on} instead of {expected}");
    phone.sees_no("Tap once more").await?;
    // Another sheet takes nothing of the kind.
    phone
        .prepare_pages("navigator.canShare = () => false")
        .await?;
    phone.reload().await?;
    phone.sees("save the file, or share a link to it").await?;
    phone.find("button", "Save the file").await?;
    ensure!(
        !phone.has("button", "Share the file").await?,
        "it is not offered"
    );
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn the_browser_is_asked_to_keep_what_is_here_once_and_with_words_before() -> Result<()> {
    const QUESTION: &str = "Should the browser keep this for you?";
    let (server, _folder) = server(2_000_000).await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    open_material(&phone, TABLE).await?;
    phone.sees_no(QUESTION).await?;
    steps::tap_download(&phone).await?;
    phone.sees(QUESTION).await?;
    phone.is_well_made().await?;
    phone.click("button", "Not now").await?;
    phone.sees_no(QUESTION).await?;
    // Nor is it asked elsewhere.
    steps::write_note(&phone, "Of worth").await?;
    steps::mark(&phone, "on this phone").await?;
    phone.reload().await?;
    steps::note_reads(&phone, "Of worth").await?;
    phone.sees_no(QUESTION).await?;

    let mut other = steps::visitor(&server.url("/")).await?;
    steps::write_note(&other, "Of worth").await?;
    other.sees(QUESTION).await?;
    other.is_well_made().await?;
    let granted = json!({ "permissions": ["durableStorage"], "origin": server.url("") });
    other.devtools("Browser.grantPermissions", granted).await?;
    other.click("button", "Yes, ask the browser").await?;
    let promise = "The browser has promised to keep what is on this phone.";
    other.sees(promise).await?;
    other.open(&server.url("/more/storage")).await?;
    other.sees(promise).await?;
    steps::finish([&mut phone, &mut other]).await
}

#[tokio::test]
async fn the_worker_neither_makes_nor_holds_up_a_database() -> Result<()> {
    let (server, _folder) = server(3_000_000).await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    open_material(&phone, FILM).await?;
    steps::tap_download(&phone).await?;
    phone.find("button", "Save the file").await?;
    let address = phone
        .run("return document.querySelector('audio').src")
        .await?;
    let address = address.as_str().context("an address")?;
    // A page without the app, of which the worker answers: nobody else has the database open.
    phone.open(&server.url("/licences.txt")).await?;
    let script = format!(
        "const reader = (await fetch('{address}')).body.getReader();
         await reader.read();
         const deleted = await new Promise(resolve => {{
             const deleting = indexedDB.deleteDatabase('keruen');
             deleting.onsuccess = () => resolve('deleted');
             deleting.onblocked = () => resolve('held up');
         }});
         const rest = await reader.read().then(() => 'more', () => 'ended');
         const status = (await fetch('{address}', {{ cache: 'no-store' }})).status;
         const names = (await indexedDB.databases()).map(({{ name }}) => name);
         return {{ deleted, rest, status, names }}"
    );
    let seen = phone.run_async(&script).await?;
    ensure!(seen["deleted"] == "deleted", "{seen}");
    ensure!(seen["status"] == 503, "{seen}");
    ensure!(seen["names"] == json!([]), "{seen}");
    phone.open(&server.url("/")).await?;
    steps::chip(&phone, "up to date").await?;
    steps::finish([&mut phone]).await
}
