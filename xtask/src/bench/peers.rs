//! Keruen beside other sync engines, by the harness in `bench/peers/`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::client;
use crate::fingerprint::Fingerprint;
use crate::post_build::wasm;
use crate::process;
use crate::tools::{self, Needs, Tools};
use crate::workspace::Workspace;

/// The harness, and where its packages are installed.
const FOLDER: &str = "bench/peers";
const PAGE_PACKAGE: &str = "keruen-bench-page";
const PAGE_LIBRARY: &str = "page";
const SERVER_PACKAGE: &str = "keruen-bench-server";

/// Builds the bench page and the bench server as the product is built, and runs the harness with
/// these options. All figures go to `target/bench/peers.json` as well.
pub(super) fn run(workspace: &Workspace, options: &[String]) -> Result<ExitCode> {
    let tools = tools::set_up(workspace, Needs::EVERYTHING)?;
    install_packages(workspace)?;
    let page = build_page(workspace, &tools)?;
    let server = super::build_program(workspace, SERVER_PACKAGE)?;
    let figures = folder(workspace).join("peers.json");
    let mut harness = Command::new("node");
    harness
        .arg("run.mjs")
        .args(["--keruen-url-cmd", r#"exec "$KERUEN_BENCH_SERVER""#])
        .arg("--json")
        .arg(&figures);
    if let Some(browser) = tools.browser() {
        harness.arg("--chromium").arg(browser);
    }
    let status = harness
        .args(options)
        .env("KERUEN_BENCH_SERVER", &server)
        .env("KERUEN_BENCH_PAGE", &page)
        .current_dir(workspace.path(FOLDER))
        .status()
        .context("cannot start node; the harness needs Node.js 20 or later")?;
    if figures.is_file() {
        println!("\nAll figures are in {}.", workspace.shown(&figures));
    }
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("bench")
}

/// Installs exactly what the lock file names, unless that was done before.
fn install_packages(workspace: &Workspace) -> Result<()> {
    let mut fingerprint = Fingerprint::default();
    fingerprint.path(&workspace.path(FOLDER), "package-lock.json")?;
    let fingerprint = fingerprint.finish();
    let modules = workspace.path(FOLDER).join("node_modules");
    let stamp = modules.join(".keruen-stamp");
    if fs::read_to_string(&stamp).is_ok_and(|last| last == fingerprint) {
        return Ok(());
    }
    println!("Installing the other engines (a minute, by npm).");
    process::run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--silent"])
            .current_dir(workspace.path(FOLDER)),
    )?;
    fs::write(&stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Builds the bench page with the product's settings, and returns its folder.
fn build_page(workspace: &Workspace, tools: &Tools) -> Result<PathBuf> {
    let folder = folder(workspace).join("page");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut cargo = process::cargo();
    cargo
        .args(["build", "--quiet", "--release", "--package", PAGE_PACKAGE])
        .args(["--target", "wasm32-unknown-unknown"])
        .current_dir(&workspace.root);
    client::apply_release_settings(&mut cargo);
    process::run(&mut cargo)?;
    let built = workspace
        .target
        .join("wasm32-unknown-unknown/release")
        .join(format!("{PAGE_LIBRARY}.wasm"));
    client::bind(tools, &built, PAGE_LIBRARY, &folder)?;
    if let Some(wasm_opt) = tools.wasm_opt() {
        let module = folder.join(format!("{PAGE_LIBRARY}_bg.wasm"));
        wasm::shrink_file(wasm_opt, &module)?;
    }
    Ok(folder)
}
