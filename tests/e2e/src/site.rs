//! A folder served over HTTP, with what a test of the service worker needs: another folder from
//! one moment to the next, damaged answers, a list of what was asked for, and no server at all.

use std::collections::HashMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::Result;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::ports::free_port;

/// A small server of files inside the test.
#[derive(Debug)]
pub struct Site {
    port: u16,
    state: Arc<Mutex<State>>,
    serving: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    folder: PathBuf,
    /// Bytes that are sent in the place of a file's.
    replaced: HashMap<String, Vec<u8>>,
    asked: Vec<String>,
}

impl Site {
    /// Serves the folder.
    pub async fn start(folder: &Path) -> Result<Self> {
        let mut site = Self {
            port: free_port()?,
            state: Arc::default(),
            serving: None,
        };
        site.serve_folder(folder);
        site.start_again().await?;
        Ok(site)
    }

    /// The address of a page; `path` begins with `/`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Serves another folder from now on.
    pub fn serve_folder(&self, folder: &Path) {
        locked(&self.state).folder = folder.to_path_buf();
    }

    /// Sends other bytes for a path, as a broken proxy does; `None` ends it.
    pub fn replace(&self, path: &str, bytes: Option<&[u8]>) {
        let mut state = locked(&self.state);
        match bytes {
            Some(bytes) => state.replaced.insert(path.to_owned(), bytes.to_vec()),
            None => state.replaced.remove(path),
        };
    }

    /// The paths that were asked for since the last call, in order.
    #[must_use]
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.state).asked)
    }

    /// Stops answering; open connections end too.
    pub async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            // The end of the task is what closes the port; that it was aborted is no news.
            let _ = serving.await;
        }
    }

    /// Answers again on the same port.
    pub async fn start_again(&mut self) -> Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let state = Arc::clone(&self.state);
        self.serving = Some(tokio::spawn(async move {
            // Dropped with this task, and with it all connections.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(answer(stream, Arc::clone(&state)));
            }
        }));
        Ok(())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
        }
    }
}

/// A test that panicked with the lock has failed already.
fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// One request per connection; a broken connection is the browser's business.
async fn answer(stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    let mut line = String::new();
    if stream.read_line(&mut first).await.is_err() {
        return;
    }
    while stream
        .read_line(&mut line)
        .await
        .is_ok_and(|length| length > 2)
    {
        line.clear();
    }
    let target = first.split(' ').nth(1).unwrap_or("/");
    let path = target.split(['?', '#']).next().unwrap_or(target);
    let response = respond(path, &state);
    let _ = stream.write_all(&response).await;
    let _ = stream.shutdown().await;
}

fn respond(path: &str, state: &Mutex<State>) -> Vec<u8> {
    let mut state = locked(state);
    state.asked.push(path.to_owned());
    let name = match path {
        "/" => "/index.html",
        other => other,
    };
    let file = state.folder.join(name.trim_start_matches('/'));
    let body = match state.replaced.get(name) {
        Some(bytes) => Some(bytes.clone()),
        None => fs::read(file).ok(),
    };
    let (status, body) = match body {
        Some(body) => ("200 OK", body),
        None => ("404 Not Found", Vec::new()),
    };
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let mut response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Cache-Control: no-cache\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    response.extend(body);
    response
}
