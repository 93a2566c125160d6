//! Answers that come too often are kept back.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use crate::auth;
use crate::content::Kind;
use crate::error::ApiError;
use crate::network::Network;
use crate::state::{AppState, Limits};

/// Lets a request through if its address, its token and its device may ask now. A device is what the
/// request says it is, and a token may be shared by many who call themselves differently: hence all three.
pub(super) async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let limits = &state.limits;
    let now_ms = (state.now_ms)();
    let address = address(&request, limits);
    let (token, device) = (auth::personal_token(&state, headers), auth::device(headers));
    let checked = address
        .map_or(Ok(()), |address| limits.addresses.check(address, now_ms))
        .and_then(|()| token.map_or(Ok(()), |token| limits.tokens.check(token, now_ms)))
        .and_then(|()| device.map_or(Ok(()), |device| limits.devices.check(device, now_ms)));
    match checked {
        Ok(()) => next.run(request).await,
        Err(retry_after_ms) => {
            ApiError::TooMany { retry_after_ms }.respond(Kind::of_answer(headers))
        }
    }
}

/// Where a request comes from.
pub(super) fn address(request: &Request, limits: &Limits) -> Option<Network> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    let proxies = &limits.trusted_proxies;
    Some(asking_address(peer.0.ip(), request.headers(), proxies).into())
}

/// The peer, or what a trusted proxy says of it. Only the last entry of the header is the proxy's
/// own; those before are whatever the client wrote.
fn asking_address(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[IpAddr]) -> IpAddr {
    if !trusted_proxies.contains(&peer.to_canonical()) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    forwarded
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next()?.trim().parse().ok())
        .unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_trusted_proxies_speak_for_others() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let stranger: IpAddr = "192.0.2.7".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            HeaderValue::from_static("198.51.100.1, 203.0.113.9"),
        );
        let asking = |peer| asking_address(peer, &headers, &[proxy]);
        assert_eq!(asking(stranger), stranger);
        assert_eq!(asking(proxy), "203.0.113.9".parse::<IpAddr>().unwrap());
    }
}
