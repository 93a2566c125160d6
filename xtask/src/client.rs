//! Building the client with Trunk, and only when something changed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::fingerprint::Fingerprint;
use crate::process;
use crate::tools::Tools;
use crate::workspace::Workspace;

/// Everything that the built client depends on.
const INPUTS: [&str; 17] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "build",
    "build.rs",
    "domain/Cargo.toml",
    "domain/src",
    "formats/Cargo.toml",
    "formats/src",
    "index.html",
    "locales",
    "public",
    "rust-toolchain.toml",
    "src",
    "style",
    "xtask/src/post_build",
];

/// How the client is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClientProfile {
    /// Small: what people download; takes a minute or more.
    Release,
    /// Quick to build and large: for tests.
    Test,
}

impl ClientProfile {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Test => "test",
        }
    }
}

/// Where a build of the client lies.
pub(crate) fn folder(workspace: &Workspace, profile: ClientProfile) -> PathBuf {
    workspace.target.join("client").join(profile.name())
}

/// Builds the client unless the last build had the same inputs, and returns its folder.
pub(crate) fn build(
    workspace: &Workspace,
    tools: &Tools,
    profile: ClientProfile,
) -> Result<PathBuf> {
    let folder = folder(workspace, profile);
    let stamp = folder.with_extension("stamp");
    let fingerprint = fingerprint(workspace, tools, profile)?;
    let is_built = folder.join("index.html").is_file();
    if is_built && fs::read_to_string(&stamp).is_ok_and(|last| last == fingerprint) {
        return Ok(folder);
    }
    println!("Building the client ({} profile).", profile.name());
    if stamp.exists() {
        // A build that breaks half-way must not count as the last one.
        fs::remove_file(&stamp)?;
    }
    fs::create_dir_all(&folder)?;
    // Trunk then works without a network, so that it downloads no tools of its own.
    process::run(
        process::cargo()
            .args(["fetch", "--quiet"])
            .current_dir(&workspace.root),
    )?;
    let mut trunk = Command::new("trunk");
    trunk
        .args([
            "--log",
            "warn",
            "build",
            "--offline",
            "--skip-version-check",
        ])
        .arg("--dist")
        .arg(&folder)
        .current_dir(&workspace.root)
        // Trunk takes the usual values of this variable for a mistake.
        .env_remove("NO_COLOR")
        // A mistake in the source is the compiler's to explain, not Trunk's stack.
        .env_remove("RUST_BACKTRACE");
    if profile == ClientProfile::Release {
        trunk.arg("--release");
    }
    tools.apply(&mut trunk);
    process::run(&mut trunk)?;
    fs::write(&stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(folder)
}

fn fingerprint(workspace: &Workspace, tools: &Tools, profile: ClientProfile) -> Result<String> {
    let mut fingerprint = Fingerprint::default();
    fingerprint.word(profile.name());
    fingerprint.word(if tools.has_wasm_opt() { "wasm-opt" } else { "" });
    for input in INPUTS {
        fingerprint.path(&workspace.root, input)?;
    }
    Ok(fingerprint.finish())
}
