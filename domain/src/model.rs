//! The vocabulary, read from records: thin views with typed accessors, and the names of the fields.
//!
//! A view holds its record and reads a field when asked, so that ten thousand of them cost no
//! second copy. Unknown fields and values of an unexpected kind read as absent.

mod agenda;
pub mod fields;
mod language;
mod mark;
mod material;
mod moment;
mod note;
mod programme;

use std::sync::Arc;

pub use agenda::{Session, SessionKind, SessionOutline, SessionStatus};
pub use language::{Language, Translated};
pub use mark::Mark;
pub use material::{FileInfo, Material, MaterialKind, PictureForms};
pub use moment::{Moment, parse_day, parse_wall};
pub use note::{Note, NoteColour, Subject, clean_tag, without_links};
pub use programme::{Event, EventStatus, Person, Programme};

use crate::record::{Collection, Record};

/// A record seen as what it is.
pub trait View: Sized {
    /// The collection whose records are seen so.
    const COLLECTION: Collection;

    /// The view of a record of that collection; `None` for another or a deleted one.
    fn of(record: &Arc<Record>) -> Option<Self>;

    /// The record itself.
    fn record(&self) -> &Arc<Record>;

    /// A translated text.
    fn translated(&self, name: &str) -> Translated {
        Translated::read(self.record(), name)
    }

    /// A text; `None` when absent or empty.
    fn text(&self, name: &str) -> Option<&str> {
        self.record()
            .value(name)
            .as_text()
            .filter(|text| !text.is_empty())
    }

    /// Whether the content of this field was made up for the sample programmes.
    fn is_sample(&self, name: &str) -> bool {
        self.record()
            .members(fields::SAMPLE)
            .any(|member| member == name)
    }
}

macro_rules! view {
    ($(#[$meta:meta])* $name:ident, $id:ident, $collection:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(std::sync::Arc<crate::record::Record>);

        impl crate::model::View for $name {
            const COLLECTION: crate::record::Collection = crate::record::Collection::$collection;

            fn of(record: &std::sync::Arc<crate::record::Record>) -> Option<Self> {
                let fits = record.key.collection == Self::COLLECTION && !record.is_deleted();
                fits.then(|| Self(record.clone()))
            }

            fn record(&self) -> &std::sync::Arc<crate::record::Record> {
                &self.0
            }
        }

        impl $name {
            /// Which one it is.
            pub fn id(&self) -> crate::id::$id {
                self.0.key.id.into()
            }
        }
    };
}

/// An enumeration that is stored as a word. A word that this version does not know reads as the
/// fallback, and the stored word stays as it is.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? } fallback $fallback:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant),+ }

        impl $name {
            /// All of them, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The one with this word, or the fallback.
            pub fn from_word_or_fallback(word: Option<&str>) -> Self {
                word.and_then(Self::from_word).unwrap_or(Self::$fallback)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$fallback
            }
        }
    };
}

pub(crate) use {view, words};
