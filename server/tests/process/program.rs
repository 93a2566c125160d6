//! The program in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

pub(crate) const TOKEN: &str = "a-token-that-only-the-tests-know";

/// A server on a free port.
pub(crate) struct Program {
    child: Child,
    pub(crate) base: String,
    /// Read to its end, so that the program never waits for a reader.
    log: Option<JoinHandle<String>>,
}

/// How a start ended that did not come to listening.
#[derive(Debug)]
pub(crate) struct NotStarted {
    /// Whether it said why and ended by itself.
    pub(crate) said: String,
    /// Whether it was killed.
    pub(crate) was_killed: bool,
}

impl Program {
    /// Starts on a data folder, with more of an environment.
    pub(crate) fn start(data: &Path, environment: &[(&str, &str)]) -> Result<Self, NotStarted> {
        let child = Command::new(env!("CARGO_BIN_EXE_keruen"))
            .args(["serve", "--address", "127.0.0.1:0", "--log-format", "json"])
            .env("KERUEN_DATA", data)
            .env("KERUEN_ORGANISER_TOKEN", TOKEN)
            .env("KERUEN_DEVICE_RATE", "0")
            .env("KERUEN_ADDRESS_RATE", "0")
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn();
        let mut program = Self {
            child: child.expect("the program is there"),
            base: String::new(),
            log: None,
        };
        let stderr = program.child.stderr.take().expect("it was asked for");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let mut said = String::new();
        while let Some(line) = lines.next() {
            said = said + &line + "\n";
            let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if event["message"] == "listening" {
                let address = event["address"].as_str().unwrap_or_default();
                program.base = format!("http://{address}");
                let rest = move || lines.fold(said, |log, line| log + &line + "\n");
                program.log = Some(std::thread::spawn(rest));
                return Ok(program);
            }
        }
        let status = program.child.wait().expect("it has ended");
        Err(NotStarted {
            said,
            was_killed: status.code().is_none(),
        })
    }

    /// The rest of its log, once it has ended.
    fn log(&mut self) -> String {
        let log = self.log.take().map(JoinHandle::join);
        log.and_then(Result::ok).unwrap_or_default()
    }

    /// Ends the process at once, as the kernel does.
    pub(crate) fn kill(mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log()
    }

    /// Asks it to stop and waits. Gives whether it ended well, and its log.
    pub(crate) fn stop(mut self) -> (bool, String) {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-s", "TERM", &id]).status();
        let status = self.child.wait().expect("it ends");
        (status.success(), self.log())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
