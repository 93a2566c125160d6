//! The notes and programmes that are searched, and the queries.

use std::fs;
use std::path::{Path, PathBuf};

use keruen_search::{Document, Index};
use serde_json::Value;

/// Something that can be found.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) key: String,
    title: String,
    names: String,
    tags: String,
    body: String,
}

/// A query and what should be found.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) group: String,
    pub(crate) query: String,
    pub(crate) keys: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quality")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All notes and items of the sample programmes.
pub(crate) fn texts() -> Vec<Text> {
    let notes = read(&folder().join("notes.txt"));
    let lines: Vec<&str> = notes.lines().collect();
    let mut texts: Vec<Text> = lines
        .chunks(2)
        .map(|pair| {
            let [head, body] = pair else {
                panic!("{pair:?} is no head with a text");
            };
            let parts: Vec<&str> = head.split(" | ").collect();
            let [key, title, tags] = parts[..] else {
                panic!("{head} is not `key | title | tags`");
            };
            Text {
                key: key.to_owned(),
                title: title.to_owned(),
                tags: tags.to_owned(),
                body: (*body).to_owned(),
                ..Text::default()
            }
        })
        .collect();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    for programme in [
        "aktau-2016",
        "creative-kazakhstan-2025",
        "regional-meetings-2023",
    ] {
        let folder = samples.join(programme);
        let file: Value =
            serde_json::from_str(&read(&folder.join("programme.json"))).expect("JSON");
        texts.push(text_of(&file["programme"], &folder));
        for list in ["events", "people", "materials", "sessions"] {
            let items = file[list].as_array().expect("a list");
            texts.extend(items.iter().map(|item| text_of(item, &folder)));
        }
    }
    texts
}

fn text_of(item: &Value, folder: &Path) -> Text {
    let mut body = [said(&item["summary"]), said(&item["aims"])].join("\n");
    if let Some(files) = item["body_files"].as_object() {
        for file in files.values().filter_map(Value::as_str) {
            body.push_str(&read(&folder.join(file)));
        }
    }
    Text {
        key: item["id"].as_str().expect("an identifier").to_owned(),
        title: [said(&item["title"]), said(&item["name"])]
            .join(" ")
            .trim()
            .to_owned(),
        names: ["city", "venue", "organisation", "post"]
            .map(|field| said(&item[field]))
            .join("\n"),
        tags: said(&item["topic"]),
        body,
    }
}

/// In all languages.
fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(languages) => {
            let texts: Vec<&str> = languages.values().filter_map(Value::as_str).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

/// All queries, in their groups.
pub(crate) fn queries() -> Vec<Asked> {
    let mut group = String::new();
    let mut found = Vec::new();
    for line in read(&folder().join("queries.txt")).lines() {
        if let Some(name) = line.strip_prefix("# ") {
            group = name.to_owned();
            continue;
        }
        let Some((query, keys)) = line.split_once(" | ") else {
            panic!("{line} is not `query | keys`");
        };
        found.push(Asked {
            group: group.clone(),
            query: query.to_owned(),
            keys: keys.split(' ').map(str::to_owned).collect(),
        });
    }
    found
}

/// An index of them.
pub(crate) fn index(texts: &[Text]) -> Index {
    let mut index = Index::new();
    for text in texts {
        index.put(&Document {
            key: text.key.as_bytes(),
            title: &text.title,
            names: &text.names,
            tags: &text.tags,
            body: &text.body,
            ..Document::default()
        });
    }
    index
}

impl Text {
    pub(crate) fn whole(&self) -> String {
        [&*self.title, &self.names, &self.tags, &self.body].join("\n")
    }
}
