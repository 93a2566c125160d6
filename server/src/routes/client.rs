//! The files of the built client.
//!
//! Files whose name holds the hash of their content may be kept for ever; all others are asked for
//! again each time, which costs a few bytes while they are the same. What the build has compressed
//! beside a file is sent as it is.

use std::path::Path;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use keruen_domain::ContentHash;

use crate::content::{self, Encoding, Kind};
use crate::error::ApiError;
use crate::state::AppState;

const ENTRY: &str = "index.html";
/// Hexadecimal digits of the hash in a file's name.
const HASH_DIGITS: usize = 16;

/// A file of the client; the entry for every address that is a place in the app.
pub(super) async fn file(
    State(state): State<AppState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let reads = matches!(method, Method::GET | Method::HEAD);
    let name = file_name(uri.path()).filter(|_| reads);
    if let (Some(name), Some(folder)) = (name, state.client)
        && let Some(file) = read(&folder.join(name), Encoding::accepted(&headers)).await
    {
        return respond(name, file, &headers);
    }
    ApiError::NotFound.respond(Kind::Json)
}

/// The file that an address stands for. Places in the app have no dot in their last part.
fn file_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix('/')?;
    let last = name.rsplit('/').next()?;
    if !last.contains('.') {
        return Some(ENTRY);
    }
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    name.split('/').all(is_plain).then_some(name)
}

struct ClientFile {
    bytes: Vec<u8>,
    encoding: Option<Encoding>,
}

/// Reads the smallest form that is accepted. A compressed form counts only beside the plain one.
async fn read(path: &Path, accepted: Option<Encoding>) -> Option<ClientFile> {
    if !tokio::fs::metadata(path).await.ok()?.is_file() {
        return None;
    }
    if let Some(encoding) = accepted {
        let mut compressed = path.as_os_str().to_owned();
        compressed.push(match encoding {
            Encoding::Brotli => ".br",
            Encoding::Gzip => ".gz",
        });
        if let Ok(bytes) = tokio::fs::read(compressed).await {
            let encoding = Some(encoding);
            return Some(ClientFile { bytes, encoding });
        }
    }
    let bytes = tokio::fs::read(path).await.ok()?;
    Some(ClientFile {
        bytes,
        encoding: None,
    })
}

fn respond(name: &str, file: ClientFile, asked: &HeaderMap) -> Response {
    let entity_tag = format!("\"{}\"", ContentHash::of(&file.bytes));
    let mut response = Response::new(Body::empty());
    if content::is_held(asked, &entity_tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = file.bytes.into();
    }
    let headers = response.headers_mut();
    let cache = if has_hash(name) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media_type(name)),
    );
    if let Ok(entity_tag) = HeaderValue::from_str(&entity_tag) {
        headers.insert(header::ETAG, entity_tag);
    }
    content::name_encoding(headers, file.encoding);
    response
}

/// Whether the name holds `-` and exactly sixteen hexadecimal digits.
fn has_hash(name: &str) -> bool {
    name.split('-').skip(1).any(|part| {
        let digits = part
            .bytes()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        let next = part.as_bytes().get(digits);
        digits == HASH_DIGITS && matches!(next, None | Some(b'.' | b'_'))
    })
}

/// Sniffing is forbidden, so a file of an unknown kind is bytes.
fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "jpg" | "jpeg" => "image/jpeg",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_app_are_the_entry_and_odd_paths_are_nothing() {
        for place in ["/", "/agenda", "/agenda/018f/2025-05-12", "/note/%D1%8F"] {
            assert_eq!(file_name(place), Some(ENTRY));
        }
        assert_eq!(file_name("/icons/icon-192.png"), Some("icons/icon-192.png"));
        for odd in [
            "/../keruen.db",
            "/a/../b.js",
            "/.env",
            "//etc/x.txt",
            "/a\\b.js",
            "/%2e%2e/x.js",
        ] {
            assert_eq!(file_name(odd), None, "{odd}");
        }
    }

    #[test]
    fn only_names_with_a_whole_hash_are_for_ever() {
        assert!(has_hash("keruen-app-71ab2ad1c45d48c1_bg.wasm"));
        assert!(has_hash("main-71ab2ad1c45d48c1.css"));
        for name in [
            "index.html",
            "service-worker.js",
            "icon-192.png",
            "a-71ab2ad1c45d48c1f.js",
            "71ab2ad1c45d48c1.js",
        ] {
            assert!(!has_hash(name), "{name}");
        }
    }
}
