//! The built client as the server gives it out.

use reqwest::StatusCode;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};

use crate::harness::*;

const WASM: &str = "/keruen-app-0123456789abcdef_bg.wasm";

async fn get(server: &TestServer, path: &str, encodings: &str) -> reqwest::Response {
    let request = http_client().get(server.url(path));
    request
        .header(ACCEPT_ENCODING, encodings)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn files_come_as_the_build_compressed_them() {
    let (_folder, root) = client_folder();
    let server = TestServer::start_with(&["--client", root.to_str().unwrap()]).await;
    for (encodings, name, content) in [
        ("gzip, deflate, br", Some("br"), "wasm as brotli"),
        ("gzip, br;q=0", Some("gzip"), "wasm as gzip"),
        ("identity", None, "wasm as it is"),
    ] {
        let answer = get(&server, WASM, encodings).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let headers = answer.headers();
        let encoding = headers
            .get("content-encoding")
            .map(|value| value.to_str().unwrap());
        assert_eq!(encoding, name);
        assert_eq!(headers["vary"], "accept-encoding");
        assert_eq!(headers["content-type"], "application/wasm");
        assert_eq!(
            headers["cache-control"],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(answer.text().await.unwrap(), content);
    }
}

#[tokio::test]
async fn places_in_the_app_are_its_entry_and_are_asked_for_each_time() {
    let (_folder, root) = client_folder();
    let server = TestServer::start_with(&["--client", root.to_str().unwrap()]).await;
    for path in [
        "/",
        "/agenda",
        "/agenda/018f/2025-05-12",
        "/more/sync?now=2025-05-12T10:15",
    ] {
        let answer = get(&server, path, "identity").await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-cache");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        assert!(answer.text().await.unwrap().starts_with("<!doctype html>"));
    }
    for (path, kind) in [
        ("/service-worker.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ] {
        let answer = get(&server, path, "identity").await;
        assert_eq!(answer.headers()["cache-control"], "no-cache");
        assert_eq!(answer.headers()["content-type"], kind);
    }
}

#[tokio::test]
async fn a_file_that_is_the_same_is_not_sent_again() {
    let (_folder, root) = client_folder();
    let server = TestServer::start_with(&["--client", root.to_str().unwrap()]).await;
    let tag = get(&server, "/service-worker.js", "br").await.headers()["etag"].clone();
    let ask = || {
        let request = http_client().get(server.url("/service-worker.js"));
        request.header(IF_NONE_MATCH, tag.clone()).send()
    };
    let same = ask().await.unwrap();
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(same.headers()["cache-control"], "no-cache");
    std::fs::write(root.join("service-worker.js"), "// newer").unwrap();
    let newer = ask().await.unwrap();
    assert_eq!(newer.status(), StatusCode::OK);
    assert_eq!(newer.text().await.unwrap(), "// newer");
}

#[tokio::test]
async fn what_the_build_does_not_hold_is_not_found() {
    let (_folder, root) = client_folder();
    std::fs::write(root.join("../outside.js"), "secret").unwrap();
    let server = TestServer::start_with(&["--client", root.to_str().unwrap()]).await;
    for path in [
        "/old-0123456789abcdef.js",
        "/favicon.ico",
        "/%2e%2e/outside.js",
        "/api/v2/sync",
        "/api/nothing",
    ] {
        let answer = get(&server, path, "identity").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let posted = http_client()
        .post(server.url("/agenda"))
        .send()
        .await
        .unwrap();
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
    let without_client = TestServer::start().await;
    assert_eq!(
        without_client.get("/").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn every_answer_bears_the_headers_that_protect_people() {
    let (_folder, root) = client_folder();
    let server = TestServer::start_with(&["--client", root.to_str().unwrap()]).await;
    for path in [
        "/",
        WASM,
        "/api/openapi.json",
        "/healthz",
        "/nothing.js",
        "/api/v1/sync",
    ] {
        let answer = server.get(path).await;
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; "),
            "{path}: {policy}"
        );
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"));
        assert!(policy.contains("require-trusted-types-for 'script'"));
        assert!(!policy.contains("unsafe-inline"));
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert!(headers.contains_key("permissions-policy"));
    }
}
