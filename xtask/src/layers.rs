//! Keeps the layers of the client: which folder of `src/` may use which.
//!
//! Inside one package the compiler does not guard these borders, so this check reads every
//! `crate::…` path and holds it against the table below. ARCHITECTURE.md explains the layers.

use std::path::Path;

use anyhow::Result;

use crate::sources;

/// A layer and the layers it may use.
struct Layer {
    name: &'static str,
    may_use: &'static [&'static str],
    may_use_domain: bool,
}

const LAYERS: [Layer; 8] = [
    Layer {
        name: "config",
        may_use: &[],
        may_use_domain: false,
    },
    Layer {
        name: "platform",
        may_use: &["config"],
        may_use_domain: false,
    },
    Layer {
        name: "i18n",
        may_use: &["platform"],
        may_use_domain: true,
    },
    Layer {
        name: "store",
        may_use: &["platform", "config"],
        may_use_domain: true,
    },
    Layer {
        name: "sync",
        may_use: &["store", "platform", "config"],
        may_use_domain: true,
    },
    Layer {
        name: "state",
        may_use: &["store", "sync", "platform", "config"],
        may_use_domain: true,
    },
    Layer {
        name: "components",
        may_use: &["i18n"],
        may_use_domain: true,
    },
    Layer {
        name: "pages",
        may_use: &["components", "state", "i18n"],
        may_use_domain: true,
    },
];

/// These join the layers and may use all of them.
const JOINTS: [&str; 3] = ["app", "lib", "main"];

/// All that `state` may know of `sync`: the driver, which it starts and asks, the transfer of files, and
/// questions that somebody waits for.
const STATE_MAY_USE_OF_SYNC: [&str; 10] = [
    "AskFailure",
    "Driver",
    "Ended",
    "NotSent",
    "Progress",
    "Sending",
    "Transfer",
    "ask",
    "ask_as_nobody",
    "ask_with",
];

/// The layer that shows texts, and alone reads Markdown.
const MARKDOWN_IS_FOR: &str = "components";

/// The layers that search: one keeps the index, the other marks the words of what was found.
const SEARCH_IS_FOR: [&str; 2] = ["state", "pages"];

/// Reads all of the client and returns one sentence for each arrow that must not exist.
pub(crate) fn violations(source: &Path) -> Result<Vec<String>> {
    let files = sources::below(source)?;
    let found = files
        .iter()
        .flat_map(|file| violations_in(&file.path, &file.code));
    Ok(found.collect())
}

/// The violations of one file, named by its path below `src/`.
fn violations_in(file: &str, code: &str) -> Vec<String> {
    let name = file.split(['/', '\\']).next().unwrap_or(file);
    let name = name.strip_suffix(".rs").unwrap_or(name);
    if JOINTS.contains(&name) {
        return Vec::new();
    }
    let Some(layer) = LAYERS.iter().find(|layer| layer.name == name) else {
        return vec![format!(
            "src/{file}: `{name}` is no layer; give it a row in xtask/src/layers.rs"
        )];
    };
    let mut found: Vec<String> = crate_paths(code)
        .into_iter()
        .filter(|path| !is_allowed(layer, path))
        .map(|path| {
            format!(
                "src/{file}: `{name}` must not use `crate::{}`",
                path.join("::")
            )
        })
        .collect();
    if !layer.may_use_domain && code.contains("keruen_domain") {
        found.push(format!("src/{file}: `{name}` must not use the domain"));
    }
    if name != MARKDOWN_IS_FOR && code.contains("keruen_markdown") {
        found.push(format!("src/{file}: Markdown is for `{MARKDOWN_IS_FOR}`"));
    }
    if !SEARCH_IS_FOR.contains(&name) && code.contains("keruen_search") {
        let layers = SEARCH_IS_FOR.join("` and `");
        found.push(format!("src/{file}: search is for `{layers}`"));
    }
    found.dedup();
    found
}

fn is_allowed(layer: &Layer, path: &[String]) -> bool {
    let Some(used) = path.first() else {
        return true;
    };
    if used == layer.name {
        return true;
    }
    if !layer.may_use.contains(&used.as_str()) {
        return false;
    }
    let is_narrow = layer.name == "state" && used == "sync";
    !is_narrow
        || path
            .get(1)
            .is_some_and(|item| STATE_MAY_USE_OF_SYNC.contains(&item.as_str()))
}

/// Every path that starts with `crate::`, braces resolved.
fn crate_paths(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, start) in code.match_indices("crate::") {
        let is_whole_word = !code[..at].ends_with(|letter: char| is_name(letter) || letter == '$');
        if is_whole_word {
            read_tree(&code[at + start.len()..], &mut Vec::new(), &mut paths);
        }
    }
    paths
}

/// Reads `a::b::{c, d::e}` and returns what follows it.
fn read_tree<'code>(
    code: &'code str,
    prefix: &mut Vec<String>,
    paths: &mut Vec<Vec<String>>,
) -> &'code str {
    let code = code.trim_start();
    if let Some(mut inside) = code.strip_prefix('{') {
        loop {
            inside = inside.trim_start();
            if let Some(rest) = inside.strip_prefix('}') {
                return rest;
            }
            let length = prefix.len();
            let rest = read_tree(inside, prefix, paths).trim_start();
            prefix.truncate(length);
            // Skips what is no part of a path, such as `as name`.
            let Some(end) = rest.find([',', '}']) else {
                return "";
            };
            inside = rest[end..].strip_prefix(',').unwrap_or(&rest[end..]);
        }
    }
    let end = code.find(|letter| !is_name(letter)).unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    prefix.push(name.to_owned());
    match rest.trim_start().strip_prefix("::") {
        Some(rest) => read_tree(rest, prefix, paths),
        None => {
            paths.push(prefix.clone());
            rest
        }
    }
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::violations_in;
    use crate::sources::without_comments;

    #[test]
    fn an_arrow_upwards_is_found_in_every_way_of_writing() {
        for code in [
            "use crate::state::queries;",
            "use crate::{i18n::Text, state::{self, actions}};",
            "fn f() { crate::state::actions::rename() }",
            "use crate::{\n    state as other,\n};",
        ] {
            assert!(
                !violations_in("components/row.rs", code).is_empty(),
                "{code}"
            );
        }
    }

    #[test]
    fn arrows_of_the_table_and_comments_pass() {
        let code = "//! See crate::state.\nuse crate::{i18n::Text, components::Icon};\n\
                    use keruen_domain::Note; // not crate::store";
        assert_eq!(
            violations_in("components/row.rs", &without_comments(code)),
            Vec::<String>::new()
        );
        assert!(violations_in("app.rs", "use crate::{pages, sync, store};").is_empty());
    }

    #[test]
    fn state_sees_only_the_face_of_sync() {
        let code = "use crate::sync::{Driver, Ended, Transfer};";
        assert!(violations_in("state/sync.rs", code).is_empty());
        let code = "use crate::sync::{Driver, transport::send};";
        assert_eq!(violations_in("state/sync.rs", code).len(), 1);
    }

    #[test]
    fn the_platform_knows_nothing_of_the_domain_and_an_unknown_folder_is_named() {
        assert_eq!(
            violations_in("platform/clock.rs", "use keruen_domain::Stamp;").len(),
            1
        );
        assert_eq!(violations_in("helpers/mod.rs", "").len(), 1);
    }

    #[test]
    fn markdown_is_read_where_texts_are_shown() {
        let code = "use keruen_markdown::Node;";
        assert!(violations_in("components/markdown/dom.rs", code).is_empty());
        assert_eq!(violations_in("pages/note.rs", code).len(), 1);
    }

    #[test]
    fn the_index_is_the_states_and_its_bytes_the_stores() {
        let code = "use keruen_search::Index;";
        assert!(violations_in("state/search/live.rs", code).is_empty());
        assert!(violations_in("pages/search.rs", code).is_empty());
        for file in ["store/kept_index.rs", "components/row.rs"] {
            assert_eq!(violations_in(file, code).len(), 1);
        }
    }
}
