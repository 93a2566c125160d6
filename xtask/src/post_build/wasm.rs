//! Makes the wasm of a release build smaller.
//!
//! Here and not by Trunk, because a machine without `wasm-opt` shall build all the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{extension, files_below};
use crate::process;

/// Runs `wasm-opt` over every wasm file, when the set-up has found one.
pub(super) fn shrink(folder: &Path) -> Result<()> {
    let Some(wasm_opt) = std::env::var_os("KERUEN_WASM_OPT").map(PathBuf::from) else {
        return Ok(());
    };
    for name in files_below(folder)? {
        if extension(&name) == "wasm" {
            shrink_file(&wasm_opt, &folder.join(&name))?;
        }
    }
    Ok(())
}

/// Runs `wasm-opt` over one file.
pub(crate) fn shrink_file(wasm_opt: &Path, file: &Path) -> Result<()> {
    let smaller = file.with_extension("smaller");
    process::run(
        Command::new(wasm_opt)
            // Measured: -O2 is half a per cent smaller than -Oz once it is compressed.
            .args(["-O2", "--strip-debug", "--strip-producers", "-o"])
            .arg(&smaller)
            .arg(file),
    )?;
    fs::rename(&smaller, file)?;
    Ok(())
}
