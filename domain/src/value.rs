//! Values and the names of fields.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::model::Language;

/// The content of one field.
///
/// The order of the variants is part of the stored form: add at the end only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Value {
    /// Deliberately empty.
    Nothing,
    /// Yes or no; membership in a set.
    Flag(bool),
    /// A count, an amount, an instant in milliseconds since 1970 (UTC).
    Number(i64),
    /// Text: a title, a Markdown body, a date such as `2025-05-12`.
    Text(Box<str>),
    /// Another record.
    Reference(RecordId),
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The number, if it is one.
    pub const fn as_number(&self) -> Option<i64> {
        if let Self::Number(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The reference, if it is one.
    pub const fn as_reference(&self) -> Option<RecordId> {
        if let Self::Reference(id) = self {
            Some(*id)
        } else {
            None
        }
    }

    /// Whether it is the flag `true`.
    pub const fn is_set(&self) -> bool {
        matches!(self, Self::Flag(true))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<RecordId> for Value {
    fn from(id: RecordId) -> Self {
        Self::Reference(id)
    }
}

/// Names one register of a record.
///
/// | kind of field | form | example |
/// |---|---|---|
/// | register | `name` | `start` |
/// | translated text | `name:language` | `title:kk` |
/// | set | `name/member` | `speakers/018f…` |
/// | long text | `name+stamp` and `name-stamp`, see [`crate::text`] | `body+018b…` |
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "title:kk"))]
#[serde(transparent)]
pub struct FieldKey(Box<str>);

impl FieldKey {
    /// The most bytes that a field's name may have.
    pub const MAX_BYTES: usize = 200;

    /// The name of the register that says whether the record is deleted.
    pub const DELETED: &str = "~deleted";

    /// A plain register.
    pub fn register(name: &str) -> Self {
        Self(name.into())
    }

    /// A translated text in one language.
    pub fn translated(name: &str, language: Language) -> Self {
        Self([name, ":", language.code()].concat().into())
    }

    /// A member of a set.
    pub fn member(set: &str, member: &str) -> Self {
        Self([set, "/", member].concat().into())
    }

    /// The register that says whether the record is deleted.
    pub fn deleted() -> Self {
        Self(Self::DELETED.into())
    }

    /// Whether this is [`FieldKey::deleted`].
    pub fn is_deleted(&self) -> bool {
        &*self.0 == Self::DELETED
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FieldKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for FieldKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}
