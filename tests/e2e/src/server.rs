//! The server's program as a test sees it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::environment;
use crate::ports::free_port;
use crate::processes;
use crate::wait::eventually;

/// The token with which a test acts as the organiser.
const ORGANISER_TOKEN: &str = "organiser-of-the-journeys-0123456789abcdef";

/// What a server is started with.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// Programmes that are imported before the first start.
    pub imports: Vec<PathBuf>,
    /// The built client; by default the one that was built for the journeys.
    pub client: Option<PathBuf>,
}

impl ServerOptions {
    /// With the sample programmes.
    pub fn with_samples() -> Result<Self> {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
        let mut imports = Vec::new();
        for entry in fs::read_dir(samples)? {
            let programme = entry?.path().join("programme.json");
            if programme.is_file() {
                imports.push(programme);
            }
        }
        imports.sort();
        Ok(Self {
            imports,
            ..Self::default()
        })
    }
}

/// A running, or stopped, `keruen serve` with a data folder and a port of its own.
///
/// The data folder goes when this is dropped; stopping and starting keep it.
#[derive(Debug)]
pub struct Server {
    program: PathBuf,
    client: PathBuf,
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl Server {
    /// Imports what the options name and starts the server.
    pub async fn start(options: &ServerOptions) -> Result<Self> {
        let mut server = Self {
            program: environment::server_program()?,
            client: match &options.client {
                Some(folder) => folder.clone(),
                None => environment::client_folder()?,
            },
            folder: tempfile::tempdir()?,
            port: free_port()?,
            process: None,
        };
        if !options.imports.is_empty() {
            server.import(&options.imports)?;
        }
        server.start_again().await?;
        Ok(server)
    }

    /// The address of a page; `path` begins with `/`.
    ///
    /// `localhost`, because browsers trust it without https and then allow service workers.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// The same, with the organiser's token in the fragment.
    #[must_use]
    pub fn organiser_url(&self, path: &str) -> String {
        self.url(&format!("{path}#token={ORGANISER_TOKEN}"))
    }

    /// The organiser's token as it is passed on by hand.
    #[must_use]
    pub fn organiser_token(&self) -> &'static str {
        ORGANISER_TOKEN
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// The folder with the server's data.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Imports files with `keruen import`.
    pub fn import(&self, files: &[PathBuf]) -> Result<()> {
        let output = self.command("import").args(files).output()?;
        if !output.status.success() {
            bail!(
                "the import failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }

    /// Says with `keruen restored` that the data are those of a backup.
    pub fn note_restored(&self) -> Result<()> {
        let output = self.command("restored").output()?;
        if !output.status.success() {
            bail!(
                "no new history: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }

    /// Serves another build of the client from the next start on.
    pub fn set_client(&mut self, folder: &Path) {
        self.client = folder.to_path_buf();
    }

    /// Starts the stopped server on the same port and data, and waits until it is healthy.
    pub async fn start_again(&mut self) -> Result<()> {
        if self.process.is_some() {
            bail!("the server is running");
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_file())?;
        let child = self
            .command("serve")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let port = self.port;
        let mut child = child;
        let healthy = eventually("the server is healthy", || {
            let ended = child.try_wait();
            async move {
                if let Some(status) = ended? {
                    bail!("the server ended ({status})");
                }
                Ok(is_healthy(port).await.then_some(()))
            }
        })
        .await;
        self.process = Some(child);
        healthy.with_context(|| format!("the server's log:\n{}", self.log()))
    }

    /// Stops the server as an operator does, and waits until it has ended.
    pub async fn stop(&mut self) -> Result<()> {
        self.end(Signal::TERM).await
    }

    /// Ends the server as a power cut does, as far as the system allows.
    pub async fn kill(&mut self) -> Result<()> {
        self.end(Signal::KILL).await
    }

    /// What the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    async fn end(&mut self, signal: Signal) -> Result<()> {
        let Some(mut child) = self.process.take() else {
            bail!("the server is not running");
        };
        processes::send(child.id(), signal);
        eventually("the server has ended", || {
            let ended = child.try_wait();
            async move { Ok(ended?) }
        })
        .await?;
        // Offline means that nothing answers: a test must not pass because something else does.
        if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
            bail!("something still answers on port {}", self.port);
        }
        Ok(())
    }

    fn command(&self, chore: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(chore)
            .env("KERUEN_ADDRESS", format!("127.0.0.1:{}", self.port))
            .env("KERUEN_DATA", self.data_folder())
            .env("KERUEN_CLIENT", &self.client)
            .env("KERUEN_ORGANISER_TOKEN", ORGANISER_TOKEN);
        command
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.process.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Whether the server says that it can answer.
async fn is_healthy(port: u16) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    asked
        .await
        .is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200"))
}
