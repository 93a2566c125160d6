//! What has changed since the index was sealed: documents put and removed, in memory.

use std::collections::BTreeMap;

use crate::bytes::{Damage, Reader, checksum, push_varint};
use crate::document::Indexed;

const MAGIC: &[u8; 8] = b"KeruenO\x01";
const SUMMED_FROM: usize = 16;

/// Changes by key, and the documents among them by their terms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlay {
    /// `None`: removed.
    changes: BTreeMap<Vec<u8>, Option<u32>>,
    /// Documents by number; `None` where a number is free.
    documents: Vec<Option<(Vec<u8>, Indexed)>>,
    /// Numbers that are nobody's: a note that is typed for an hour is put a thousand times.
    free: Vec<u32>,
    terms: BTreeMap<String, Vec<(u32, u8)>>,
}

impl Overlay {
    /// Numbers of documents are below this.
    pub(crate) fn len(&self) -> usize {
        self.documents.len()
    }

    pub(crate) fn change_count(&self) -> usize {
        self.changes.len()
    }

    /// The document of this number and its key.
    pub(crate) fn document(&self, number: usize) -> Option<&(Vec<u8>, Indexed)> {
        self.documents.get(number)?.as_ref()
    }

    /// What is known here of a key: nothing, that it is gone, or its document.
    pub(crate) fn find(&self, key: &[u8]) -> Option<Option<&Indexed>> {
        let number = *self.changes.get(key)?;
        Some(number.and_then(|number| Some(&self.document(number as usize)?.1)))
    }

    /// All keys that were put or removed, in order.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&[u8], Option<u32>)> {
        self.changes
            .iter()
            .map(|(key, number)| (key.as_slice(), *number))
    }

    pub(crate) fn put(&mut self, key: &[u8], document: Indexed) {
        self.take_out(key);
        let number = self.free.pop().unwrap_or_else(|| {
            self.documents.push(None);
            self.documents.len() as u32 - 1
        });
        for (term, &marks) in &document.terms {
            match self.terms.get_mut(term) {
                Some(postings) => postings.push((number, marks)),
                None => {
                    self.terms.insert(term.clone(), vec![(number, marks)]);
                }
            }
        }
        self.documents[number as usize] = Some((key.to_vec(), document));
        self.changes.insert(key.to_vec(), Some(number));
    }

    /// Removes a key; `is_sealed`: the sealed part has it, so that its absence must be remembered.
    pub(crate) fn remove(&mut self, key: &[u8], is_sealed: bool) {
        self.take_out(key);
        if is_sealed {
            self.changes.insert(key.to_vec(), None);
        }
    }

    fn take_out(&mut self, key: &[u8]) {
        let Some(number) = self.changes.remove(key).flatten() else {
            return;
        };
        let Some((_, document)) = self
            .documents
            .get_mut(number as usize)
            .and_then(Option::take)
        else {
            return;
        };
        self.free.push(number);
        for term in document.terms.keys() {
            if let Some(postings) = self.terms.get_mut(term) {
                postings.retain(|&(other, _)| other != number);
                if postings.is_empty() {
                    self.terms.remove(term);
                }
            }
        }
    }

    /// All terms that begin so, in order, with their postings.
    pub(crate) fn each_term<'overlay>(
        &'overlay self,
        beginning: &str,
        mut visit: impl FnMut(&'overlay str, &'overlay [(u32, u8)]),
    ) {
        let from = self.terms.range::<str, _>((
            std::ops::Bound::Included(beginning),
            std::ops::Bound::Unbounded,
        ));
        for (term, postings) in from.take_while(|(term, _)| term.starts_with(beginning)) {
            visit(term, postings);
        }
    }

    /// The letters with which terms begin.
    pub(crate) fn first_letters(&self) -> Vec<char> {
        let mut found: Vec<char> = self
            .terms
            .keys()
            .filter_map(|term| term.chars().next())
            .collect();
        found.dedup();
        found
    }

    /// Writes the changes to the segment of this checksum.
    pub(crate) fn seal(&self, base: u64) -> Vec<u8> {
        let mut body = base.to_le_bytes().to_vec();
        for (key, number) in &self.changes {
            body.push(key.len() as u8);
            body.extend_from_slice(key);
            let document = number.and_then(|number| self.document(number as usize));
            body.push(u8::from(document.is_some()));
            let Some((_, document)) = document else {
                continue;
            };
            body.push(document.kind);
            body.push(document.length);
            body.extend(document.fingerprint.to_le_bytes());
            push_varint(&mut body, document.terms.len() as u32);
            for (term, &marks) in &document.terms {
                body.push(term.len() as u8);
                body.extend_from_slice(term.as_bytes());
                body.push(marks);
            }
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(checksum(&body).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    /// Reads what [`Overlay::seal`] wrote for the segment of this checksum.
    pub(crate) fn open(bytes: &[u8], base: u64) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len()) != Some(MAGIC) {
            return Err(Damage::Foreign);
        }
        let sum = reader.u64().ok_or(Damage::Broken)?;
        if checksum(bytes.get(SUMMED_FROM..).unwrap_or(&[])) != sum {
            return Err(Damage::Broken);
        }
        if reader.u64().ok_or(Damage::Broken)? != base {
            return Err(Damage::OtherBase);
        }
        let mut overlay = Self::default();
        while !reader.is_empty() {
            overlay.read_change(&mut reader).ok_or(Damage::Broken)?;
        }
        Ok(overlay)
    }

    fn read_change(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let length = reader.byte()?;
        let key = reader.take(usize::from(length))?;
        if reader.byte()? == 0 {
            self.remove(key, true);
            return Some(());
        }
        let mut document = Indexed {
            kind: reader.byte()?,
            length: reader.byte()?,
            fingerprint: reader.u64()?,
            terms: BTreeMap::new(),
        };
        for _ in 0..reader.varint()? {
            let length = reader.byte()?;
            let term = std::str::from_utf8(reader.take(usize::from(length))?).ok()?;
            document.terms.insert(term.to_owned(), reader.byte()?);
        }
        self.put(key, document);
        Some(())
    }
}
