//! Keruen with the sample programmes, on this machine.
//!
//! The data stay in `target/demo/` between runs, so that notes written yesterday are there
//! today. The samples are imported again only when they have changed.

mod invitation;
mod token;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::client::{self, ClientProfile};
use crate::fingerprint::Fingerprint;
use crate::process;
use crate::tools::{self, Needs};
use crate::workspace::Workspace;

/// How the demo is served.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoOptions {
    /// The port to serve on
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Build the client quickly and large, as the tests do
    #[arg(long)]
    fast: bool,
    /// Answer this machine only, not phones on the same network
    #[arg(long)]
    local: bool,
}

/// Builds, loads the samples and serves until it is stopped.
pub(crate) fn run(workspace: &Workspace, options: &DemoOptions) -> Result<()> {
    let host = if options.local {
        Ipv4Addr::LOCALHOST
    } else {
        Ipv4Addr::UNSPECIFIED
    };
    let address = SocketAddr::from((host, options.port));
    // Asked before a long build, and in words of our own.
    if TcpListener::bind(address).is_err() {
        bail!(
            "port {} is in use; choose another with --port",
            options.port
        );
    }
    let tools = tools::set_up(workspace, Needs::CLIENT)?;
    let profile = if options.fast {
        ClientProfile::Test
    } else {
        ClientProfile::Release
    };
    let client = client::build(workspace, &tools, profile)?;
    let server = build_server(workspace)?;

    let data = workspace.target.join("demo");
    fs::create_dir_all(&data).with_context(|| format!("cannot create {}", data.display()))?;
    let token = token::read_or_create(&data.join("organiser-token"))?;
    let serve = |arguments: &[&str]| {
        let mut command = Command::new(&server);
        command
            .args(arguments)
            .env("KERUEN_ADDRESS", address.to_string())
            .env("KERUEN_DATA", &data)
            .env("KERUEN_CLIENT", &client)
            .env("KERUEN_ORGANISER_TOKEN", &token)
            .current_dir(&workspace.root);
        command
    };
    import_samples(workspace, &data, serve(&["import"]))?;
    invitation::print(options.port, &token, options.local);
    become_program(&mut serve(&["serve"]))
}

/// Builds the server as it is deployed and returns its program.
pub(crate) fn build_server(workspace: &Workspace) -> Result<PathBuf> {
    process::run(
        process::cargo()
            .args([
                "build",
                "--quiet",
                "--profile",
                "server",
                "--package",
                "keruen-server",
            ])
            .current_dir(&workspace.root),
    )?;
    let name = format!("keruen{}", std::env::consts::EXE_SUFFIX);
    let program = workspace.target.join("server").join(name);
    if !program.is_file() {
        bail!(
            "the server's program {} is missing after its build",
            program.display()
        );
    }
    Ok(program)
}

/// Loads the samples through the import that everybody has, unless these were loaded before.
fn import_samples(workspace: &Workspace, data: &Path, mut import: Command) -> Result<()> {
    let mut fingerprint = Fingerprint::default();
    fingerprint.path(&workspace.root, "samples")?;
    let fingerprint = fingerprint.finish();
    let stamp = data.join("samples.stamp");
    if fs::read_to_string(&stamp).is_ok_and(|last| last == fingerprint) {
        return Ok(());
    }
    let files = sample_files(&workspace.path("samples"))?;
    if files.is_empty() {
        bail!("the folder samples/ holds no programme.json");
    }
    println!("Importing the samples.");
    process::run(import.args(files))?;
    fs::write(&stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))
}

/// The sample programmes, in the order of their names.
pub(crate) fn sample_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let file = entry?.path().join("programme.json");
        if file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// Lets the server take this program's place, so that signals reach it and nothing is left over.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start `{}`", process::shown(command)))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result<()> {
    process::run(command)
}
