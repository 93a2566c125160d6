//! The client in a browser in the guest. The page itself says what was saved and what is there, to
//! the server that it came from: nothing has to be asked of the browser.

use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::counts::{self, Acknowledgements};
use crate::machine::{DATA, HOST};

/// As in the journeys, but in one process: its many do not run reliably in this guest.
const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--single-process",
    "--no-zygote",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-crash-restore-bubble",
];
/// A part of the origin, so always the same.
const ADDRESS: &str = "127.0.0.1:8081";
/// How often it is looked whether the page says something.
const GLANCE: Duration = Duration::from_millis(2);
/// In this guest a browser crashes now and then, with any page. It is then started again, as a
/// person would.
const MOST_CRASHES: usize = 5;
/// More than any message of the page has.
const LONGEST_MESSAGE_BYTES: u64 = 10_000;

/// Lets the page write and notes what it calls saved, until the power goes.
pub(crate) fn write(program: &Path, page: &Path) -> Result<()> {
    let host = Path::new(HOST);
    let mut last = counts::acknowledged(host, 0);
    let saved = Acknowledgements::open(host, 0)?;
    visit(program, page, "?write", |said| match said {
        Said::Acknowledged(number) => {
            // After a crash it goes on from what is there. What is gone must not be written again.
            ensure!(number > last, "word {number} is saved after {last}");
            last = number;
            saved.note(number).map(|()| None)
        }
        Said::Found(_) => bail!("the page looks instead of writing"),
    })?;
    Ok(())
}

/// Asks the page what is there.
pub(crate) fn check(program: &Path, page: &Path) -> Result<Vec<u64>> {
    let found = visit(program, page, "?check", |said| match said {
        Said::Found(number) => Ok(Some(number)),
        Said::Acknowledged(_) => bail!("the page writes instead of looking"),
    })?;
    Ok(vec![found])
}

/// What the page says by itself.
enum Said {
    /// This word is saved.
    Acknowledged(u64),
    /// All words up to this one are there.
    Found(u64),
}

/// Opens the page in a browser and serves it, until `listen` has heard enough.
fn visit(
    program: &Path,
    page: &Path,
    query: &str,
    mut listen: impl FnMut(Said) -> Result<Option<u64>>,
) -> Result<u64> {
    let server = TcpListener::bind(ADDRESS)?;
    server.set_nonblocking(true)?;
    let mut browser = Browser::start(program, query)?;
    let mut crashes = 0;
    loop {
        let stream = match server.accept() {
            Ok((stream, _)) => stream,
            Err(nobody) if nobody.kind() == ErrorKind::WouldBlock => {
                if let Some(status) = browser.0.try_wait()? {
                    crashes += 1;
                    eprintln!("the browser crashed ({status})");
                    ensure!(crashes <= MOST_CRASHES, "the browser crashes each time");
                    browser = Browser::start(program, query)?;
                }
                sleep(GLANCE);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        stream.set_nonblocking(false)?;
        // A browser opens connections ahead of need, and then says nothing on them.
        let Ok(Some(request)) = Request::read(&stream) else {
            continue;
        };
        let (content, media_type) = match request.said()? {
            Some(said) => {
                if let Some(enough) = listen(said)? {
                    return Ok(enough);
                }
                (Vec::new(), "text/plain")
            }
            None => request.file(page)?,
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            content.len()
        );
        // Who has gone needs no answer.
        let _ = (&stream).write_all(&[head.as_bytes(), &content].concat());
    }
}

struct Request {
    method: String,
    path: String,
    body: String,
}

impl Request {
    /// Nothing if the connection ended without one.
    fn read(stream: &TcpStream) -> Result<Option<Self>> {
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (Some(method), Some(path)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
        }
        let mut body = String::new();
        let length = LONGEST_MESSAGE_BYTES.min(length);
        reader.take(length).read_to_string(&mut body)?;
        Ok(Some(Self { method, path, body }))
    }

    /// What the page says with it, unless it asks for a file.
    fn said(&self) -> Result<Option<Said>> {
        if self.method != "POST" {
            return Ok(None);
        }
        let said = match self.path.trim_start_matches('/').split_once('/') {
            Some(("acknowledged", number)) => Said::Acknowledged(number.parse()?),
            Some(("found", number)) => Said::Found(number.parse()?),
            _ => bail!("the page failed: {}", self.body),
        };
        Ok(Some(said))
    }

    /// A file of the page's folder; nothing where there is none.
    fn file(&self, page: &Path) -> Result<(Vec<u8>, &'static str)> {
        let (path, _) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let name = match path.trim_start_matches('/') {
            "" => "index.html",
            name => name,
        };
        ensure!(!name.contains(['/', '\\']), "the page asks for {name}");
        let path: PathBuf = page.join(name);
        let media_type = match path.extension().and_then(|extension| extension.to_str()) {
            Some("html") => "text/html",
            Some("js") => "text/javascript",
            Some("wasm") => "application/wasm",
            _ => "text/plain",
        };
        Ok((fs::read(path).unwrap_or_default(), media_type))
    }
}

struct Browser(Child);

impl Browser {
    /// Opens the page, with the profile that the disk has.
    fn start(program: &Path, query: &str) -> Result<Self> {
        let profile = Path::new(DATA).join("profile");
        remove_stale_locks(&profile);
        let browser = Command::new(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("http://{ADDRESS}/{query}"))
            .stdin(Stdio::null())
            .spawn();
        browser.map(Self).context("the browser cannot be started")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A browser that ended without closing leaves locks that would keep the next one from its profile.
fn remove_stale_locks(profile: &Path) {
    for name in ["SingletonLock", "SingletonSocket", "SingletonCookie"] {
        // What is not there is not in the way.
        let _ = fs::remove_file(profile.join(name));
    }
}
