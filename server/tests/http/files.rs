//! Files that belong to records.

use reqwest::header::{AUTHORIZATION, IF_NONE_MATCH, RANGE};
use reqwest::{RequestBuilder, StatusCode};

use crate::harness::*;

const PICTURE: &[u8] = b"not really a picture, but long enough for parts";

fn get(server: &TestServer, hash: &str) -> RequestBuilder {
    reqwest::Client::new().get(server.url(&format!("/api/v1/files/{hash}")))
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
    let head = reqwest::Client::new().head(get(&server, &hash).build().unwrap().url().clone());
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
