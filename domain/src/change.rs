//! Edits as data.
//!
//! A [`Change`] is a small record: the fields it writes, each with what its writer had seen.
//! Applying a change is merging it, so it may come late, twice, or in any order.

use serde::{Deserialize, Serialize};

use crate::clock::Stamp;
use crate::id::ChangeId;
use crate::merge::is_news;
use crate::mutation::{self, Mutation};
use crate::record::{Author, Record, RecordKey, Register, Version};
use crate::value::{FieldKey, Value};

/// One edit of one record, with an identifier under which the server answers it once and for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// Made on the device; never used for other content once the change has been sent.
    pub id: ChangeId,
    /// The fields that it writes.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::record::RecordForm))]
    pub record: Record,
}

/// Builds the record of one change: what a person or a program does to a record in one go.
///
/// ```
/// # use keruen_domain::{*, model::fields};
/// # let key = RecordKey { scope: ScopeId::OWN, collection: Collection::NOTE, id: RecordId::new(1, [0; 10]) };
/// # let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(1);
/// let mut edit = Edit::new(key, None, stamp, Author::Person);
/// edit.set(FieldKey::register(fields::BODY), "Ask about the budget");
/// let written = edit.finish().expect("a new text is an edit");
/// assert_eq!(written.value(fields::BODY).as_text(), Some("Ask about the budget"));
/// ```
pub struct Edit<'a> {
    before: Option<&'a Record>,
    /// What stands in the record now.
    current: Option<&'a Record>,
    /// Changes of this record that are neither in it nor on their way.
    set_aside: &'a [Record],
    delta: Record,
    stamp: Stamp,
    author: Author,
}

impl<'a> Edit<'a> {
    /// An edit of the record at `key`, by somebody who had `before` in front of them.
    ///
    /// The stamp comes from a clock that has observed `before`: a device's second write under a
    /// stamp that is not greater than its first would count as known and gone.
    pub const fn new(
        key: RecordKey,
        before: Option<&'a Record>,
        stamp: Stamp,
        author: Author,
    ) -> Self {
        Self {
            before,
            current: before,
            set_aside: &[],
            delta: Record::new(key),
            stamp,
            author,
        }
    }

    /// The same for a writer who may not have seen all that stands in the record now, and whose
    /// earlier changes may have been refused and may be offered again. A piece of a text is added
    /// to only where no other version of it exists or may come back.
    #[must_use]
    pub const fn on(mut self, current: Option<&'a Record>, set_aside: &'a [Record]) -> Self {
        self.current = current;
        self.set_aside = set_aside;
        self
    }

    pub(crate) const fn key(&self) -> RecordKey {
        self.delta.key
    }

    pub(crate) const fn before(&self) -> Option<&'a Record> {
        self.before
    }

    /// Whether no other version of this field, of which the writer knows `register`, exists or may
    /// come back.
    pub(crate) fn is_alone(&self, key: &FieldKey, register: &Register) -> bool {
        let current = self.current.and_then(|record| record.field(key.as_str()));
        let mut set_aside = self.set_aside.iter();
        mutation::is(Mutation::GoesOnInAnyPiece)
            || current == Some(register)
                && set_aside.all(|change| change.field(key.as_str()).is_none())
    }

    pub(crate) const fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(crate) const fn author(&self) -> Author {
        self.author
    }

    /// Writes a version into a field, whose register the writer had seen.
    pub(crate) fn put(&mut self, key: FieldKey, before: Option<&Register>, value: Value) {
        let version = Version {
            stamp: self.stamp,
            author: self.author,
            value,
        };
        self.delta.write(key, before, version);
    }

    /// Writes a field. Says nothing if that is what stands there already, undisputed.
    pub fn set(&mut self, key: FieldKey, value: impl Into<Value>) -> &mut Self {
        let value = value.into();
        let before = self.before.and_then(|record| record.field(key.as_str()));
        if is_news(before, &value, self.author) {
            self.put(key, before, value);
        }
        self
    }

    /// Deletes the record: marks it and removes all content that the deleting person had seen.
    ///
    /// Which characters of a text were removed stays known: that is no content, and a piece whose
    /// writer goes on meanwhile must not show them again.
    pub fn delete(&mut self) -> &mut Self {
        self.set(FieldKey::deleted(), true);
        for (key, register) in self.before.into_iter().flat_map(Record::fields) {
            if !key.is_deleted() && !key.is_removals() && register.winner().is_some() {
                self.delta.clear(key.clone(), register);
            }
        }
        self
    }

    /// Takes a deletion back: unmarks the record and writes again what `content` held, but for
    /// pieces of a text that stand there: they have all that they had and more.
    pub fn restore(&mut self, content: &Record) -> &mut Self {
        self.set(FieldKey::deleted(), false);
        for (key, register) in content.fields() {
            let current = self.before.and_then(|record| record.field(key.as_str()));
            let is_there = current.is_some_and(|register| register.winner().is_some());
            let is_kept = is_there && (key.is_piece() || key.is_removals());
            if !key.is_deleted() && !is_kept {
                self.set(key.clone(), register.value().clone());
            }
        }
        self
    }

    /// What was written, or `None` if nothing was.
    pub fn finish(self) -> Option<Record> {
        let wrote = self.delta.fields().next().is_some();
        wrote.then_some(self.delta)
    }

    /// What was written, for a writer who may not have seen all that stands in the record now.
    ///
    /// What the same device wrote in another tab would count as known, as a device's own writes
    /// do, and be gone. So the change holds it too. `current` has taken in all earlier changes of
    /// this device.
    pub fn finish_beside(self, current: &Record) -> Option<Finished> {
        let (before, stamp) = (self.before, self.stamp);
        let seen = self.finish()?;
        let mut change = seen.clone();
        change.hold_beside(before, current, stamp);
        Some(Finished { seen, change })
    }
}

/// A finished edit by somebody who may not have seen all that stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// What the writer knows to have written: merged into what they had in front of them, it is
    /// what they have in front of them now.
    pub seen: Record,
    /// What is to be stored and sent.
    pub change: Record,
}
