//! The bytes of a ZIP archive between its contents: headers, directory, end (APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16).

use std::collections::BTreeSet;
use std::ops::Range;

use super::Damage;

/// The most entries of an archive.
pub const MOST_ENTRIES: usize = 10_000;
/// The longest name, in bytes.
pub const MOST_NAME_BYTES: usize = 300;
/// How many bytes the end of an archive has.
pub const END_BYTES: u64 = 22;
/// The longest directory that is read, in bytes.
pub const MOST_DIRECTORY_BYTES: u32 = 4 * 1024 * 1024;
/// No archive is longer, in bytes: what is longer takes an extension that old programs do not know.
pub const MOST_BYTES: u64 = u32::MAX as u64 - 1;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// For entries that are only stored.
const VERSION: u16 = 10;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
/// 1 January 1980: packs of the same content are the same.
const DATE: u16 = 0x0021;
const LOCAL_BYTES: u64 = 30;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name: a path with `/`.
    pub name: String,
    /// Its sum; see [`super::Crc32`].
    pub crc: u32,
    /// Its length in bytes.
    pub size_bytes: u32,
    /// Where its header begins.
    start: u32,
}

impl Entry {
    /// Where its content lies in the archive.
    pub fn content(&self) -> Range<u64> {
        let start = self.header().end;
        start..start + u64::from(self.size_bytes)
    }

    /// Where its header lies.
    pub fn header(&self) -> Range<u64> {
        let start = u64::from(self.start);
        start..start + LOCAL_BYTES + self.name.len() as u64
    }

    /// The header, as it must be.
    pub fn header_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        number(&mut bytes, LOCAL);
        self.common(&mut bytes);
        bytes.extend_from_slice(self.name.as_bytes());
        bytes
    }

    /// What both headers say alike.
    fn common(&self, bytes: &mut Vec<u8>) {
        let length = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        for half in [VERSION, FLAGS, 0, 0, DATE] {
            short(bytes, half);
        }
        for whole in [self.crc, self.size_bytes, self.size_bytes] {
            number(bytes, whole);
        }
        short(bytes, length);
        short(bytes, 0);
    }
}

/// An archive that is being written, from its beginning to its end.
#[derive(Debug, Default)]
pub struct Writer {
    entries: Vec<Entry>,
    next: u64,
}

impl Writer {
    /// The bytes before the content of the next entry, which must follow at once. `None` if the name is none, or the
    /// archive becomes too large.
    pub fn begin(&mut self, name: &str, crc: u32, size_bytes: u64) -> Option<Vec<u8>> {
        let entry = Entry {
            name: name.to_owned(),
            crc,
            size_bytes: u32::try_from(size_bytes).ok()?,
            start: u32::try_from(self.next).ok()?,
        };
        let is_known = self.entries.iter().any(|known| known.name == entry.name);
        if !is_name(name) || is_known || self.entries.len() == MOST_ENTRIES {
            return None;
        }
        self.next = entry.content().end;
        let header = entry.header_bytes();
        self.entries.push(entry);
        (self.next <= MOST_BYTES).then_some(header)
    }

    /// The bytes behind the last content. `None` if the archive becomes too large.
    pub fn finish(self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for entry in &self.entries {
            number(&mut bytes, CENTRAL);
            short(&mut bytes, VERSION);
            entry.common(&mut bytes);
            // No comment, the first volume, no attributes.
            for half in [0, 0, 0] {
                short(&mut bytes, half);
            }
            number(&mut bytes, 0);
            number(&mut bytes, entry.start);
            bytes.extend_from_slice(entry.name.as_bytes());
        }
        let size_bytes = u32::try_from(bytes.len()).ok()?;
        let start = u32::try_from(self.next).ok()?;
        let count = u16::try_from(self.entries.len()).ok()?;
        number(&mut bytes, END);
        for half in [0, 0, count, count] {
            short(&mut bytes, half);
        }
        number(&mut bytes, size_bytes);
        number(&mut bytes, start);
        short(&mut bytes, 0);
        let whole = self.next + bytes.len() as u64;
        (whole <= MOST_BYTES && size_bytes <= MOST_DIRECTORY_BYTES).then_some(bytes)
    }
}

/// Where the directory lies in an archive of this length, by its last [`END_BYTES`] bytes; and how many entries it
/// names.
pub fn directory_place(end: &[u8], archive_bytes: u64) -> Result<(Range<u64>, usize), Damage> {
    if archive_bytes > MOST_BYTES {
        return Err(Damage::TooMuch("bytes"));
    }
    let mut end = Bytes(end);
    // What is no archive has no such end either, and one that was cut off has lost it.
    let is_end = end.number() == Some(END);
    let halves = [(); 4].map(|()| end.short());
    let (size_bytes, start, comment) = (end.number(), end.number(), end.short());
    let (true, [Some(0), Some(0), Some(count), Some(of_volume)], Some(size_bytes), Some(start)) =
        (is_end, halves, size_bytes, start)
    else {
        return Err(Damage::CutOff);
    };
    let (start, count) = (u64::from(start), usize::from(count));
    let directory = start..start + u64::from(size_bytes);
    if usize::from(of_volume) != count || comment != Some(0) || !end.0.is_empty() {
        return Err(broken("the end"));
    }
    if directory.end + END_BYTES != archive_bytes {
        return Err(Damage::CutOff);
    }
    if size_bytes > MOST_DIRECTORY_BYTES || count > MOST_ENTRIES {
        return Err(Damage::TooMuch("entries"));
    }
    Ok((directory, count))
}

/// The entries of a directory that begins at `start`: each right behind the other, the first at the beginning, nothing
/// between the last and the directory.
pub fn directory(bytes: &[u8], start: u64, count: usize) -> Result<Vec<Entry>, Damage> {
    let mut rest = Bytes(bytes);
    let mut entries: Vec<Entry> = Vec::new();
    let mut names = BTreeSet::new();
    let mut next = 0;
    for _ in 0..count {
        let entry = central(&mut rest).ok_or_else(|| broken("the directory"))?;
        if !is_name(&entry.name) || !names.insert(entry.name.to_lowercase()) {
            return Err(broken("a name"));
        }
        if u64::from(entry.start) != next {
            return Err(broken(&entry.name));
        }
        next = entry.content().end;
        entries.push(entry);
    }
    if next != start || !rest.0.is_empty() {
        return Err(broken("the directory"));
    }
    Ok(entries)
}

/// An entry of the directory; `None` if it says anything that a pack does not.
fn central(rest: &mut Bytes<'_>) -> Option<Entry> {
    let (signature, made_by) = (rest.number()?, rest.short()?);
    let is_it = signature == CENTRAL && made_by == VERSION;
    let halves = [(); 5].map(|()| rest.short());
    let is_stored = halves == [VERSION, FLAGS, 0, 0, DATE].map(Some);
    let (crc, size_bytes, same) = (rest.number()?, rest.number()?, rest.number()?);
    let name_bytes = usize::from(rest.short()?);
    let nothing = [(); 4].map(|()| rest.short());
    let (attributes, start) = (rest.number()?, rest.number()?);
    let is_plain = nothing == [Some(0); 4] && attributes == 0 && size_bytes == same;
    let name = rest.take(name_bytes)?;
    (is_it && is_stored && is_plain).then_some(Entry {
        name: std::str::from_utf8(name).ok()?.to_owned(),
        crc,
        size_bytes,
        start,
    })
}

/// Whether a name leads to a place within the pack on every system.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let is_clean = |letter: char| !letter.is_control() && !"\\:*?\"<>|".contains(letter);
        !matches!(part, "" | "." | "..")
            && part.chars().all(is_clean)
            && !part.ends_with([' ', '.'])
    };
    name.len() <= MOST_NAME_BYTES && name.split('/').all(is_part)
}

/// A file's name as it may stand in a pack, whatever it is called.
pub fn clean_name(name: &str) -> String {
    const MOST_CHARACTERS: usize = 60;
    let clean = |letter: char| match letter {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
        letter if letter.is_control() => '-',
        letter => letter,
    };
    let name: String = name.chars().map(clean).collect();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    let stem: String = stem.chars().take(MOST_CHARACTERS).collect();
    let ending: String = ending.chars().take(10).collect();
    let joined = [stem.trim(), ".", ending.trim()].concat();
    let name = joined.trim_matches(['.', ' ']);
    if name.is_empty() {
        "file".to_owned()
    } else {
        name.to_owned()
    }
}

fn broken(place: &str) -> Damage {
    Damage::Broken(place.to_owned())
}

fn number(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn short(bytes: &mut Vec<u8>, number: u16) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }
}
