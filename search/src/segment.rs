//! The sealed part of the index: read where it lies, nothing is unpacked when it is opened.
//!
//! ```text
//! magic 8 · checksum of all after it 8 · documents, blocks, bytes of keys, terms and postings: u32 each
//! end of each key u32 · kind u8 · length u8 · fingerprint u64, of each document in the order of keys
//! start of each block among the terms and of its postings: u32 each
//! keys
//! terms, in blocks of 16: bytes as before, further bytes, these, bytes of postings
//! postings: steps from document to document, with the marks in the lowest bits
//! ```

use std::ops::ControlFlow;

use crate::bytes::{Damage, Reader, checksum, push_varint};
use crate::document::MARK_BITS;

const MAGIC: &[u8; 8] = b"KeruenS\x01";
const HEAD_BYTES: usize = 36;
/// The checksum begins after itself.
const SUMMED_FROM: usize = 16;
const TERMS_IN_BLOCK: usize = 16;
const BYTES_OF_DOCUMENT: usize = 4 + 1 + 1 + 8;

/// A document of the sealed part, by its place in the order of keys.
pub(crate) struct Entry<'segment> {
    pub(crate) key: &'segment [u8],
    pub(crate) kind: u8,
    pub(crate) length: u8,
    pub(crate) fingerprint: u64,
}

/// The sealed part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segment {
    bytes: Vec<u8>,
    documents: usize,
    blocks: usize,
    keys: usize,
    terms: usize,
    postings: usize,
}

impl Segment {
    /// Takes bytes that [`write`] made; bytes that differ in a single bit are refused.
    pub(crate) fn open(bytes: Vec<u8>) -> Result<Self, Damage> {
        let mut head = Reader::new(&bytes);
        if head.take(MAGIC.len()) != Some(MAGIC) {
            return Err(Damage::Foreign);
        }
        let sum = head.u64().ok_or(Damage::Broken)?;
        let mut numbers = [0_usize; 5];
        for number in &mut numbers {
            *number = head.u32().ok_or(Damage::Broken)? as usize;
        }
        let [documents, blocks, keys, terms, postings] = numbers;
        let expected = (HEAD_BYTES as u64)
            + documents as u64 * BYTES_OF_DOCUMENT as u64
            + blocks as u64 * 8
            + keys as u64
            + terms as u64
            + postings as u64;
        if expected != bytes.len() as u64 || checksum(&bytes[SUMMED_FROM..]) != sum {
            return Err(Damage::Broken);
        }
        Ok(Self {
            documents,
            blocks,
            keys: HEAD_BYTES + documents * BYTES_OF_DOCUMENT + blocks * 8,
            terms: HEAD_BYTES + documents * BYTES_OF_DOCUMENT + blocks * 8 + keys,
            postings: HEAD_BYTES + documents * BYTES_OF_DOCUMENT + blocks * 8 + keys + terms,
            bytes,
        })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Tells it from others; zero if there is none.
    pub(crate) fn sum(&self) -> u64 {
        self.bytes
            .get(8..)
            .and_then(|rest| Reader::new(rest).u64())
            .unwrap_or(0)
    }

    pub(crate) fn len(&self) -> usize {
        self.documents
    }

    fn u32_at(&self, at: usize) -> usize {
        let number = self
            .bytes
            .get(at..)
            .and_then(|rest| Reader::new(rest).u32());
        number.unwrap_or(0) as usize
    }

    pub(crate) fn key(&self, number: usize) -> &[u8] {
        let end = self.u32_at(HEAD_BYTES + number * 4);
        let start = match number {
            0 => 0,
            _ => self.u32_at(HEAD_BYTES + number * 4 - 4),
        };
        self.bytes
            .get(self.keys + start..self.keys + end)
            .unwrap_or(&[])
    }

    pub(crate) fn kind(&self, number: usize) -> u8 {
        let at = HEAD_BYTES + self.documents * 4 + number;
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(crate) fn length(&self, number: usize) -> u8 {
        let at = HEAD_BYTES + self.documents * 5 + number;
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(crate) fn entry(&self, number: usize) -> Entry<'_> {
        let at = HEAD_BYTES + self.documents * 6 + number * 8;
        let fingerprint = self
            .bytes
            .get(at..)
            .and_then(|rest| Reader::new(rest).u64());
        Entry {
            key: self.key(number),
            kind: self.kind(number),
            length: self.length(number),
            fingerprint: fingerprint.unwrap_or(0),
        }
    }

    /// The place of a key.
    pub(crate) fn find(&self, key: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, self.documents);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.key(middle).cmp(key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    fn block(&self, number: usize) -> (usize, usize) {
        let at = HEAD_BYTES + self.documents * BYTES_OF_DOCUMENT + number * 8;
        (self.u32_at(at), self.u32_at(at + 4))
    }

    fn first_term(&self, block: usize) -> &[u8] {
        let start = self.terms + self.block(block).0;
        let Some(bytes) = self.bytes.get(start..self.postings) else {
            return &[];
        };
        let mut reader = Reader::new(bytes);
        let _shared = reader.byte();
        let length = reader.byte().unwrap_or(0);
        reader.take(usize::from(length)).unwrap_or(&[])
    }

    /// The terms that begin so, in order, with their postings. Given one, `visit` says how many of its
    /// bytes no further term of interest begins with: those are passed over, or none of them if zero.
    pub(crate) fn each_term(
        &self,
        beginning: &str,
        mut visit: impl FnMut(&str, Postings<'_>) -> usize,
    ) {
        let beginning = beginning.as_bytes();
        let from = self.block_before(beginning);
        let _ended = self.walk(from, |term, postings| {
            if let (true, Ok(text)) = (term.starts_with(beginning), std::str::from_utf8(term)) {
                return ControlFlow::Continue(visit(text, postings));
            }
            match term > beginning {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(0),
            }
        });
    }

    /// The letters with which terms begin.
    pub(crate) fn first_letters(&self) -> Vec<char> {
        let mut found = Vec::new();
        let mut from = String::new();
        while let Some(letter) = self.first_letter_from(&from) {
            found.push(letter);
            let Some(next) = (letter..=char::MAX).nth(1) else {
                break;
            };
            from = next.to_string();
        }
        found
    }

    /// The first letter of the first term that is not before this.
    fn first_letter_from(&self, start: &str) -> Option<char> {
        let mut letter = None;
        self.walk(self.block_before(start.as_bytes()), |term, _| {
            if term < start.as_bytes() {
                return ControlFlow::Continue(0);
            }
            letter = std::str::from_utf8(term)
                .ok()
                .and_then(|term| term.chars().next());
            ControlFlow::Break(())
        })?;
        letter
    }

    /// The block in which terms from this one on begin.
    fn block_before(&self, term: &[u8]) -> (usize, usize) {
        let (mut low, mut high) = (0, self.blocks);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.first_term(middle) < term {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        self.block(low.saturating_sub(1))
    }

    fn walk(
        &self,
        (terms, postings): (usize, usize),
        mut visit: impl FnMut(&[u8], Postings<'_>) -> ControlFlow<(), usize>,
    ) -> Option<()> {
        let mut terms = Reader::new(self.bytes.get(self.terms + terms..self.postings)?);
        let mut postings = Reader::new(self.bytes.get(self.postings + postings..)?);
        let mut term = Vec::new();
        let mut passed_over = usize::MAX;
        while !terms.is_empty() {
            let shared = usize::from(terms.byte()?);
            let further = usize::from(terms.byte()?);
            let rest = terms.take(further)?;
            let length = terms.varint()? as usize;
            let of_term = postings.take(length)?;
            if shared >= passed_over {
                // What is shared with it lies in the bytes that are shared with the last one visited.
                continue;
            }
            term.truncate(shared);
            term.extend_from_slice(rest);
            let of_term = Postings {
                reader: Reader::new(of_term),
                next: 0,
                documents: self.documents,
            };
            match visit(&term, of_term) {
                ControlFlow::Continue(0) => passed_over = usize::MAX,
                ControlFlow::Continue(bytes) => passed_over = bytes,
                ControlFlow::Break(()) => break,
            }
        }
        Some(())
    }
}

/// The documents of a term, and the marks of where it occurs in each.
#[derive(Clone)]
pub(crate) struct Postings<'bytes> {
    reader: Reader<'bytes>,
    next: u32,
    documents: usize,
}

impl Iterator for Postings<'_> {
    type Item = (usize, u8);

    fn next(&mut self) -> Option<Self::Item> {
        let number = self.reader.varint()?;
        let document = self.next.checked_add(number >> MARK_BITS)?;
        self.next = document.checked_add(1)?;
        let marks = (number & ((1 << MARK_BITS) - 1)) as u8;
        ((document as usize) < self.documents).then_some((document as usize, marks))
    }
}

/// Writes a segment. Documents come in the order of their keys, terms in the order of their bytes, the
/// postings of each in the order of documents.
pub(crate) struct Writer {
    documents: u32,
    key_ends: Vec<u8>,
    kinds: Vec<u8>,
    lengths: Vec<u8>,
    fingerprints: Vec<u8>,
    keys: Vec<u8>,
    blocks: Vec<u8>,
    terms: Vec<u8>,
    term_count: usize,
    last_term: Vec<u8>,
    postings: Vec<u8>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self {
            documents: 0,
            key_ends: Vec::new(),
            kinds: Vec::new(),
            lengths: Vec::new(),
            fingerprints: Vec::new(),
            keys: Vec::new(),
            blocks: Vec::new(),
            terms: Vec::new(),
            term_count: 0,
            last_term: Vec::new(),
            postings: Vec::new(),
        }
    }

    pub(crate) fn document(&mut self, entry: &Entry<'_>) {
        self.documents += 1;
        self.keys.extend_from_slice(entry.key);
        self.key_ends.extend((self.keys.len() as u32).to_le_bytes());
        self.kinds.push(entry.kind);
        self.lengths.push(entry.length);
        self.fingerprints.extend(entry.fingerprint.to_le_bytes());
    }

    pub(crate) fn term(&mut self, term: &[u8], postings: &[(u32, u8)]) {
        if self.term_count.is_multiple_of(TERMS_IN_BLOCK) {
            self.blocks.extend((self.terms.len() as u32).to_le_bytes());
            self.blocks
                .extend((self.postings.len() as u32).to_le_bytes());
            self.last_term.clear();
        }
        self.term_count += 1;
        let pairs = self.last_term.iter().zip(term);
        let shared = pairs.take_while(|(one, other)| one == other).count();
        self.terms.push(shared as u8);
        self.terms.push((term.len() - shared) as u8);
        self.terms.extend_from_slice(&term[shared..]);
        self.last_term.clear();
        self.last_term.extend_from_slice(term);
        let start = self.postings.len();
        let mut next = 0;
        for &(document, marks) in postings {
            push_varint(
                &mut self.postings,
                (document - next) << MARK_BITS | u32::from(marks),
            );
            next = document + 1;
        }
        push_varint(&mut self.terms, (self.postings.len() - start) as u32);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        let mut body = Vec::new();
        let blocks = self.blocks.len() / 8;
        for number in [
            self.documents,
            blocks as u32,
            self.keys.len() as u32,
            self.terms.len() as u32,
            self.postings.len() as u32,
        ] {
            body.extend(number.to_le_bytes());
        }
        for part in [
            self.key_ends,
            self.kinds,
            self.lengths,
            self.fingerprints,
            self.blocks,
            self.keys,
            self.terms,
            self.postings,
        ] {
            body.extend_from_slice(&part);
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(checksum(&body).to_le_bytes());
        bytes.extend(body);
        bytes
    }
}
