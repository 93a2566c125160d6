//! Notes as Markdown files, as other programs keep them: a few lines between `---` that say when, by which words and about
//! what, then the text as it is.
//!
//! ```text
//! ---
//! created: "2025-05-13T04:30:00Z"
//! updated: "2025-05-13T05:10:00Z"
//! tags: ["road", "hubs"]
//! colour: "gold"
//! pinned: true
//! about: ["Creative hubs: group 1 (session/0196c8…)"]
//! keruen: "0196c8…"
//! ---
//!
//! Who runs the hub?
//! ```
//!
//! The lines are YAML whose texts are written as in JSON (YAML 1.2.2, section 1.3).

mod attached;
mod read;

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat};
use keruen_domain::NoteId;
use keruen_domain::model::{NoteColour, Subject};
use tinyjson::JsonValue;

use crate::pack::zip::clean_name;

pub use attached::{FOLDER, attached_name, attached_names, comparable};
pub use read::{MOST_FILE_BYTES, ReadNote, Unreadable, read};

/// What stands before and behind the lines about a note.
const FENCE: &str = "---";

/// A note on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteFile {
    /// Which.
    pub id: NoteId,
    /// What lists show of it.
    pub heading: String,
    /// Its text.
    pub body: String,
    /// When it was begun, in milliseconds since 1970 (UTC).
    pub created_ms: Option<i64>,
    /// When it was last changed, likewise.
    pub edited_ms: Option<i64>,
    /// The words by which it is found again.
    pub tags: Vec<String>,
    /// By what colour it is found.
    pub colour: NoteColour,
    /// Whether it stands above the others.
    pub is_pinned: bool,
    /// What it is about, with what that is called.
    pub about: Vec<(Subject, String)>,
}

impl NoteFile {
    /// The file.
    pub fn to_markdown(&self) -> String {
        let mut lines = vec![FENCE.to_owned()];
        let mut line = |key: &str, value: String| lines.push([key, ": ", &value].concat());
        for (key, time_ms) in [("created", self.created_ms), ("updated", self.edited_ms)] {
            if let Some(time) = time_ms.and_then(DateTime::from_timestamp_millis) {
                line(
                    key,
                    quoted(&time.to_rfc3339_opts(SecondsFormat::Secs, true)),
                );
            }
        }
        if !self.tags.is_empty() {
            line("tags", list(self.tags.iter().cloned()));
        }
        if self.colour != NoteColour::None {
            line("colour", quoted(self.colour.word()));
        }
        if self.is_pinned {
            line("pinned", "true".to_owned());
        }
        if !self.about.is_empty() {
            let about = self.about.iter();
            let about = about.map(|(subject, title)| format!("{title} ({subject})"));
            line("about", list(about));
        }
        line("keruen", quoted(&self.id.to_string()));
        lines.extend([FENCE.to_owned(), String::new(), self.body.clone()]);
        lines.join("\n")
    }

    /// What its file is called, if it is alone.
    pub fn name(&self) -> String {
        [&stem(&self.heading), ".md"].concat()
    }
}

fn quoted(text: &str) -> String {
    let value = JsonValue::String(text.to_owned());
    value.stringify().unwrap_or_default()
}

fn list(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<String> = texts.map(|text| quoted(&text)).collect();
    ["[", &texts.join(", "), "]"].concat()
}

/// What a file may be called on every system, of a heading.
fn stem(heading: &str) -> String {
    // Names that Windows keeps for itself, whatever follows the point.
    const KEPT: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let bare = heading.replace('.', " ");
    let name = clean_name(&bare);
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let letters = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if KEPT.contains(&letters.to_lowercase().as_str()) {
        return [&name, "-"].concat();
    }
    name
}

/// What the files of these notes are called beside each other, in the same order.
pub fn names(notes: &[NoteFile]) -> Vec<String> {
    // On some systems names that differ only in capitals are the same.
    let mut taken = BTreeSet::new();
    let name = |note: &NoteFile| {
        let stem = stem(&note.heading);
        let mut name = note.name();
        let mut number = 2;
        while !taken.insert(name.to_lowercase()) {
            name = format!("{stem} {number}.md");
            number += 1;
        }
        name
    };
    notes.iter().map(name).collect()
}

#[cfg(test)]
mod tests;
