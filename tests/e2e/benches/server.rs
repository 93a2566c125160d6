//! How fast the server starts and how much memory it holds, with the samples loaded.
//!
//! `cargo xtask bench server` prints the figures and fails when one is over its limit.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// Until `/healthz` says that the server is ready.
const START_LIMIT: Duration = Duration::from_millis(200);
const MEMORY_LIMIT_KIB: u64 = 40 * 1024;

const STARTS: usize = 21;
/// Devices that visit for the first time before memory is looked at again.
const VISITS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> Result<ExitCode> {
    let bench = Bench::prepare()?;
    let mut starts = Vec::with_capacity(STARTS);
    let mut last = None;
    for _ in 0..STARTS {
        // The one before has ended when this is dropped.
        drop(last.take());
        let (server, took) = bench.start()?;
        starts.push(took);
        last = Some(server);
    }
    let server = last.context("no server was started")?;
    starts.sort_unstable();
    let (median, slowest) = (starts[STARTS / 2], starts[STARTS - 1]);

    let idle_kib = server.resident_kib()?;
    for _ in 0..VISITS {
        bench.visit()?;
    }
    let visited_kib = server.resident_kib()?;

    println!(
        "start until healthy   {:>8.1} ms   (median of {STARTS}; slowest {:.1} ms; limit {} ms)",
        millis(median),
        millis(slowest),
        START_LIMIT.as_millis()
    );
    println!(
        "memory after start    {:>8.1} MiB  (resident; limit {} MiB)",
        mebibytes(idle_kib),
        MEMORY_LIMIT_KIB / 1024
    );
    println!(
        "memory afterwards     {:>8.1} MiB  (resident, after {VISITS} devices read everything)",
        mebibytes(visited_kib)
    );
    let is_within = median <= START_LIMIT && idle_kib.max(visited_kib) <= MEMORY_LIMIT_KIB;
    if !is_within {
        eprintln!("over a limit");
    }
    Ok(if is_within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A data folder with the samples, and where to serve it.
struct Bench {
    program: PathBuf,
    client: PathBuf,
    data: tempfile::TempDir,
    address: SocketAddr,
}

impl Bench {
    fn prepare() -> Result<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let bench = Self {
            program: prepared("KERUEN_E2E_SERVER")?,
            client: prepared("KERUEN_E2E_CLIENT")?,
            data: tempfile::tempdir()?,
            address: free.local_addr()?,
        };
        drop(free);
        let output = bench.command("import").args(samples()?).output()?;
        if !output.status.success() {
            bail!(
                "the samples were not imported: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(bench)
    }

    fn command(&self, chore: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(chore)
            .env("KERUEN_ADDRESS", self.address.to_string())
            .env("KERUEN_DATA", self.data.path())
            .env("KERUEN_CLIENT", &self.client)
            // The visits come faster than people do.
            .env("KERUEN_DEVICE_RATE", "0")
            .env("KERUEN_ADDRESS_RATE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Starts the server and waits until it is healthy.
    fn start(&self) -> Result<(Running, Duration)> {
        let begun = Instant::now();
        let mut server = Running(self.command("serve").spawn()?);
        while begun.elapsed() < PATIENCE {
            if let Some(status) = server.0.try_wait()? {
                bail!("the server ended ({status})");
            }
            let answer = self.exchange(b"GET /healthz HTTP/1.1\r\n", b"");
            if answer.is_ok_and(|answer| is_good(&answer)) {
                return Ok((server, begun.elapsed()));
            }
            thread::sleep(Duration::from_millis(1));
        }
        bail!("the server was not healthy within {} s", PATIENCE.as_secs())
    }

    /// What the server does for a first visit: the entry, and everything in public programmes.
    fn visit(&self) -> Result<()> {
        let page = self.exchange(b"GET / HTTP/1.1\r\n", b"")?;
        let request = br#"{"changes":[],"cursors":[],"page_records":1000}"#;
        let head = format!(
            "POST /api/v1/sync HTTP/1.1\r\nKeruen-Protocol: 1\r\nKeruen-Device: 00000000000000aa\r\n\
             Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {}\r\n",
            request.len()
        );
        let news = self.exchange(head.as_bytes(), request)?;
        // The samples are some hundred kilobytes: less means that they were not read.
        if !is_good(&page) || !is_good(&news) || news.len() < 50_000 {
            bail!(
                "a visit was not answered: {}",
                String::from_utf8_lossy(&news[..news.len().min(300)])
            );
        }
        Ok(())
    }

    fn exchange(&self, head: &[u8], body: &[u8]) -> Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(head)?;
        stream.write_all(b"Host: localhost\r\nConnection: close\r\n\r\n")?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// A server process, stopped as an operator stops it.
struct Running(Child);

impl Running {
    fn resident_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
            .context("the system does not say how much memory the server holds")?
            .trim()
            .parse()
            .context("the system's figure is no number")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // A process that has ended needs no signal.
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.0.wait();
    }
}

fn samples() -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let file = entry?.path().join("programme.json");
        if file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn prepared(variable: &str) -> Result<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .with_context(|| format!("{variable} is not set; run `cargo xtask bench server`"))
}

fn is_good(answer: &[u8]) -> bool {
    answer.starts_with(b"HTTP/1.1 200")
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}
