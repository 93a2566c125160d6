//! One large file, sent once and fetched by many at the same time: how fast, beside nginx with the same file
//! on the same machine in turn, and how much memory the server takes at most.
//!
//! `cargo xtask bench server-files` prints the figures and fails when one is over its limit.

mod download;
mod nginx;
mod server;
mod upload;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use keruen_domain::ContentHash;
use keruen_domain::protocol::files;

use crate::nginx::Nginx;
use crate::server::Server;

/// The server's share of what nginx does, at least.
const LEAST_SHARE: f64 = 0.7;
/// What the server may hold at any moment, the upload counted too.
const MEMORY_LIMIT_KIB: u64 = 64 * 1024;

/// How it is measured.
#[derive(Parser)]
#[command(name = "cargo xtask bench server-files")]
struct Arguments {
    /// Bytes of the file
    #[arg(long, default_value_t = 100_000_000)]
    bytes: usize,
    /// Who fetch it at once
    #[arg(long, default_value_t = 50)]
    connections: usize,
    /// How often each of the two is measured, one after the other in turn; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The program of nginx, such as Debian's package has it
    #[arg(long, env = "KERUEN_BENCH_NGINX", default_value = "nginx")]
    nginx: PathBuf,
    /// The server's program
    #[arg(long, env = "KERUEN_BENCH_SERVER", hide = true)]
    server: PathBuf,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    ensure!(arguments.rounds > 0, "nothing would be measured");
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("server");
    let server = Server::start(&arguments.server, &data)?;

    let bytes: Vec<u8> = (0..arguments.bytes)
        .map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let sha256 = ContentHash::of(&bytes);
    let sent = upload::send(server.address, &sha256, &bytes)?;
    let upload_kib = server.greatest_kib()?;
    drop(bytes);

    let name = sha256.to_string();
    let path = data.join("files").join(&name[..2]).join(&name[2..]);
    let nginx = Nginx::start(&arguments.nginx, folder.path(), &path)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..arguments.rounds {
        let mut both = [
            (&mut ours, server.address, files::address(&sha256)),
            (&mut theirs, nginx.address, nginx::PLACE.to_owned()),
        ];
        // Neither is always the first.
        both.rotate_left(round % 2);
        for (rates, address, place) in both {
            rates.push(measure(&arguments, address, &place)?);
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let greatest_kib = server.greatest_kib()?;

    let mebibytes = |kib: u64| kib as f64 / 1_024.0;
    let megabytes = arguments.bytes as f64 / 1e6;
    println!(
        "sent once                  {:>9.0} MB/s   (until it is hashed, looked at and kept)",
        megabytes / sent.as_secs_f64()
    );
    println!(
        "nginx, to {} at once       {theirs:>9.0} MB/s   (median of {})",
        arguments.connections, arguments.rounds
    );
    let share = ours / theirs;
    println!(
        "the server, to {} at once  {ours:>9.0} MB/s   ({share:.2} of nginx; at least {LEAST_SHARE})",
        arguments.connections
    );
    println!(
        "the server's memory        {:>9.1} MiB at most, {:.1} after the file was sent (resident; limit {} MiB)",
        mebibytes(greatest_kib),
        mebibytes(upload_kib),
        MEMORY_LIMIT_KIB / 1_024
    );
    if share >= LEAST_SHARE && greatest_kib <= MEMORY_LIMIT_KIB {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("over a limit");
    Ok(ExitCode::FAILURE)
}

/// How many MB a second all get together.
fn measure(arguments: &Arguments, address: SocketAddr, place: &str) -> Result<f64> {
    let begun = Instant::now();
    let took: Duration = thread::scope(|scope| {
        let threads: Vec<_> = (0..arguments.connections)
            .map(|_| scope.spawn(|| download::fetch(address, place, arguments.bytes)))
            .collect();
        for thread in threads {
            thread.join().ok().context("a connection panicked")??;
        }
        Ok::<_, anyhow::Error>(begun.elapsed())
    })?;
    let bytes = arguments.bytes as f64 * arguments.connections as f64;
    Ok(bytes / 1e6 / took.as_secs_f64())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_unstable_by(f64::total_cmp);
    rates[rates.len() / 2]
}
