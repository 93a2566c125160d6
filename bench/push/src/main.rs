//! Sustained pushes of one change each from many connections: the real server beside a bare program
//! that only writes the same rows to SQLite, with group commit and the same durability, on the same
//! disk. Also the server's memory over the run.
//!
//! `cargo xtask bench server-push` prints the figures and fails when one is over its limit.

mod bare;
mod changes;
mod connection;
mod server;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Parser;

use crate::server::Server;

/// The server's share of what SQLite alone does, at least.
const LEAST_SHARE: f64 = 0.5;
/// What the server may hold at the end beyond what it held after the first quarter.
const GROWTH_LIMIT_KIB: u64 = 8 * 1024;

/// How it is measured.
#[derive(Parser)]
#[command(name = "cargo xtask bench server-push")]
struct Arguments {
    /// How long each of the two is measured, in seconds
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Connections that push one change after the other
    #[arg(long, default_value_t = 200)]
    connections: u64,
    /// The server's program
    #[arg(long, env = "KERUEN_BENCH_SERVER", hide = true)]
    server: PathBuf,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let (connections, time) = (
        arguments.connections,
        Duration::from_secs(arguments.seconds),
    );

    let folder = tempfile::tempdir()?;
    let queue = bare::start(&folder.path().join("bare.db"))?;
    let bare = measure(
        connections,
        time,
        || {},
        |number, is_over, done| bare::push(&queue, number, is_over, done),
    )?;
    drop(queue);

    let server = Server::start(&arguments.server, &folder.path().join("server"))?;
    let mut memory_kib = Vec::new();
    let real = measure(
        connections,
        time,
        || memory_kib.extend(server.resident_kib()),
        |number, is_over, done| connection::push(server.address, number, is_over, done),
    )?;

    let share = real / bare;
    println!("bare SQLite, group commit  {bare:>9.0} changes/s");
    println!(
        "the server                 {real:>9.0} changes/s   ({share:.2} of bare; at least {LEAST_SHARE})"
    );
    let quarter = *memory_kib
        .get(memory_kib.len() / 4)
        .context("nothing was measured")?;
    let last = *memory_kib.last().context("nothing was measured")?;
    let greatest = memory_kib.iter().max().copied().unwrap_or(last);
    let mebibytes = |kib: u64| kib as f64 / 1_024.0;
    println!(
        "the server's memory        {:>9.1} MiB at the end, {:.1} after the first quarter, {:.1} at most (resident)",
        mebibytes(last),
        mebibytes(quarter),
        mebibytes(greatest),
    );
    let is_flat = last <= quarter + GROWTH_LIMIT_KIB;
    if share >= LEAST_SHARE && is_flat {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("over a limit");
    Ok(ExitCode::FAILURE)
}

/// How many changes a second are done by so many threads of `push`, which count what they have done
/// until the time is over. `look` is called once a second.
fn measure(
    connections: u64,
    time: Duration,
    mut look: impl FnMut(),
    push: impl Fn(u64, &AtomicBool, &AtomicU64) -> Result<()> + Sync,
) -> Result<f64> {
    let (is_over, done) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|number| {
                scope.spawn({
                    let (push, is_over, done) = (&push, &is_over, &done);
                    move || push(number, is_over, done)
                })
            })
            .collect();
        // The first moment, in which everybody connects, does not count.
        thread::sleep(Duration::from_secs(1));
        let (begun, before) = (Instant::now(), done.load(Ordering::Relaxed));
        while begun.elapsed() < time {
            thread::sleep(Duration::from_secs(1).min(time));
            look();
        }
        let rate = (done.load(Ordering::Relaxed) - before) as f64 / begun.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        for thread in threads {
            thread.join().ok().context("a connection panicked")??;
        }
        Ok(rate)
    })
}
