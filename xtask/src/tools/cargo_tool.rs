//! Tools that cargo can build and install.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{announce, folder_of, system};
use crate::process;

/// A program from crates.io in one exact version.
#[derive(Debug)]
pub(super) struct CargoTool {
    pub(super) package: &'static str,
    pub(super) program: &'static str,
    pub(super) version: String,
    /// Why it is needed, as the end of a sentence.
    pub(super) purpose: &'static str,
    pub(super) install_arguments: &'static [&'static str],
}

impl CargoTool {
    /// Returns the folder that holds the program, after installing it into `root` if need be.
    pub(super) fn ensure(&self, root: &Path) -> Result<PathBuf> {
        let installed = root.join("bin");
        if installed.join(self.program).is_file() {
            return Ok(installed);
        }
        if let Some(program) = process::find_on_path(self.program)
            && self.is_version(process::answer(&program, &["--version"]).as_deref())
        {
            return folder_of(&program);
        }
        self.install(root)?;
        Ok(installed)
    }

    /// `trunk 0.21.14`, or `wasm-bindgen 0.2.130` and perhaps more words.
    fn is_version(&self, answer: Option<&str>) -> bool {
        answer.is_some_and(|text| text.split_whitespace().nth(1) == Some(self.version.as_str()))
    }

    fn install(&self, root: &Path) -> Result<()> {
        system::require_c_compiler()?;
        announce(
            &format!("{} {}", self.package, self.version),
            self.purpose,
            "about five minutes, once",
        );
        let mut command = process::cargo();
        command
            .args(["install", "--quiet", self.package, "--version"])
            .arg(&self.version)
            .args(self.install_arguments)
            .arg("--root")
            .arg(root)
            // A build of its own: the tool must not share Keruen's folder or its flags.
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS")
            .current_dir(std::env::temp_dir());
        process::run(&mut command).with_context(|| {
            format!(
                "{} {} could not be installed; install it yourself with cargo and put it on PATH",
                self.package, self.version
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::CargoTool;

    #[test]
    fn only_the_exact_version_counts() {
        let tool = CargoTool {
            package: "trunk",
            program: "trunk",
            version: "0.21.14".to_owned(),
            purpose: "",
            install_arguments: &[],
        };
        assert!(tool.is_version(Some("trunk 0.21.14\n")));
        assert!(!tool.is_version(Some("trunk 0.21.1\n")));
        assert!(!tool.is_version(None));
    }
}
