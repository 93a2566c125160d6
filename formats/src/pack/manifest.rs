//! What is in a pack, for programs.

use std::collections::{BTreeMap, HashMap};

use keruen_domain::{ContentHash, ProgrammeId};
use tinyjson::JsonValue;

use super::zip::{Entry, clean_name};
use super::{
    Damage, FILES, MANIFEST, MOST_MANIFEST_BYTES, MOST_RECORDS_BYTES, NOTES, PROGRAMME, README,
};

const FORMAT: &str = "keruen-pack";
const VERSION: f64 = 1.0;

/// What is in a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// When it was made, by the maker's clock in milliseconds since 1970 (UTC).
    pub made_ms: u64,
    /// Of which programme.
    pub programme: ProgrammeId,
    /// What that is called, for people.
    pub title: String,
    /// The programme's records.
    pub records: RecordsEntry,
    /// Notes that whoever made it gave along.
    pub notes: Option<RecordsEntry>,
    /// Files of materials.
    pub files: Vec<FileEntry>,
}

/// A page of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordsEntry {
    /// Its SHA-256.
    pub sha256: ContentHash,
    /// Its length.
    pub size_bytes: u64,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Its SHA-256: by this name materials know it.
    pub sha256: ContentHash,
    /// Its length.
    pub size_bytes: u64,
    /// What it is.
    pub media_type: String,
    /// What it is called.
    pub name: String,
}

impl FileEntry {
    /// What its entry is called.
    pub fn entry_name(&self) -> String {
        format!("{FILES}{}/{}", self.sha256, clean_name(&self.name))
    }
}

impl Manifest {
    /// As it stands in the pack.
    pub fn to_json(&self) -> String {
        let records = |name: &str, entry: &RecordsEntry| {
            object([
                ("path", text(name)),
                ("sha256", text(&entry.sha256.to_string())),
                ("bytes", number(entry.size_bytes)),
            ])
        };
        let files = self.files.iter().map(|file| {
            object([
                ("path", text(&file.entry_name())),
                ("sha256", text(&file.sha256.to_string())),
                ("bytes", number(file.size_bytes)),
                ("type", text(&file.media_type)),
                ("name", text(&file.name)),
            ])
        });
        let mut known = vec![
            ("format", text(FORMAT)),
            ("version", JsonValue::Number(VERSION)),
            ("made_ms", number(self.made_ms)),
            ("programme", text(&self.programme.to_string())),
            ("title", text(&self.title)),
            ("records", records(PROGRAMME, &self.records)),
            ("files", JsonValue::Array(files.collect())),
        ];
        known.extend(
            self.notes
                .as_ref()
                .map(|notes| ("notes", records(NOTES, notes))),
        );
        // The library keeps no order; people read it from the top.
        let sorted: BTreeMap<_, _> = known.into_iter().collect();
        let lines = sorted.iter().map(|(name, value)| {
            let value = value.stringify().unwrap_or_default();
            format!("  \"{name}\": {value}")
        });
        let lines: Vec<String> = lines.collect();
        ["{\n", &lines.join(",\n"), "\n}\n"].concat()
    }

    /// Reads it, and compares it with the directory: the same entries, of the same lengths, and no others.
    pub fn read(bytes: &[u8], entries: &[Entry]) -> Result<Self, Damage> {
        let broken = || Damage::Broken(MANIFEST.to_owned());
        let json = std::str::from_utf8(bytes).map_err(|_| broken())?;
        if bytes.len() > MOST_MANIFEST_BYTES as usize || nesting(json) > DEEPEST {
            return Err(Damage::TooMuch(MANIFEST));
        }
        let json: JsonValue = json.parse().map_err(|_| broken())?;
        let root = Object(json.get().ok_or_else(broken)?);
        if root.text("format") != Some(FORMAT) {
            return Err(Damage::NoPack);
        }
        match root.number("version") {
            Some(1) => {}
            Some(2..) => return Err(Damage::Newer),
            _ => return Err(broken()),
        }
        let read = || {
            let notes = match root.0.get("notes") {
                Some(notes) => Some(Object(notes.get()?).records(NOTES)?),
                None => None,
            };
            let files: &Vec<JsonValue> = root.0.get("files")?.get()?;
            let files = files.iter().map(|file| Object(file.get()?).file());
            Some(Self {
                made_ms: root.number("made_ms")?,
                programme: root.text("programme")?.parse().ok()?,
                title: root.text("title")?.to_owned(),
                records: Object(root.0.get("records")?.get()?).records(PROGRAMME)?,
                notes,
                files: files.collect::<Option<_>>()?,
            })
        };
        let manifest: Self = read().ok_or_else(broken)?;
        manifest.compare(entries)?;
        Ok(manifest)
    }

    fn compare(&self, entries: &[Entry]) -> Result<(), Damage> {
        let mut known: BTreeMap<String, Option<u64>> = BTreeMap::new();
        known.insert(README.to_owned(), None);
        known.insert(MANIFEST.to_owned(), None);
        known.insert(PROGRAMME.to_owned(), Some(self.records.size_bytes));
        if let Some(notes) = &self.notes {
            known.insert(NOTES.to_owned(), Some(notes.size_bytes));
        }
        for file in &self.files {
            // Each is read through: nobody is to have one read a thousand times.
            let before = known.insert(file.entry_name(), Some(file.size_bytes));
            if before.is_some() {
                return Err(Damage::Broken(MANIFEST.to_owned()));
            }
        }
        let mut pages = [Some(&self.records), self.notes.as_ref()].into_iter();
        if pages.any(|page| page.is_some_and(|page| page.size_bytes > MOST_RECORDS_BYTES.into())) {
            return Err(Damage::TooMuch("records"));
        }
        for entry in entries {
            match known.remove(&entry.name) {
                Some(None) => {}
                Some(Some(size_bytes)) if size_bytes == u64::from(entry.size_bytes) => {}
                Some(_) => return Err(Damage::WrongContent(entry.name.clone())),
                None => return Err(Damage::Broken(entry.name.clone())),
            }
        }
        match known.into_keys().next() {
            Some(missing) => Err(Damage::Broken(missing)),
            None => Ok(()),
        }
    }
}

/// How deep the values of a manifest lie in each other. The library reads what lies deeper by calling itself.
const DEEPEST: usize = 8;

fn nesting(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut is_in_text, mut is_escaped) = (false, false);
    for letter in json.bytes() {
        match letter {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_in_text,
            b'"' => is_in_text = !is_in_text,
            b'{' | b'[' if !is_in_text => depth += 1,
            b'}' | b']' if !is_in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

struct Object<'a>(&'a HashMap<String, JsonValue>);

impl Object<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        let text: &String = self.0.get(name)?.get()?;
        Some(text)
    }

    /// A whole number that every program reads alike.
    fn number(&self, name: &str) -> Option<u64> {
        const MOST: f64 = 9_007_199_254_740_991.0;
        let number: f64 = *self.0.get(name)?.get()?;
        let is_whole = (0.0..=MOST).contains(&number) && number.fract() == 0.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, and between 0 and 2^53"
        )]
        is_whole.then_some(number as u64)
    }

    fn records(&self, path: &str) -> Option<RecordsEntry> {
        (self.text("path")? == path).then_some(())?;
        Some(RecordsEntry {
            sha256: self.text("sha256")?.parse().ok()?,
            size_bytes: self.number("bytes")?,
        })
    }

    fn file(&self) -> Option<FileEntry> {
        let file = FileEntry {
            sha256: self.text("sha256")?.parse().ok()?,
            size_bytes: self.number("bytes")?,
            media_type: self.text("type")?.to_owned(),
            name: self.text("name")?.to_owned(),
        };
        (self.text("path")? == file.entry_name()).then_some(file)
    }
}

fn object<const N: usize>(fields: [(&str, JsonValue); N]) -> JsonValue {
    let fields = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    JsonValue::Object(fields.collect())
}

fn text(text: &str) -> JsonValue {
    JsonValue::String(text.to_owned())
}

fn number(number: u64) -> JsonValue {
    #[expect(clippy::cast_precision_loss, reason = "exact for 9,000 terabytes")]
    JsonValue::Number(number as f64)
}
