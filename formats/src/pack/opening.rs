//! Opening a pack: all that is compared before anything is believed, in its order.
//!
//! Nothing is read here. Whoever can read pieces of a file, now or later, gives those that are asked for:
//!
//! ```text
//!  while let Some(range) = opening.wanted() { opening.take(&read(range))?; }
//!  let contents = opening.finish();
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use keruen_domain::content::ContentHasher;
use keruen_domain::model::{Material, View as _};
use keruen_domain::parts::USUAL_PART_BYTES;
use keruen_domain::{Collection, ContentHash, Record, ScopeId, page};

use super::making::GIVEN;
use super::zip::{END_BYTES, Entry, directory, directory_place};
use super::{
    Damage, FileEntry, MANIFEST, MOST_AHEAD_MS, MOST_MANIFEST_BYTES, MOST_RECORDS, Manifest, NOTES,
    PROGRAMME, RecordsEntry,
};
use crate::MediaCheck;

/// What a pack begins with: the header of its first entry.
const BEGIN: &[u8] = b"PK\x03\x04";

/// A pack that is being compared with what it says of itself.
pub struct Opening {
    archive_bytes: u64,
    step: Step,
    entries: Vec<Entry>,
    /// Where each is among them.
    places: BTreeMap<String, usize>,
    manifest: Option<Manifest>,
    records: Vec<Record>,
    notes: Vec<Record>,
    files: Vec<PackedFile>,
    compared_bytes: u64,
}

enum Step {
    Begin,
    End,
    Directory(Range<u64>, usize),
    Header(usize),
    Manifest(Range<u64>),
    Records(Range<u64>),
    Notes(Range<u64>),
    File(Box<Comparing>),
    Done,
}

/// A file that is read through.
struct Comparing {
    index: usize,
    rest: Range<u64>,
    hasher: ContentHasher,
    check: MediaCheck,
}

/// What is in a pack that is what it says.
#[derive(Clone)]
pub struct Contents {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The programme's records, and of no other scope.
    pub records: Vec<Record>,
    /// Notes of whoever made it, in their own scope.
    pub notes: Vec<Record>,
    /// Its files, in the manifest's order.
    pub files: Vec<PackedFile>,
}

/// A file of a pack, compared with its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedFile {
    /// What the manifest says of it.
    pub entry: FileEntry,
    /// What its bytes are; `None` if they are not what its name says.
    pub media_type: Option<&'static str>,
    /// Where it lies in the pack.
    pub content: Range<u64>,
}

impl Opening {
    /// Of a pack of so many bytes.
    pub fn new(archive_bytes: u64) -> Result<Self, Damage> {
        if archive_bytes < END_BYTES {
            return Err(Damage::NoPack);
        }
        Ok(Self {
            archive_bytes,
            step: Step::Begin,
            entries: Vec::new(),
            places: BTreeMap::new(),
            manifest: None,
            records: Vec::new(),
            notes: Vec::new(),
            files: Vec::new(),
            compared_bytes: 0,
        })
    }

    /// Which bytes are to be read next, at most one part of a file or one page; `None` once all was compared.
    pub fn wanted(&self) -> Option<Range<u64>> {
        match &self.step {
            Step::Begin => Some(0..BEGIN.len() as u64),
            Step::End => Some(self.archive_bytes - END_BYTES..self.archive_bytes),
            Step::Header(index) => self.entries.get(*index).map(Entry::header),
            Step::Directory(range, _)
            | Step::Manifest(range)
            | Step::Records(range)
            | Step::Notes(range) => Some(range.clone()),
            Step::File(comparing) => {
                let rest = &comparing.rest;
                let end = rest.start + u64::from(USUAL_PART_BYTES);
                Some(rest.start..rest.end.min(end))
            }
            Step::Done => None,
        }
    }

    /// Compares the bytes that were wanted.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Damage> {
        let wanted = self.wanted().unwrap_or_default();
        if bytes.len() as u64 != wanted.end - wanted.start {
            return Err(Damage::CutOff);
        }
        self.step = match std::mem::replace(&mut self.step, Step::Done) {
            // What is no archive at all is called so, before anybody misses its end.
            Step::Begin if bytes != BEGIN => return Err(Damage::NoPack),
            Step::Begin => Step::End,
            Step::End => {
                let (range, count) = directory_place(bytes, self.archive_bytes)?;
                Step::Directory(range, count)
            }
            Step::Directory(range, count) => {
                self.entries = directory(bytes, range.start, count)?;
                let names = self.entries.iter().enumerate();
                self.places = names.map(|(place, of)| (of.name.clone(), place)).collect();
                self.header_or_manifest(0)?
            }
            Step::Header(index) => {
                let entry = self.entries.get(index).ok_or(Damage::NoPack)?;
                if bytes != entry.header_bytes() {
                    return Err(Damage::Broken(entry.name.clone()));
                }
                self.header_or_manifest(index + 1)?
            }
            Step::Manifest(_) => {
                self.manifest = Some(Manifest::read(bytes, &self.entries)?);
                Step::Records(self.place_of(PROGRAMME)?)
            }
            Step::Records(_) => {
                let manifest = self.manifest.as_ref().ok_or(Damage::NoPack)?;
                let scope = ScopeId::Programme(manifest.programme);
                self.records = records_in(PROGRAMME, bytes, &manifest.records, scope, &GIVEN)?;
                match &manifest.notes {
                    Some(_) => Step::Notes(self.place_of(NOTES)?),
                    None => self.file(0)?,
                }
            }
            Step::Notes(_) => {
                let notes = self.manifest.as_ref().and_then(|of| of.notes.as_ref());
                let notes = notes.ok_or(Damage::NoPack)?;
                let of_notes = [Collection::NOTE];
                self.notes = records_in(NOTES, bytes, notes, ScopeId::OWN, &of_notes)?;
                self.file(0)?
            }
            Step::File(comparing) => self.compare(comparing, bytes)?,
            Step::Done => Step::Done,
        };
        Ok(())
    }

    /// How many bytes of files were compared.
    pub const fn compared_bytes(&self) -> u64 {
        self.compared_bytes
    }

    /// What is in it, once all was compared; `None` before.
    pub fn finish(self) -> Option<Contents> {
        let Step::Done = self.step else {
            return None;
        };
        Some(Contents {
            manifest: self.manifest?,
            records: self.records,
            notes: self.notes,
            files: self.files,
        })
    }

    fn header_or_manifest(&self, index: usize) -> Result<Step, Damage> {
        if index < self.entries.len() {
            return Ok(Step::Header(index));
        }
        let manifest = self.places.get(MANIFEST);
        let manifest = manifest.and_then(|place| self.entries.get(*place));
        let manifest = manifest.ok_or(Damage::NoPack)?;
        if manifest.size_bytes > MOST_MANIFEST_BYTES {
            return Err(Damage::TooMuch(MANIFEST));
        }
        Ok(Step::Manifest(manifest.content()))
    }

    /// Where the content of an entry lies. The manifest was compared with the directory: it is there.
    fn place_of(&self, name: &str) -> Result<Range<u64>, Damage> {
        let entry = self.places.get(name);
        let entry = entry.and_then(|place| self.entries.get(*place));
        let entry = entry.ok_or_else(|| Damage::Broken(name.to_owned()))?;
        Ok(entry.content())
    }

    fn file(&self, index: usize) -> Result<Step, Damage> {
        let manifest = self.manifest.as_ref().ok_or(Damage::NoPack)?;
        let Some(file) = manifest.files.get(index) else {
            return Ok(Step::Done);
        };
        Ok(Step::File(Box::new(Comparing {
            index,
            rest: self.place_of(&file.entry_name())?,
            hasher: ContentHasher::default(),
            check: MediaCheck::of(&file.name),
        })))
    }

    fn compare(&mut self, mut comparing: Box<Comparing>, bytes: &[u8]) -> Result<Step, Damage> {
        comparing.hasher.take(bytes);
        comparing.check.take(bytes);
        comparing.rest.start += bytes.len() as u64;
        self.compared_bytes += bytes.len() as u64;
        if !comparing.rest.is_empty() {
            return Ok(Step::File(comparing));
        }
        let manifest = self.manifest.as_ref().ok_or(Damage::NoPack)?;
        let entry = manifest.files.get(comparing.index).cloned();
        let entry = entry.ok_or(Damage::NoPack)?;
        if comparing.hasher.finish() != entry.sha256 {
            return Err(Damage::WrongContent(entry.name));
        }
        let content = self.place_of(&entry.entry_name())?;
        self.files.push(PackedFile {
            entry,
            media_type: comparing.check.finish(),
            content,
        });
        self.file(comparing.index + 1)
    }
}

impl Contents {
    /// Leaves out records that name a time further ahead of `now_ms` (milliseconds since 1970, UTC) than phones' clocks
    /// differ, and returns how many.
    pub fn leave_out_the_future(&mut self, now_ms: u64) -> usize {
        let before = self.records.len() + self.notes.len();
        let is_of_now = |record: &Record| {
            record.latest_named().unix_ms() <= now_ms.saturating_add(MOST_AHEAD_MS)
        };
        self.records.retain(is_of_now);
        self.notes.retain(is_of_now);
        before - self.records.len() - self.notes.len()
    }

    /// The files that its materials name, whole or as smaller forms: no others are anybody's.
    pub fn named_files(&self) -> impl Iterator<Item = &PackedFile> {
        let mut named = BTreeSet::new();
        let materials = self
            .records
            .iter()
            .filter(|record| record.key.collection == Collection::MATERIAL);
        for material in materials.filter_map(|record| Material::of(&Arc::new(record.clone()))) {
            named.extend(material.file().map(|file| file.sha256));
            if let Some(forms) = material.forms() {
                named.insert(forms.light.sha256);
                named.extend(forms.medium.map(|medium| medium.sha256));
            }
        }
        let files = self.files.iter();
        files.filter(move |file| named.contains(&*file.entry.sha256.to_string()))
    }
}

/// Records that may stand in such a page, and no others.
fn records_in(
    name: &str,
    bytes: &[u8],
    expected: &RecordsEntry,
    scope: ScopeId,
    collections: &[Collection],
) -> Result<Vec<Record>, Damage> {
    if ContentHash::of(bytes) != expected.sha256 {
        return Err(Damage::WrongContent(name.to_owned()));
    }
    let records = page::decode(bytes).map_err(|_| Damage::Broken(name.to_owned()))?;
    if records.len() > MOST_RECORDS {
        return Err(Damage::TooMuch("records"));
    }
    let is_right =
        |record: &Record| record.key.scope == scope && collections.contains(&record.key.collection);
    if records.iter().all(is_right) {
        Ok(records)
    } else {
        Err(Damage::Broken(name.to_owned()))
    }
}
