//! What only the operating system can give.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::process;

/// Fails with one sentence when there is no C compiler.
pub(super) fn require_c_compiler() -> Result<()> {
    if ["cc", "gcc", "clang"]
        .iter()
        .any(|program| process::find_on_path(program).is_some())
    {
        return Ok(());
    }
    bail!("a C compiler is needed; on Debian install it with `apt-get install build-essential`")
}

/// Fails with one sentence when there is no C++ compiler.
pub(super) fn require_cpp_compiler() -> Result<()> {
    if ["c++", "g++", "clang++"]
        .iter()
        .any(|program| process::find_on_path(program).is_some())
    {
        return Ok(());
    }
    bail!("a C++ compiler is needed; on Debian install it with `apt-get install build-essential`")
}

/// Installs Debian packages, as root or through a sudo that asks nothing.
pub(super) fn install_packages(packages: &[&str]) -> Result<()> {
    if process::find_on_path("apt-get").is_none() {
        bail!("this system has no apt-get");
    }
    let is_root = process::answer("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    if !is_root && process::answer("sudo", &["-n", "true"]).is_none() {
        bail!("apt-get needs root, and sudo would ask for a password");
    }
    let mut install = vec!["install", "--yes", "--quiet=2", "--no-install-recommends"];
    install.extend_from_slice(packages);
    apt_get(is_root, &["update", "--quiet=2"])?;
    apt_get(is_root, &install)
}

fn apt_get(is_root: bool, arguments: &[&str]) -> Result<()> {
    let mut command = if is_root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    };
    command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    process::run(&mut command)
}
