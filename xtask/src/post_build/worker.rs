//! Writes the list of the build's files into the service worker.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use super::{extension, files_below, read_text, write};
use crate::fingerprint::sha256_hex;

const WORKER: &str = "service-worker.js";
/// The lines of `public/service-worker.js` that a build fills in.
const VERSION_LINE: &str = "const VERSION = \"unbuilt\";";
const FILES_LINE: &str = "const FILES = {};";

/// Fills the version and the files with their hashes into the service worker.
pub(super) fn write_file_list(folder: &Path) -> Result<()> {
    let mut files = Vec::new();
    for path in files_below(folder)? {
        if is_listed(&path) {
            let hash = sha256_hex(&fs::read(folder.join(&path))?);
            files.push((path, hash));
        }
    }
    let worker = folder.join(WORKER);
    write(&worker, fill(&read_text(&worker)?, &files)?)
}

/// What a phone keeps for the app to work without a network.
fn is_listed(path: &str) -> bool {
    let is_fixed = [WORKER, "service-worker-off.js", "robots.txt"].contains(&path);
    // The browser itself keeps the icons of an installed app; they would burden a slow first visit.
    let is_install_icon = path.starts_with("icons/") && extension(path) == "png";
    !is_fixed && !is_install_icon && !["br", "gz", "map"].contains(&extension(path))
}

fn fill(template: &str, files: &[(String, String)]) -> Result<String> {
    let mut list = String::from("const FILES = {\n");
    for (path, hash) in files {
        if path.contains(['"', '\\']) {
            bail!("{path} cannot be written in a script");
        }
        // Writing to a String does not fail.
        let _ = writeln!(list, "  \"/{path}\": \"{hash}\",");
    }
    list.push_str("};");
    let version = &sha256_hex(list.as_bytes())[..16];
    let with_version = replace_once(
        template,
        VERSION_LINE,
        &format!("const VERSION = \"{version}\";"),
    )?;
    replace_once(&with_version, FILES_LINE, &list)
}

fn replace_once(text: &str, from: &str, to: &str) -> Result<String> {
    if text.matches(from).count() != 1 {
        bail!("{WORKER} does not have the line `{from}` exactly once");
    }
    Ok(text.replacen(from, to, 1))
}

#[cfg(test)]
mod tests {
    use super::{fill, is_listed};

    const TEMPLATE: &str = "const VERSION = \"unbuilt\";\nconst FILES = {};\n";

    fn files(hash: &str) -> Vec<(String, String)> {
        vec![("index.html".to_owned(), hash.to_owned())]
    }

    #[test]
    fn the_version_follows_from_the_files() {
        let one = fill(TEMPLATE, &files("1")).unwrap();
        assert!(one.contains("\"/index.html\": \"1\","));
        assert_eq!(one, fill(TEMPLATE, &files("1")).unwrap());
        let version = |text: &str| text.lines().next().unwrap().to_owned();
        assert_ne!(
            version(&one),
            version(&fill(TEMPLATE, &files("2")).unwrap())
        );
    }

    #[test]
    fn a_worker_without_its_lines_is_refused() {
        assert!(fill("const FILES = {};", &files("1")).is_err());
    }

    #[test]
    fn neither_the_worker_nor_compressed_siblings_are_listed() {
        assert!(is_listed("index.html") && is_listed("assets/app-0.js"));
        assert!(!is_listed("service-worker.js") && !is_listed("icons/icon-512.png"));
        assert!(is_listed("icons/favicon.svg") && !is_listed("assets/app-0.js.br"));
    }
}
