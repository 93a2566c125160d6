//! A server on this machine alone, with a folder and a log of its own.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::process;

/// What stands before the address in the line that says that the server answers.
const LISTENING: &str = "listening address=";
/// How a panic begins, wherever it happens.
const PANIC: &str = "panicked at";

/// The running program; it ends when this is dropped.
pub(super) struct Server {
    child: Child,
    reader: Option<JoinHandle<()>>,
    program: PathBuf,
    data: PathBuf,
    log: PathBuf,
    pub(super) url: String,
    pub(super) operator: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

impl Server {
    /// Imports the files into a new folder and starts to answer.
    pub(super) fn start(program: PathBuf, folder: &Path, files: &[PathBuf]) -> Result<Self> {
        let (data, log) = (folder.join("data"), folder.join("server.log"));
        process::run(
            Command::new(&program)
                .args(["import", "--data"])
                .arg(&data)
                .args(files)
                .stdout(Stdio::null()),
        )?;
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
        let operator = URL_SAFE_NO_PAD.encode(random);
        let mut child = Command::new(&program)
            .args(["serve", "--address", "127.0.0.1:0", "--data"])
            .arg(&data)
            // Nobody else asks: whoever asks often is to be answered.
            .args(["--device-rate", "0", "--address-rate", "0"])
            // Wrong secrets are counted by address: each question comes from another one (hooks.py).
            .args(["--trusted-proxy", "127.0.0.1"])
            .env("KERUEN_ORGANISER_TOKEN", &operator)
            // Each answer with its status, for whoever wants to know what was reached.
            .env("KERUEN_LOG", "info,keruen_server=debug")
            .env_remove("KERUEN_LOG_FORMAT")
            .env_remove("KERUEN_CLIENT")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let said = child.stderr.take().context("it was asked for")?;
        let mut written =
            File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let (sender, address) = mpsc::channel();
        let reader = thread::spawn(move || {
            for line in BufReader::new(said).split(b'\n').map_while(Result::ok) {
                if let Some(address) = address_in(&String::from_utf8_lossy(&line)) {
                    // Nobody waits any more when the server says it again.
                    let _ = sender.send(address);
                }
                // What cannot be written is missed when the log is read.
                let _ = written
                    .write_all(&line)
                    .and_then(|()| written.write_all(b"\n"));
            }
        });
        let mut server = Self {
            child,
            reader: Some(reader),
            program,
            data,
            log,
            url: String::new(),
            operator,
        };
        // Ends with an error when the program ends before it answers.
        let Ok(address) = address.recv() else {
            bail!(
                "the server ended at once; its log is {}",
                server.log.display()
            );
        };
        server.url = format!("http://{address}");
        Ok(server)
    }

    /// Ends the program. Fails if it panicked, or ended by itself, or left a database that is not right.
    pub(super) fn finish(mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!(
                "the server ended by itself ({status}); its log is {}",
                self.log.display()
            );
        }
        self.end();
        let log =
            fs::read(&self.log).with_context(|| format!("cannot read {}", self.log.display()))?;
        if let Some(panic) = first_panic(&String::from_utf8_lossy(&log)) {
            bail!("the server panicked ({}): {panic}", self.log.display());
        }
        process::run(
            Command::new(&self.program)
                .args(["check", "--data"])
                .arg(&self.data)
                .stdout(Stdio::null()),
        )
    }

    fn end(&mut self) {
        // Fails only for a program that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

fn address_in(line: &str) -> Option<String> {
    let (_, after) = line.split_once(LISTENING)?;
    after.split_whitespace().next().map(str::to_owned)
}

fn first_panic(log: &str) -> Option<&str> {
    log.lines().find(|line| line.contains(PANIC))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_log() {
        let line = "2026-01-01T00:00:00Z  INFO keruen_server::serve: listening address=127.0.0.1:4711 data=/d";
        assert_eq!(address_in(line).as_deref(), Some("127.0.0.1:4711"));
        assert_eq!(address_in("stopping"), None);
    }

    #[test]
    fn a_panic_is_found() {
        let line = "thread 'tokio-runtime-worker' panicked at server/src/x.rs:1:2:";
        assert_eq!(first_panic(&format!("a\n{line}\nb")), Some(line));
        assert_eq!(first_panic("a\nb"), None);
    }
}
