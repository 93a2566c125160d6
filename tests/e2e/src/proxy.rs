//! What may stand between a phone and the server: a hotel's sign-in page, a gateway that has lost
//! its server, a link that breaks off in the middle of an answer, or of a file.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::ports::free_port;
use crate::server::Server;

/// The requests that are interfered with; the app's files pass unless they are withheld.
const EXCHANGE: &str = "/api/";
/// Those that bring a chunk of a snapshot.
const CHUNKS: &str = "/api/v1/chunks/";
/// Those that bring a file, or tell its parts.
const FILES: &str = "/api/v1/files/";
/// A sign-in page says 200 to everything.
const SIGN_IN_PAGE: &str = "<!doctype html><title>Wi-Fi</title><p>Please sign in to the network";

/// How requests to the server's interface are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answers {
    /// As the server does.
    #[default]
    Whole,
    /// With 200 and something that the server never said.
    SignInPage,
    /// With status 500 and no words.
    Failure,
    /// As the server does, but only half of the bytes arrive; the server has done its part.
    Halved,
    /// Not at all: the connection is closed as soon as the request is there.
    Never,
}

/// What is done to the files that pass.
#[derive(Debug, Default)]
struct Files {
    /// The link dies after so many bytes of a body.
    dies_after_bytes: Option<usize>,
    /// Once this byte of a file passes, it is another one, and never again.
    damaged_byte: Option<u64>,
    /// From this byte on there is no such file.
    ends_at_byte: Option<u64>,
    /// All answers to requests of files so far.
    given: Vec<Given>,
    /// The way up dies each time so many bytes of files have gone.
    way_up_dies_after_bytes: Option<usize>,
    /// What has gone since it died last.
    gone_bytes: usize,
    /// All pieces of files that have gone so far.
    taken: Vec<Given>,
}

/// The part of a file that passed in one answer, or in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Where it began.
    pub start: u64,
    /// How many bytes of it were handed on.
    pub bytes: u64,
}

/// A proxy before a server, inside the test.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    answers: Answers,
    /// How many more chunks of snapshots pass, if that is limited.
    chunks_left: Option<usize>,
    /// Requests whose path begins so get no answer.
    withheld: Option<String>,
    files: Files,
    asked: Vec<String>,
}

impl Proxy {
    /// Stands before the server; at first it only passes on.
    pub async fn start(server: &Server) -> Result<Self> {
        let port = free_port()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let state: Arc<Mutex<State>> = Arc::default();
        let (shared, target) = (Arc::clone(&state), server.port());
        let serving = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                // A connection that breaks is the browser's business, as on the road.
                connections.spawn(async move { drop(pass_on(stream, target, &shared).await) });
            }
        });
        Ok(Self {
            port,
            state,
            serving,
        })
    }

    /// The address of a page; `path` begins with `/` and may have a fragment.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Answers so from now on.
    pub fn answer(&self, answers: Answers) {
        locked(&self.state).answers = answers;
    }

    /// From now on so many chunks of snapshots pass and no more; `None` for all.
    pub fn pass_chunks(&self, count: Option<usize>) {
        locked(&self.state).chunks_left = count;
    }

    /// From now on nothing comes of the paths that begin so; `None` for no such path.
    pub fn withhold(&self, start: Option<&str>) {
        locked(&self.state).withheld = start.map(str::to_owned);
    }

    /// From now on the link dies after so many bytes of each file's answer; `None` for never.
    pub fn let_files_die_after(&self, bytes: Option<usize>) {
        locked(&self.state).files.dies_after_bytes = bytes;
    }

    /// From now on the way up dies each time so many bytes of files have gone; `None` for never.
    pub fn let_the_way_up_die_after(&self, bytes: Option<usize>) {
        let files = &mut locked(&self.state).files;
        files.way_up_dies_after_bytes = bytes;
        files.gone_bytes = 0;
    }

    /// What was sent of files since the last call, in order.
    #[must_use]
    pub fn take_taken(&self) -> Vec<Given> {
        std::mem::take(&mut locked(&self.state).files.taken)
    }

    /// How many bytes of files have gone and were not asked for yet.
    #[must_use]
    pub fn bytes_taken(&self) -> u64 {
        let taken = &locked(&self.state).files.taken;
        taken.iter().map(|one| one.bytes).sum()
    }

    /// Changes this byte of a file when it passes next, once.
    pub fn damage_byte(&self, position: u64) {
        locked(&self.state).files.damaged_byte = Some(position);
    }

    /// From now on who asks for a file from this byte on, or one behind it, hears that it is not there; `None` for
    /// never.
    pub fn refuse_files_from(&self, position: Option<u64>) {
        locked(&self.state).files.ends_at_byte = position;
    }

    /// What passed of files since the last call, in order.
    #[must_use]
    pub fn take_given(&self) -> Vec<Given> {
        std::mem::take(&mut locked(&self.state).files.given)
    }

    /// How many bytes of files have come and were not asked for yet.
    #[must_use]
    pub fn bytes_given(&self) -> u64 {
        let given = &locked(&self.state).files.given;
        given.iter().map(|one| one.bytes).sum()
    }

    /// The paths that were asked for since the last call, in order.
    #[must_use]
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.state).asked)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A test that panicked with the lock has failed already.
fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// One request per connection.
async fn pass_on(mut browser: TcpStream, target: u16, state: &Mutex<State>) -> Result<()> {
    let request = Request::read(&mut browser).await?;
    let answers = {
        let mut state = locked(state);
        state.asked.push(request.path.clone());
        let is_withheld =
            (state.withheld.as_ref()).is_some_and(|start| request.path.starts_with(start));
        if is_withheld || (request.path.starts_with(CHUNKS) && state.chunks_left == Some(0)) {
            Answers::Never
        } else if request.path.starts_with(EXCHANGE) {
            if request.path.starts_with(CHUNKS) {
                state.chunks_left = state.chunks_left.map(|left| left - 1);
            }
            state.answers
        } else {
            Answers::Whole
        }
    };
    match answers {
        Answers::Never => return Ok(()),
        Answers::SignInPage => {
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{SIGN_IN_PAGE}",
                SIGN_IN_PAGE.len()
            );
            browser.write_all(answer.as_bytes()).await?;
        }
        Answers::Failure => {
            let answer = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\
                          Connection: close\r\n\r\n";
            browser.write_all(answer.as_bytes()).await?;
        }
        Answers::Whole if request.is_for_file() && is_refused(&request, state) => {
            let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            browser.write_all(answer.as_bytes()).await?;
        }
        Answers::Whole if request.is_for_file() => {
            let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await?;
            server.write_all(&request.bytes).await?;
            return pass_file(browser, server, request.first_byte(), state).await;
        }
        Answers::Whole if request.is_piece_of_file() => {
            return take_piece(browser, target, &request, state).await;
        }
        Answers::Whole | Answers::Halved => {
            let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await?;
            server.write_all(&request.bytes).await?;
            let mut answer = Vec::new();
            server.read_to_end(&mut answer).await?;
            let length = if answers == Answers::Halved {
                half(&answer)
            } else {
                answer.len()
            };
            browser.write_all(&answer[..length]).await?;
        }
    }
    browser.shutdown().await?;
    Ok(())
}

/// Hands on a piece of a file that is sent, until the link dies.
async fn take_piece(
    mut browser: TcpStream,
    target: u16,
    request: &Request,
    state: &Mutex<State>,
) -> Result<()> {
    let body = request.bytes.len() - request.body_bytes;
    let goes = {
        let files = &mut locked(state).files;
        let left = files.way_up_dies_after_bytes;
        let left = left.map_or(usize::MAX, |bytes| bytes.saturating_sub(files.gone_bytes));
        let goes = request.body_bytes.min(left);
        files.gone_bytes = if goes < request.body_bytes {
            0
        } else {
            files.gone_bytes + goes
        };
        files.taken.push(Given {
            start: request.first_byte.unwrap_or_default(),
            bytes: goes as u64,
        });
        goes
    };
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await?;
    server.write_all(&request.bytes[..body + goes]).await?;
    if goes == request.body_bytes {
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).await?;
        browser.write_all(&answer).await?;
    }
    // Both sides find the connection closed.
    server.shutdown().await?;
    browser.shutdown().await?;
    Ok(())
}

fn is_refused(request: &Request, state: &Mutex<State>) -> bool {
    let ends_at = locked(state).files.ends_at_byte;
    ends_at.is_some_and(|ends_at| request.first_byte() >= ends_at)
}

/// Hands a file on as it comes, until the link dies.
async fn pass_file(
    mut browser: TcpStream,
    mut server: TcpStream,
    start: u64,
    state: &Mutex<State>,
) -> Result<()> {
    let mut held = Vec::new();
    let head = loop {
        if let Some(head) = head_length(&held) {
            break head;
        }
        anyhow::ensure!(server.read_buf(&mut held).await? > 0, "no answer");
    };
    let mut piece = held.split_off(head);
    browser.write_all(&held).await?;
    let place = {
        let given = &mut locked(state).files.given;
        given.push(Given { start, bytes: 0 });
        given.len() - 1
    };
    let mut passed = 0_u64;
    loop {
        let is_last = {
            let files = &mut locked(state).files;
            let begin = start + passed;
            if let Some(damaged) = files.damaged_byte
                && (begin..begin + piece.len() as u64).contains(&damaged)
            {
                piece[usize::try_from(damaged - begin)?] ^= 1;
                files.damaged_byte = None;
            }
            let left = files.dies_after_bytes.map(|bytes| {
                let left = (bytes as u64).saturating_sub(passed);
                usize::try_from(left).unwrap_or(usize::MAX)
            });
            let is_last = left.is_some_and(|left| left <= piece.len());
            piece.truncate(left.unwrap_or(usize::MAX));
            is_last
        };
        browser.write_all(&piece).await?;
        passed += piece.len() as u64;
        // Somebody may have asked meanwhile what passed so far.
        if let Some(given) = locked(state).files.given.get_mut(place) {
            given.bytes = passed;
        }
        piece.clear();
        if is_last || server.read_buf(&mut piece).await? == 0 {
            break;
        }
    }
    browser.shutdown().await?;
    Ok(())
}

/// The length of an answer with half of its body.
fn half(answer: &[u8]) -> usize {
    let head = head_length(answer).unwrap_or(answer.len());
    head + (answer.len() - head) / 2
}

/// A request, ready to be sent on: it asks the server to close the connection after the answer.
struct Request {
    method: String,
    path: String,
    /// Where the part of a file begins that is asked for, or sent.
    first_byte: Option<u64>,
    bytes: Vec<u8>,
    /// How many of those are the body.
    body_bytes: usize,
}

impl Request {
    async fn read(stream: &mut TcpStream) -> Result<Self> {
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(head) = head_length(&bytes) {
                break head;
            }
            anyhow::ensure!(
                stream.read_buf(&mut bytes).await? > 0,
                "the request broke off"
            );
        };
        let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
        let mut lines = text.lines();
        let first = lines.next().context("an empty request")?;
        let method = first.split(' ').next().unwrap_or_default().to_owned();
        let target = first.split(' ').nth(1).unwrap_or("/");
        let path = target.split('?').next().unwrap_or(target).to_owned();
        let mut forwarded = format!("{first}\r\n");
        let mut body_bytes = 0;
        let mut first_byte = None;
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            if name.eq_ignore_ascii_case("content-length") {
                body_bytes = value.trim().parse()?;
            }
            if name.eq_ignore_ascii_case("range") {
                let range = value.trim().strip_prefix("bytes=");
                let start = range.and_then(|range| range.split('-').next());
                first_byte = start.and_then(|start| start.parse().ok());
            }
            if name.eq_ignore_ascii_case("upload-offset") {
                first_byte = value.trim().parse().ok();
            }
            if !name.eq_ignore_ascii_case("connection") {
                forwarded.push_str(line);
                forwarded.push_str("\r\n");
            }
        }
        forwarded.push_str("Connection: close\r\n\r\n");
        let mut body = bytes.split_off(head);
        while body.len() < body_bytes {
            anyhow::ensure!(stream.read_buf(&mut body).await? > 0, "the body broke off");
        }
        Ok(Self {
            method,
            path,
            first_byte,
            body_bytes: body.len(),
            bytes: [forwarded.into_bytes(), body].concat(),
        })
    }

    fn is_piece_of_file(&self) -> bool {
        self.method == "PATCH"
    }

    fn is_for_file(&self) -> bool {
        self.path.starts_with(FILES) && !self.path.ends_with("/parts")
    }

    fn first_byte(&self) -> u64 {
        self.first_byte.unwrap_or_default()
    }
}

/// How long the head of a message is with the empty line after it, if it is whole.
fn head_length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(end + 4)
}
