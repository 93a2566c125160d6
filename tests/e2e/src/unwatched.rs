//! A browser that nothing drives and nobody looks into.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::processes;

/// It runs without a driver: what looks into a browser has it remember what came over the network. Ends when this is
/// dropped.
#[derive(Debug)]
pub struct Unwatched<'a> {
    program: Child,
    profile: &'a Path,
}

impl<'a> Unwatched<'a> {
    pub(crate) fn start(
        program: &Path,
        flags: &[&str],
        profile: &'a Path,
        url: &str,
    ) -> Result<Self> {
        let program = Command::new(program)
            .args(flags)
            // Without it a browser without a window shows nothing; nobody comes in.
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the browser")?;
        Ok(Self { program, profile })
    }

    /// How much memory of their own its pages hold, in bytes.
    #[must_use]
    pub fn page_memory_bytes(&self) -> u64 {
        let ids = processes::of_browser(self.program.id(), self.profile);
        processes::page_memory_bytes(&ids)
    }
}

impl Drop for Unwatched<'_> {
    fn drop(&mut self) {
        processes::kill_now(&processes::of_browser(self.program.id(), self.profile));
        let _ = self.program.wait();
    }
}
