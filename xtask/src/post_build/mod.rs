//! What remains to be done after Trunk has built the client.
//!
//! Trunk calls this as its `post_build` hook, when the files are complete and not yet in their
//! final folder. In this order:
//!
//! 1. [`split`]: what may come later is cut off the program.
//! 2. [`wasm`], [`imports`]: a release build's wasm is made smaller.
//! 3. [`sinks`]: no script may make elements from text, which the security policy forbids.
//! 4. [`scripts`]: the scripts lose their comments.
//! 5. [`styles`]: the style sheets become one file, one request on a slow link; then the page loses its comments.
//! 6. [`assets`]: files that may be cached for ever move to `assets/` under a name that holds the
//!    hash of their final bytes. Trunk's own hash is of the wasm before it is optimised, so two
//!    different files could bear one name; therefore Trunk's hashes are off.
//! 7. [`worker`]: the service worker learns the exact list of files and their hashes.
//! 8. [`compress`]: compressed siblings for the server to send.

mod assets;
mod compress;
mod html;
mod imports;
mod scripts;
mod sinks;
mod split;
mod styles;
pub(crate) mod wasm;
mod worker;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// What Trunk tells its hooks, or a test says instead.
#[derive(Debug, clap::Args)]
pub(crate) struct PostBuildOptions {
    /// The folder with the finished files [default: TRUNK_STAGING_DIR]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Make the files as small as possible [default: whether TRUNK_PROFILE is "release"]
    #[arg(long)]
    release: bool,
}

/// Finishes the build in the folder.
pub(crate) fn run(workspace: &Workspace, options: &PostBuildOptions) -> Result<()> {
    let folder = match (&options.folder, std::env::var_os("TRUNK_STAGING_DIR")) {
        (Some(folder), _) => folder.clone(),
        (None, Some(folder)) => PathBuf::from(folder),
        (None, None) => bail!("name the folder of the build with --folder"),
    };
    let is_release =
        options.release || std::env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release");
    let compiled = workspace
        .target
        .join("wasm32-unknown-unknown")
        .join(if is_release { "release" } else { "debug" });
    finish(&folder, &compiled, is_release)
        .with_context(|| format!("cannot finish the build in {}", workspace.shown(&folder)))
}

fn finish(folder: &Path, compiled: &Path, is_release: bool) -> Result<()> {
    split::split(folder, compiled)?;
    if is_release {
        wasm::shrink(folder)?;
        imports::shorten(folder)?;
    }
    sinks::refuse(folder)?;
    scripts::strip(folder)?;
    styles::join(folder)?;
    scripts::strip_page(folder)?;
    assets::name_by_content(folder)?;
    worker::write_file_list(folder)?;
    compress::compress(folder, is_release)
}

/// All files below a folder as paths with `/`, relative to it, in order.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            bail!("{} has no readable name", entry.path().display());
        };
        let relative = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{relative}/"), found)?;
        } else {
            found.push(relative);
        }
    }
    Ok(())
}

/// The part of a file's name after its last dot.
fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}
