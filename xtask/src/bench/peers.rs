//! Keruen beside other sync engines, by the harness in `bench/peers/`.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::tools::{self, Needs};
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
    super::install_packages(workspace, FOLDER)?;
    let page = super::build_page(workspace, &tools, PAGE_PACKAGE, PAGE_LIBRARY)?;
    let server = super::build_program(workspace, SERVER_PACKAGE)?;
    let figures = super::folder(workspace).join("peers.json");
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
