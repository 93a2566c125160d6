//! The client's source as text, for the checks that read it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// One file of the client.
pub(crate) struct Source {
    /// Its path below `src/`.
    pub(crate) path: String,
    /// Its text without line comments, whose words are not code.
    pub(crate) code: String,
}

/// All Rust files below a folder, by path.
pub(crate) fn below(folder: &Path) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    visit(folder, folder, &mut found)?;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn visit(root: &Path, folder: &Path, found: &mut Vec<Source>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            visit(root, &path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            found.push(Source {
                path: path.strip_prefix(root)?.to_string_lossy().into_owned(),
                code: without_comments(&text),
            });
        }
    }
    Ok(())
}

/// Removes line comments. Doc links may point anywhere.
pub(crate) fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}
