//! The programs that building and testing need: found, or installed once.
//!
//! A tool lives in a folder of its own, `NAME-VERSION`, below `KERUEN_TOOLS` (by default
//! `~/.cache/keruen/tools`), so that several checkouts share it and two versions do not meet.
//! A tool on `PATH` is taken when it has the wanted version. Looking costs no process when the
//! folder is there, which keeps a second run at milliseconds. What is written in Python lives in the project's `target/`,
//! since an environment of Python's cannot be moved.

mod browser;
mod cargo_tool;
mod python;
mod system;
mod wasm_opt;
pub(crate) mod wasm_target;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;
use cargo_tool::CargoTool;

pub(crate) use python::{ensure_readers, ensure_schemathesis};

/// Builds the client: compiles, binds and copies.
const TRUNK_VERSION: &str = "0.21.14";
/// Cuts what may come later off the client; goes with `wasm_split_helpers` in Cargo.lock.
const WASM_SPLIT_VERSION: &str = "0.2.4";
/// Builds and runs the fuzz targets.
const CARGO_FUZZ_VERSION: &str = "0.13.1";

/// What a machine whose power can be cut is made with.
const MACHINE_PROGRAMS: [&str; 2] = ["linux.uml", "mkfs.ext4"];

/// What a chore is about to use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs {
    browser: bool,
    wasm_opt: bool,
}

impl Needs {
    /// The small build of the client.
    pub(crate) const CLIENT: Self = Self {
        browser: false,
        wasm_opt: true,
    };
    /// Tests: a quick build of the client, and a browser.
    pub(crate) const TESTS: Self = Self {
        browser: true,
        wasm_opt: false,
    };
    /// All of it.
    pub(crate) const EVERYTHING: Self = Self {
        browser: true,
        wasm_opt: true,
    };
}

/// The tools that were found or installed.
#[derive(Debug)]
pub(crate) struct Tools {
    path: OsString,
    /// Makes the wasm smaller; `None` where it cannot be had.
    wasm_opt: Option<PathBuf>,
    browser: Option<browser::Browser>,
}

impl Tools {
    /// Whether a release build will be made smaller.
    pub(crate) fn has_wasm_opt(&self) -> bool {
        self.wasm_opt.is_some()
    }

    /// The program that makes a release build smaller.
    pub(crate) fn wasm_opt(&self) -> Option<&Path> {
        self.wasm_opt.as_deref()
    }

    /// The browser's program, if the chore asked for one.
    pub(crate) fn browser(&self) -> Option<&Path> {
        self.browser.as_ref().map(|browser| &*browser.program)
    }

    /// Lets a program find the tools before any others of the same name.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env("PATH", &self.path);
        if let Some(wasm_opt) = &self.wasm_opt {
            command.env("KERUEN_WASM_OPT", wasm_opt);
        }
        if let Some(browser) = &self.browser {
            command.env("CHROMEDRIVER", &browser.driver);
            command.env("KERUEN_BROWSER", &browser.program);
        }
    }
}

/// Finds what `needs` names and installs what is missing, one printed line for each.
pub(crate) fn set_up(workspace: &Workspace, needs: Needs) -> Result<Tools> {
    let root = tools_folder()?;
    wasm_target::ensure()?;

    let trunk = CargoTool {
        package: "trunk",
        program: "trunk",
        version: TRUNK_VERSION.to_owned(),
        purpose: "it builds the client",
        install_arguments: &["--locked", "--no-default-features", "--features", "rustls"],
    };
    let Some(bindgen_version) = workspace.locked_version("wasm-bindgen")? else {
        bail!("Cargo.lock does not name wasm-bindgen, so its tool's version is unknown");
    };
    let wasm_bindgen = CargoTool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: bindgen_version,
        purpose: "it joins the wasm with JavaScript and must have the version in Cargo.lock",
        // Not --locked: the lock file in the package names a version that is gone.
        install_arguments: &[],
    };

    let wasm_split = CargoTool {
        package: "wasm_split_cli_support",
        program: "wasm-split-cli",
        version: WASM_SPLIT_VERSION.to_owned(),
        purpose: "it cuts what a first visit does not need off the client",
        install_arguments: &["--locked", "--features", "build-binary"],
    };

    let folders = vec![
        trunk.ensure(&root.join(format!("trunk-{}", trunk.version)))?,
        wasm_bindgen.ensure(&root.join(format!("wasm-bindgen-{}", wasm_bindgen.version)))?,
        wasm_split.ensure(&root.join(format!("wasm-split-{WASM_SPLIT_VERSION}")))?,
    ];
    let wasm_opt = if needs.wasm_opt {
        wasm_opt::ensure(&root)
    } else {
        None
    };
    let browser = if needs.browser {
        Some(browser::ensure()?)
    } else {
        None
    };

    Ok(Tools {
        path: path_with(folders)?,
        wasm_opt,
        browser,
    })
}

/// A `PATH` on which `cargo fuzz` is found, after installing it if need be.
pub(crate) fn path_with_cargo_fuzz() -> Result<OsString> {
    system::require_cpp_compiler()?;
    let cargo_fuzz = CargoTool {
        package: "cargo-fuzz",
        program: "cargo-fuzz",
        version: CARGO_FUZZ_VERSION.to_owned(),
        purpose: "it builds and runs the fuzz targets",
        install_arguments: &["--locked"],
    };
    let root = tools_folder()?.join(format!("cargo-fuzz-{CARGO_FUZZ_VERSION}"));
    path_with(vec![cargo_fuzz.ensure(&root)?])
}

/// Makes sure that a machine can be run on this one whose power can be cut.
pub(crate) fn ensure_machine() -> Result<()> {
    // Not every person's PATH has the folders for administrators.
    let is_program = |program: &&str| {
        process::find_on_path(program).is_some()
            || ["/usr/sbin", "/sbin"]
                .iter()
                .any(|folder| Path::new(folder).join(program).is_file())
    };
    let is_there = || MACHINE_PROGRAMS.iter().all(is_program);
    if is_there() {
        return Ok(());
    }
    announce(
        "user-mode-linux and e2fsprogs",
        "a machine in a process, whose power can be cut",
        "seconds, by apt-get",
    );
    let installed = system::install_packages(&["user-mode-linux", "e2fsprogs"]);
    installed.context("install User-Mode Linux (linux.uml) and mkfs.ext4, and put both on PATH")?;
    if !is_there() {
        bail!("apt-get installed User-Mode Linux, but linux.uml or mkfs.ext4 is not on PATH");
    }
    Ok(())
}

/// Folders before those of `PATH`.
fn path_with(mut folders: Vec<PathBuf>) -> Result<OsString> {
    if let Some(path) = env::var_os("PATH") {
        folders.extend(env::split_paths(&path));
    }
    env::join_paths(folders).context("PATH holds a folder with a separator in it")
}

/// `KERUEN_TOOLS`, or a folder in the person's cache.
fn tools_folder() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("KERUEN_TOOLS") {
        return Ok(PathBuf::from(folder));
    }
    let cache = match env::var_os("XDG_CACHE_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => env::home_dir()
            .context("there is no home folder for the tools; set KERUEN_TOOLS to one")?
            .join(".cache"),
    };
    Ok(cache.join("keruen").join("tools"))
}

/// Says what is about to be installed and why: the only line a set-up prints for it.
fn announce(what: &str, purpose: &str, cost: &str) {
    println!("Installing {what}: {purpose} ({cost}).");
}

/// The folder that holds a program.
fn folder_of(program: &Path) -> Result<PathBuf> {
    program
        .parent()
        .map(Path::to_path_buf)
        .with_context(|| format!("{} is in no folder", program.display()))
}
