//! Questions to a real server that its own description allows and forbids, by Schemathesis.
//!
//! The server has the sample programmes, and people, groups, invitations and shares of `xtask/api/prepare.py`. It is
//! asked as the operator, as a known person who organises one programme, and as a visitor. Every answer must be
//! described: its status, its media type, its content and its headers; what the description allows must be
//! accepted, what it forbids refused. In the end nothing may have panicked, and the database must be whole.

mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::demo;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;
use server::Server;

/// What belongs to Schemathesis: its settings, hooks, and what fills the server.
const FOLDER: &str = "xtask/api";
const SETTINGS: [&str; 2] = ["schemathesis.toml", "hooks.py"];

/// How much is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct ApiOptions {
    /// The most questions of random content to each operation, for each asker
    #[arg(long, default_value_t = 300)]
    examples: u32,
    /// Which random content
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this operation, by its identifier
    #[arg(long)]
    operation: Option<String>,
}

impl ApiOptions {
    /// So few that the tests can ask them each time.
    pub(crate) const FEW: Self = Self {
        examples: 10,
        seed: 1,
        operation: None,
    };
}

/// Asks, and says whether all was as described.
pub(crate) fn run(workspace: &Workspace, options: &ApiOptions) -> Result<ExitCode> {
    ask_all(workspace, options)?;
    println!("Every answer was as described.");
    Ok(ExitCode::SUCCESS)
}

/// Fails with whoever got an answer that is not described. All are asked, also after one has failed.
pub(crate) fn ask_all(workspace: &Workspace, options: &ApiOptions) -> Result<()> {
    let programs = tools::ensure_schemathesis(workspace)?;
    let program = build_server(workspace)?;
    let folder = workspace.target.join("api");
    let run = folder.join("run");
    if run.exists() {
        fs::remove_dir_all(&run).with_context(|| format!("cannot remove {}", run.display()))?;
    }
    fs::create_dir_all(&run).with_context(|| format!("cannot create {}", run.display()))?;
    for name in SETTINGS {
        let from = workspace.path(FOLDER).join(name);
        fs::copy(&from, folder.join(name))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    let samples = demo::sample_files(&workspace.path("samples"))?;
    let server = Server::start(program, &run, &samples)?;
    process::run(
        Command::new(programs.join("python"))
            .arg(workspace.path(FOLDER).join("prepare.py"))
            .arg(&run)
            .env("KERUEN_API_URL", &server.url)
            .env("KERUEN_ORGANISER_TOKEN", &server.operator),
    )?;
    let person = fs::read_to_string(run.join("token")).context("there is no token")?;
    let askers = [
        ("a known person", Some(person.as_str())),
        ("the operator", Some(server.operator.as_str())),
        ("a visitor", None),
    ];
    let mut failed = Vec::new();
    for (asker, token) in askers {
        println!("Asking as {asker}.");
        let mut command = schemathesis(&programs, &folder, &server.url, options);
        if let Some(token) = token {
            command.args(["--header", &format!("Authorization: Bearer {token}")]);
        }
        let status = command.status().context("cannot start schemathesis")?;
        if !status.success() {
            failed.push(asker);
        }
    }
    server.finish()?;
    if !failed.is_empty() {
        bail!("answers to {} were not as described", failed.join(", "));
    }
    Ok(())
}

fn schemathesis(programs: &Path, folder: &Path, url: &str, options: &ApiOptions) -> Command {
    let mut command = Command::new(programs.join("schemathesis"));
    command
        .arg("--config-file")
        .arg(folder.join("schemathesis.toml"))
        .arg("run")
        .arg(format!("{url}/api/openapi.json"))
        .args(["--checks", "all", "--mode", "all"])
        // Each question by itself: what follows from one is the business of Keruen's own tests.
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", &options.examples.to_string()])
        .args(["--seed", &options.seed.to_string()])
        .args([
            "--generation-database",
            "none",
            "--warnings",
            "off",
            "--no-color",
        ])
        .env("PYTHONPATH", folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(folder);
    if let Some(operation) = &options.operation {
        command.args(["--include-operation-id", operation]);
    }
    command
}

/// The server as the tests build it, so that what overflows panics.
fn build_server(workspace: &Workspace) -> Result<PathBuf> {
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--package", "keruen-server"])
            .current_dir(&workspace.root),
    )?;
    let name = format!("keruen{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace.target.join("debug").join(name))
}
