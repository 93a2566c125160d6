//! What the headers say of a file that is to come.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keruen_domain::ScopeId;
use keruen_domain::protocol::files::upload;

use crate::error::ApiError;
use crate::uploads::Announcement;

pub(super) fn read(headers: &HeaderMap) -> Result<Announcement, ApiError> {
    let metadata = one(headers, upload::METADATA_HEADER)?;
    let said = |name: &str| {
        let pairs = metadata.split(',').map(|pair| pair.trim());
        let pairs = pairs.map(|pair| pair.split_once(' ').unwrap_or((pair, "")));
        pairs.filter(|(key, _)| *key == name).collect::<Vec<_>>()
    };
    let value = |name: &str| {
        // Nobody is to see another value than we do.
        let found = match said(name)[..] {
            [(_, value)] if !value.is_empty() => Some(value),
            _ => None,
        };
        let bytes = found.and_then(|value| STANDARD.decode(value.trim()).ok());
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        text.ok_or(ApiError::Malformed)
    };
    let malformed = |_| ApiError::Malformed;
    let unknown = |_| ApiError::Malformed;
    let scopes = [upload::PROGRAMME, upload::GROUP, upload::OWN].map(|name| said(name).len());
    let scope = match scopes {
        [1, 0, 0] => ScopeId::Programme(value(upload::PROGRAMME)?.parse().map_err(unknown)?),
        [0, 1, 0] => ScopeId::Group(value(upload::GROUP)?.parse().map_err(unknown)?),
        [0, 0, 1] => ScopeId::OWN,
        _ => return Err(ApiError::Malformed),
    };
    Ok(Announcement {
        scope,
        sha256: value(upload::SHA256)?.parse().map_err(malformed)?,
        size_bytes: number(headers, upload::LENGTH_HEADER)?,
        name: value(upload::FILENAME)?,
    })
}

/// A header with a whole number, in digits and nothing else.
pub(super) fn number(headers: &HeaderMap, name: &str) -> Result<u64, ApiError> {
    let text = one(headers, name)?;
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number);
    number.ok_or(ApiError::Malformed)
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, ApiError> {
    let mut values = headers.get_all(name).iter();
    let only = values.next().filter(|_| values.next().is_none());
    let text = only.map(HeaderValue::to_str);
    text.and_then(Result::ok).ok_or(ApiError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(length: &'static str, metadata: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(upload::LENGTH_HEADER, HeaderValue::from_static(length));
        headers.insert(
            upload::METADATA_HEADER,
            HeaderValue::from_str(metadata).unwrap(),
        );
        headers
    }

    #[test]
    fn what_is_announced_is_read_and_nothing_half() {
        let programme = "0196c3f5-0000-7000-8000-000000000001";
        let sha256 = "0123456789abcdef".repeat(4);
        let [p, s, f] = [programme, &sha256, "Карта.pdf"].map(|text| STANDARD.encode(text));
        let whole = format!("programme {p}, sha256 {s},other,filename {f}");
        let read = super::read(&headers("12", &whole)).unwrap();
        assert_eq!(read.scope.to_string(), format!("programme/{programme}"));
        assert_eq!(read.sha256.to_string(), sha256);
        assert_eq!((read.size_bytes, &*read.name), (12, "Карта.pdf"));
        for (length, metadata) in [
            ("+12", whole.clone()),
            ("-1", whole.clone()),
            ("99999999999999999999", whole.clone()),
            ("12", format!("programme {p},sha256 {s}")),
            ("12", format!("{whole},filename {f}")),
            ("12", format!("programme {s},sha256 {s},filename {f}")),
            ("12", format!("programme {p},sha256 {p},filename {f}")),
            ("12", format!("programme {p},sha256 {s},filename *")),
            ("12", format!("programme {p},sha256 {s},filename /w==")),
        ] {
            assert!(
                super::read(&headers(length, &metadata)).is_err(),
                "{metadata}"
            );
        }
    }
}
