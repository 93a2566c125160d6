//! The compiler's wasm target, named in `rust-toolchain.toml`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::announce;
use crate::process;

const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that the compiler can build for the browser.
pub(super) fn ensure() -> Result<()> {
    if sysroot().is_some_and(|root| has_target(&root)) {
        return Ok(());
    }
    announce(
        TARGET,
        "the client is compiled for it",
        "seconds, by rustup",
    );
    process::run(Command::new("rustup").args(["target", "add", TARGET])).with_context(|| {
        format!("the compiler has no {TARGET} target; install rustup from https://rustup.rs")
    })
}

/// The compiler's folder: two levels above the cargo that runs this chore, or asked for.
pub(crate) fn sysroot() -> Option<PathBuf> {
    let beside_cargo = env::var_os("CARGO")
        .and_then(|cargo| Path::new(&cargo).parent()?.parent().map(Path::to_path_buf))
        .filter(|root| root.join("lib").join("rustlib").is_dir());
    beside_cargo.or_else(|| {
        let answer = process::answer("rustc", &["--print", "sysroot"])?;
        Some(PathBuf::from(answer.trim()))
    })
}

fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib").join("rustlib").join(TARGET).is_dir()
}
