//! Cuts the power under the real programs and looks for what was lost.
//!
//! `cargo xtask drill` builds everything and runs this. The same program is host and guest: outside
//! it makes the machine ([`machine`]) and cuts its power ([`rounds`]); inside it is the devices that
//! write, and the one that looks at what is there ([`program`], [`device`]; [`browser`]).
//!
//! What is found here is real. What is not found may still be: the guest's disk keeps all that its
//! kernel has sent, in order, which not every disk does.

mod browser;
mod counts;
mod device;
mod machine;
mod program;
mod rounds;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::machine::{HOST, Size};
use crate::rounds::{Rounds, Subject};

#[derive(Parser)]
#[command(name = "cargo xtask drill")]
struct Arguments {
    #[command(subcommand)]
    drill: Drill,
}

#[derive(Subcommand)]
enum Drill {
    /// Cut the power under the server while devices push to it
    Server {
        #[command(flatten)]
        rounds: Rounds,
        /// The server's program
        #[arg(long, env = "KERUEN_DRILL_SERVER", hide = true)]
        program: PathBuf,
    },
    /// Cut the power under a browser while the client saves what people write
    Browser {
        #[command(flatten)]
        rounds: Rounds,
        /// The folder with the page
        #[arg(long, env = "KERUEN_DRILL_PAGE", hide = true)]
        page: PathBuf,
        /// The browser's program
        #[arg(long, env = "KERUEN_BROWSER", hide = true)]
        program: PathBuf,
    },
    /// What runs in the guest
    #[command(hide = true)]
    Guest {
        #[command(subcommand)]
        task: Task,
    },
}

#[derive(Subcommand)]
enum Task {
    WriteToServer { program: PathBuf },
    CheckServer { program: PathBuf },
    WriteInBrowser { program: PathBuf, page: PathBuf },
    CheckBrowser { program: PathBuf, page: PathBuf },
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().drill {
        Drill::Server { rounds, program } => {
            let program = quoted(&program)?;
            rounds::run(
                &Subject {
                    size: Size {
                        disk_mib: 64,
                        memory_mib: 192,
                    },
                    writers: program::DEVICES,
                    write: guest(&format!("write-to-server {program}"))?,
                    check: guest(&format!("check-server {program}"))?,
                    forgotten: "-wal",
                    moments: [Duration::from_millis(10), Duration::from_secs(3)],
                    cuts_for_each_disk: 5,
                    patience: Duration::from_secs(120),
                },
                rounds,
            )
        }
        Drill::Browser {
            rounds,
            page,
            program,
        } => {
            let (program, page) = (quoted(&program)?, quoted(&page)?);
            rounds::run(
                &Subject {
                    size: Size {
                        disk_mib: 512,
                        memory_mib: 3_000,
                    },
                    writers: 1,
                    write: guest(&format!("write-in-browser {program} {page}"))?,
                    check: guest(&format!("check-browser {program} {page}"))?,
                    forgotten: ".log",
                    moments: [Duration::from_secs(1), Duration::from_secs(12)],
                    cuts_for_each_disk: 1,
                    patience: Duration::from_secs(300),
                },
                rounds,
            )
        }
        Drill::Guest { task } => {
            let host = Path::new(HOST);
            match task {
                Task::WriteToServer { program } => program::write(&program)?,
                Task::CheckServer { program } => counts::report(host, &program::check(&program))?,
                Task::WriteInBrowser { program, page } => browser::write(&program, &page)?,
                Task::CheckBrowser { program, page } => {
                    counts::report(host, &browser::check(&program, &page))?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The shell command that runs this program in the guest.
fn guest(task: &str) -> Result<String> {
    let program = quoted(&std::env::current_exe()?)?;
    Ok(format!("{program} guest {task} >> {HOST}/log 2>&1"))
}

/// The path as a word of the shell.
fn quoted(path: &Path) -> Result<String> {
    let path = path.canonicalize()?;
    let text = path.to_str().context("a path is no text")?;
    Ok(format!("'{}'", text.replace('\'', r"'\''")))
}
