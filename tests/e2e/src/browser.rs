//! A browser with a profile that outlives it.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::environment;
use crate::ports::free_port;
use crate::processes;
use crate::unwatched::Unwatched;
use crate::wait::eventually;
use crate::webdriver::SessionCommand;

/// Without a display, as any user, and without talking to anyone but the page's server.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-crash-restore-bubble",
    "--hide-scrollbars",
];

/// Who sits before the browser.
#[derive(Debug, Clone)]
pub struct BrowserOptions {
    /// The preferred languages, as in `navigator.languages`.
    pub languages: String,
    /// The window's width and height in CSS pixels.
    pub window: (u32, u32),
}

impl Default for BrowserOptions {
    /// A phone of somebody who reads English.
    fn default() -> Self {
        Self {
            languages: "en".to_owned(),
            window: (360, 740),
        }
    }
}

/// A running, or killed, Chromium. Several of these are several devices.
///
/// The profile goes when this is dropped; killing and starting again keep it.
#[derive(Debug)]
pub struct Browser {
    options: BrowserOptions,
    profile: TempDir,
    running: Option<Running>,
    /// What the browser has complained about, as far as it was asked.
    complaints: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct Running {
    driver: Child,
    client: Client,
}

impl Browser {
    /// Starts a browser with a new profile.
    pub async fn start(options: BrowserOptions) -> Result<Self> {
        let mut browser = Self {
            options,
            profile: tempfile::tempdir()?,
            running: None,
            complaints: Mutex::default(),
        };
        browser.start_again().await?;
        Ok(browser)
    }

    /// Starts the killed browser on the same profile.
    pub async fn start_again(&mut self) -> Result<()> {
        if self.running.is_some() {
            bail!("the browser is running");
        }
        remove_stale_locks(self.profile.path())?;
        let port = free_port()?;
        let mut driver = Command::new(environment::driver_program()?)
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own, so that Ctrl+C in a terminal ends the test first.
            .process_group(0)
            .spawn()
            .context("cannot start chromedriver")?;
        match self.connect(port).await {
            Ok(client) => {
                self.running = Some(Running { driver, client });
                Ok(())
            }
            Err(error) => {
                processes::kill_now(&processes::of_browser(driver.id(), self.profile.path()));
                let _ = driver.wait();
                Err(error)
            }
        }
    }

    /// Starts the killed browser on the same profile and at this address, without anything that drives it.
    pub fn unwatched(&self, url: &str) -> Result<Unwatched<'_>> {
        if self.running.is_some() {
            bail!("the browser is running");
        }
        remove_stale_locks(self.profile.path())?;
        let program = environment::browser_program()?;
        Unwatched::start(program.as_ref(), &FLAGS, self.profile.path(), url)
    }

    /// Kills the browser with all its processes, as a phone does that needs the memory.
    pub async fn kill(&mut self) -> Result<()> {
        // The driver's list dies with it.
        self.complaints().await?;
        let Some(mut running) = self.running.take() else {
            bail!("the browser is not running");
        };
        let all = processes::of_browser(running.driver.id(), self.profile.path());
        let (driver, browser): (Vec<u32>, Vec<u32>) =
            all.into_iter().partition(|id| *id == running.driver.id());
        // The browser first: chromedriver would close it politely.
        processes::kill_all(&browser).await?;
        processes::kill_now(&driver);
        running.driver.wait()?;
        Ok(())
    }

    /// The WebDriver session, for what this harness has no words for.
    pub fn client(&self) -> Result<&Client> {
        match &self.running {
            Some(running) => Ok(&running.client),
            None => bail!("the browser is not running"),
        }
    }

    /// What the browser has complained about so far: errors in scripts, refusals by the security
    /// policy, and warnings of the app. That a server could not be reached is none: journeys stop
    /// servers.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        let entries = self.client()?.issue_cmd(SessionCommand::console()).await?;
        let mut complaints = self
            .complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for entry in entries.as_array().into_iter().flatten() {
            let text = |name: &str| entry[name].as_str().unwrap_or_default();
            let is_serious = matches!(text("level"), "SEVERE" | "WARNING");
            if is_serious && text("source") != "network" {
                complaints.push(format!("{}: {}", text("source"), text("message")));
            }
        }
        Ok(complaints.clone())
    }

    async fn connect(&self, port: u16) -> Result<Client> {
        eventually("chromedriver answers", || async {
            let answer = TcpStream::connect(("127.0.0.1", port)).await;
            Ok(answer.is_ok().then_some(()))
        })
        .await?;
        ClientBuilder::new(HttpConnector::new())
            .capabilities(self.capabilities()?)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("chromedriver gives no session")
    }

    fn capabilities(&self) -> Result<Map<String, Value>> {
        let (width, height) = self.options.window;
        let mut arguments: Vec<String> = FLAGS.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={}", self.profile.path().display()));
        arguments.push(format!("--accept-lang={}", self.options.languages));
        // Chromium's own windows are never as narrow as a phone.
        let is_phone = width < 600;
        let options = json!({
            "binary": environment::browser_program()?,
            "args": arguments,
            "mobileEmulation": { "deviceMetrics": {
                "width": width, "height": height, "pixelRatio": 1.0,
                "mobile": is_phone, "touch": is_phone,
            } },
        });
        Ok(Map::from_iter([
            ("goog:chromeOptions".to_owned(), options),
            ("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" })),
        ]))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            processes::kill_now(&processes::of_browser(
                running.driver.id(),
                self.profile.path(),
            ));
            let _ = running.driver.wait();
        }
    }
}

/// A killed Chromium leaves locks that would keep the next one from its profile.
fn remove_stale_locks(profile: &Path) -> Result<()> {
    for name in ["SingletonLock", "SingletonSocket", "SingletonCookie"] {
        let lock = profile.join(name);
        // The locks are links to nowhere, which `exists` would deny.
        if lock.symlink_metadata().is_ok() {
            fs::remove_file(lock)?;
        }
    }
    Ok(())
}
