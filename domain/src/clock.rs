//! Hybrid logical clocks (Kulkarni et al., "Logical Physical Clocks", 2014).
//!
//! A stamp is close to the wall clock, never goes backwards on a device, and is greater than every
//! stamp that the device had seen when it wrote. So a later edit beats the edit it knew of even
//! when the phone's clock is wrong.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{DeviceId, deserialize_u64, parse_hex_u64, serialize_u64};

/// A reading of a hybrid logical clock: 48 bits of milliseconds since 1970 (UTC), 16 bits of counter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hlc(u64);

const COUNTER_BITS: u32 = 16;
const LAST_MS: u64 = (1 << 48) - 1;

impl Hlc {
    /// The first reading of this millisecond. Times past the year 10889 are held there.
    pub fn from_unix_ms(unix_ms: u64) -> Self {
        Self(unix_ms.min(LAST_MS) << COUNTER_BITS)
    }

    /// Milliseconds since 1970 (UTC).
    pub const fn unix_ms(self) -> u64 {
        self.0 >> COUNTER_BITS
    }

    /// The least reading greater than this one. A full counter runs over into the next millisecond.
    pub(crate) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The greatest reading less than this one.
    pub(crate) const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Whether it is of the last millisecond that a reading can have, in the year 10889: there is no
    /// room for later ones.
    pub(crate) const fn is_among_the_last(self) -> bool {
        self.unix_ms() == LAST_MS
    }
}

impl fmt::Debug for Hlc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}+{}",
            self.unix_ms(),
            self.0 & ((1 << COUNTER_BITS) - 1)
        )
    }
}

impl Serialize for Hlc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_u64(self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Hlc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_u64(deserializer).map(Self)
    }
}

/// When and where a value was written. Unique: a device never uses a reading twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stamp {
    /// The clock's reading; decides which of two writes is the later.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-fA-F]{16}$", example = "018bcfe568000000"))]
    pub time: Hlc,
    /// Who wrote; decides between equal readings.
    pub device: DeviceId,
}

impl Stamp {
    /// Less than every other.
    pub(crate) const FIRST: Self = Self {
        time: Hlc(0),
        device: DeviceId(0),
    };

    /// How it stands in names of fields: reading, then device, each as sixteen lower-case
    /// hexadecimal digits.
    pub(crate) fn name(self) -> String {
        format!("{:016x}{}", self.time.0, self.device)
    }

    /// The stamp of such a name. Each stamp has one name only: other spellings are none.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if name.len() != 32 || !name.bytes().all(is_digit) {
            return None;
        }
        Some(Self {
            time: Hlc(parse_hex_u64(&name[..16])?),
            device: DeviceId(parse_hex_u64(&name[16..])?),
        })
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}@{}", self.time, self.device)
    }
}

/// A device's hybrid logical clock: what it must remember between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    device: DeviceId,
    last: Hlc,
    /// What to add to the phone's clock to get the server's, in milliseconds.
    offset_ms: i64,
}

impl Clock {
    /// The clock of a device that has seen readings up to `last`, on a phone whose clock is
    /// `-offset_ms` from the server's.
    pub const fn new(device: DeviceId, last: Hlc, offset_ms: i64) -> Self {
        Self {
            device,
            last,
            offset_ms,
        }
    }

    /// Whose clock it is.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// What was last learnt of the phone's clock; see [`offset_ms`].
    pub const fn offset_ms(&self) -> i64 {
        self.offset_ms
    }

    /// A new stamp, greater than every stamp given or observed before. `phone_ms` is the phone's own clock.
    pub fn stamp(&mut self, phone_ms: u64) -> Stamp {
        let corrected = phone_ms.saturating_add_signed(self.offset_ms);
        self.last = Hlc::from_unix_ms(corrected).max(self.last.next());
        Stamp {
            time: self.last,
            device: self.device,
        }
    }

    /// Takes note of a stamp that came from elsewhere, so that later own stamps are greater.
    pub fn observe(&mut self, seen: Hlc) {
        self.last = self.last.max(seen);
    }

    /// Corrects later stamps by this; see [`offset_ms`].
    pub const fn set_offset(&mut self, offset_ms: i64) {
        self.offset_ms = offset_ms;
    }
}

/// What to add to the phone's clock to get the server's, in milliseconds, learnt from an answer.
///
/// The answer was on its way for up to `received_ms - sent_ms` (both by the phone's clock), so half
/// of that is added to the server's time.
pub fn offset_ms(server_ms: u64, sent_ms: u64, received_ms: u64) -> i64 {
    let travelled_ms = received_ms.saturating_sub(sent_ms) / 2;
    let signed = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    signed(server_ms.saturating_add(travelled_ms)).saturating_sub(signed(received_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: DeviceId = DeviceId(1);

    #[test]
    fn stamps_grow_although_the_phone_clock_goes_back() {
        let mut clock = Clock::new(DEVICE, Hlc::default(), 0);
        let first = clock.stamp(5_000);
        let second = clock.stamp(1_000);
        assert!(second > first);
        assert_eq!(second.time.unix_ms(), 5_000);
    }

    #[test]
    fn a_stamp_beats_what_the_device_had_seen() {
        let mut clock = Clock::new(DEVICE, Hlc::default(), 0);
        let seen = Hlc::from_unix_ms(9_000);
        clock.observe(seen);
        assert!(clock.stamp(1_000).time > seen);
    }

    #[test]
    fn a_wrong_phone_clock_is_corrected_by_the_server() {
        let mut clock = Clock::new(DEVICE, Hlc::default(), 0);
        // The phone is an hour behind; the answer took 200 ms there and back.
        let offset_ms = offset_ms(3_600_000 + 10_100, 10_000, 10_200);
        assert_eq!(offset_ms, 3_600_000);
        clock.set_offset(offset_ms);
        assert_eq!(clock.stamp(20_000).time.unix_ms(), 3_620_000);
    }
}
