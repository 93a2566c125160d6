//! Building the client with Trunk, and only when something changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::fingerprint::Fingerprint;
use crate::process;
use crate::tools::{Tools, wasm_target};
use crate::workspace::Workspace;

/// Everything that the built client depends on.
const INPUTS: [&str; 22] = [
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
    "markdown/Cargo.toml",
    "markdown/src",
    "public",
    "rust-toolchain.toml",
    "search/Cargo.toml",
    "search/src",
    "src",
    "style",
    "xtask/src/client.rs",
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
    let is_release = profile == ClientProfile::Release;
    if is_release && !has_rust_source() {
        println!(
            "Warning: without the component rust-src the client is a tenth larger; \
             `rustup component add rust-src` adds it."
        );
    }
    // Trunk then works without a network, so that it downloads no tools of its own.
    process::run(
        process::cargo()
            .args(["fetch", "--quiet"])
            .current_dir(&workspace.root),
    )?;
    if let Some(library) = standard_library().filter(|_| is_release) {
        // What the standard library is built from has a list of its own.
        process::run(
            process::cargo()
                .args(["fetch", "--quiet", "--locked", "--manifest-path"])
                .arg(library.join("Cargo.toml"))
                .env("RUSTC_BOOTSTRAP", "1")
                .current_dir(&workspace.root),
        )?;
    }
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
    if is_release {
        trunk.arg("--release");
        apply_release_settings(&mut trunk);
    }
    tools.apply(&mut trunk);
    process::run(&mut trunk)?;
    fs::write(&stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(folder)
}

/// How Cargo builds what people download, besides the profile `release`.
pub(crate) fn apply_release_settings(command: &mut Command) {
    if has_rust_source() {
        build_standard_library(command);
    }
}

/// Makes a module of a browser from compiled wasm: `name.js` and `name_bg.wasm` in the folder.
pub(crate) fn bind(tools: &Tools, compiled: &Path, name: &str, folder: &Path) -> Result<()> {
    let mut bind = Command::new("wasm-bindgen");
    bind.args(["--target", "web", "--no-typescript"])
        .arg("--out-dir")
        .arg(folder)
        .args(["--out-name", name])
        .arg(compiled);
    tools.apply(&mut bind);
    process::run(&mut bind)
}

/// Builds the standard library along with the client: for size, and with panics that end the program
/// at once instead of carrying their words. A tenth fewer bytes for every phone.
///
/// Cargo calls this unstable; the compiler is pinned, so it is as stable as the pin.
fn build_standard_library(command: &mut Command) {
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
        // Takes the place of the flags in .cargo/config.toml, hence the first of them again.
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "--cfg erase_components -Zunstable-options -Cpanic=immediate-abort \
             -Zlocation-detail=none -Zfmt-debug=none",
        );
}

/// The source of the compiler's own library, if it lies beside it.
fn standard_library() -> Option<PathBuf> {
    let folder = wasm_target::sysroot()?.join("lib/rustlib/src/rust/library");
    folder.join("Cargo.lock").is_file().then_some(folder)
}

fn has_rust_source() -> bool {
    standard_library().is_some()
}

fn fingerprint(workspace: &Workspace, tools: &Tools, profile: ClientProfile) -> Result<String> {
    let mut fingerprint = Fingerprint::default();
    fingerprint.word(profile.name());
    fingerprint.word(if tools.has_wasm_opt() { "wasm-opt" } else { "" });
    fingerprint.word(if has_rust_source() { "rust-src" } else { "" });
    for input in INPUTS {
        fingerprint.path(&workspace.root, input)?;
    }
    Ok(fingerprint.finish())
}
