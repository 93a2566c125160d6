//! Every call that writes to the disk fails once, in every way: with an error of the device, with a
//! full disk, with the end of the process.
//!
//! `KERUEN_FAULTS=all` tries every call in every way; the ordinary run takes some of them.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use keruen_domain::protocol::v1::Problem;
use keruen_domain::protocol::v2::SyncRequest;
use tempfile::TempDir;

use crate::client::{Client, NoAnswer, is_accepted, stands};
use crate::disk;
use crate::program::Program;

/// The requests of the scenario, each with this many changes.
const REQUESTS: [usize; 6] = [1, 3, 2, 1, 8, 1];
/// How many runs with a fault the ordinary test makes, spread over all calls and ways.
const FEW_RUNS: u64 = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The device fails once.
    InputOutput = 1,
    /// The disk is full, until somebody frees some of it.
    NoSpace = 2,
    /// The process is killed before the call.
    Death = 3,
    /// The process is killed after half of the call.
    HalfThenDeath = 4,
}

const FAULTS: [Fault; 4] = [
    Fault::InputOutput,
    Fault::NoSpace,
    Fault::Death,
    Fault::HalfThenDeath,
];

/// The library that is loaded before the C library.
fn shim() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = BUILT.get_or_init(|| {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/process/shim.c");
        let compiler = std::env::var("CC").unwrap_or("cc".to_owned());
        let status = Command::new(compiler)
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&path, &source])
            .arg("-ldl")
            .status()
            .expect("a C compiler is there, as for the database");
        assert!(status.success(), "the shim compiles");
        (folder, path)
    });
    path
}

/// The four numbers that the shim and the test share.
struct Control(PathBuf);

impl Control {
    fn new(folder: &Path) -> Self {
        let path = folder.join("control");
        fs::write(&path, [0; 32]).expect("a file");
        Self(path)
    }

    fn arm(&self, first: u64, failing: u64, fault: Fault) {
        let mut file = File::options().write(true).open(&self.0).expect("a file");
        file.seek(SeekFrom::Start(8)).expect("a place in it");
        let numbers = [first, failing, fault as u64].map(u64::to_ne_bytes);
        file.write_all(numbers.as_flattened()).expect("a write");
    }

    /// The fault goes.
    fn disarm(&self) {
        self.arm(0, 0, Fault::InputOutput);
    }

    fn calls(&self) -> u64 {
        let mut bytes = [0; 8];
        let mut file = File::open(&self.0).expect("a file");
        file.read_exact(&mut bytes).expect("it has 32 bytes");
        u64::from_ne_bytes(bytes)
    }
}

/// What came of one run of the scenario.
#[derive(Debug, Default)]
struct Ran {
    calls: u64,
    refused: usize,
    failed_starts: usize,
    deaths: usize,
}

struct Scene {
    folder: TempDir,
    control: Control,
    ran: Ran,
}

impl Scene {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let control = Control::new(folder.path());
        Self {
            folder,
            control,
            ran: Ran::default(),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts the program; where the fault keeps it from starting, once more without it.
    fn start(&mut self) -> Program {
        let data = self.data();
        let environment = [
            ("LD_PRELOAD", shim()),
            ("SHIM_CONTROL", &self.control.0),
            ("SHIM_FOLDER", &data),
        ];
        let environment = environment.map(|(name, value)| (name, value.to_str().unwrap_or("")));
        match Program::start(&data, &environment) {
            Ok(program) => program,
            Err(failed) => {
                self.ran.failed_starts += 1;
                assert!(
                    failed.was_killed || failed.said.contains("keruen: "),
                    "it says why: {failed:?}"
                );
                self.control.disarm();
                Program::start(&data, &environment).expect("it starts when the fault is gone")
            }
        }
    }

    /// Sends until it is answered; whatever fails, it does so in the open.
    async fn deliver(&mut self, program: &mut Program, client: &mut Client, request: &SyncRequest) {
        for _ in 0..4 {
            match client.send(&program.base, request).await {
                Ok(response) => {
                    assert!(is_accepted(&response, request.changes.len()));
                    return;
                }
                Err(NoAnswer::Problem { status, problem }) => {
                    self.ran.refused += 1;
                    assert_eq!((status, problem), (503, Problem::Unavailable));
                    // The fault goes; the same process works again.
                    self.control.disarm();
                }
                Err(NoAnswer::Broken) => {
                    self.ran.deaths += 1;
                    self.control.disarm();
                    let dead = std::mem::replace(program, self.start());
                    dead.kill();
                }
            }
        }
        panic!("the server does not recover: {:?}", self.ran);
    }
}

/// Plays the scenario with one fault, and looks at everything afterwards.
async fn play(first: u64, fault: Fault) -> Ran {
    let mut scene = Scene::new();
    let failing = if fault == Fault::NoSpace { u64::MAX } else { 1 };
    scene.control.arm(first, failing, fault);
    let mut program = scene.start();
    let mut client = Client::new(1);
    let mut acknowledged = Vec::new();
    for (number, changes) in REQUESTS.into_iter().enumerate() {
        let text = "чай ".repeat(200 * (1 + number));
        let changes = (0..changes as u64).map(|record| client.change(record, &text));
        let changes = changes.collect();
        let request = client.request(changes);
        scene.deliver(&mut program, &mut client, &request).await;
        acknowledged.push(request);
    }
    let refused = scene.ran.refused;
    let (_, log) = program.stop();
    if refused > 0 && scene.ran.deaths == 0 {
        assert!(log.contains("the store failed"), "the log says so: {log}");
    }
    scene.control.disarm();
    disk::check(&scene.data());
    let program = Program::start(&scene.data(), &[]).expect("it starts");
    let mut reader = Client::new(2);
    reader.read_all(&program.base).await;
    for request in &acknowledged {
        let standing = request.changes.iter().all(|c| stands(&reader.rows, c));
        assert!(standing, "what was acknowledged is there");
    }
    scene.ran.calls = scene.control.calls();
    scene.ran
}

#[tokio::test]
async fn no_failing_write_loses_what_was_acknowledged() {
    let calls = play(0, Fault::InputOutput).await.calls;
    assert!(calls > 30, "the shim sees the writes: {calls}");
    let all = std::env::var("KERUEN_FAULTS").is_ok_and(|which| which == "all");
    let (mut runs, mut refused, mut failed_starts, mut deaths) = (0, 0, 0, 0);
    let stride = if all { 1 } else { (4 * calls / FEW_RUNS) | 1 };
    for first in 1..=calls {
        for (number, fault) in (0..).zip(FAULTS) {
            if !(4 * first + number).is_multiple_of(stride) {
                continue;
            }
            let ran = play(first, fault).await;
            runs += 1;
            refused += ran.refused;
            failed_starts += ran.failed_starts;
            deaths += ran.deaths;
        }
    }
    println!(
        "{calls} calls, {runs} runs with a fault: {refused} requests refused, \
         {failed_starts} starts failed, {deaths} deaths"
    );
    assert!(refused > 0 && failed_starts > 0 && deaths > 0);
}
