//! Removes from the generated script what only readers need.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::{files_below, read_text};

/// The script that wasm-bindgen generates: the one beside a wasm of the same name. Scripts written
/// by hand stay as they are: they are short, and people may read them.
pub(super) fn strip_generated(folder: &Path) -> Result<()> {
    for name in files_below(folder)? {
        if let Some(stem) = name.strip_suffix("_bg.wasm") {
            let script = folder.join(format!("{stem}.js"));
            if script.is_file() {
                let stripped = without_comments_and_indentation(&read_text(&script)?);
                fs::write(&script, stripped)?;
            }
        }
    }
    Ok(())
}

/// Drops indentation, empty lines, and comments that have lines of their own. The generated script
/// has no text that spans lines, in which those would mean something; the browser tests run it.
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
    fn only_the_script_of_a_wasm_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("a_bg.wasm", ""), ("a.js", "  1;\n"), ("b.js", "  2;\n")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        strip_generated(folder.path()).unwrap();
        assert_eq!(
            fs::read_to_string(folder.path().join("a.js")).unwrap(),
            "1;\n"
        );
        assert_eq!(
            fs::read_to_string(folder.path().join("b.js")).unwrap(),
            "  2;\n"
        );
    }
}
