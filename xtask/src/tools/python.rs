//! Environments of Python: what others wrote to ask and read what Keruen says and writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{announce, system};
use crate::process;
use crate::workspace::Workspace;

/// In the environment's folder once it is whole: what was installed.
const INSTALLED: &str = "installed";

/// Packages in an environment of their own.
struct Environment {
    /// Its folder in that of what is built.
    folder: &'static str,
    /// All packages in exact versions.
    requirements: &'static str,
    /// What people know it by.
    name: &'static str,
    purpose: &'static str,
}

/// The folder of programs of a Python environment with Schemathesis in it, made if need be.
pub(crate) fn ensure_schemathesis(workspace: &Workspace) -> Result<PathBuf> {
    let environment = Environment {
        folder: "api",
        requirements: "xtask/api/requirements.txt",
        name: "Schemathesis",
        purpose: "it asks the server what its description promises",
    };
    environment.ensure(workspace)
}

/// The same with libraries that read what is exported.
pub(crate) fn ensure_readers(workspace: &Workspace) -> Result<PathBuf> {
    let environment = Environment {
        folder: "exports",
        requirements: "xtask/exports/requirements.txt",
        name: "icalendar, lxml and jsonschema",
        purpose: "they read what is exported",
    };
    environment.ensure(workspace)
}

impl Environment {
    fn ensure(&self, workspace: &Workspace) -> Result<PathBuf> {
        let folder = workspace.target.join(self.folder).join("python");
        let requirements = workspace.path(self.requirements);
        let wanted = fs::read_to_string(&requirements)
            .with_context(|| format!("cannot read {}", requirements.display()))?;
        let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        if fs::read_to_string(folder.join(INSTALLED)).is_ok_and(|last| last == wanted) {
            return Ok(programs);
        }
        announce(self.name, self.purpose, "half a minute, from PyPI");
        make_environment(&folder)?;
        let installed = process::run(
            Command::new(programs.join("python"))
                .args(["-m", "pip", "install", "--quiet", "--no-input"])
                .args(["--disable-pip-version-check", "--requirement"])
                .arg(&requirements),
        );
        installed.with_context(|| {
            let name = self.name;
            format!("{name} could not be installed; Python 3.10 or newer and PyPI must be in reach")
        })?;
        fs::write(folder.join(INSTALLED), wanted)
            .with_context(|| format!("cannot write into {}", folder.display()))?;
        Ok(programs)
    }
}

/// A new environment; what an interrupted installation left is taken away.
fn make_environment(folder: &Path) -> Result<()> {
    let python = || process::find_on_path("python3");
    // Debian has the module that puts pip into an environment in a package of its own.
    let is_there = |python: PathBuf| process::answer(python, &["-c", "import venv, ensurepip"]);
    if python().and_then(is_there).is_none() {
        announce(
            "python3 and python3-venv",
            "some of the tests are written in Python",
            "seconds, by apt-get",
        );
        let installed = system::install_packages(&["python3", "python3-venv"]);
        installed.context("install Python 3.10 or newer with its modules venv and ensurepip")?;
    }
    let Some(python) = python() else {
        bail!("apt-get installed Python, but python3 is not on PATH");
    };
    process::run(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(folder),
    )
}
