//! What the pages have in common that are read without the app: their policy, their language, their style.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use form_urlencoded::parse;
use keruen_domain::Language;

use crate::content::{self, Encoding};
use crate::pages::STYLE;

/// Nothing but our own style sheet, and the files of the share itself; no scripts at all.
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The style sheet of the pages.
pub(super) async fn style(headers: HeaderMap) -> Response {
    let (bytes, encoding) =
        content::compress(Encoding::accepted(&headers), STYLE.as_bytes().to_vec());
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    content::name_encoding(headers, encoding);
    response
}

/// In which language something is to be answered.
pub(super) fn language(request: &Request) -> Language {
    chosen_language(request.uri())
        .or_else(|| preferred_language(request.headers()))
        .unwrap_or(Language::Russian)
}

/// The language that the address says.
pub(super) fn chosen_language(uri: &Uri) -> Option<Language> {
    Language::from_tag(&parameter(uri, "lang")?)
}

/// The first value of a parameter in an address.
pub(super) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = parse(uri.query()?.as_bytes()).filter(|(key, _)| key == name);
    pairs.next().map(|(_, value)| value.into_owned())
}

/// The first of our languages among those that a browser asks for, by their weights.
pub(super) fn preferred_language(headers: &HeaderMap) -> Option<Language> {
    let offers = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let offers = offers.filter_map(|value| value.to_str().ok());
    let wanted = offers
        .flat_map(|value| value.split(','))
        .filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let language = Language::from_tag(parts.next()?)?;
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
            let weight: f32 = weight.unwrap_or(1.0);
            (weight > 0.0).then_some((language, weight))
        });
    // Of equal weights the first counts.
    wanted
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_is_wanted_most() {
        let preferred = |value| {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value))]);
            preferred_language(&headers)
        };
        assert_eq!(
            preferred("de, kk-KZ;q=0.9, ru;q=0.8"),
            Some(Language::Kazakh)
        );
        assert_eq!(preferred("en;q=0.3, ru;q=0.7"), Some(Language::Russian));
        assert_eq!(preferred("ru, en"), Some(Language::Russian));
        assert_eq!(preferred("ru;q=0, en;q=0.1"), Some(Language::English));
        assert_eq!(preferred("en;q=nan"), None);
        assert_eq!(preferred("de"), None);
    }
}
