//! nginx as a process, with the same file.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Where it gives the file.
pub(crate) const PLACE: &str = "/file";
const PATIENCE: Duration = Duration::from_secs(10);

/// A running nginx; ends when dropped.
pub(crate) struct Nginx {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Nginx {
    /// Starts the program with a configuration of its own and waits until it answers.
    pub(crate) fn start(program: &Path, folder: &Path, file: &Path) -> Result<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = free.local_addr()?;
        drop(free);
        let own = folder.join("nginx");
        fs::create_dir(&own)?;
        let own = own.to_str().context("the folder's name is no text")?;
        let file = file.to_str().context("the file's name is no text")?;
        // As Debian has it, with the file of the server's private folder and nothing written.
        let configuration = format!(
            "user root;\nworker_processes auto;\npid {own}/pid;\nerror_log {own}/error.log;\n\
             events {{ worker_connections 768; }}\n\
             http {{\n  sendfile on;\n  tcp_nopush on;\n  access_log off;\n\
             client_body_temp_path {own}/1;\n  proxy_temp_path {own}/2;\n  fastcgi_temp_path {own}/3;\n\
             uwsgi_temp_path {own}/4;\n  scgi_temp_path {own}/5;\n\
             server {{ listen {address};\n    location = {PLACE} {{ alias {file}; }} }}\n}}\n"
        );
        let path = format!("{own}/nginx.conf");
        fs::write(&path, configuration)?;
        let process = Command::new(program)
            .args(["-c", &path, "-g", "daemon off;"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| {
                format!(
                    "{} cannot be started: install nginx, or say with --nginx where it is",
                    program.display()
                )
            })?;
        let mut nginx = Self { process, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = nginx.process.try_wait()? {
                let log = fs::read_to_string(format!("{own}/error.log")).unwrap_or_default();
                bail!("nginx ended ({status}): {log}");
            }
            if begun.elapsed() > PATIENCE {
                bail!("nginx did not answer within {} s", PATIENCE.as_secs());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Asked, it ends its workers too.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-s", "TERM", &id]).status();
        let _ = self.process.wait();
    }
}
