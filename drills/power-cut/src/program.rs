//! The server's program in the guest: what writes to it, and what looks at what it left.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, sleep};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::counts::{self, Acknowledgements};
use crate::device::Device;
use crate::machine::{DATA, HOST};

pub(crate) const TOKEN: &str = "a-token-that-only-the-drill-knows";
/// Devices that push at the same time.
pub(crate) const DEVICES: usize = 3;

const ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8_080);
/// How often it is tried whether the server listens.
const GLANCE: Duration = Duration::from_millis(20);

/// Starts the server and pushes to it, until the power goes.
pub(crate) fn write(program: &Path) -> Result<()> {
    let _server = Server::start(program)?;
    let pushing = (0..DEVICES).map(|device| {
        thread::spawn(move || {
            let host = Path::new(HOST);
            let last = counts::acknowledged(host, device);
            let acknowledgements = Acknowledgements::open(host, device)?;
            let mut pushing = Device::connect(ADDRESS, device as u64)?;
            pushing.push_after(last, |number| acknowledgements.note(number))
        })
    });
    for device in pushing.collect::<Vec<_>>() {
        device.join().map_err(|_| anyhow!("a device panicked"))??;
    }
    Ok(())
}

/// Looks at what is there: with `keruen check`, then as a device that reads everything.
pub(crate) fn check(program: &Path) -> Result<Vec<u64>> {
    let asked = keruen(program, "check").output()?;
    let (said, why) = (
        String::from_utf8_lossy(&asked.stdout),
        String::from_utf8_lossy(&asked.stderr),
    );
    ensure!(asked.status.success(), "keruen check: {said}{why}");
    let _server = Server::start(program)?;
    let reader = DEVICES as u64;
    Device::connect(ADDRESS, reader)?.count_notes(reader)
}

struct Server(Child);

impl Server {
    /// Starts it and waits until it listens.
    fn start(program: &Path) -> Result<Self> {
        let serve = keruen(program, "serve")
            .args(["--address", &ADDRESS.to_string(), "--log-format", "json"])
            .args(["--device-rate", "0", "--address-rate", "0"])
            .env("KERUEN_ORGANISER_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .spawn();
        let mut server = Self(serve.context("the server cannot be started")?);
        loop {
            if std::net::TcpStream::connect(ADDRESS).is_ok() {
                return Ok(server);
            }
            let ended = server.0.try_wait()?;
            ensure!(ended.is_none(), "the server does not start");
            sleep(GLANCE);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn keruen(program: &Path, chore: &str) -> Command {
    let mut command = Command::new(program);
    let data: PathBuf = Path::new(DATA).join("keruen");
    command.arg(chore).env("KERUEN_DATA", data);
    command
}
