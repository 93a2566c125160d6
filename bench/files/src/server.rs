//! The real server as a process.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

pub(crate) const TOKEN: &str = "a-token-that-only-this-benchmark-knows";
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server with nothing in it; ends when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts the program on a new folder and waits until it answers.
    pub(crate) fn start(program: &Path, folder: &Path) -> Result<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = free.local_addr()?;
        drop(free);
        let process = Command::new(program)
            .arg("serve")
            .env("KERUEN_ADDRESS", address.to_string())
            .env("KERUEN_DATA", folder)
            .env("KERUEN_ORGANISER_TOKEN", TOKEN)
            // Fifty behind one address, none of which pauses.
            .env("KERUEN_DEVICE_RATE", "0")
            .env("KERUEN_ADDRESS_RATE", "0")
            .env("KERUEN_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("the server cannot be started")?;
        let mut server = Self { process, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.process.try_wait()? {
                bail!("the server ended ({status})");
            }
            if begun.elapsed() > PATIENCE {
                bail!("the server did not answer within {} s", PATIENCE.as_secs());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// The most memory that it has held so far.
    pub(crate) fn greatest_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix("VmHWM:"));
        let figure = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let figure = figure.context("the system does not say how much memory the server held")?;
        Ok(figure.trim().parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its data go with it, so that it need not end by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
