//! `wasm-opt`, which makes the client's wasm smaller. Keruen also works without it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::announce;
use crate::process;

/// Binaryen's release, as npm numbers it.
const VERSION: &str = "132.0.0";

/// Finds or installs `wasm-opt`; warns and returns `None` where that is not possible.
pub(super) fn ensure(root: &Path) -> Option<PathBuf> {
    let folder = root.join(format!("binaryen-{VERSION}"));
    let program = folder.join("node_modules").join(".bin").join("wasm-opt");
    if program.is_file() {
        return Some(program);
    }
    if let Some(found) = process::find_on_path("wasm-opt")
        && is_wanted(process::answer(&found, &["--version"]).as_deref())
    {
        return Some(found);
    }
    let Some(npm) = process::find_on_path("npm") else {
        println!(
            "Warning: the client will be about one percent larger, because npm is missing and \
             wasm-opt comes by it; install nodejs and npm to have it."
        );
        return None;
    };
    announce(
        &format!("binaryen {VERSION}"),
        "its wasm-opt makes the client smaller",
        "seconds, by npm",
    );
    let installed = Command::new(npm)
        .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
        .arg(&folder)
        .arg(format!("binaryen@{VERSION}"))
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if installed && program.is_file() {
        return Some(program);
    }
    println!("Warning: npm could not install binaryen {VERSION}; the client will be larger.");
    None
}

/// `wasm-opt version 132 (version_132)`
fn is_wanted(answer: Option<&str>) -> bool {
    let major = VERSION.split('.').next();
    answer.is_some_and(|text| text.split_whitespace().nth(2) == major)
}

#[cfg(test)]
mod tests {
    use super::is_wanted;

    #[test]
    fn an_older_wasm_opt_is_not_taken() {
        assert!(is_wanted(Some("wasm-opt version 132 (version_132)\n")));
        assert!(!is_wanted(Some("wasm-opt version 108\n")));
    }
}
