use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{View, fields};
use crate::change::Edit;
use crate::id::{EventId, MaterialId, ParseIdError, ProgrammeId, SessionId};
use crate::record::Record;
use crate::text;
use crate::value::FieldKey;

/// What a note is about. Written as `session/018f…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An event.
    Event(EventId),
    /// A session.
    Session(SessionId),
    /// A material.
    Material(MaterialId),
    /// A programme.
    Programme(ProgrammeId),
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(id) => write!(formatter, "event/{id}"),
            Self::Session(id) => write!(formatter, "session/{id}"),
            Self::Material(id) => write!(formatter, "material/{id}"),
            Self::Programme(id) => write!(formatter, "programme/{id}"),
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
            Some(("programme", id)) => id.parse().map(Self::Programme),
            _ => Err(ParseIdError { wanted: "Subject" }),
        }
    }
}

/// The longest tag, in characters.
const MOST_TAG_CHARACTERS: usize = 40;

/// A tag as it is kept, of what somebody typed: without `#`, in small letters, its words joined by single blanks. `None` if
/// nothing is left of it, or too much.
pub fn clean_tag(typed: &str) -> Option<String> {
    let words = typed.trim().trim_start_matches('#').split_whitespace();
    let tag = words.collect::<Vec<_>>().join(" ").to_lowercase();
    let is_long = tag.chars().count() > MOST_TAG_CHARACTERS;
    // A bar stands between the set and its member.
    (!tag.is_empty() && !is_long && !tag.contains(['/', '\0'])).then_some(tag)
}

super::words! {
    /// By what colour a note is found among others.
    NoteColour {
        /// By none.
        None = "",
        /// Felt red.
        Red = "red",
        /// Gold.
        Gold = "gold",
        /// Teal.
        Teal = "teal",
        /// Grey.
        Grey = "grey",
    } fallback None
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

    /// What it was begun about.
    pub fn about(&self) -> Option<Subject> {
        self.text(fields::ABOUT)?.parse().ok()
    }

    /// All that it is about: first what it was begun about, then the rest, in no order that means anything.
    pub fn subjects(&self) -> Vec<Subject> {
        let first = self.about();
        let others = self.0.members(fields::SUBJECTS);
        let others = others.filter_map(|subject| subject.parse().ok());
        let others = others.filter(|subject| Some(*subject) != first);
        first.into_iter().chain(others).collect()
    }

    /// The words by which it is found again, in the order of their letters' codes.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.0.members(fields::TAGS)
    }

    /// Whether it stands above the others.
    pub fn is_pinned(&self) -> bool {
        self.0.value(fields::PINNED).is_set()
    }

    /// Its colour.
    pub fn colour(&self) -> NoteColour {
        NoteColour::from_word_or_fallback(self.text(fields::COLOUR))
    }

    /// When it was begun, in milliseconds since 1970 (UTC).
    pub fn created_ms(&self) -> Option<i64> {
        self.0.value(fields::CREATED).as_number()
    }

    /// Writes what this note says into another one that begins so, with this text.
    pub fn copy_into(&self, edit: &mut Edit<'_>, body: &str) {
        edit.write_text(fields::BODY, body);
        if let Some(created_ms) = self.created_ms() {
            edit.set(FieldKey::register(fields::CREATED), created_ms);
        }
        if let Some(about) = self.about() {
            edit.set(FieldKey::register(fields::ABOUT), about.to_string());
        }
        for subject in self.subjects() {
            let subject = subject.to_string();
            edit.set(FieldKey::member(fields::SUBJECTS, &subject), true);
        }
        for tag in self.tags() {
            edit.set(FieldKey::member(fields::TAGS, tag), true);
        }
        if self.colour() != NoteColour::None {
            edit.set(FieldKey::register(fields::COLOUR), self.colour().word());
        }
    }

    /// When it was last written to, in milliseconds since 1970 (UTC).
    pub fn edited_ms(&self) -> Option<u64> {
        Some(self.0.last_edit()?.time.unix_ms())
    }

    /// Its first line, without Markdown's marks: what lists show.
    pub fn heading(&self) -> String {
        let body = self.body();
        let line = body.lines().map(str::trim).find(|line| !line.is_empty());
        let line = line.unwrap_or("");
        let line = line.trim_start_matches(['#', '>', '-', '*', ' ']);
        let mut boxes = ["[ ] ", "[x] ", "[X] "].into_iter();
        let ticked = boxes.find_map(|tick| line.strip_prefix(tick));
        without_links(ticked.unwrap_or(line))
    }
}

/// A text in Markdown with the words of its links and pictures in place of these: `[words](address)`.
pub fn without_links(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        shown.push_str(before);
        let parts = link.split_once("](");
        let parts = parts.and_then(|(words, after)| Some((words, after.split_once(')')?.1)));
        match parts.filter(|(words, _)| !words.contains('[')) {
            Some((words, after)) => {
                // A picture.
                if shown.ends_with('!') {
                    shown.pop();
                }
                shown.push_str(words);
                rest = after;
            }
            None => {
                shown.push('[');
                rest = link;
            }
        }
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, Hlc};
    use crate::id::{DeviceId, NoteId};
    use crate::record::{Author, Collection, RecordKey, ScopeId};

    #[test]
    fn a_tag_is_kept_in_one_form() {
        assert_eq!(clean_tag("  #Киіз  Басу "), Some("киіз басу".to_owned()));
        for none in ["", " # ", "a/b", &"х".repeat(41)] {
            assert_eq!(clean_tag(none), None, "{none}");
        }
    }

    #[test]
    fn of_links_their_words_are_shown() {
        for (text, shown) in [
            (
                "[The hall is cold.](evidence:obstacle) So",
                "The hall is cold. So",
            ),
            ("a [b](c) [d](e)", "a b d"),
            ("![hall](/materials/1) so!", "hall so!"),
            ("[a] [b](c) [", "[a] b ["),
            ("[a](b", "[a](b"),
            ("қол", "қол"),
        ] {
            assert_eq!(without_links(text), shown);
        }
    }

    #[test]
    fn what_a_note_is_about_is_told_once_each() {
        let id = NoteId::new(1, [1; 10]);
        let key = RecordKey {
            scope: ScopeId::OWN,
            collection: Collection::NOTE,
            id: id.into(),
        };
        let [session, event] = [
            Subject::Session(SessionId::new(1, [2; 10])),
            Subject::Event(EventId::new(1, [3; 10])),
        ];
        let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(1);
        let mut edit = Edit::new(key, None, stamp, Author::Person);
        edit.set(FieldKey::register(fields::ABOUT), session.to_string());
        for subject in [
            session.to_string(),
            event.to_string(),
            "of tomorrow/1".to_owned(),
        ] {
            edit.set(FieldKey::member(fields::SUBJECTS, &subject), true);
        }
        edit.set(FieldKey::member(fields::TAGS, "road"), true);
        let note = Note::of(&Arc::new(edit.finish().expect("an edit"))).expect("a note");
        assert_eq!(note.subjects(), [session, event]);
        assert_eq!(note.tags().collect::<Vec<_>>(), ["road"]);
        assert!(!note.is_pinned());
    }
}
