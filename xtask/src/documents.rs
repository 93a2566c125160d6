//! Keeps the documents true where a program can: what they point to must be there.
//!
//! Two kinds of pointers are followed: links to other files, and tests named as
//! `path/to/file.rs::name_of_test`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Reads all documents and returns one sentence for each pointer that leads nowhere.
pub(crate) fn faults(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for document in documents(root)? {
        let path = root.join(&document);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let folder = path.parent().unwrap_or(root);
        for link in links(&text) {
            if !folder.join(link).exists() {
                found.push(format!(
                    "{}: the link {link} leads nowhere",
                    document.display()
                ));
            }
        }
        for (file, test) in named_tests(&text) {
            let source = fs::read_to_string(root.join(file)).unwrap_or_default();
            if !source.contains(&format!("fn {test}(")) {
                found.push(format!(
                    "{}: there is no test {test} in {file}",
                    document.display()
                ));
            }
        }
    }
    Ok(found)
}

/// The documents at the root and in `docs/`, relative to the root.
fn documents(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/decisions"] {
        let folder = root.join(folder);
        if !folder.is_dir() {
            continue;
        }
        for entry in
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?
        {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path.strip_prefix(root)?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The targets of links within the project, without their fragments. What stands between backticks is an example.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split('`').step_by(2);
    let behind = prose.flat_map(|part| part.split("](").skip(1));
    behind.filter_map(|rest| {
        let (target, _) = rest.split_once(')')?;
        let (path, _) = target.split_once('#').unwrap_or((target, ""));
        let is_ours = !path.is_empty() && !path.contains("://") && !path.starts_with("mailto:");
        is_ours.then_some(path)
    })
}

/// Tests written as `file.rs::name` between backticks.
fn named_tests(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.split_once(".rs::").map(|(file, _)| (code, file.len())))
        .map(|(code, length)| (&code[..length + 3], &code[length + 5..]))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::faults;

    fn faults_of(document: &str) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("docs")).unwrap();
        fs::write(root.path().join("README.md"), "# Read me").unwrap();
        fs::write(
            root.path().join("merge.rs"),
            "fn order_does_not_matter() {}",
        )
        .unwrap();
        fs::write(root.path().join("docs/page.md"), document).unwrap();
        faults(root.path()).unwrap()
    }

    #[test]
    fn pointers_that_lead_somewhere_pass() {
        let document = "[a](../README.md#top), [b](#here), [c](https://example.org/x.md), \
                        `merge.rs::order_does_not_matter`, `Store::save`, `![words](/materials/ID)`";
        assert_eq!(faults_of(document), Vec::<String>::new());
    }

    #[test]
    fn a_link_to_a_file_that_went_is_found() {
        let found = faults_of("see [there](gone.md)");
        assert_eq!(found, ["docs/page.md: the link gone.md leads nowhere"]);
        assert_eq!(faults_of("see [`code`](gone.md)"), found);
    }

    #[test]
    fn a_test_or_file_that_was_renamed_is_found() {
        assert_eq!(faults_of("`merge.rs::order_matters`").len(), 1);
        assert_eq!(faults_of("`other.rs::order_does_not_matter`").len(), 1);
    }
}
