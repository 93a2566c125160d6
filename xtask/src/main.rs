//! Keruen's chores, all behind `cargo xtask`.
//!
//! Whoever builds, tests or tries Keruen needs this one command: it installs the tools that a
//! fresh machine lacks, says so, and does the work. `cargo xtask help` lists the chores.
//!
//! The modules: [`workspace`] knows where things are, [`process`] runs programs, [`tools`]
//! finds or installs them, [`client`] builds the client and skips the work when nothing changed,
//! [`post_build`] finishes a build of Trunk's, and each chore has a module of its name.

mod api;
mod bench;
mod check;
mod client;
mod demo;
mod documents;
mod drill;
mod exports;
mod fingerprint;
mod fuzz;
mod layers;
mod markup;
mod post_build;
mod process;
mod simulate;
mod size;
mod sources;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::client::ClientProfile;
use crate::workspace::Workspace;

/// The command line.
#[derive(Parser)]
#[command(name = "cargo xtask", about = "Keruen's chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

/// Everything `cargo xtask` can do.
#[derive(Subcommand)]
enum Chore {
    /// Install what building and testing needs, and nothing twice
    Setup,
    /// Serve Keruen with the sample programmes on this machine
    Demo(demo::DemoOptions),
    /// Check and test everything, browser journeys included
    Test(test::TestOptions),
    /// Check format, layers, documents and lints
    Check,
    /// Show what a first visit downloads, against its budget
    Size,
    /// Play histories of devices and a server in which everything goes wrong; `--help` tells how many
    #[command(disable_help_flag = true)]
    Simulate(simulate::SimulateOptions),
    /// Feed random bytes to every reader of bytes from outside
    Fuzz(fuzz::FuzzOptions),
    /// Ask a real server what its description allows and forbids
    Api(api::ApiOptions),
    /// Have other programs read what is exported
    Exports,
    /// Cut the power under the real programs, again and again; `--help` tells how
    #[command(disable_help_flag = true)]
    Drill(drill::DrillOptions),
    /// Run the benchmarks
    Bench(bench::BenchOptions),
    /// Build the client
    Build {
        /// How the client is built
        #[arg(long, value_enum, default_value_t = ClientProfile::Release)]
        profile: ClientProfile,
    },
    /// Finish a build of Trunk's (called by Trunk, see Trunk.toml)
    #[command(hide = true)]
    PostBuild(post_build::PostBuildOptions),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.chore) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one chore; an error is one sentence for the person at the keyboard.
fn run(chore: Chore) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find()?;
    match chore {
        Chore::Setup => {
            tools::set_up(&workspace, tools::Needs::EVERYTHING)?;
            tools::ensure_schemathesis(&workspace)?;
            tools::ensure_readers(&workspace)?;
            println!("Everything is installed.");
        }
        Chore::Demo(options) => demo::run(&workspace, &options)?,
        Chore::Test(options) => return test::run(&workspace, &options),
        Chore::Check => return check::run(&workspace),
        Chore::Size => return size::run(&workspace),
        Chore::Simulate(options) => return simulate::run(&workspace, &options),
        Chore::Fuzz(options) => return fuzz::run(&workspace, &options),
        Chore::Api(options) => return api::run(&workspace, &options),
        Chore::Exports => return exports::run(&workspace),
        Chore::Drill(options) => return drill::run(&workspace, &options),
        Chore::Bench(options) => return bench::run(&workspace, &options),
        Chore::Build { profile } => {
            let tools = tools::set_up(&workspace, tools::Needs::CLIENT)?;
            let folder = client::build(&workspace, &tools, profile)?;
            println!("The client is in {}.", workspace.shown(&folder));
        }
        Chore::PostBuild(options) => post_build::run(&workspace, &options)?,
    }
    Ok(ExitCode::SUCCESS)
}
