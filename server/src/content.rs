//! The forms in which bodies travel: binary or JSON, compressed or not.

use std::io::{Read as _, Write as _};

use axum::http::{HeaderMap, HeaderValue, header};
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use keruen_domain::encoding;
use keruen_domain::protocol::BINARY_MEDIA_TYPE;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::store::StoreError;

/// The media type of [`Kind::Json`].
pub const JSON_MEDIA_TYPE: &str = "application/json";
/// Media types of files that a browser shows without running anything in them. All others are offered
/// for saving, as bytes.
pub const SHOWN: [&str; 9] = [
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "image/avif",
    "audio/mpeg",
    "audio/ogg",
    "video/mp4",
    "video/webm",
];
/// Compressing more than this takes milliseconds.
const LARGE_BYTES: usize = 32 * 1_024;
/// Shorter bodies fit into one packet anyhow.
const COMPRESS_FROM_BYTES: usize = 512;
/// Of 0 to 11: near the best size at a tenth of the time.
const BROTLI_QUALITY: u32 = 5;
const BROTLI_WINDOW_BITS: u32 = 20;

/// The form of the protocol's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`BINARY_MEDIA_TYPE`].
    Binary,
    /// The same structures as JSON.
    Json,
}

impl Kind {
    /// The form of a request's body.
    pub fn of_request(headers: &HeaderMap) -> Option<Self> {
        Self::from_media_type(headers.get(header::CONTENT_TYPE)?.to_str().ok()?)
    }

    /// The form in which an answer is wanted: what is asked for, else that of the request, else JSON.
    pub fn of_answer(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter();
        accepted
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .find_map(Self::from_media_type)
            .or_else(|| Self::of_request(headers))
            .unwrap_or(Self::Json)
    }

    fn from_media_type(text: &str) -> Option<Self> {
        let name = text.split(';').next().unwrap_or_default().trim();
        if name.eq_ignore_ascii_case(BINARY_MEDIA_TYPE) {
            Some(Self::Binary)
        } else if name.eq_ignore_ascii_case(JSON_MEDIA_TYPE) {
            Some(Self::Json)
        } else {
            None
        }
    }

    /// The media type of this form.
    pub const fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Binary => BINARY_MEDIA_TYPE,
            Self::Json => JSON_MEDIA_TYPE,
        })
    }

    /// A message in this form.
    pub fn encode<T: Serialize>(self, message: &T) -> Vec<u8> {
        match self {
            Self::Binary => encoding::encode(message),
            Self::Json => serde_json::to_vec(message)
                .expect("every message has string keys and finite numbers"),
        }
    }

    /// The message in these bytes, all of them.
    pub fn decode<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, ApiError> {
        match self {
            Self::Binary => encoding::decode(bytes).map_err(|_| ApiError::Malformed),
            Self::Json => serde_json::from_slice(bytes).map_err(|_| ApiError::Malformed),
        }
    }
}

/// A request's body as it was before it was compressed, at most `limit_bytes` long.
pub fn decompress(
    headers: &HeaderMap,
    body: Vec<u8>,
    limit_bytes: usize,
) -> Result<Vec<u8>, ApiError> {
    match headers
        .get(header::CONTENT_ENCODING)
        .map(HeaderValue::as_bytes)
    {
        None | Some(b"identity") => Ok(body),
        Some(b"gzip") => {
            // One byte more than allowed shows that there is more, whatever would follow.
            let mut limited = GzDecoder::new(&*body).take(limit_bytes as u64 + 1);
            let mut plain = Vec::new();
            limited
                .read_to_end(&mut plain)
                .map_err(|_| ApiError::Malformed)?;
            if plain.len() > limit_bytes {
                Err(ApiError::TooLarge)
            } else {
                Ok(plain)
            }
        }
        Some(_) => Err(ApiError::UnsupportedMediaType),
    }
}

/// A way to compress an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
}

impl Encoding {
    /// The best that the asker takes.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let offers = headers.get_all(header::ACCEPT_ENCODING).iter();
        let names: Vec<&str> = offers
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(wanted_name)
            .collect();
        [Self::Brotli, Self::Gzip].into_iter().find(|encoding| {
            names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(encoding.name()))
        })
    }

    /// Its name in `Content-Encoding`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    fn compress(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Brotli => {
                let mut writer = brotli::CompressorWriter::new(
                    Vec::new(),
                    4096,
                    BROTLI_QUALITY,
                    BROTLI_WINDOW_BITS,
                );
                writer.write_all(bytes)?;
                Ok(writer.into_inner())
            }
            Self::Gzip => {
                let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::default());
                writer.write_all(bytes)?;
                writer.finish()
            }
        }
    }
}

/// The name in one item of `Accept-Encoding`, unless the item refuses it (`q=0`).
fn wanted_name(item: &str) -> Option<&str> {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next()?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
    weight.is_none_or(|weight| weight > 0.0).then_some(name)
}

/// An answer's body, compressed if that is asked for and worth it.
pub fn compress(accepted: Option<Encoding>, bytes: Vec<u8>) -> (Vec<u8>, Option<Encoding>) {
    let Some(encoding) = accepted.filter(|_| bytes.len() >= COMPRESS_FROM_BYTES) else {
        return (bytes, None);
    };
    match encoding.compress(&bytes) {
        Ok(compressed) if compressed.len() < bytes.len() => (compressed, Some(encoding)),
        Ok(_) | Err(_) => (bytes, None),
    }
}

/// The same, for bodies that may be large: not on the threads that talk.
pub async fn compress_aside(
    accepted: Option<Encoding>,
    bytes: Vec<u8>,
) -> Result<(Vec<u8>, Option<Encoding>), ApiError> {
    if bytes.len() < LARGE_BYTES {
        return Ok(compress(accepted, bytes));
    }
    let compressed = tokio::task::spawn_blocking(move || compress(accepted, bytes)).await;
    compressed.map_err(|_| StoreError::Closed.into())
}

/// Says in the headers how a body is compressed, and that this depends on who asks.
pub fn name_encoding(headers: &mut HeaderMap, encoding: Option<Encoding>) {
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        let name = HeaderValue::from_static(encoding.name());
        headers.insert(header::CONTENT_ENCODING, name);
    }
}

/// Whether the asker holds the content with this entity tag already.
pub fn is_held(headers: &HeaderMap, entity_tag: &str) -> bool {
    let held = headers.get_all(header::IF_NONE_MATCH).iter();
    held.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        // Proxies that compress mark a tag as weak.
        .any(|tag| tag.trim().trim_start_matches("W/") == entity_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_best_accepted_encoding_is_taken_and_refusals_are_heeded() {
        let accepted = |value| Encoding::accepted(&headers(header::ACCEPT_ENCODING, value));
        assert_eq!(accepted("gzip, deflate, br"), Some(Encoding::Brotli));
        assert_eq!(accepted("GZIP;q=0.5, br;q=0"), Some(Encoding::Gzip));
        assert_eq!(accepted("deflate"), None);
    }

    #[test]
    fn what_is_compressed_is_the_same_again() {
        let text = "the caravan moves on ".repeat(100).into_bytes();
        let (compressed, used) = compress(Some(Encoding::Gzip), text.clone());
        assert_eq!(used, Some(Encoding::Gzip));
        let gzip = headers(header::CONTENT_ENCODING, "gzip");
        assert_eq!(decompress(&gzip, compressed, text.len()).unwrap(), text);
        let (short, used) = compress(Some(Encoding::Gzip), b"short".to_vec());
        assert_eq!((&*short, used), (b"short".as_slice(), None));
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let (bomb, _) = compress(Some(Encoding::Gzip), vec![0; 10_000_000]);
        let gzip = headers(header::CONTENT_ENCODING, "gzip");
        let result = decompress(&gzip, bomb, 1_000_000);
        assert!(matches!(result, Err(ApiError::TooLarge)));
    }

    #[test]
    fn an_answer_comes_in_the_form_that_is_asked_for() {
        let mut asked = headers(header::CONTENT_TYPE, BINARY_MEDIA_TYPE);
        assert_eq!(Kind::of_answer(&asked), Kind::Binary);
        asked.insert(
            header::ACCEPT,
            HeaderValue::from_static("text/html, application/json;q=0.9"),
        );
        assert_eq!(Kind::of_answer(&asked), Kind::Json);
        assert_eq!(Kind::of_answer(&HeaderMap::new()), Kind::Json);
    }
}
