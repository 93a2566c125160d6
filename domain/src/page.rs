//! Many records as one piece of bytes: a sealed page on a device, a chunk of a snapshot on its way.
//!
//! One byte for the form, then the records in the binary form of [`crate::encoding`].

use crate::encoding::{self, DecodeError};
use crate::record::Record;

/// The version of the form.
const FORM: u8 = 1;

/// The page of these records.
pub fn encode(records: &[Record]) -> Vec<u8> {
    let mut bytes = vec![FORM];
    bytes.extend(encoding::encode(&records));
    bytes
}

/// The page of records that are in their binary form ([`crate::encoding`]) already: the same bytes.
pub fn of_encoded(records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![FORM];
    bytes.extend(encoding::encode(&records.len()));
    for record in records {
        bytes.extend_from_slice(record);
    }
    bytes
}

/// The records of a page.
pub fn decode(bytes: &[u8]) -> Result<Vec<Record>, DecodeError> {
    match bytes {
        [FORM, records @ ..] => encoding::decode(records),
        _ => Err(DecodeError),
    }
}
