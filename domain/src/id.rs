//! Identifiers: made on the device, a type for each.
//!
//! Records and changes carry UUIDs (RFC 9562): version 7 when a person makes them, so that they
//! sort by time; a name-based version when an import derives them from a foreign `UID` or `guid`.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text that should be an identifier is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseIdError {
    /// The kind of identifier that was wanted, such as `NoteId`.
    pub wanted: &'static str,
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "not a {}", self.wanted)
    }
}

impl std::error::Error for ParseIdError {}

macro_rules! typed_ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The identifier with these bits.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// A new identifier of UUID version 7 from a time (milliseconds since 1970, UTC) and random bits.
            pub fn new(unix_ms: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
            }

            /// The bits of this identifier.
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The identifier of these sixteen bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The sixteen bytes of this identifier.
            pub const fn into_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError { wanted: stringify!($name) })
            }
        }
    )+};
}

typed_ids! {
    /// Any record, whatever its collection.
    RecordId,
    /// A change; the server answers a repeated change as it answered the first.
    ChangeId,
    /// A programme.
    ProgrammeId,
    /// An event of a programme.
    EventId,
    /// A session of an event's agenda.
    SessionId,
    /// A material.
    MaterialId,
    /// A note.
    NoteId,
    /// Somebody: the owner of a personal scope, and the person's card in a programme.
    PersonId,
    /// A group of a programme.
    GroupId,
    /// An invitation, whose secret is another thing.
    InvitationId,
    /// A share, whose secret is another thing.
    ShareId,
}

macro_rules! record_ids {
    ($($name:ident),+ $(,)?) => {$(
        impl From<$name> for RecordId {
            fn from(id: $name) -> Self {
                Self(id.0)
            }
        }

        impl From<RecordId> for $name {
            /// The caller has seen to it that the record is of this collection.
            fn from(id: RecordId) -> Self {
                Self(id.0)
            }
        }
    )+};
}

record_ids!(
    ProgrammeId,
    EventId,
    SessionId,
    MaterialId,
    NoteId,
    PersonId
);

impl PersonId {
    /// "The person to whom this device belongs", whoever that is: known only to the server, which
    /// replaces it by the real identifier on the way in and the other way on the way out. So a
    /// note can be written before its device belongs to anybody.
    pub const SELF: Self = Self(Uuid::nil());
}

impl ChangeId {
    /// The identifier after this one, for a change that is made together with this one's. As unlike
    /// all others as this one is.
    #[must_use]
    pub fn following(self) -> Self {
        // The 62 bits behind the variant.
        const COUNTED: u128 = (1 << 62) - 1;
        let bits = self.0.as_u128();
        Self(Uuid::from_u128(
            bits & !COUNTED | (bits.wrapping_add(1) & COUNTED),
        ))
    }
}

/// One browser on one phone, or one run of an import: whoever stamps writes. 64 random bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-fA-F]{16}$", example = "9f86d081884c7d65"))]
pub struct DeviceId(pub u64);

impl fmt::Display for DeviceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DeviceId({self})")
    }
}

impl FromStr for DeviceId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        parse_hex_u64(text)
            .map(Self)
            .ok_or(ParseIdError { wanted: "DeviceId" })
    }
}

impl Serialize for DeviceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_u64(self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for DeviceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_u64(deserializer).map(Self)
    }
}

pub(crate) fn parse_hex_u64(text: &str) -> Option<u64> {
    let well_formed = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if well_formed {
        u64::from_str_radix(text, 16).ok()
    } else {
        None
    }
}

/// Sixteen hexadecimal digits for people (JSON numbers lose bits past 2^53), eight bytes otherwise
/// (a varint of random bits would take ten).
pub(crate) fn serialize_u64<S: Serializer>(value: u64, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_str(&format_args!("{value:016x}"))
    } else {
        value.to_be_bytes().serialize(serializer)
    }
}

pub(crate) fn deserialize_u64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    if deserializer.is_human_readable() {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        parse_hex_u64(&text).ok_or_else(|| D::Error::custom("not 16 hexadecimal digits"))
    } else {
        <[u8; 8]>::deserialize(deserializer).map(u64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_later_times_sort_later() {
        let earlier = NoteId::new(1_700_000_000_000, [255; 10]);
        let later = NoteId::new(1_700_000_000_001, [0; 10]);
        assert!(earlier < later);
    }

    #[test]
    fn changes_of_one_moment_are_told_apart_and_stay_of_version_7() {
        let mut id = ChangeId::new(1_700_000_000_000, [255; 10]);
        let mut known = std::collections::BTreeSet::new();
        for _ in 0..1_000 {
            assert!(known.insert(id));
            assert_eq!(id.uuid().get_version_num(), 7);
            assert_eq!(id.uuid().get_variant(), uuid::Variant::RFC4122);
            id = id.following();
        }
    }

    #[test]
    fn text_form_round_trips_and_rejects_other_text() {
        let id = SessionId::new(1, [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            "session".parse::<SessionId>(),
            Err(ParseIdError {
                wanted: "SessionId"
            })
        );
        assert_eq!(
            "9f86d081884c7d65".parse(),
            Ok(DeviceId(0x9f86_d081_884c_7d65))
        );
        assert!("+f86d081884c7d65".parse::<DeviceId>().is_err());
    }
}
