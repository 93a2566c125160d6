//! Power cuts, by the program in `drills/power-cut/`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::client;
use crate::demo;
use crate::process;
use crate::tools::{self, Needs, Tools};
use crate::workspace::Workspace;

const PACKAGE: &str = "keruen-power-cut";
/// The page that is drilled, and its library.
const PAGE: &str = "drills/page";
const PAGE_PACKAGE: &str = "keruen-drill-page";
const PAGE_LIBRARY: &str = "drill_page";

/// Which drill is run, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct DrillOptions {
    /// `server --cuts 100`, `browser --cuts 10`; with `--control` what must lose; `--help` tells all
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds what is drilled and what drills it, and runs the drill.
pub(crate) fn run(workspace: &Workspace, options: &DrillOptions) -> Result<ExitCode> {
    tools::ensure_machine()?;
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--package", PACKAGE])
            .current_dir(&workspace.root),
    )?;
    let mut drill = Command::new(workspace.target.join("debug").join(PACKAGE));
    drill.args(&options.arguments);
    match options.arguments.first().map(String::as_str) {
        Some("server") => {
            drill.env("KERUEN_DRILL_SERVER", demo::build_server(workspace)?);
        }
        Some("browser") => {
            let tools = tools::set_up(workspace, Needs::TESTS)?;
            drill.env("KERUEN_DRILL_PAGE", build_page(workspace, &tools)?);
            tools.apply(&mut drill);
        }
        _ => {}
    }
    let status = drill.status().context("the drill cannot be started")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Builds the page and returns its folder. In the profile for tests: what is drilled is the disk.
fn build_page(workspace: &Workspace, tools: &Tools) -> Result<PathBuf> {
    let folder = workspace.target.join("drill").join("page");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--package", PAGE_PACKAGE])
            .args(["--target", "wasm32-unknown-unknown"])
            .current_dir(&workspace.root),
    )?;
    let built = workspace
        .target
        .join("wasm32-unknown-unknown/debug")
        .join(format!("{PAGE_LIBRARY}.wasm"));
    client::bind(tools, &built, PAGE_LIBRARY, &folder)?;
    let page = workspace.path(PAGE).join("index.html");
    fs::copy(&page, folder.join("index.html"))
        .with_context(|| format!("cannot copy {}", page.display()))?;
    Ok(folder)
}
