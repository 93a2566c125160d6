//! Chromium with its WebDriver server, which the browser tests drive.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{announce, system};
use crate::process;

const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// A browser and its driver.
#[derive(Debug)]
pub(super) struct Browser {
    pub(super) program: PathBuf,
    pub(super) driver: PathBuf,
}

/// Finds Chromium and chromedriver, or installs them from the system's packages.
pub(super) fn ensure() -> Result<Browser> {
    if let Some(found) = find() {
        return Ok(found);
    }
    announce(
        "chromium, chromium-driver and fonts-dejavu-core",
        "the tests drive a real browser, and it needs Kazakh letters",
        "about a minute, by apt-get",
    );
    let packages = ["chromium", "chromium-driver", "fonts-dejavu-core"];
    if let Err(error) = system::install_packages(&packages) {
        bail!(
            "install Chromium and chromedriver of the same version, and put both on PATH: {error:#}"
        );
    }
    match find() {
        Some(found) => Ok(found),
        None => bail!("apt-get installed Chromium, but chromium or chromedriver is not on PATH"),
    }
}

fn find() -> Option<Browser> {
    let program = from_environment("KERUEN_BROWSER")
        .or_else(|| BROWSERS.iter().find_map(|name| process::find_on_path(name)))?;
    let driver =
        from_environment("CHROMEDRIVER").or_else(|| process::find_on_path("chromedriver"))?;
    Some(Browser { program, driver })
}

fn from_environment(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|file| file.is_file())
}
