//! The smaller forms of pictures on a phone.

use std::fs;

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, Proxy, Server, ServerOptions, eventually};
use serde_json::json;
use tempfile::TempDir;

use crate::downloads::{open_material, visitor};
use crate::steps;

const MAP: &str = "The way through the old town";
const WIDE: u32 = 2_400;
const HIGH: u32 = 1_600;

/// A server whose only programme has a large picture and a table.
async fn server() -> Result<(Server, TempDir)> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("map.png"), picture())?;
    fs::write(folder.path().join("table.csv"), "Region;Jobs\nAktau;120\n")?;
    let english = |words: &str| json!({ "en": words });
    let content = json!({
        "keruen": 1,
        "programme": {
            "id": "drawn", "title": english("A drawn programme"), "regions": [],
            "languages": ["en"], "public": true, "sample": [],
        },
        "events": [{
            "id": "drawn-aktau", "title": english("Two days in Aktau"), "city": english("Aktau"),
            "zone": "Asia/Aqtau", "first_day": "2025-05-12", "last_day": "2025-05-13", "sample": [],
        }],
        "people": [],
        "materials": [
            { "id": "map", "kind": "picture", "title": english(MAP), "file": "map.png", "sample": [] },
            { "id": "table", "kind": "file", "title": english("A table"), "file": "table.csv", "sample": [] },
        ],
        "sessions": [{
            "id": "walk", "event": "drawn-aktau", "kind": "lecture", "title": english("The walk"),
            "start": "2025-05-13T10:00", "end": "2025-05-13T11:00", "speakers": [],
            "materials": ["map"], "sample": [],
        }],
    });
    let programme = folder.path().join("programme.json");
    fs::write(&programme, content.to_string())?;
    let options = ServerOptions {
        imports: vec![programme],
        ..ServerOptions::default()
    };
    Ok((Server::start(&options).await?, folder))
}

/// A grey PNG without compression.
pub(crate) fn picture() -> Vec<u8> {
    const MOST_IN_BLOCK: usize = 0xffff;
    let mut rows = Vec::new();
    for y in 0..HIGH {
        rows.push(0);
        rows.extend((0..WIDE).map(|x| ((x / 16) ^ (y / 16)) as u8));
    }
    let mut stream = vec![0x78, 0x01];
    let count = rows.chunks(MOST_IN_BLOCK).len();
    for (number, block) in (1..).zip(rows.chunks(MOST_IN_BLOCK)) {
        let length = block.len() as u16;
        stream.push(u8::from(number == count));
        stream.extend_from_slice(&length.to_le_bytes());
        stream.extend_from_slice(&(!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    let (low, high) = rows.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend_from_slice(&(high << 16 | low).to_be_bytes());
    let mut head = Vec::new();
    head.extend_from_slice(&WIDE.to_be_bytes());
    head.extend_from_slice(&HIGH.to_be_bytes());
    head.extend_from_slice(&[8, 0, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [(b"IHDR", head), (b"IDAT", stream), (b"IEND", Vec::new())] {
        let named = [name.as_slice(), &content].concat();
        bytes.extend_from_slice(&(content.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&named);
        bytes.extend_from_slice(&crc(&named).to_be_bytes());
    }
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1))
        })
    })
}

/// Waits until a picture is drawn, and so wide.
pub(crate) async fn until_drawn(phone: &Browser, selector: &str, width: u32) -> Result<()> {
    let script = format!("document.querySelector('{selector}')?.naturalWidth === {width}");
    phone.until(&script).await
}

/// How many requests of content of files there were since the last call.
fn files_asked(proxy: &Proxy) -> usize {
    let asked = proxy.take_asked();
    let is_file = |path: &&String| path.starts_with("/api/v1/files/");
    asked.iter().filter(is_file).count()
}

#[tokio::test]
async fn the_light_form_comes_by_itself_and_larger_ones_by_choice() -> Result<()> {
    let (mut server, _folder) = server().await?;
    let mut phone = steps::visitor(&server.url("/?now=2025-05-12T10:00")).await?;
    phone
        .sees("1 file for today and tomorrow is not on this phone yet")
        .await?;
    steps::go_to(&phone, "Materials").await?;
    until_drawn(&phone, ".row .thumbnail", 160).await?;
    phone.is_well_made().await?;
    open_material(&phone, MAP).await?;
    let page = phone.path().await?;
    until_drawn(&phone, "article .picture", 160).await?;
    phone.sees("Download full, 3.8\u{a0}MB").await?;
    phone.is_well_made().await?;
    // What is meant for a screen is what is offered first.
    steps::tap_download(&phone).await?;
    until_drawn(&phone, "article .picture", 1_600).await?;
    phone.is_well_made().await?;
    // For the road that is enough, and it needs no server.
    steps::go_to(&phone, "Today").await?;
    phone
        .sees("Everything for today and tomorrow is on this phone.")
        .await?;
    open_material(&phone, MAP).await?;
    phone.click("button", "Download full, 3.8\u{a0}MB").await?;
    until_drawn(&phone, "article .picture", WIDE).await?;
    phone.sees_no("Download full").await?;
    server.stop().await?;
    phone.open(&server.url(&page)).await?;
    until_drawn(&phone, "article .picture", WIDE).await?;

    // Both are listed, each for itself; the light one is part of the data.
    phone.open(&server.url("/more/storage")).await?;
    phone.sees("Previews of pictures").await?;
    phone.sees_line("main", "3.8\u{a0}MB").await?;
    phone.is_well_made().await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn who_saves_data_gets_no_picture_that_nobody_asked_for() -> Result<()> {
    let (server, _folder) = server().await?;
    let proxy = Proxy::start(&server).await?;
    proxy.withhold(Some("/api/v1/files/"));
    let mut phone = visitor(&proxy, "/").await?;
    phone.open(&proxy.url("/more/road")).await?;
    phone.click("checkbox", "Save data").await?;
    proxy.withhold(None);
    phone.reload().await?;
    steps::settle(&phone).await?;
    let _ = proxy.take_asked();
    // What somebody asks for comes, and nothing behind it.
    open_material(&phone, "A table").await?;
    steps::tap_download(&phone).await?;
    phone.find("button", "Save the file").await?;
    steps::sync_now(&phone).await?;
    let asked = files_asked(&proxy);
    ensure!(asked == 2, "the table and its parts, not {asked} files");
    phone.open(&proxy.url("/more/road")).await?;
    phone.click("checkbox", "Save data").await?;
    eventually("the light form is asked for", || async {
        Ok((files_asked(&proxy) == 1).then_some(()))
    })
    .await?;
    steps::go_to(&phone, "Materials").await?;
    until_drawn(&phone, ".row .thumbnail", 160).await?;
    steps::finish([&mut phone]).await
}
