//! Ports that nobody uses.

use std::net::{Ipv4Addr, TcpListener};
use std::process;

use anyhow::{Context, Result};

/// Below the range from which systems take ports for outgoing connections, so that a port stays
/// free while a server is down.
const FIRST: u16 = 15_000;
const COUNT: u16 = 15_000;

/// Finds a free port. Tests in other processes begin to look elsewhere.
pub(crate) fn free_port() -> Result<u16> {
    let spread = process::id().wrapping_mul(101) % u32::from(COUNT);
    let start = u16::try_from(spread).unwrap_or_default();
    (0..COUNT)
        .map(|step| FIRST + (start + step) % COUNT)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .context("there is no free port")
}
