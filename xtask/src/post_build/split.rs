//! Cuts the program in two: what the app needs until it can be used, and what may come later.
//!
//! Trunk binds the whole program as the compiler made it. Here the compiler's wasm is cut along the
//! functions marked with `wasm_split` (`src/pages/later.rs`), its first part is bound anew in place
//! of Trunk's, and the second is laid beside it. Both use one memory and one table of functions.
//! The cutter's script, which fetches the second part, becomes a part of the generated one: the
//! two name each other, and files are named by their content.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{read_text, write};
use crate::process;

const PROGRAM: &str = "keruen-app";
/// The cutter's script.
const LOADER: &str = "__wasm_split.js";
/// What the cutter's script imports from the generated one, of which it becomes a part.
const LOADER_IMPORT: &str = "import { initSync } from \"./keruen-app.js\";";
/// What it says when the second part cannot be fetched: the app says so itself, in words.
const COMPLAINT: &str = "console.error(e);";
/// How the generated script imports the cutter's, and how it hands it to the wasm.
const SCRIPT_IMPORT: &str = "import * as import1 from \"./__wasm_split.js\"";
const SCRIPT_USE: &str = "\"./__wasm_split.js\": import1,";
/// What the wasm is handed instead.
const LOAD: &str = "__wasm_split_load_later";

/// The second part, as it lies in the build until it is named by its content.
const LATER: &str = "split_later.wasm";

/// Cuts the build in the folder, if it is the app's. `compiled` is the folder of the compiler's
/// wasm.
pub(super) fn split(folder: &Path, compiled: &Path) -> Result<()> {
    let bound = folder.join(format!("{PROGRAM}_bg.wasm"));
    if !bound.is_file() {
        return Ok(());
    }
    let whole = compiled.join(format!("{PROGRAM}.wasm"));
    let parts = Scratch::beside(folder)?;
    process::run(
        Command::new("wasm-split-cli")
            .args(["--out-name", PROGRAM])
            .arg(&whole)
            .arg(&parts.0),
    )?;
    process::run(
        Command::new("wasm-bindgen")
            .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
            .args(["--out-name", PROGRAM, "--out-dir"])
            .arg(folder)
            .arg(parts.0.join(format!("{PROGRAM}.wasm"))),
    )?;
    fs::copy(parts.0.join(LATER), folder.join(LATER)).context("the program has no second part")?;
    let script = folder.join(format!("{PROGRAM}.js"));
    let joined = join(&read_text(&script)?, &read_text(&parts.0.join(LOADER))?)?;
    write(&script, joined)
}

/// One script of the generated one and the cutter's.
fn join(script: &str, loader: &str) -> Result<String> {
    for (text, part, name) in [
        (script, SCRIPT_IMPORT, PROGRAM),
        (script, SCRIPT_USE, PROGRAM),
        (loader, LOADER_IMPORT, LOADER),
        (loader, &format!("export const {LOAD} ="), LOADER),
        (loader, COMPLAINT, LOADER),
    ] {
        ensure!(
            text.matches(part).count() == 1,
            "{name} does not have `{part}` exactly once"
        );
    }
    let script = script
        .replace(SCRIPT_IMPORT, "")
        .replace(SCRIPT_USE, &format!("\"./{LOADER}\": {{ {LOAD} }},"));
    let loader = loader
        .replace(LOADER_IMPORT, "")
        .replace(COMPLAINT, "")
        .replace("export const ", "const ");
    Ok(script + &loader)
}

/// A folder that goes when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(folder: &Path) -> Result<Self> {
        let scratch = folder.with_extension("parts");
        fs::create_dir_all(&scratch)
            .with_context(|| format!("cannot make {}", scratch.display()))?;
        Ok(Self(scratch))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is overwritten by the next build.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "import * as import1 from \"./__wasm_split.js\"\n\nfunction initSync() {}\nconst imports = {\n    \"./__wasm_split.js\": import1,\n};\n";
    const LOADER_TEXT: &str = "import { initSync } from \"./keruen-app.js\";\n\nconsole.error(e);\nexport const __wasm_split_load_later = load(initSync);\n";

    #[test]
    fn the_two_scripts_become_one() {
        let joined = join(SCRIPT, LOADER_TEXT).unwrap();
        assert!(!joined.contains("import ") && !joined.contains("export "));
        assert!(joined.contains("\"./__wasm_split.js\": { __wasm_split_load_later },"));
        assert!(joined.ends_with("const __wasm_split_load_later = load(initSync);\n"));
    }

    #[test]
    fn scripts_of_another_form_are_refused() {
        assert!(join("", LOADER_TEXT).is_err());
        assert!(join(SCRIPT, "").is_err());
    }

    #[test]
    fn a_build_without_the_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        split(folder.path(), Path::new("nowhere")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
