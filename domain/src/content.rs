//! Names of immutable content.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The SHA-256 (FIPS 180-4) of some bytes: 64 hexadecimal digits in lower case as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$"))]
pub struct ContentHash(pub [u8; 32]);

#[cfg(feature = "hashing")]
impl ContentHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

/// Makes the hash of what comes piece by piece.
#[cfg(feature = "hashing")]
#[derive(Clone, Default)]
pub struct ContentHasher(sha2::Sha256);

#[cfg(feature = "hashing")]
impl ContentHasher {
    /// The next piece.
    pub fn take(&mut self, bytes: &[u8]) {
        use sha2::Digest as _;
        self.0.update(bytes);
    }

    /// The hash of all pieces.
    pub fn finish(self) -> ContentHash {
        use sha2::Digest as _;
        ContentHash(self.0.finalize().into())
    }
}

/// A text is not 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseContentHashError;

impl fmt::Display for ParseContentHashError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not 64 hexadecimal digits")
    }
}

impl std::error::Error for ParseContentHashError {}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for ContentHash {
    type Err = ParseContentHashError;

    fn from_str(text: &str) -> Result<Self, ParseContentHashError> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(ParseContentHashError),
        };
        let mut bytes = [0; 32];
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(ParseContentHashError);
        };
        if pairs.len() != bytes.len() {
            return Err(ParseContentHashError);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
            text.parse().map_err(D::Error::custom)
        } else {
            <[u8; 32]>::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_rejects_other_text() {
        let hash = ContentHash(std::array::from_fn(|place| place as u8 * 7));
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for wrong in [
            "",
            "00",
            &"0g".repeat(32),
            &"AB".repeat(32),
            &"0".repeat(65),
        ] {
            assert_eq!(wrong.parse::<ContentHash>(), Err(ParseContentHashError));
        }
    }
    #[cfg(feature = "hashing")]
    #[test]
    fn pieces_have_the_hash_of_the_whole() {
        let whole = b"Keruen carries goods where no road reaches";
        let mut hasher = ContentHasher::default();
        for piece in whole.chunks(5) {
            hasher.take(piece);
        }
        assert_eq!(hasher.finish(), ContentHash::of(whole));
    }
}
