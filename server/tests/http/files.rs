//! Files that belong to records.

use keruen_domain::protocol::BINARY_MEDIA_TYPE;
use keruen_domain::protocol::files::{PART_BYTES, Parts};
use keruen_domain::{ContentHash, encoding};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use reqwest::{RequestBuilder, StatusCode};

use crate::harness::*;

const PICTURE: &[u8] = b"not really a picture, but long enough for parts";

fn get(server: &TestServer, hash: &str) -> RequestBuilder {
    http_client().get(server.url(&format!("/api/v1/files/{hash}")))
}

#[tokio::test]
async fn a_file_is_whole_safe_and_for_ever() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let name = "Карта \"1\".png";
    let hash = server
        .put_file(programme(1), PICTURE, "image/png", name)
        .await;
    let answer = get(&server, &hash).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers();
    assert_eq!(headers["content-type"], "image/png");
    assert_eq!(headers["content-length"], PICTURE.len().to_string());
    assert_eq!(
        headers["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(
        headers["content-security-policy"],
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    );
    assert_eq!(
        headers["content-disposition"],
        "inline; filename*=UTF-8''%D0%9A%D0%B0%D1%80%D1%82%D0%B0%20%221%22.png"
    );
    let tag = headers["etag"].clone();
    assert_eq!(answer.bytes().await.unwrap(), PICTURE);

    let again = get(&server, &hash)
        .header(IF_NONE_MATCH, tag)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let head = http_client().head(get(&server, &hash).build().unwrap().url().clone());
    let head = head.send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()["content-length"], PICTURE.len().to_string());
}

#[tokio::test]
async fn parts_are_given() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let hash = server
        .put_file(programme(1), PICTURE, "image/png", "map.png")
        .await;
    let end = PICTURE.len();
    for (range, expected) in [
        ("bytes=0-2", &PICTURE[..3]),
        ("bytes=4-", &PICTURE[4..]),
        ("bytes=-5", &PICTURE[end - 5..]),
    ] {
        let answer = get(&server, &hash)
            .header(RANGE, range)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
        assert!(answer.headers().contains_key("content-range"));
        assert_eq!(answer.bytes().await.unwrap(), expected, "{range}");
    }
    let beyond = get(&server, &hash)
        .header(RANGE, "bytes=900-")
        .send()
        .await
        .unwrap();
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(
        beyond.headers()["content-range"],
        format!("bytes */{}", PICTURE.len())
    );
}

#[tokio::test]
async fn what_is_no_single_part_of_this_content_gets_the_whole_file() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let hash = server
        .put_file(programme(1), PICTURE, "image/png", "map.png")
        .await;
    let part = |range: &str| get(&server, &hash).header(RANGE, range);
    let tag = format!("\"{hash}\"");
    let same = part("bytes=0-2").header(IF_RANGE, &tag);
    let same = same.send().await.unwrap();
    assert_eq!(same.status(), StatusCode::PARTIAL_CONTENT);
    for if_range in [
        "\"another\"",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        &format!("W/{tag}"),
    ] {
        let other = part("bytes=0-2").header(IF_RANGE, if_range);
        let other = other.send().await.unwrap();
        assert_eq!(other.status(), StatusCode::OK, "{if_range}");
        assert_eq!(other.bytes().await.unwrap(), PICTURE);
    }
    for range in [
        "bytes=0-1,4-5",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=-",
        "lines=1-2",
    ] {
        let whole = part(range).send().await.unwrap();
        assert_eq!(whole.status(), StatusCode::OK, "{range}");
        assert_eq!(whole.bytes().await.unwrap(), PICTURE);
    }
    // What is named by its hash is as old as the world and never changes.
    for (name, value) in [
        (IF_MODIFIED_SINCE, "Wed, 21 Oct 2099 07:28:00 GMT"),
        (IF_UNMODIFIED_SINCE, "Wed, 21 Oct 2015 07:28:00 GMT"),
    ] {
        let answer = get(&server, &hash).header(name, value);
        assert_eq!(answer.send().await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn parts_are_told_so_that_each_can_be_verified() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let part_bytes = PART_BYTES as usize;
    let bytes: Vec<u8> = (0..2 * part_bytes + 5)
        .map(|place| (place % 251) as u8)
        .collect();
    let bytes: &'static [u8] = bytes.leak();
    let hash = server
        .put_file(programme(1), bytes, "video/mp4", "film.mp4")
        .await;
    let told = get(&server, &format!("{hash}/parts")).header(ACCEPT, BINARY_MEDIA_TYPE);
    let told = told.send().await.unwrap();
    assert_eq!(told.headers()["content-type"], BINARY_MEDIA_TYPE);
    assert_eq!(
        told.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    let tag = told.headers()["etag"].clone();
    let parts: Parts = encoding::decode(&told.bytes().await.unwrap()).unwrap();
    assert!(parts.are_whole());
    assert_eq!(parts.size_bytes, bytes.len() as u64);
    for (number, expected) in parts.sha256.iter().enumerate() {
        let range = parts.range(number).unwrap();
        let answer =
            get(&server, &hash).header(RANGE, format!("bytes={}-{}", range.start, range.end - 1));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
        let part = answer.bytes().await.unwrap();
        assert_eq!(ContentHash::of(&part), *expected, "{number}");
    }
    let again = get(&server, &format!("{hash}/parts"))
        .header(ACCEPT, BINARY_MEDIA_TYPE)
        .header(IF_NONE_MATCH, tag);
    assert_eq!(
        again.send().await.unwrap().status(),
        StatusCode::NOT_MODIFIED
    );
    // Kept: the bytes are not read for it again.
    let path = server
        .folder
        .path()
        .join("files")
        .join(&hash[..2])
        .join(&hash[2..]);
    std::fs::remove_file(path).unwrap();
    let as_json = get(&server, &format!("{hash}/parts")).send().await.unwrap();
    let as_json: Parts = as_json.json().await.unwrap();
    assert_eq!(as_json, parts);
}

#[tokio::test]
async fn parts_of_damaged_bytes_are_not_told() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    let hash = server
        .put_file(programme(1), PICTURE, "image/png", "map.png")
        .await;
    let path = server
        .folder
        .path()
        .join("files")
        .join(&hash[..2])
        .join(&hash[2..]);
    std::fs::write(&path, b"other bytes").unwrap();
    let told = get(&server, &format!("{hash}/parts")).send().await.unwrap();
    assert_eq!(told.status(), StatusCode::SERVICE_UNAVAILABLE);
    std::fs::write(&path, PICTURE).unwrap();
    let told = get(&server, &format!("{hash}/parts")).send().await.unwrap();
    assert_eq!(told.status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_and_programs_are_only_saved() {
    let server = TestServer::start().await;
    server.put(vec![programme_record(1, true)]).await;
    for (bytes, kind, shown_as) in [
        (
            b"<script>1</script>".as_slice(),
            "text/html",
            "application/octet-stream",
        ),
        (b"<svg/>", "image/svg+xml", "image/svg+xml"),
        (b"%PDF-", "application/pdf", "application/pdf"),
    ] {
        let hash = server.put_file(programme(1), bytes, kind, "x").await;
        let answer = get(&server, &hash).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], shown_as);
        assert_eq!(
            answer.headers()["content-disposition"],
            "attachment; filename*=UTF-8''x"
        );
    }
}

#[tokio::test]
async fn files_are_for_those_who_may_read_a_scope_that_holds_them() {
    let server = TestServer::start().await;
    server
        .put(vec![programme_record(1, false), programme_record(2, true)])
        .await;
    let hash = server
        .put_file(programme(1), PICTURE, "image/png", "map.png")
        .await;
    let visitor = get(&server, &hash).send().await.unwrap();
    assert_eq!(visitor.status(), StatusCode::NOT_FOUND);
    let with_token =
        |token: &str| get(&server, &hash).header(AUTHORIZATION, format!("Bearer {token}"));
    let organiser = with_token(TOKEN).send().await.unwrap();
    assert_eq!(organiser.status(), StatusCode::OK);
    assert_eq!(
        organiser.headers()["cache-control"],
        "private, max-age=31536000, immutable"
    );
    let wrong = with_token("wrong").send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    let parts = get(&server, &format!("{hash}/parts")).send().await.unwrap();
    assert_eq!(parts.status(), StatusCode::NOT_FOUND);

    server
        .put_file(programme(2), PICTURE, "image/png", "map.png")
        .await;
    let visitor = get(&server, &hash).send().await.unwrap();
    assert_eq!(visitor.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = TestServer::start().await;
    let unknown = "0".repeat(64);
    for hash in [unknown.as_str(), "abc", "..%2f..%2fkeruen.db"] {
        let answer = get(&server, hash).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{hash}");
        assert_eq!(answer.headers()["keruen-problem"], "not-found");
    }
}
