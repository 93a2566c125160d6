//! Names files by their content, so that they may be cached for ever.
//!
//! Everything in `assets/` is immutable: a name holds the hash of the bytes, a changed file has
//! another name. A file that names others is renamed after them, since its own bytes change.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use super::{extension, files_below, read_text, write};
use crate::fingerprint::sha256_hex;

/// The folder of immutable files.
pub(crate) const ASSETS: &str = "assets";

/// The page that everything starts from; its address never changes.
pub(super) const PAGE: &str = "index.html";
/// Starts the wasm; written by hand, see `public/start.js`.
const START: &str = "start.js";
/// Not a part of the application's modules: their addresses are fixed.
pub(super) const FIXED_SCRIPTS: [&str; 2] = ["service-worker.js", "service-worker-off.js"];

/// Moves scripts, wasm and styles to `assets/` and mends every mention of them.
pub(super) fn name_by_content(folder: &Path) -> Result<()> {
    let mut renamed: Vec<Renamed> = Vec::new();
    fs::create_dir_all(folder.join(ASSETS))?;
    for path in in_order_of_mention(files_below(folder)?) {
        let file = folder.join(&path);
        let mut content = fs::read(&file)?;
        if extension(&path) == "js" {
            let script = mend(read_text(&file)?, &renamed, "./");
            if path.starts_with("snippets/") && script.contains("from './") {
                bail!("{path} imports another file by a relative path, which is not supported");
            }
            content = script.into_bytes();
        }
        let name = content_name(&path, &content);
        write(&folder.join(ASSETS).join(&name), &content)?;
        fs::remove_file(&file)?;
        renamed.push(Renamed { path, name });
    }
    if folder.join("snippets").is_dir() {
        fs::remove_dir_all(folder.join("snippets"))?;
    }
    let page = folder.join(PAGE);
    let html = mend(read_text(&page)?, &renamed, &format!("/{ASSETS}/"));
    write(&page, html)
}

/// A file that has got a name by its content.
struct Renamed {
    path: String,
    name: String,
}

/// Those that are mentioned come before those that mention them.
fn in_order_of_mention(paths: Vec<String>) -> Vec<String> {
    let mut ordered: Vec<(u8, String)> = paths
        .into_iter()
        .filter_map(|path| rank(&path).map(|rank| (rank, path)))
        .collect();
    ordered.sort();
    ordered.into_iter().map(|(_, path)| path).collect()
}

/// `None` for files that keep their name.
fn rank(path: &str) -> Option<u8> {
    if FIXED_SCRIPTS.contains(&path) {
        return None;
    }
    match extension(path) {
        "wasm" | "css" => Some(0),
        "js" if path.starts_with("snippets/") => Some(1),
        "js" if path == START => Some(3),
        "js" => Some(2),
        _ => None,
    }
}

/// `snippets/crate-1/inline0.js` becomes `inline0-0123456789abcdef.js`.
fn content_name(path: &str, content: &[u8]) -> String {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let hash = &sha256_hex(content)[..16];
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{name}-{hash}"),
    }
}

/// Replaces every quoted mention of a renamed file.
///
/// A mention is `'PATH'`, `'./PATH'` or `'/PATH'` in either kind of quotes.
fn mend(mut text: String, renamed: &[Renamed], prefix: &str) -> String {
    for Renamed { path, name } in renamed {
        for quote in ['"', '\''] {
            for before in ["", "./", "/"] {
                text = text.replace(
                    &format!("{quote}{before}{path}{quote}"),
                    &format!("{quote}{prefix}{name}{quote}"),
                );
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::name_by_content;
    use crate::post_build::files_below;

    fn site(wasm: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        file(
            "index.html",
            "<script src=\"/start.js\"></script><link href=\"/app.css\"><p>app.js",
        );
        file("app.css", "p{}");
        file(
            "start.js",
            "import init from './app.js'; init('./app_bg.wasm');",
        );
        file(
            "app.js",
            "import { one } from './snippets/s-1/inline0.js'; new URL('app_bg.wasm', base);",
        );
        file("snippets/s-1/inline0.js", "export const one = 1;");
        file("app_bg.wasm", wasm);
        file("service-worker.js", "// stays");
        file("icons/icon.svg", "<svg/>");
        folder
    }

    fn find(folder: &Path, start: &str, end: &str) -> String {
        files_below(folder)
            .unwrap()
            .into_iter()
            .find_map(|path| {
                let name = path.strip_prefix("assets/")?;
                (name.starts_with(start) && name.ends_with(end)).then(|| name.to_owned())
            })
            .unwrap()
    }

    #[test]
    fn every_mention_follows_the_new_names() {
        let folder = site("wasm");
        name_by_content(folder.path()).unwrap();
        let text = |path: String| fs::read_to_string(folder.path().join(path)).unwrap();

        let wasm = find(folder.path(), "app_bg-", ".wasm");
        let glue = find(folder.path(), "app-", ".js");
        let start = find(folder.path(), "start-", ".js");
        let snippet = find(folder.path(), "inline0-", ".js");
        let page = text("index.html".to_owned());
        assert!(page.contains(&format!("\"/assets/{start}\"")), "{page}");
        assert!(
            page.ends_with("<p>app.js"),
            "only quoted mentions change: {page}"
        );
        let start = text(format!("assets/{start}"));
        assert!(start.contains(&format!("'./{glue}'")) && start.contains(&format!("'./{wasm}'")));
        let glue = text(format!("assets/{glue}"));
        assert!(glue.contains(&format!("'./{snippet}'")) && glue.contains(&format!("'./{wasm}'")));
        assert!(folder.path().join("service-worker.js").is_file());
        assert!(folder.path().join("icons/icon.svg").is_file());
        assert!(!folder.path().join("snippets").exists());
    }

    #[test]
    fn other_bytes_of_the_wasm_change_the_names_of_all_that_mention_it() {
        let one = site("one");
        let two = site("two");
        name_by_content(one.path()).unwrap();
        name_by_content(two.path()).unwrap();
        for (start, end) in [("app_bg-", ".wasm"), ("app-", ".js"), ("start-", ".js")] {
            assert_ne!(find(one.path(), start, end), find(two.path(), start, end));
        }
        assert_eq!(
            find(one.path(), "app-", ".css"),
            find(two.path(), "app-", ".css")
        );
    }
}
