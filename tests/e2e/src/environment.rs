//! What `cargo xtask test` has prepared.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

/// The folder of the built client.
pub fn client_folder() -> Result<PathBuf> {
    prepared("KERUEN_E2E_CLIENT")
}

/// The server's program.
pub(crate) fn server_program() -> Result<PathBuf> {
    prepared("KERUEN_E2E_SERVER")
}

/// The program of the chores, for what the build does after Trunk.
pub fn xtask() -> Result<PathBuf> {
    prepared("KERUEN_E2E_XTASK")
}

/// The browser's program.
pub(crate) fn browser_program() -> Result<PathBuf> {
    prepared("KERUEN_BROWSER")
}

/// The program that drives the browser.
pub(crate) fn driver_program() -> Result<PathBuf> {
    prepared("CHROMEDRIVER")
}

fn prepared(variable: &str) -> Result<PathBuf> {
    match env::var_os(variable) {
        Some(path) => Ok(PathBuf::from(path)),
        None => bail!("{variable} is not set; run the journeys by `cargo xtask test`"),
    }
}
