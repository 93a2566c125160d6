//! A large file to many at once from the real server, beside nginx.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::demo;
use crate::workspace::Workspace;

const PACKAGE: &str = "keruen-bench-files";

/// Builds the server as it is deployed, and measures it with these options.
pub(super) fn run(workspace: &Workspace, options: &[String]) -> Result<ExitCode> {
    let server = demo::build_server(workspace)?;
    let program = super::build_program(workspace, PACKAGE)?;
    let status = Command::new(program)
        .args(options)
        .env("KERUEN_BENCH_SERVER", server)
        .status()
        .context("the benchmark cannot be started")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
