use std::fmt;
use std::str::FromStr;

use super::{View, fields};
use crate::id::{EventId, MaterialId, ParseIdError, SessionId};

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
    /// Its text in Markdown.
    pub fn body(&self) -> &str {
        self.text(fields::BODY).unwrap_or("")
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
    pub fn heading(&self) -> &str {
        let line = self
            .body()
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty());
        line.unwrap_or("")
            .trim_start_matches(['#', '>', '-', '*', ' '])
    }

    /// Other texts that people wrote at the same time and that lost to [`Note::body`].
    pub fn other_bodies(&self) -> impl Iterator<Item = &str> {
        let register = self.0.field(fields::BODY);
        register
            .into_iter()
            .flat_map(|register| register.others())
            .filter_map(|version| version.value.as_text())
    }
}
