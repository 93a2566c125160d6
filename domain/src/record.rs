//! Records: fields of causal registers, addressed by scope, collection and identifier.

mod form;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::{Hlc, Stamp};
use crate::id::{DeviceId, GroupId, PersonId, ProgrammeId, RecordId};
use crate::value::{FieldKey, Value};

pub(crate) use form::{ContentForm, ContentOf, RecordForm};

/// A unit of access and of replication.
///
/// The order of the variants is part of the stored form: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ScopeId {
    /// A programme's common data: programme, events, sessions, materials, people's cards.
    Programme(ProgrammeId),
    /// What a group writes together.
    Group(GroupId),
    /// A person's own notes and settings.
    Person(PersonId),
}

impl ScopeId {
    /// The scope of whoever owns this device; see [`PersonId::SELF`].
    pub const OWN: Self = Self::Person(PersonId::SELF);
}

impl fmt::Display for ScopeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Programme(id) => write!(formatter, "programme/{id}"),
            Self::Group(id) => write!(formatter, "group/{id}"),
            Self::Person(PersonId::SELF) => formatter.write_str("own"),
            Self::Person(id) => write!(formatter, "person/{id}"),
        }
    }
}

/// What a record is. Open: a device keeps and passes on records of collections it does not know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^(programme|event|session|material|person|note|mark|collection-(1?[0-9]{1,2}|2[0-4][0-9]|25[0-5]))$", example = "session"))]
pub struct Collection(u8);

const COLLECTION_NAMES: [&str; 7] = [
    "programme",
    "event",
    "session",
    "material",
    "person",
    "note",
    "mark",
];
const UNKNOWN_COLLECTION: &str = "collection-";

impl Collection {
    /// The programme itself; its record bears the scope's identifier.
    pub const PROGRAMME: Self = Self(0);
    /// Gatherings of a programme.
    pub const EVENT: Self = Self(1);
    /// Items of an event's agenda.
    pub const SESSION: Self = Self(2);
    /// Things to learn from.
    pub const MATERIAL: Self = Self(3);
    /// People's cards in a programme.
    pub const PERSON: Self = Self(4);
    /// Notes, in a person's own scope or a group's.
    pub const NOTE: Self = Self(5);
    /// What a person marked, in their own scope; its record bears the identifier of what is marked.
    pub const MARK: Self = Self(6);

    /// Any collection: those of later versions too.
    #[cfg(feature = "testing")]
    pub const fn from_code(code: u8) -> Self {
        Self(code)
    }

    pub(crate) const fn of_code(code: u8) -> Self {
        Self(code)
    }

    fn from_name(name: &str) -> Option<Self> {
        let known = COLLECTION_NAMES.iter().position(|known| *known == name);
        let code = known
            .and_then(|position| u8::try_from(position).ok())
            .or_else(|| name.strip_prefix(UNKNOWN_COLLECTION)?.parse().ok())?;
        Some(Self(code))
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match COLLECTION_NAMES.get(usize::from(self.0)) {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "{UNKNOWN_COLLECTION}{}", self.0),
        }
    }
}

impl fmt::Debug for Collection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Collection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_u8(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Collection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
            Self::from_name(&name).ok_or_else(|| serde::de::Error::custom("not a collection"))
        } else {
            u8::deserialize(deserializer).map(Self)
        }
    }
}

/// Where a record is: unique among all records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordKey {
    /// Whose it is and who may see it.
    pub scope: ScopeId,
    /// What it is.
    pub collection: Collection,
    /// Which one it is.
    pub id: RecordId,
}

/// Who chose a value: decides whether it is shown when it loses to a concurrent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Author {
    /// A human being typed or chose it: offered to people even when it lost.
    Person,
    /// An import or another program wrote it: can be made again.
    Machine,
}

/// One value that a register holds or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// When and where it was written.
    pub stamp: Stamp,
    /// By whom.
    pub author: Author,
    /// What was written.
    pub value: Value,
}

/// A field: the value that counts, the concurrent values that lost to it, and what all of these
/// have replaced. See [`crate::merge`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    /// What nobody who knew it has replaced, the greatest stamp first.
    pub(crate) versions: Vec<Version>,
    /// Per device, up to which reading its writes are known here, where `versions` do not show it.
    pub(crate) seen: BTreeMap<DeviceId, Hlc>,
}

impl Register {
    /// The version that counts; `None` when the field was cleared.
    pub fn winner(&self) -> Option<&Version> {
        self.versions.first()
    }

    /// All versions that nobody has replaced, the one that counts first; also what is not shown.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The value that counts.
    pub fn value(&self) -> &Value {
        self.winner()
            .map_or(&Value::Nothing, |version| &version.value)
    }

    /// What people wrote at the same time and what lost: to be offered, never to be dropped.
    /// Greatest stamp first; values equal to the one that counts are left out, and so is what a
    /// machine wrote, since it can be made again.
    pub fn others(&self) -> impl Iterator<Item = &Version> {
        self.versions
            .iter()
            .skip(1)
            .filter(|version| version.author == Author::Person && version.value != *self.value())
    }
}

/// A record, or a part of one: any set of its fields. A change is a record of the fields it writes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "RecordForm")]
pub struct Record {
    /// Where it is.
    pub key: RecordKey,
    /// Its fields by name.
    pub(crate) fields: BTreeMap<FieldKey, Register>,
}

impl Record {
    /// A record without fields.
    pub const fn new(key: RecordKey) -> Self {
        Self {
            key,
            fields: BTreeMap::new(),
        }
    }

    /// The register of this field, if anything was ever written to it.
    pub fn field(&self, key: &str) -> Option<&Register> {
        self.fields.get(key)
    }

    /// The value that counts in this field; [`Value::Nothing`] when there is none.
    pub fn value(&self, key: &str) -> &Value {
        self.fields
            .get(key)
            .map_or(&Value::Nothing, Register::value)
    }

    /// All fields in the order of their names.
    pub fn fields(&self) -> impl Iterator<Item = (&FieldKey, &Register)> {
        self.fields.iter()
    }

    /// The members of a set, in the order of their names.
    pub fn members<'a>(&'a self, set: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter_map(move |(key, register)| {
            let member = key.as_str().strip_prefix(set)?.strip_prefix('/')?;
            register.value().is_set().then_some(member)
        })
    }

    /// Whether somebody deleted it and nobody restored it.
    pub fn is_deleted(&self) -> bool {
        self.value(FieldKey::deleted().as_str()).is_set()
    }

    /// The greatest stamp in it: the latest edit.
    pub fn last_edit(&self) -> Option<Stamp> {
        self.fields
            .values()
            .filter_map(|register| Some(register.winner()?.stamp))
            .max()
    }

    /// The greatest clock reading in it that this device's clock must go beyond, for
    /// [`crate::Clock::observe`]: of what is written there, whoever wrote it, and of what the device
    /// itself wrote and was replaced. Replaced writes of others move no clock, so that a phone whose
    /// clock is years ahead does not take everybody's along.
    pub fn latest_reading(&self, device: DeviceId) -> Hlc {
        let registers = self.fields.values();
        let readings = registers.flat_map(|register| {
            let written = register.versions.iter().map(|version| version.stamp.time);
            written.chain(register.seen.get(&device).copied())
        });
        readings.max().unwrap_or_default()
    }

    /// The greatest clock reading that it names at all, also of what was replaced.
    pub fn latest_named(&self) -> Hlc {
        let registers = self.fields.values();
        let readings = registers.flat_map(|register| {
            let written = register.versions.iter().map(|version| version.stamp.time);
            written.chain(register.seen.values().copied())
        });
        readings.max().unwrap_or_default()
    }

    /// Drops what it says in all other fields.
    pub fn keep_fields(&mut self, is_kept: impl Fn(&FieldKey) -> bool) {
        self.fields.retain(|key, _| is_kept(key));
    }

    /// The same record in another scope: how the server gives [`ScopeId::OWN`] its real name.
    #[must_use]
    pub fn moved_to(mut self, scope: ScopeId) -> Self {
        self.key.scope = scope;
        self
    }
}
