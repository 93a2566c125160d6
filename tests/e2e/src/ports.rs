//! Ports that nobody uses.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result};

/// Below the range from which systems take ports for outgoing connections, so that a port stays
/// free while a server is down.
const FIRST: u16 = 15_000;
const COUNT: u16 = 15_000;

/// How many ports this process has looked at: tests run side by side in it, and a port that one has
/// found is free until that test's program takes it.
static LOOKED_AT: AtomicU16 = AtomicU16::new(0);

/// Finds a free port that no other test is about to take.
pub(crate) fn free_port() -> Result<u16> {
    // Tests in other processes begin to look elsewhere.
    let spread = process::id().wrapping_mul(101) % u32::from(COUNT);
    let start = u16::try_from(spread).unwrap_or_default();
    (0..COUNT)
        .map(|_| LOOKED_AT.fetch_add(1, Ordering::Relaxed) % COUNT)
        .map(|step| FIRST + (start + step) % COUNT)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .context("there is no free port")
}
