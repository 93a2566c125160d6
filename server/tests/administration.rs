//! `keruen invite`, `people` and `devices` as people call them, with a server running on the folder.

use keruen_server::bucket::choose_tls;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};

use keruen_domain::protocol::calendar::paths as calendar;
use keruen_domain::protocol::people::{Card, Join, Joined, Me, paths};
use serde_json::Value;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Forum\r\nX-WR-TIMEZONE:Asia/Almaty\r\n\
BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Opening\r\nDTSTART:20250512T040000Z\r\nDTEND:20250512T043000Z\r\nEND:VEVENT\r\n\
END:VCALENDAR\r\n";

/// A data folder with one programme.
struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let scene = Self { folder };
        let file = scene.folder.path().join("forum.ics");
        std::fs::write(&file, CALENDAR).expect("written");
        let file = file.to_str().expect("a text").to_owned();
        assert!(scene.run(&["import", &file]).status.success());
        scene
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        command(&self.data())
            .args(arguments)
            .output()
            .expect("it starts")
    }

    /// What a command prints that works.
    fn told(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {text}{wrong}");
        text
    }

    /// Why a command did not work.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keruen"));
    command
        .env("KERUEN_DATA", data)
        .env_remove("KERUEN_ORGANISER_TOKEN")
        .env_remove("KERUEN_URL");
    command
}

/// A server without an operator's token.
struct Server {
    child: Child,
    base: String,
    printed: BufReader<ChildStdout>,
    log: BufReader<ChildStderr>,
}

impl Server {
    fn start(scene: &Scene) -> Self {
        let mut child = command(&scene.data())
            .args(["serve", "--address", "127.0.0.1:0", "--log-format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut log = BufReader::new(child.stderr.take().expect("asked for"));
        let printed = BufReader::new(child.stdout.take().expect("asked for"));
        let mut first = String::new();
        log.read_line(&mut first).expect("a line");
        let event: Value = serde_json::from_str(&first).expect("JSON");
        let address = event["address"].as_str().expect("an address");
        Self {
            child,
            base: format!("http://{address}"),
            printed,
            log,
        }
    }

    /// Stops it; gives what it printed, and its log.
    fn stop(mut self) -> (String, String) {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-s", "TERM", &id]).status();
        assert!(asked.expect("kill is there").success());
        let (mut printed, mut log) = (String::new(), String::new());
        self.printed.read_to_string(&mut printed).expect("text");
        self.log.read_to_string(&mut log).expect("text");
        assert!(self.child.wait().expect("it ends").success());
        (printed, log)
    }

    /// The status and the answer.
    fn ask(
        &self,
        path: &str,
        token: Option<&str>,
        question: &impl serde::Serialize,
    ) -> (u16, Value) {
        choose_tls();
        let request = reqwest::Client::new()
            .post(format!("{}{path}", self.base))
            .header("keruen-device", "0123456789abcdef")
            .json(question);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let answer = request.send().await.expect("an answer");
            let status = answer.status().as_u16();
            (status, answer.json().await.unwrap_or_default())
        })
    }

    fn join(&self, secret: &str, name: &str, token: &str) -> (u16, Value) {
        let question = Join {
            secret: secret.to_owned(),
            token: token.to_owned(),
            label: "Chrome".to_owned(),
            card: Card {
                name: name.to_owned(),
                organisation: "Акимат".to_owned(),
                region: String::new(),
                language: "ru".to_owned(),
                is_listed: true,
            },
        };
        self.ask(paths::JOIN, None, &question)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already in most tests; a failed one must not leave it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The secret in the link that was printed.
fn secret(printed: &str) -> String {
    let link = printed.lines().find(|line| line.contains("/#join="));
    let (_, secret) = link
        .and_then(|link| link.split_once("#join="))
        .expect("a link");
    assert!(printed.contains('█'), "a picture");
    secret.to_owned()
}

fn token(letter: char) -> String {
    letter.to_string().repeat(43)
}

#[test]
fn the_first_start_prints_a_link_for_one_organiser_and_not_into_the_log() {
    let scene = Scene::new();
    let (printed, _) = Server::start(&scene).stop();
    let void = secret(&printed);

    let mut server = Server::start(&scene);
    // The link is printed before anything is answered.
    let mut line = String::new();
    while !line.contains("#join=") {
        line.clear();
        server.printed.read_line(&mut line).expect("a line");
    }
    let first = line
        .trim()
        .split_once("#join=")
        .expect("a link")
        .1
        .to_owned();
    assert!(line.starts_with(&server.base), "{line}");
    assert_eq!(server.join(&void, "Айгерім", &token('a')).0, 404);
    let (status, joined) = server.join(&first, "Айгерім", &token('a'));
    assert_eq!((status, &joined["programme"]), (200, &Value::Null));
    let (_, me) = server.ask(paths::ME, Some(&token('a')), &());
    let me: Me = serde_json::from_value(me).expect("an answer");
    assert!(me.organises_everything);
    let (_, log) = server.stop();
    assert!(!log.contains(&first) && !log.contains("Айгерім"), "{log}");

    let (printed, _) = Server::start(&scene).stop();
    assert!(!printed.contains("#join="), "somebody is there: {printed}");
}

#[test]
fn people_are_invited_shown_renamed_exported_and_erased_beside_the_server() {
    let scene = Scene::new();
    let server = Server::start(&scene);
    let url = ["--url", &*server.base];
    let invite = |arguments: &[&str]| scene.told(&[&["invite"], arguments, &url].concat());
    let printed = invite(&["foru", "--role", "trainer", "--uses", "2"]);
    assert!(printed.starts_with("trainer of Forum"), "{printed}");
    let (status, joined) = server.join(&secret(&printed), "Айгерім", &token('a'));
    assert_eq!(status, 200, "{joined}");
    let joined: Joined = serde_json::from_value(joined).expect("an answer");
    assert_eq!(server.join(&secret(&printed), "Болат", &token('b')).0, 200);
    let everything = invite(&["--organiser-of-everything"]);
    assert_eq!(
        server.join(&secret(&everything), "Әсел", &token('c')).0,
        200
    );

    for token in [token('a'), token('b')] {
        assert_eq!(server.ask(calendar::NEW, Some(&token), &()).0, 200);
    }

    let listed = scene.told(&["people", "list"]);
    assert_eq!(listed.lines().count(), 3);
    assert!(listed.contains("Айгерім  trainer of Forum"), "{listed}");
    assert!(listed.contains("organiser of everything"), "{listed}");
    scene.told(&["people", "rename", "айгер", "Айгерім Серікқызы"]);
    let shown = scene.told(&["people", "show", &joined.person.to_string()]);
    assert!(
        shown.contains("Айгерім Серікқызы") && shown.contains("Chrome"),
        "{shown}"
    );

    let exported: Value =
        serde_json::from_str(&scene.told(&["people", "export", "Айгерім"])).expect("JSON");
    assert_eq!(exported["name"], "Айгерім Серікқызы");
    assert!(exported["calendar_made_ms"].is_u64());
    let cards = exported["cards"].to_string();
    assert!(cards.contains("Айгерім Серікқызы"), "{cards}");
    assert!(!exported.to_string().contains(&token('a')));

    let devices = scene.told(&["devices", "list", "Болат"]);
    let number = devices.split_whitespace().next().expect("a number");
    scene.told(&["devices", "revoke", number]);
    // With the last device.
    assert!(
        !scene
            .told(&["people", "show", "Болат"])
            .contains("calendar")
    );
    assert_eq!(server.ask(paths::ME, Some(&token('b')), &()).0, 401);
    assert_eq!(server.ask(paths::ME, Some(&token('a')), &()).0, 200);

    assert!(
        scene
            .refused(&["people", "erase", "Айгерім"])
            .contains("--yes")
    );
    scene.told(&["people", "erase", "Айгерім", "--yes"]);
    assert_eq!(server.ask(paths::ME, Some(&token('a')), &()).0, 401);
    assert_eq!(scene.told(&["people", "list"]).lines().count(), 2);
    assert!(
        scene
            .refused(&["people", "show", "Айгерім"])
            .contains("nothing has")
    );
    assert!(scene.told(&["check"]).contains("0 faults"));
    for name in ["keruen.db", "keruen.db-wal"] {
        let bytes = std::fs::read(scene.data().join(name)).unwrap_or_default();
        let held = |text: &str| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        assert!(
            !held(&token('a')) && !held(&token('b')),
            "tokens are hashes"
        );
        assert!(!held("Айгерім"), "{name} holds what was erased");
    }
}

#[test]
fn what_is_not_clear_is_asked_back() {
    let scene = Scene::new();
    let file = scene.folder.path().join("second.ics");
    std::fs::write(&file, CALENDAR.replace("Forum", "Second forum")).expect("written");
    scene.told(&["import", file.to_str().expect("text")]);
    let url = ["--url", "https://keruen.example.kz/"];
    let refused = |arguments: &[&str]| scene.refused(&[&["invite"], arguments, &url].concat());
    assert!(refused(&[]).contains("may be any of these"));
    assert!(refused(&["orum"]).contains("Second forum"));
    assert!(refused(&["nothing like it"]).contains("nothing has"));
    assert!(refused(&["second", "--uses", "0"]).contains("0"));
    let link = scene.told(&[&["invite", "second"], &url[..]].concat());
    assert!(link.contains("https://keruen.example.kz/#join="), "{link}");
    assert!(
        scene
            .refused(&["invite", "second", "--url", "keruen"])
            .contains("http")
    );
    let nowhere = scene.folder.path().join("nowhere");
    let output = command(&nowhere)
        .args(["people", "list"])
        .output()
        .expect("it starts");
    assert!(!output.status.success() && !nowhere.exists());
}
