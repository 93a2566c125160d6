//! The program itself: start, stop, being killed, and what it says of itself.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use keruen_domain::ScopeId;
use keruen_domain::protocol::v1::Outcome;
use reqwest::StatusCode;
use tempfile::TempDir;

use crate::harness::*;

/// The real program on a free port.
struct Program {
    child: Child,
    base: String,
    /// The rest of its log, read to its end so that it never waits for a reader.
    log: Option<std::thread::JoinHandle<String>>,
}

impl Program {
    fn start(folder: &TempDir) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_keruen"))
            .args([
                "serve",
                "--address",
                "127.0.0.1:0",
                "--log-format",
                "json",
                "--log",
                "debug",
            ])
            .env("KERUEN_DATA", folder.path())
            .env("KERUEN_ORGANISER_TOKEN", TOKEN)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let event: serde_json::Value = serde_json::from_str(&first).unwrap();
        assert_eq!(event["message"], "listening", "{first}");
        let address = event["address"].as_str().unwrap();
        let base = format!("http://{address}");
        let log = std::thread::spawn(move || {
            lines
                .lines()
                .map_while(Result::ok)
                .fold(first, |log, line| log + &line + "\n")
        });
        Self {
            child,
            base,
            log: Some(log),
        }
    }

    async fn exchange(
        &self,
        device: &mut Device,
        changes: &[keruen_domain::Change],
    ) -> keruen_domain::protocol::v2::SyncResponse {
        let request = http_client()
            .post(format!("{}/api/v1/sync", self.base))
            .header("keruen-protocol", "2")
            .header("keruen-device", device.id.to_string())
            .header("content-type", "application/json")
            .bearer_auth(TOKEN)
            .json(&device.request(changes.to_vec()));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let response = answer.json().await.unwrap();
        device.save(&response);
        response
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits for its end; gives whether it ended well, and its log.
    fn end(mut self) -> (bool, String) {
        let status = self.child.wait().unwrap();
        let log = self.log.take().unwrap().join().unwrap();
        (status.success(), log)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Ended already in most tests; a failed one must not leave it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_answered_survives_being_killed() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder);
    let mut device = Device::of_organiser(1);
    let changes: Vec<_> = (0..20)
        .map(|number| device.edit(note(number), "body", "tea"))
        .collect();
    let response = program.exchange(&mut device, &changes).await;
    assert_eq!(outcomes(&response), vec![Outcome::Accepted; 20]);
    program.signal("KILL");
    assert!(!program.end().0);

    let program = Program::start(&folder);
    let mut other = Device::of_organiser(2);
    let response = program.exchange(&mut other, &[]).await;
    assert_eq!(record_count(&response), 20);
    assert_eq!(other.cursors[&ScopeId::OWN], device.cursors[&ScopeId::OWN]);
    program.signal("TERM");
    assert!(program.end().0);
}

#[tokio::test]
async fn a_device_that_listens_does_not_keep_it_from_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder);
    let mut device = Device::of_organiser(1);
    let change = device.edit(note(1), "body", "tea");
    program.exchange(&mut device, &[change]).await;
    let mut stream = http_client()
        .get(format!("{}/api/v1/live", program.base))
        .header("keruen-device", device.id.to_string())
        .bearer_auth(TOKEN)
        .send()
        .await
        .unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    program.signal("TERM");
    let (ended_well, log) = program.end();
    assert!(ended_well && !log.contains("under way"), "{log}");
}

#[tokio::test]
async fn the_log_is_structured_and_holds_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder);
    let mut device = Device::of_organiser(1);
    let change = device.edit(note(1), "body", "a secret of mine");
    program.exchange(&mut device, &[change]).await;
    let unknown = format!("{}/api/v1/files/secret-path", program.base);
    assert_eq!(
        http_client().get(unknown).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    program.signal("INT");
    let (ended_well, log) = program.end();
    assert!(ended_well);
    let events: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let has = |field: &str, value: &str| events.iter().any(|event| event[field] == value);
    assert!(has("path", "/api/v1/sync") && has("path", "/api/v1/files/{sha256}"));
    assert!(has("problem", "not-found") && has("message", "stopped"));
    for secret in [TOKEN, "secret of mine", "secret-path"] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[test]
fn settings_that_make_no_sense_are_refused_and_secrets_not_shown() {
    let run = |token: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keruen"));
        command.args(["serve", "--address", "127.0.0.1:0", "--help"]);
        command
            .env("KERUEN_ORGANISER_TOKEN", token)
            .output()
            .unwrap()
    };
    let help = String::from_utf8(run(TOKEN).stdout).unwrap();
    assert!(help.contains("KERUEN_ORGANISER_TOKEN") && !help.contains(TOKEN));

    let mut command = Command::new(env!("CARGO_BIN_EXE_keruen"));
    command.arg("serve").env("KERUEN_ORGANISER_TOKEN", "short");
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("22 characters")
    );
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    std::fs::write(&file, "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keruen"));
    command
        .args(["serve", "--address", "127.0.0.1:0", "--data"])
        .arg(&file);
    let failed = command.output().unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert!(String::from_utf8(failed.stderr).unwrap().contains("taken"));
}

#[tokio::test]
async fn health_is_answered() {
    let server = TestServer::start().await;
    let answer = server.get("/healthz").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.text().await.unwrap(), "ok\n");
}
