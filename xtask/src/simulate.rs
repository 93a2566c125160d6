//! Plays histories in memory, in a build that is quick to play.

use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::process;
use crate::workspace::Workspace;

/// The profile in which histories are played.
pub(crate) const PROFILE: &str = "simulation";
/// The package that plays them.
pub(crate) const PACKAGE: &str = "keruen-simulation";

/// What is handed on.
#[derive(Debug, clap::Args)]
pub(crate) struct SimulateOptions {
    /// How many histories, which, on how many threads
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the simulation and plays.
pub(crate) fn run(workspace: &Workspace, options: &SimulateOptions) -> Result<ExitCode> {
    let mut command = process::cargo();
    command
        .args(["run", "--quiet", "--profile", PROFILE])
        .args(["--package", PACKAGE, "--"])
        .args(&options.arguments)
        .current_dir(&workspace.root);
    let status = command.status().context("cannot run cargo")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
