//! Removes from the scripts and the page what only readers need.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::assets::{FIXED_SCRIPTS, PAGE};
use super::{extension, files_below, read_text, write};

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

/// The page that starts the app.
pub(super) fn strip_page(folder: &Path) -> Result<()> {
    let page = folder.join(PAGE);
    let stripped = without_html_comments(&read_text(&page)?);
    write(&page, stripped)
}

/// Drops indentation, empty lines, and comments that are a line of their own. The page has no text in which lines mean
/// something.
fn without_html_comments(page: &str) -> String {
    let lines = page.lines().map(str::trim);
    let is_comment = |line: &str| line.starts_with("<!--") && line.ends_with("-->");
    let lines = lines.filter(|line| !line.is_empty() && !is_comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
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
    fn the_page_keeps_all_but_its_comments() {
        let page = "<!doctype html>\n<head>\n\n  <!-- why -->\n  <title>Keruen</title> <!-- so -->\n</head>\n";
        assert_eq!(
            without_html_comments(page),
            "<!doctype html>\n<head>\n<title>Keruen</title> <!-- so -->\n</head>\n"
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
