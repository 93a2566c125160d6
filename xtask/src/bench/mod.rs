//! Runs the benchmarks: the programs in `tests/e2e/benches/`, and the comparisons in `bench/`.

mod files;
mod peers;
mod push;
mod search;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::client::{self, ClientProfile};
use crate::demo;
use crate::fingerprint::Fingerprint;
use crate::post_build::wasm;
use crate::process;
use crate::tools::{self, Needs, Tools};
use crate::workspace::Workspace;

/// Where the benchmarks are, one file each.
const FOLDER: &str = "tests/e2e/benches";
/// The comparison, which takes most of an hour.
const PEERS: &str = "peers";
/// Search beside other engines, in `bench/search/`.
const SEARCH: &str = "search";
/// Pushes from many connections, in `bench/push/`.
const SERVER_PUSH: &str = "server-push";
/// A large file to many at once, in `bench/files/`.
const SERVER_FILES: &str = "server-files";

/// A download beside other work over a slow link: needs root.
const SLOW_LINK: &str = "slow_link";

/// Which benchmarks are run.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchOptions {
    /// Only this benchmark; `peers` compares Keruen with other sync engines, `search` its search with others, `server-push` the server with bare SQLite, `server-files` with nginx, `slow_link` a download over a slow link with root's rights; these run only when named
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
    if options.name.as_deref() == Some(SEARCH) {
        return search::run(workspace, &options.options);
    }
    if options.name.as_deref() == Some(SERVER_PUSH) {
        return push::run(workspace, &options.options);
    }
    if options.name.as_deref() == Some(SERVER_FILES) {
        return files::run(workspace, &options.options);
    }
    let names: Vec<String> = names(workspace)?
        .into_iter()
        .filter(|name| match &options.name {
            Some(wanted) => wanted == name,
            None => name != SLOW_LINK,
        })
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

/// Where builds and figures of comparisons are.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("bench")
}

/// Installs exactly what the lock file names, unless that was done before.
fn install_packages(workspace: &Workspace, folder: &str) -> Result<()> {
    let mut fingerprint = Fingerprint::default();
    fingerprint.path(&workspace.path(folder), "package-lock.json")?;
    let fingerprint = fingerprint.finish();
    let modules = workspace.path(folder).join("node_modules");
    let stamp = modules.join(".keruen-stamp");
    if fs::read_to_string(&stamp).is_ok_and(|last| last == fingerprint) {
        return Ok(());
    }
    println!("Installing the other engines (a minute, by npm).");
    process::run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--silent"])
            .current_dir(workspace.path(folder)),
    )?;
    fs::write(&stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Builds a package of a bench page with the product's settings, and returns the page's folder.
fn build_page(
    workspace: &Workspace,
    tools: &Tools,
    package: &str,
    library: &str,
) -> Result<PathBuf> {
    let folder = folder(workspace).join(library);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut cargo = process::cargo();
    cargo
        .args(["build", "--quiet", "--release", "--package", package])
        .args(["--target", "wasm32-unknown-unknown"])
        .current_dir(&workspace.root);
    client::apply_release_settings(&mut cargo);
    process::run(&mut cargo)?;
    let built = workspace
        .target
        .join("wasm32-unknown-unknown/release")
        .join(format!("{library}.wasm"));
    client::bind(tools, &built, library, &folder)?;
    if let Some(wasm_opt) = tools.wasm_opt() {
        let module = folder.join(format!("{library}_bg.wasm"));
        wasm::shrink_file(wasm_opt, &module)?;
    }
    Ok(folder)
}
