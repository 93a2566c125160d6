//! The one binary form of what is stored and sent: [postcard](https://postcard.jamesmunns.com/wire-format).
//!
//! It is compact and quick, and does not describe itself. So whatever is stored or sent says its
//! version beside it, and tests freeze the bytes.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that should hold a value do not: truncated, damaged, or of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeError;

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("these bytes are damaged or of another version")
    }
}

impl std::error::Error for DecodeError {}

/// The bytes of a value.
///
/// # Panics
/// If the type's own `Serialize` refuses its value. None of this crate's does, and the buffer
/// grows as needed.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("every stored type can be serialised")
}

/// The value in these bytes, all of them.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok(_) | Err(_) => Err(DecodeError),
    }
}

/// The value at the beginning of these bytes, and the bytes behind it.
pub(crate) fn take<'a, T: serde::Deserialize<'a>>(
    bytes: &'a [u8],
) -> Result<(T, &'a [u8]), DecodeError> {
    postcard::take_from_bytes(bytes).map_err(|_| DecodeError)
}
