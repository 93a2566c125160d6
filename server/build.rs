//! Compiles the words of the pages that the server writes: its own, and those that it has in common
//! with the client.
//!
//! A word that is missing in a language ends the build with the file and the key.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use toml::{Table, Value};

const LANGUAGES: [&str; 3] = ["kk", "ru", "en"];
/// The server's own words, a file for each language.
const OWN: &str = "words";
/// The client's, a folder for each language.
const CLIENT: &str = "../locales";

/// What is taken from the client's words: file and keys.
const TAKEN: [(&str, &[&str]); 4] = [
    (
        "agenda",
        &[
            "kind_opening",
            "kind_strategic_session",
            "kind_lecture",
            "kind_workshop",
            "kind_project_work",
            "kind_group_work",
            "kind_discussion",
            "kind_knowledge_sharing",
            "kind_site_visit",
            "kind_exhibition",
            "kind_assessment",
            "kind_break",
            "kind_closing",
            "materials",
            "speakers",
            "status_announced",
            "status_cancelled",
            "title",
            "venue_time",
        ],
    ),
    ("calendar", &["my_agenda"]),
    (
        "common",
        &[
            "app_name",
            "in_english",
            "in_kazakh",
            "in_russian",
            "sample",
            "sample_explanation",
            "size_bytes",
            "size_gigabytes",
            "size_kilobytes",
            "size_megabytes",
        ],
    ),
    (
        "materials",
        &[
            "author",
            "download",
            "empty_title",
            "kind_audio",
            "kind_file",
            "kind_link",
            "kind_picture",
            "kind_text",
            "kind_video",
            "licence",
            "open_link",
        ],
    ),
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={OWN}");
    println!("cargo::rerun-if-changed={CLIENT}");
    let mut code = String::from("// Written by build.rs. Do not edit.\n\n");
    let measure = words(LANGUAGES[LANGUAGES.len() - 1])?;
    code.push_str("/// The words of one language.\npub(crate) struct Words {\n");
    for (name, text) in &measure {
        let _ = writeln!(
            code,
            "    /// “{text}”\n    pub(crate) {name}: &'static str,"
        );
    }
    code.push_str("}\n");
    for language in LANGUAGES {
        let words = words(language)?;
        if words.len() != measure.len() {
            println!("cargo::error={OWN}/{language}.toml has other keys than the others");
        }
        let name = language.to_ascii_uppercase();
        let _ = writeln!(code, "\nstatic {name}: Words = Words {{");
        for (name, text) in words {
            let _ = writeln!(code, "    {name}: {text:?},");
        }
        code.push_str("};\n");
    }
    let folder = env::var_os("OUT_DIR").map(PathBuf::from);
    fs::write(folder.unwrap_or_default().join("words.rs"), code)
}

/// The words of a language, each with its name: that of the file and that of the key.
fn words(language: &str) -> io::Result<Vec<(String, String)>> {
    let mut words = Vec::new();
    let own = read(&Path::new(OWN).join(format!("{language}.toml")))?;
    for (key, value) in &own {
        words.push((key.clone(), text(value, language, key)));
    }
    for (file, keys) in TAKEN {
        let path = Path::new(CLIENT)
            .join(language)
            .join(format!("{file}.toml"));
        let table = read(&path)?;
        for key in keys {
            let value = table.get(*key).unwrap_or(&Value::Boolean(false));
            words.push((format!("{file}_{key}"), text(value, language, key)));
        }
    }
    Ok(words)
}

fn read(path: &Path) -> io::Result<Table> {
    fs::read_to_string(path)?.parse().map_err(io::Error::other)
}

fn text(value: &Value, language: &str, key: &str) -> String {
    let Some(text) = value.as_str() else {
        println!("cargo::error=there is no text `{key}` in {language}");
        return String::new();
    };
    text.to_owned()
}
