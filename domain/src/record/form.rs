//! The stored and sent form of a record.
//!
//! Most fields of a record were written together, so stamps stand once in a table and fields point
//! into it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::{Author, Record, RecordKey, Register, Version};
use crate::clock::{Hlc, Stamp};
use crate::id::DeviceId;
use crate::value::{FieldKey, Value};

#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Record))]
pub(crate) struct RecordForm {
    /// Where the record is.
    key: RecordKey,
    /// All stamps that the fields mention.
    stamps: Vec<Stamp>,
    /// The fields that this record, or this part of one, holds.
    fields: Vec<FieldForm>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Field))]
struct FieldForm {
    /// The field's name.
    key: FieldKey,
    /// The value that counts and the concurrent ones that people wrote.
    versions: Vec<VersionForm>,
    /// Indices of stamps: what the versions replaced, the latest stamp per device.
    seen: Vec<u32>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Version))]
struct VersionForm {
    /// Index of its stamp.
    stamp: u32,
    /// Who chose the value.
    author: Author,
    /// The value.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::FieldValue))]
    value: Value,
}

/// The stamps that a record mentions, in the order of their first mention.
#[derive(Default)]
struct StampTable {
    stamps: Vec<Stamp>,
    indices: BTreeMap<Stamp, u32>,
}

impl StampTable {
    fn of(record: &Record) -> Self {
        let mut table = Self::default();
        for register in record.fields.values() {
            let seen = register.seen.iter();
            let seen = seen.map(|(device, time)| stamp_of(*device, *time));
            let written = register.versions.iter().map(|version| version.stamp);
            for stamp in written.chain(seen) {
                table.indices.entry(stamp).or_insert_with(|| {
                    table.stamps.push(stamp);
                    u32::try_from(table.stamps.len() - 1).unwrap_or(u32::MAX)
                });
            }
        }
        table
    }

    fn index_of(&self, stamp: Stamp) -> u32 {
        self.indices.get(&stamp).copied().unwrap_or(u32::MAX)
    }
}

const fn stamp_of(device: DeviceId, time: Hlc) -> Stamp {
    Stamp { time, device }
}

/// A record without its key, where that is known from elsewhere.
#[derive(Deserialize)]
pub(crate) struct ContentForm {
    stamps: Vec<Stamp>,
    fields: Vec<FieldForm>,
}

/// The same as [`ContentForm`], of a record that stays where it is. Nothing of it is copied: records are
/// written by the thousand.
pub(crate) struct ContentOf<'a> {
    record: &'a Record,
    table: StampTable,
}

impl<'a> ContentOf<'a> {
    pub(crate) fn record(record: &'a Record) -> Self {
        Self {
            record,
            table: StampTable::of(record),
        }
    }

    fn write<S: SerializeStruct>(&self, form: &mut S) -> Result<(), S::Error> {
        let Self { record, table } = self;
        let fields = record.fields.iter().map(|(key, register)| FieldOf {
            key,
            versions: Sequence(register.versions.iter().map(|version| VersionOf {
                stamp: table.index_of(version.stamp),
                author: version.author,
                value: &version.value,
            })),
            seen: Sequence(
                register
                    .seen
                    .iter()
                    .map(|(device, time)| table.index_of(stamp_of(*device, *time))),
            ),
        });
        form.serialize_field("stamps", &table.stamps)?;
        form.serialize_field("fields", &Sequence(fields))
    }
}

impl Serialize for ContentOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("ContentOf", 2)?;
        self.write(&mut form)?;
        form.end()
    }
}

/// As [`RecordForm`].
impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("Record", 3)?;
        form.serialize_field("key", &self.key)?;
        ContentOf::record(self).write(&mut form)?;
        form.end()
    }
}

#[derive(Serialize)]
struct FieldOf<'a, V, S> {
    key: &'a FieldKey,
    versions: V,
    seen: S,
}

#[derive(Serialize)]
struct VersionOf<'a> {
    stamp: u32,
    author: Author,
    value: &'a Value,
}

/// All that there is, in its order.
struct Sequence<I>(I);

impl<I> Serialize for Sequence<I>
where
    I: Clone + IntoIterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

impl From<RecordForm> for Record {
    fn from(form: RecordForm) -> Self {
        let RecordForm {
            key,
            stamps,
            fields,
        } = form;
        ContentForm { stamps, fields }.into_record(key)
    }
}

impl ContentForm {
    /// Takes what others wrote: an index that points nowhere drops that version, a field that says
    /// nothing is left out, and each register is put into its normal form, so that equal content is
    /// always equal in memory.
    pub(crate) fn into_record(self, key: RecordKey) -> Record {
        let stamps = self.stamps;
        let mut fields: BTreeMap<FieldKey, Register> = BTreeMap::new();
        for field in self.fields {
            let (name, register) = field.into_register(&stamps);
            if register.is_empty() {
                continue;
            }
            match fields.entry(name) {
                Entry::Vacant(free) => {
                    free.insert(register);
                }
                Entry::Occupied(mut held) => held.get_mut().merge(register),
            }
        }
        Record { key, fields }
    }
}

impl FieldForm {
    fn into_register(self, stamps: &[Stamp]) -> (FieldKey, Register) {
        let stamp = |index: u32| stamps.get(usize::try_from(index).ok()?).copied();
        let version = |form: VersionForm| {
            Some(Version {
                stamp: stamp(form.stamp)?,
                author: form.author,
                value: form.value,
            })
        };
        let mut register = Register {
            versions: self.versions.into_iter().filter_map(version).collect(),
            seen: BTreeMap::new(),
        };
        for seen in self.seen.into_iter().filter_map(stamp) {
            let latest = register.seen.entry(seen.device).or_default();
            *latest = seen.time.max(*latest);
        }
        // One version and nothing else is in its normal form. Most fields are so, and ten thousand
        // records are read at each start.
        if register.versions.len() > 1 || !register.seen.is_empty() {
            register.normalise();
        }
        (self.key, register)
    }
}
