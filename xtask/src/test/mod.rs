//! Everything that can be seen to work, from lints to journeys in a real browser.
//!
//! The parts run one after another, also when an earlier one has failed, and the last line is
//! the sum: `N passed, N failed`. Tests count one by one; a check counts as one.

mod tally;

use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::ValueEnum;

use crate::api::{self, ApiOptions};
use crate::check;
use crate::client::{self, ClientProfile};
use crate::exports;
use crate::process;
use crate::simulate;
use crate::tools::{self, Needs, Tools};
use crate::workspace::Workspace;
use tally::Tally;

/// Which tests are run.
#[derive(Debug, clap::Args)]
pub(crate) struct TestOptions {
    /// Only this part
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Only tests whose name contains this
    filter: Option<String>,
}

/// What is tested in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Format, layers, documents and lints
    Check,
    /// Tests on this machine
    Native,
    /// Questions to a real server that its description allows and forbids
    Api,
    /// What is exported, as other programs read it
    Exports,
    /// Tests of the client's parts in a browser
    Wasm,
    /// Journeys through the whole system in a browser
    Journeys,
}

/// Tested on this machine, one by one: together, Cargo would unite their features, and a test
/// could pass that fails for the package alone. The client's pure parts are tested here too.
const TESTED: [&str; 9] = [
    "keruen-domain",
    "keruen-formats",
    "keruen-markdown",
    "keruen-search",
    "keruen-server",
    "keruen-xtask",
    "keruen-app",
    "keruen-bench-records",
    "keruen-power-cut",
];
/// Those with examples in their documentation.
const DOCUMENTED: [&str; 4] = [
    "keruen-domain",
    "keruen-formats",
    "keruen-search",
    "keruen-server",
];

/// Runs the chosen parts.
pub(crate) fn run(workspace: &Workspace, options: &TestOptions) -> Result<ExitCode> {
    let is_wanted = |part: Part| options.only.is_none_or(|only| only == part);
    let tools = tools::set_up(workspace, Needs::TESTS)?;
    let session = Session {
        workspace,
        tools: &tools,
        filter: options.filter.as_deref(),
        has_nextest: process::answer("cargo-nextest", &["nextest", "--version"]).is_some(),
    };
    let mut tally = Tally::default();
    if is_wanted(Part::Check) {
        for check in &check::CHECKS {
            tally.record(check.name, check.run(workspace));
        }
    }
    if is_wanted(Part::Native) {
        session.native(&mut tally);
    }
    if is_wanted(Part::Api) && options.filter.is_none() {
        let asked = api::ask_all(workspace, &ApiOptions::FEW);
        tally.record("answers as described", asked);
    }
    if is_wanted(Part::Exports) && options.filter.is_none() {
        tally.record("exports as others read them", exports::read_all(workspace));
    }
    if is_wanted(Part::Wasm) {
        session.wasm(&mut tally);
    }
    if is_wanted(Part::Journeys) {
        session.journeys(&mut tally);
    }
    Ok(tally.finish())
}

/// What all parts share.
struct Session<'run> {
    workspace: &'run Workspace,
    tools: &'run Tools,
    filter: Option<&'run str>,
    has_nextest: bool,
}

impl Session<'_> {
    fn native(&self, tally: &mut Tally) {
        for package in TESTED {
            let mut command = self.test_command(package);
            if package != "keruen-app" {
                command.arg("--all-features");
            }
            tally.run(package, &mut command);
        }
        // Histories are played in a build of their own, where many take little time.
        let mut command = self.test_command(simulate::PACKAGE);
        let profile = match self.has_nextest {
            true => "--cargo-profile",
            false => "--profile",
        };
        command.args([profile, simulate::PROFILE]);
        tally.run(simulate::PACKAGE, &mut command);
        // nextest does not run the examples in documentation.
        if self.has_nextest && self.filter.is_none() {
            for package in DOCUMENTED {
                let mut command = self.cargo(&["test", "--quiet", "--doc", "--all-features"]);
                command.args(["--package", package]);
                tally.run("documentation", &mut command);
            }
        }
    }

    fn wasm(&self, tally: &mut Tally) {
        let mut command = self.cargo(&["test", "--no-fail-fast", "--package", "keruen-app"]);
        command.args(["--target", "wasm32-unknown-unknown"]);
        command.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        );
        // All of a program's tests count as one; the runner's own patience ends on a busy machine.
        command.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
        if let Some(filter) = self.filter {
            command.args(["--", filter]);
        }
        tally.run("the client in a browser", &mut command);
    }

    fn journeys(&self, tally: &mut Tally) {
        let prepared =
            client::build(self.workspace, self.tools, ClientProfile::Test).and_then(|client| {
                process::run(&mut self.cargo(&["build", "--quiet", "--package", "keruen-server"]))?;
                Ok(client)
            });
        let client = match prepared {
            Ok(client) => client,
            Err(error) => return tally.record("the build for the journeys", Err(error)),
        };
        let mut command = self.test_command("keruen-e2e");
        command.args(["--features", "browser"]);
        command.env("KERUEN_E2E_CLIENT", client);
        command.env("KERUEN_E2E_SERVER", self.server());
        if let Ok(xtask) = std::env::current_exe() {
            command.env("KERUEN_E2E_XTASK", xtask);
        }
        tally.run("journeys", &mut command);
    }

    fn server(&self) -> std::path::PathBuf {
        let name = format!("keruen{}", std::env::consts::EXE_SUFFIX);
        self.workspace.target.join("debug").join(name)
    }

    /// nextest where there is one, since it runs tests beside each other; else cargo's own.
    fn test_command(&self, package: &str) -> Command {
        let mut command = if self.has_nextest {
            self.cargo(&[
                "nextest",
                "run",
                "--color",
                "never",
                "--no-fail-fast",
                "--no-tests=pass",
            ])
        } else {
            self.cargo(&["test", "--quiet", "--no-fail-fast"])
        };
        command.args(["--package", package]);
        if let Some(filter) = self.filter {
            command.arg(filter);
        }
        command
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = process::cargo();
        command
            .args(arguments)
            // A failed condition says where it was; the stack of its error only hides that.
            .env("RUST_LIB_BACKTRACE", "0")
            .current_dir(&self.workspace.root);
        self.tools.apply(&mut command);
        command
    }
}
