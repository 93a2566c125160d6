//! One number for a set of records, as `harness/dataset/digest.mjs` defines it.

use std::ops::Deref;

use keruen_domain::model::fields;
use keruen_domain::{Record, Value};

use crate::{FLAG, SCOPE, TAGS, UPDATED, ulid};

/// How many records there are, and a number that depends on all their values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// How many.
    pub records: u32,
    /// The sum of the records' hashes, modulo 2³².
    pub checksum: u32,
}

const FIELDS: [&str; 8] = [
    SCOPE,
    fields::KIND,
    fields::TITLE,
    fields::BODY,
    fields::START,
    UPDATED,
    TAGS,
    FLAG,
];

/// The digest of the records, in whatever order they come.
pub fn digest(records: impl Iterator<Item = impl Deref<Target = Record>>) -> Digest {
    let mut digest = Digest::default();
    for record in records {
        let mut hash = Hash::default();
        hash.take(&ulid::text(record.key.id.uuid()));
        for name in FIELDS {
            match record.value(name) {
                Value::Text(text) => hash.take(text),
                Value::Number(number) => hash.take(&number.to_string()),
                Value::Flag(flag) => hash.take(&flag.to_string()),
                Value::Nothing | Value::Reference(_) => hash.take(""),
            }
        }
        digest.records += 1;
        digest.checksum = digest.checksum.wrapping_add(hash.0);
    }
    digest
}

/// FNV-1a, 32 bits.
struct Hash(u32);

impl Default for Hash {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Hash {
    fn take(&mut self, field: &str) {
        for byte in field.bytes().chain([b'\n']) {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}
