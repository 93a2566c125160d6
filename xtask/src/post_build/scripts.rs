//! Removes from the scripts what only readers need.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::assets::FIXED_SCRIPTS;
use super::{extension, files_below, read_text};

/// Every script of the app. The service workers stay as they are: operators may read them.
pub(super) fn strip(folder: &Path) -> Result<()> {
    for name in files_below(folder)? {
        if extension(&name) == "js" && !FIXED_SCRIPTS.contains(&name.as_str()) {
            let script = folder.join(name);
            let stripped = without_comments_and_indentation(&read_text(&script)?);
            fs::write(&script, stripped)?;
        }
    }
    Ok(())
}

/// Drops indentation, empty lines, and comments that have lines of their own. No script has a text
/// that spans lines, in which those would mean something; the browser tests run them.
fn without_comments_and_indentation(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    let mut in_comment = false;
    for line in script.lines().map(str::trim) {
        let begins = line.starts_with("/*");
        if begins || in_comment {
            in_comment = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_and_words_for_readers_go() {
        let script = "/* @ts-self-types=\"./a.d.ts\" */\n\n/**\n * @returns {number}\n */\nexport function one() {\n    // why\n    return \"/* not a comment */\";\n}\n";
        let stripped = without_comments_and_indentation(script);
        assert_eq!(
            stripped,
            "export function one() {\nreturn \"/* not a comment */\";\n}\n"
        );
    }

    #[test]
    fn the_workers_stay_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["start.js", "service-worker.js"];
        for name in names {
            fs::write(folder.path().join(name), "// why\n  1;\n").unwrap();
        }
        strip(folder.path()).unwrap();
        let texts = names.map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
        assert_eq!(texts, ["1;\n", "// why\n  1;\n"]);
    }
}
