//! What an import did, for people and for programs.

use std::fmt;

use keruen_domain::model::fields;
use keruen_domain::{Collection, FieldKey, Language, Record};
use serde::Serialize;

use crate::draft::{Draft, RecordDraft};
use crate::problem::Notice;

/// The story of one imported file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What the file was.
    pub format: &'static str,
    /// The programme's identifier.
    pub programme: String,
    /// What the programme is called.
    pub title: String,
    /// Records that were not there before.
    pub added: Counts,
    /// Records of which something changed.
    pub changed: Counts,
    /// Records that stayed as they were.
    pub unchanged: Counts,
    /// Records in which a person's word was left standing against the file's.
    pub kept: Vec<Kept>,
    /// Records that an earlier import brought and that the file no longer holds. They stay.
    pub missing: Vec<Entry>,
    /// Entries of the file that were left out, and why.
    pub skipped: Vec<Notice>,
    /// What else should be known.
    pub warnings: Vec<Notice>,
}

/// How many records of each collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them.
    pub total: usize,
    /// Programmes.
    pub programmes: usize,
    /// Events.
    pub events: usize,
    /// Sessions.
    pub sessions: usize,
    /// Materials.
    pub materials: usize,
    /// People's cards.
    pub people: usize,
}

/// A record, as people would recognise it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What it is.
    pub collection: String,
    /// Its identifier.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Where it stands in the file, if it does.
    pub place: Option<String>,
}

/// A record in which a person decided otherwise than the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Which one.
    pub entry: Entry,
    /// In which fields; `~deleted` if a person deleted it.
    pub fields: Vec<String>,
}

impl Entry {
    pub(crate) fn of(draft: &RecordDraft) -> Self {
        Self {
            collection: draft.key.collection.to_string(),
            id: draft.key.id.to_string(),
            title: draft.label.clone(),
            place: Some(draft.place.to_string()),
        }
    }

    /// A record that is there and not in the file.
    pub(crate) fn missing(record: &Record) -> Self {
        Self {
            collection: record.key.collection.to_string(),
            id: record.key.id.to_string(),
            title: title_of(record),
            place: None,
        }
    }
}

fn title_of(record: &Record) -> String {
    let languages = [Language::English, Language::Russian, Language::Kazakh];
    let translated = languages.map(|language| FieldKey::translated(fields::TITLE, language));
    let plain = [fields::TITLE, fields::NAME].map(FieldKey::register);
    let title = translated
        .iter()
        .chain(&plain)
        .find_map(|key| record.value(key.as_str()).as_text());
    title.unwrap_or_default().to_owned()
}

impl Counts {
    /// Counts one more.
    pub fn count(&mut self, collection: Collection) {
        self.total += 1;
        if let Some(of_kind) = self.of(collection) {
            *of_kind += 1;
        }
    }

    /// Counts one less.
    pub fn discount(&mut self, collection: Collection) {
        self.total = self.total.saturating_sub(1);
        if let Some(of_kind) = self.of(collection) {
            *of_kind = of_kind.saturating_sub(1);
        }
    }

    fn of(&mut self, collection: Collection) -> Option<&mut usize> {
        match collection {
            Collection::PROGRAMME => Some(&mut self.programmes),
            Collection::EVENT => Some(&mut self.events),
            Collection::SESSION => Some(&mut self.sessions),
            Collection::MATERIAL => Some(&mut self.materials),
            Collection::PERSON => Some(&mut self.people),
            _ => None,
        }
    }
}

impl Report {
    pub(crate) fn of(draft: &Draft) -> Self {
        Self {
            format: draft.format.name(),
            programme: draft.programme.to_string(),
            title: draft.title.clone(),
            added: Counts::default(),
            changed: Counts::default(),
            unchanged: Counts::default(),
            kept: Vec::new(),
            missing: Vec::new(),
            skipped: draft.skipped.clone(),
            warnings: draft.warnings.clone(),
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.total)?;
        let kinds = [
            ("programme", "programmes", self.programmes),
            ("event", "events", self.events),
            ("session", "sessions", self.sessions),
            ("material", "materials", self.materials),
            ("person", "people", self.people),
        ];
        let mut separator = " (";
        for (one, several, count) in kinds {
            if count > 0 {
                let name = if count == 1 { one } else { several };
                write!(formatter, "{separator}{count} {name}")?;
                separator = ", ";
            }
        }
        if separator == ", " {
            formatter.write_str(")")?;
        }
        Ok(())
    }
}

/// How many lines of one sort are printed; `--json` has them all.
const LINES: usize = 50;

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} ({})", self.title, self.format)?;
        writeln!(formatter, "  added:     {}", self.added)?;
        writeln!(formatter, "  changed:   {}", self.changed)?;
        writeln!(formatter, "  unchanged: {}", self.unchanged)?;
        list(formatter, "kept as people changed it", &self.kept, |kept| {
            if kept.fields.iter().any(|field| field == "~deleted") {
                format!("{}: deleted by a person", kept.entry)
            } else {
                format!("{}: {}", kept.entry, kept.fields.join(", "))
            }
        })?;
        list(
            formatter,
            "no longer in the file, not deleted",
            &self.missing,
            Entry::to_string,
        )?;
        list(formatter, "skipped", &self.skipped, Notice::to_string)?;
        list(formatter, "warnings", &self.warnings, Notice::to_string)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} \"{}\"", self.collection, self.title)
    }
}

fn list<T>(
    formatter: &mut fmt::Formatter<'_>,
    heading: &str,
    items: &[T],
    line: impl Fn(&T) -> String,
) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(formatter, "  {heading}: {}", items.len())?;
    for item in items.iter().take(LINES) {
        writeln!(formatter, "    - {}", line(item))?;
    }
    if items.len() > LINES {
        let rest = items.len() - LINES;
        writeln!(formatter, "    - and {rest} more; --json lists all")?;
    }
    Ok(())
}
