use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{View, fields};
use crate::id::{EventId, MaterialId, ParseIdError, SessionId};
use crate::record::Record;
use crate::text;

/// What a note is about. Written as `session/018f…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An event.
    Event(EventId),
    /// A session.
    Session(SessionId),
    /// A material.
    Material(MaterialId),
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(id) => write!(formatter, "event/{id}"),
            Self::Session(id) => write!(formatter, "session/{id}"),
            Self::Material(id) => write!(formatter, "material/{id}"),
        }
    }
}

impl FromStr for Subject {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        match text.split_once('/') {
            Some(("event", id)) => id.parse().map(Self::Event),
            Some(("session", id)) => id.parse().map(Self::Session),
            Some(("material", id)) => id.parse().map(Self::Material),
            _ => Err(ParseIdError { wanted: "Subject" }),
        }
    }
}

super::view! {
    /// What a participant writes.
    Note, NoteId, NOTE
}

impl Note {
    /// The note of a record that is deleted but holds its text still.
    pub fn deleted(record: &Arc<Record>) -> Option<Self> {
        let fits = record.key.collection == Self::COLLECTION && record.is_deleted();
        let note = fits.then(|| Self(record.clone()))?;
        (!note.body().is_empty()).then_some(note)
    }

    /// Its text in Markdown.
    pub fn body(&self) -> Cow<'_, str> {
        text::read(&self.0, fields::BODY)
    }

    /// What it is about.
    pub fn about(&self) -> Option<Subject> {
        self.text(fields::ABOUT)?.parse().ok()
    }

    /// When it was begun, in milliseconds since 1970 (UTC).
    pub fn created_ms(&self) -> Option<i64> {
        self.0.value(fields::CREATED).as_number()
    }

    /// When it was last written to, in milliseconds since 1970 (UTC).
    pub fn edited_ms(&self) -> Option<u64> {
        Some(self.0.last_edit()?.time.unix_ms())
    }

    /// Its first line, without Markdown's marks: what lists show.
    pub fn heading(&self) -> String {
        let body = self.body();
        let line = body.lines().map(str::trim).find(|line| !line.is_empty());
        line.unwrap_or("")
            .trim_start_matches(['#', '>', '-', '*', ' '])
            .to_owned()
    }
}
