//! Smaller forms of pictures.

use std::sync::Arc;

use image::{ImageFormat, Rgb, RgbImage};
use keruen_domain::model::{Material, PictureForms, View as _, fields};
use keruen_domain::{Collection, ContentHash, Record, RecordKey, Role};

use crate::harness::*;
use crate::people::private_programme;
use crate::uploads::{announce, fetch, member, place, send};

/// A picture that no two pixels of which are alike.
fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let noise = |x: u32, y: u32| {
        let mixed = (x ^ y.rotate_left(16)).wrapping_mul(2_654_435_761);
        (mixed ^ mixed >> 15).wrapping_mul(2_246_822_519) >> 24
    };
    let drawn = RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x / 8) as u8, noise(y, x) as u8, noise(x, y) as u8])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    drawn.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn material() -> RecordKey {
    key(programme(1), Collection::MATERIAL, 70)
}

/// The record of a material with this file.
async fn tell(server: &TestServer, bytes: &[u8]) {
    let sha256 = ContentHash::of(bytes).to_string();
    let size_bytes = i64::try_from(bytes.len()).unwrap();
    server
        .put(vec![
            imported(material(), fields::FILE_SHA256, sha256),
            imported(material(), fields::FILE_SIZE_BYTES, size_bytes),
            imported(material(), fields::FILE_NAME, "Карта.png"),
        ])
        .await;
}

async fn record(server: &TestServer) -> (u64, Record) {
    let rows = server.rows(programme(1)).await;
    let mut rows = rows.into_iter();
    let row = rows.find(|row| row.record.key == material()).unwrap();
    (row.sequence, row.record)
}

async fn forms(server: &TestServer) -> Option<PictureForms> {
    let (_, record) = record(server).await;
    Material::of(&Arc::new(record)).unwrap().forms()
}

async fn upload(server: &TestServer, device: &Device, bytes: &[u8], name: &str) {
    let place = place(&announce(server, device, 1, bytes, name).await);
    let sent = send(server, device, &place, 0, bytes).await;
    assert_eq!(sent.status(), 204);
}

/// The bytes of a form, as somebody who takes part gets them.
async fn form(server: &TestServer, device: &Device, sha256: &str) -> Vec<u8> {
    let answer = http_client()
        .get(server.url(&format!("/api/v1/files/{sha256}")))
        .bearer_auth(device.token.unwrap());
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "image/jpeg");
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_picture_that_comes_gets_smaller_forms() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let participant = member(&server, 1, Role::Participant, 2).await;
    let bytes = picture(1_700, 200, ImageFormat::Png);
    // The record is here before the file, as a phone sends them.
    tell(&server, &bytes).await;
    server.make_forms().await;
    assert_eq!(forms(&server).await, None);
    upload(&server, &trainer, &bytes, "a.png").await;
    server.make_forms().await;
    let told = forms(&server).await.unwrap();
    assert_eq!((told.width_pixels, told.height_pixels), (1_700, 200));
    let medium = told.medium.unwrap();
    for (told, width) in [(&told.light, 160), (&medium, 1_600)] {
        let bytes = form(&server, &participant, &told.sha256).await;
        assert_eq!(bytes.len() as u64, told.size_bytes);
        assert_eq!(image::load_from_memory(&bytes).unwrap().width(), width);
    }
    assert!(told.light.size_bytes < 8_000);
    assert_eq!(fetch(&server, &participant, &bytes).await.0, 200);
    // Once is enough.
    let before = record(&server).await;
    server.make_forms().await;
    assert_eq!(record(&server).await, before);
}

#[tokio::test]
async fn forms_are_of_the_file_that_the_material_has_now() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let first = picture(1_700, 200, ImageFormat::Png);
    upload(&server, &trainer, &first, "a.png").await;
    tell(&server, &first).await;
    server.make_forms().await;
    assert!(forms(&server).await.unwrap().medium.is_some());
    let second = picture(60, 90, ImageFormat::Jpeg);
    tell(&server, &second).await;
    assert_eq!(forms(&server).await, None);
    upload(&server, &trainer, &second, "b.jpg").await;
    server.make_forms().await;
    let told = forms(&server).await.unwrap();
    assert_eq!((told.width_pixels, told.height_pixels), (60, 90));
    assert!(told.medium.is_none());
}

#[tokio::test]
async fn what_cannot_be_read_has_none_and_harms_nobody() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let mut bytes = picture(300, 200, ImageFormat::Png);
    bytes.truncate(500);
    upload(&server, &trainer, &bytes, "a.png").await;
    tell(&server, &bytes).await;
    server.make_forms().await;
    assert_eq!(forms(&server).await, None);
    assert_eq!(server.get("/healthz").await.status(), 200);
}
