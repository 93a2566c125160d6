//! The client's search beside other search engines, by the harness in `bench/search/`.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::tools::{self, Needs};
use crate::workspace::Workspace;

/// The harness, and where its packages are installed.
const FOLDER: &str = "bench/search";
const PAGE_PACKAGE: &str = "keruen-bench-search";
const PAGE_LIBRARY: &str = "search_page";

/// Builds the search as the product is built, and runs the harness with these options. All figures go to
/// `target/bench/search.json` as well.
pub(super) fn run(workspace: &Workspace, options: &[String]) -> Result<ExitCode> {
    let tools = tools::set_up(workspace, Needs::EVERYTHING)?;
    super::install_packages(workspace, FOLDER)?;
    let page = super::build_page(workspace, &tools, PAGE_PACKAGE, PAGE_LIBRARY)?;
    let figures = super::folder(workspace).join("search.json");
    let mut harness = Command::new("node");
    harness.arg("run.mjs").arg("--json").arg(&figures);
    if let Some(browser) = tools.browser() {
        harness.arg("--chromium").arg(browser);
    }
    let status = harness
        .args(options)
        .env("KERUEN_BENCH_PAGE", &page)
        .current_dir(workspace.path(FOLDER))
        .status()
        .context("cannot start node; the harness needs Node.js 20 or later")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
