//! Runs the benchmarks: the programs in `tests/e2e/benches/`, and the comparisons in `bench/`.

mod files;
mod peers;
mod push;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::client::{self, ClientProfile};
use crate::demo;
use crate::process;
use crate::tools::{self, Needs};
use crate::workspace::Workspace;

/// Where the benchmarks are, one file each.
const FOLDER: &str = "tests/e2e/benches";
/// The comparison, which takes most of an hour.
const PEERS: &str = "peers";
/// Pushes from many connections, in `bench/push/`.
const SERVER_PUSH: &str = "server-push";
/// A large file to many at once, in `bench/files/`.
const SERVER_FILES: &str = "server-files";

/// Which benchmarks are run.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchOptions {
    /// Only this benchmark; `peers` compares Keruen with other sync engines, `server-push` the server with bare SQLite, `server-files` with nginx; these run only when named
    name: Option<String>,
    /// The benchmark's own options, such as `--help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<String>,
}

/// Builds what people get, small client and fast server, and runs the benchmarks on it.
pub(crate) fn run(workspace: &Workspace, options: &BenchOptions) -> Result<ExitCode> {
    if options.name.as_deref() == Some(PEERS) {
        return peers::run(workspace, &options.options);
    }
    if options.name.as_deref() == Some(SERVER_PUSH) {
        return push::run(workspace, &options.options);
    }
    if options.name.as_deref() == Some(SERVER_FILES) {
        return files::run(workspace, &options.options);
    }
    let names: Vec<String> = names(workspace)?
        .into_iter()
        .filter(|name| options.name.as_ref().is_none_or(|wanted| wanted == name))
        .collect();
    if names.is_empty() {
        eprintln!("xtask: {FOLDER} has no such benchmark");
        return Ok(ExitCode::FAILURE);
    }
    let tools = tools::set_up(workspace, Needs::EVERYTHING)?;
    let client = client::build(workspace, &tools, ClientProfile::Release)?;
    let server = demo::build_server(workspace)?;
    for name in names {
        let mut command = process::cargo();
        // The dev profile: what is measured is the browser and the server, not this program.
        command
            .args([
                "bench",
                "--quiet",
                "--package",
                "keruen-e2e",
                "--features",
                "browser",
            ])
            .args(["--profile", "dev", "--bench", &name, "--"])
            .args(&options.options)
            .env("KERUEN_E2E_CLIENT", &client)
            .env("KERUEN_E2E_SERVER", &server)
            .current_dir(&workspace.root);
        tools.apply(&mut command);
        process::run(&mut command)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds a program of `bench/` as the server is built, and returns it.
fn build_program(workspace: &Workspace, package: &str) -> Result<PathBuf> {
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--profile", "server"])
            .args(["--package", package])
            .current_dir(&workspace.root),
    )?;
    let name = format!("{package}{}", std::env::consts::EXE_SUFFIX);
    let program = workspace.target.join("server").join(name);
    if !program.is_file() {
        bail!("{} is missing after its build", workspace.shown(&program));
    }
    Ok(program)
}

fn names(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.path(FOLDER);
    let mut names = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "rs")
                && let Some(name) = path.file_stem()
            {
                names.push(name.to_string_lossy().into_owned());
            }
        }
    }
    names.sort();
    Ok(names)
}
