//! Format, layers, documents and lints.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::documents;
use crate::layers;
use crate::markup;
use crate::process;
use crate::workspace::Workspace;

/// The packages that run on this machine; the client is checked for the browser.
pub(crate) const NATIVE_PACKAGES: [&str; 13] = [
    "keruen-domain",
    "keruen-formats",
    "keruen-markdown",
    "keruen-search",
    "keruen-server",
    "keruen-simulation",
    "keruen-xtask",
    "keruen-e2e",
    "keruen-bench-files",
    "keruen-bench-records",
    "keruen-bench-server",
    "keruen-bench-push",
    "keruen-power-cut",
];
/// Those that run in a browser.
const BROWSER_PACKAGES: [&str; 4] = [
    "keruen-app",
    "keruen-bench-page",
    "keruen-bench-search",
    "keruen-drill-page",
];

/// One thing that is right or wrong.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    run: fn(&Workspace) -> Result<()>,
}

impl Check {
    /// Runs it; the error says what is wrong.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<()> {
        println!("Checking the {}.", self.name);
        (self.run)(workspace)
    }
}

/// All checks. The words of the interface are checked by the build itself.
pub(crate) const CHECKS: [Check; 7] = [
    Check {
        name: "format",
        run: format,
    },
    Check {
        name: "layers",
        run: check_layers,
    },
    Check {
        name: "absence of markup from text",
        run: check_markup,
    },
    Check {
        name: "documents",
        run: check_documents,
    },
    Check {
        name: "absence of mistakes on purpose",
        run: check_mutations,
    },
    Check {
        name: "lints of the native packages",
        run: native_lints,
    },
    Check {
        name: "lints of the client",
        run: client_lints,
    },
];

/// Runs all checks, also after one has failed.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut failed = 0;
    for check in &CHECKS {
        if let Err(error) = check.run(workspace) {
            eprintln!("xtask: {error:#}");
            failed += 1;
        }
    }
    println!("{} passed, {failed} failed", CHECKS.len() - failed);
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn format(workspace: &Workspace) -> Result<()> {
    process::run(
        process::cargo()
            .args(["fmt", "--all", "--check"])
            .current_dir(&workspace.root),
    )
}

fn native_lints(workspace: &Workspace) -> Result<()> {
    let mut clippy = process::cargo();
    clippy.args(["clippy", "--quiet", "--all-targets", "--all-features"]);
    for package in NATIVE_PACKAGES {
        clippy.args(["--package", package]);
    }
    clippy.args(["--", "-D", "warnings"]);
    process::run(clippy.current_dir(&workspace.root))
}

fn client_lints(workspace: &Workspace) -> Result<()> {
    let mut clippy = process::cargo();
    clippy.args(["clippy", "--quiet", "--all-targets"]);
    clippy.args(["--target", "wasm32-unknown-unknown"]);
    for package in BROWSER_PACKAGES {
        clippy.args(["--package", package]);
    }
    clippy.args(["--", "-D", "warnings"]);
    process::run(clippy.current_dir(&workspace.root))
}

/// The simulation makes mistakes on purpose; what is released must not be able to.
fn check_mutations(workspace: &Workspace) -> Result<()> {
    let can_make_mistakes = |package: &str| -> Result<bool> {
        let mut tree = process::cargo();
        tree.args(["tree", "--package", package, "--edges", "normal,build"])
            .args(["--prefix", "none", "--format", "{p} {f}", "--target", "all"])
            .current_dir(&workspace.root);
        let output = tree.output().context("cannot run cargo")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut domain = text
            .lines()
            .filter(|line| line.starts_with("keruen-domain "));
        Ok(domain.any(|line| line.contains("mutations")))
    };
    for package in ["keruen-app", "keruen-server"] {
        if can_make_mistakes(package)? {
            bail!("{package} is built with `keruen-domain/mutations`");
        }
    }
    if !can_make_mistakes("keruen-simulation")? {
        bail!("the simulation cannot make mistakes: this check looks for the wrong thing");
    }
    Ok(())
}

fn check_layers(workspace: &Workspace) -> Result<()> {
    let violations = layers::violations(&workspace.path("src"))?;
    if violations.is_empty() {
        return Ok(());
    }
    bail!("the layers are not kept:\n  {}", violations.join("\n  "))
}

fn check_markup(workspace: &Workspace) -> Result<()> {
    let violations = markup::violations(&workspace.path("src"))?;
    if violations.is_empty() {
        return Ok(());
    }
    bail!("text must stay text:\n  {}", violations.join("\n  "))
}

fn check_documents(workspace: &Workspace) -> Result<()> {
    let faults = documents::faults(&workspace.root)?;
    if faults.is_empty() {
        return Ok(());
    }
    bail!(
        "the documents point to what is not there:\n  {}",
        faults.join("\n  ")
    )
}
