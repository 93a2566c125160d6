//! Long texts: what several people write at once stays, all of it, in one order everywhere.
//!
//! A text is no field but a set of them, so that merging, storing and sending know nothing of it:
//!
//! | field | written by | holds |
//! |---|---|---|
//! | `body+<stamp>` | one device, which only ever adds to it | a *piece*: characters, and where they hang ([`piece`]) |
//! | `body-<stamp>` | anybody | which characters of that piece were removed, and when ([`removed`]) |
//! | `body` | an import, an earlier version of this program | a text as a whole: a piece whose name is its stamp |
//!
//! Concurrent versions of a removal field are united when they are read. Of `body` all versions
//! that people wrote are pieces, one after the other; of an import only the one that counts. A
//! piece has one version, unless somebody restored it elsewhere while its writer went on; then the
//! longer one holds the shorter.
//!
//! What stands where is decided by [`order`], from nothing but what is in the record: who has the
//! same record reads the same text. Nothing is ever left out but what was removed.

mod order;
mod piece;
mod removed;
mod splice;
mod write;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{Bound, Range};

use crate::clock::Stamp;
use crate::id::DeviceId;
use crate::record::{Author, Record, Register};
use crate::value::{FieldKey, Value};
use order::Tree;
use piece::{CharId, Origin, Run};
use removed::Removal;
pub use splice::Splice;
pub use write::put_on;

/// The text of a field of this record, as [`Text`] shows it.
pub fn read<'a>(record: &'a Record, field: &str) -> Cow<'a, str> {
    let whole = record.field(field);
    let is_plain = whole.is_none_or(|register| register.versions.len() < 2);
    if is_plain
        && parts(record, field, "+")
            .chain(parts(record, field, "-"))
            .next()
            .is_none()
    {
        return Cow::Borrowed(record.value(field).as_text().unwrap_or(""));
    }
    Cow::Owned(Text::of(record, field).to_string())
}

/// Neighbouring characters of one run, all there or all removed at one time.
#[derive(Clone, Copy, Debug)]
struct Span<'a> {
    first: CharId,
    length: u32,
    text: &'a str,
    removed_at_s: Option<u64>,
}

impl Span<'_> {
    fn end(&self) -> u32 {
        self.first.offset + self.length
    }

    fn holds(&self, id: CharId) -> bool {
        self.first.piece == id.piece && (self.first.offset..self.end()).contains(&id.offset)
    }
}

/// Something that was written and removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// What it was.
    pub text: String,
    /// When the last of it was removed, in milliseconds since 1970 (UTC), by the clock of who did.
    pub removed_ms: u64,
    /// Before which character of the text it stood.
    pub place: usize,
}

/// Neighbouring characters that one device wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What it wrote.
    pub text: String,
    /// Which one.
    pub device: DeviceId,
    /// When it began to, in milliseconds since 1970 (UTC), by its clock: what follows it adds for a while.
    pub begun_ms: u64,
}

/// A text in order. Places in it are numbers of characters (Unicode scalar values).
#[derive(Debug)]
pub struct Text<'a> {
    tree: Tree<'a>,
    spans: Vec<Span<'a>>,
}

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.shown()
            .try_for_each(|span| formatter.write_str(span.text))
    }
}

impl<'a> Text<'a> {
    /// The text of a field of this record.
    pub fn of(record: &'a Record, field: &str) -> Self {
        let mut runs = Vec::new();
        // Which piece stands for one with the same content.
        let mut same: BTreeMap<Stamp, Stamp> = BTreeMap::new();
        let whole = record.field(field);
        whole_texts(whole, &mut runs, &mut same);
        for (piece, register) in parts(record, field, "+") {
            for value in longest(register) {
                runs.extend(piece::read(piece, value));
            }
        }
        let stand_in = |piece: &mut Stamp| {
            if let Some(other) = same.get(piece) {
                *piece = *other;
            }
        };
        for run in &mut runs {
            if let Origin::Beside(parent, _) = &mut run.origin {
                stand_in(&mut parent.piece);
            }
        }
        let mut removals: BTreeMap<Stamp, Vec<Removal>> = BTreeMap::new();
        for (mut piece, register) in parts(record, field, "-") {
            stand_in(&mut piece);
            removals.entry(piece).or_default().extend(said(register));
        }
        for removals in removals.values_mut() {
            *removals = removed::unite(std::mem::take(removals));
        }
        let tree = Tree::new(runs);
        let spans = cut(&tree, &removals);
        Self { tree, spans }
    }

    /// What is there.
    fn shown(&self) -> impl Iterator<Item = &Span<'a>> {
        self.spans.iter().filter(|span| span.removed_at_s.is_none())
    }

    /// What to do to this text to have `later`, the same one after some edits: what stands in both stays, character
    /// by character, so that a caret or a selection can be carried over. In the order of the text.
    pub fn splices_to(&self, later: &Text<'_>) -> Vec<Splice> {
        let splices = self.splices_by_character(later);
        let (text, goal) = (self.to_string(), later.to_string());
        if Splice::apply(&splices, &text) == goal {
            return splices;
        }
        // Another text as a whole has come in its place.
        let difference = write::difference(&text, &goal);
        let splice = difference.map(|difference| Splice {
            place: difference.before,
            removed: difference.removed,
            inserted: difference.inserted.to_owned(),
        });
        Vec::from_iter(splice)
    }

    fn splices_by_character(&self, later: &Text<'_>) -> Vec<Splice> {
        let mut here: BTreeMap<Stamp, Vec<Range<u32>>> = BTreeMap::new();
        for span in self.shown() {
            let ranges = here.entry(span.first.piece).or_default();
            ranges.push(span.first.offset..span.end());
        }
        for ranges in here.values_mut() {
            ranges.sort_by_key(|range| range.start);
            // Only who wants to do harm has one character twice.
            ranges.dedup_by(|next, range| {
                let meets = next.start <= range.end;
                range.end = if meets {
                    range.end.max(next.end)
                } else {
                    range.end
                };
                meets
            });
        }
        let (mut splices, mut place) = (Vec::new(), 0);
        for span in &later.spans {
            let ranges = here.get(&span.first.piece);
            let ranges = ranges.map_or(&[][..], Vec::as_slice);
            let mut next = ranges.partition_point(|range| range.end <= span.first.offset);
            let (mut from, mut rest) = (span.first.offset, span.text);
            while from < span.end() {
                let (to, was_here) = match ranges.get(next) {
                    Some(range) if range.start <= from => (range.end, true),
                    Some(range) => (range.start, false),
                    None => (span.end(), false),
                };
                next += usize::from(was_here);
                let to = to.min(span.end());
                let text;
                (text, rest) = split_after(rest, to - from);
                match (was_here, span.removed_at_s.is_none()) {
                    (true, true) => place += (to - from) as usize,
                    (true, false) => {
                        Splice::remove(&mut splices, place, (to - from) as usize);
                        place += (to - from) as usize;
                    }
                    (false, true) => Splice::insert(&mut splices, place, text),
                    (false, false) => {}
                }
                from = to;
            }
        }
        splices
    }

    /// What is there, by who wrote it, in the order of the text. What a device wrote at two times that lie close
    /// together is one.
    pub fn stretches(&self) -> Vec<Stretch> {
        const TOGETHER_MS: u64 = 60 * 60 * 1000;
        let mut stretches: Vec<Stretch> = Vec::new();
        for span in self.shown() {
            let piece = span.first.piece;
            let begun_ms = piece.time.unix_ms();
            match stretches.last_mut() {
                Some(last)
                    if last.device == piece.device
                        && last.begun_ms.abs_diff(begun_ms) <= TOGETHER_MS =>
                {
                    last.text.push_str(span.text);
                    last.begun_ms = last.begun_ms.min(begun_ms);
                }
                _ => stretches.push(Stretch {
                    text: span.text.to_owned(),
                    device: piece.device,
                    begun_ms,
                }),
            }
        }
        stretches
    }

    /// What was removed, the last removed first. Neighbouring characters are one passage if no
    /// more than a few minutes lie between their removals.
    pub fn passages(&self) -> Vec<Passage> {
        const TOGETHER_MS: u64 = 5 * 60 * 1000;
        let mut passages: Vec<Passage> = Vec::new();
        let mut place = 0;
        // Whether what stands here borders on the last passage.
        let mut is_next = false;
        for span in &self.spans {
            let Some(at_s) = span.removed_at_s else {
                place += span.length as usize;
                is_next = false;
                continue;
            };
            let removed_ms = at_s.saturating_mul(1000);
            match passages.last_mut() {
                Some(last) if is_next && last.removed_ms.abs_diff(removed_ms) <= TOGETHER_MS => {
                    last.text.push_str(span.text);
                    last.removed_ms = removed_ms.max(last.removed_ms);
                }
                _ => passages.push(Passage {
                    text: span.text.to_owned(),
                    removed_ms,
                    place,
                }),
            }
            is_next = true;
        }
        passages.sort_by_key(|passage| std::cmp::Reverse(passage.removed_ms));
        passages
    }
}

/// The fields `field+…` or `field-…`, each with the piece that it is about.
fn parts<'a>(
    record: &'a Record,
    field: &str,
    mark: &str,
) -> impl Iterator<Item = (Stamp, &'a Register)> + use<'a> {
    let prefix = [field, mark].concat();
    let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
    let fields = record.fields.range::<str, _>(from);
    fields
        .map_while(move |(key, register)| {
            let name = key.as_str().strip_prefix(prefix.as_str())?;
            Some((Stamp::from_name(name), register))
        })
        .filter_map(|(piece, register)| Some((piece?, register)))
}

/// The versions of a plain register as pieces.
fn whole_texts<'a>(
    register: Option<&'a Register>,
    runs: &mut Vec<Run<'a>>,
    same: &mut BTreeMap<Stamp, Stamp>,
) {
    let versions = register.map_or(&[][..], |register| &register.versions);
    let mut pieces: BTreeMap<&str, Stamp> = BTreeMap::new();
    for (position, version) in versions.iter().enumerate() {
        let is_shown = position == 0 || version.author == Author::Person;
        let Some(text) = version
            .value
            .as_text()
            .filter(|text| is_shown && !text.is_empty())
        else {
            continue;
        };
        if let Some(piece) = pieces.get(text) {
            same.insert(version.stamp, *piece);
            continue;
        }
        pieces.insert(text, version.stamp);
        runs.push(Run {
            first: CharId {
                piece: version.stamp,
                offset: 0,
            },
            origin: Origin::Start,
            length: u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
            text,
        });
    }
}

/// The versions of a piece's field without those that are the beginning of another one.
fn longest(register: &Register) -> Vec<&str> {
    let texts = register.versions.iter().map(|version| &version.value);
    let mut texts: Vec<&str> = texts.filter_map(Value::as_text).collect();
    if texts.len() > 1 {
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        let mut kept: Vec<&str> = Vec::new();
        for text in texts {
            if !kept.iter().any(|longer| is_grown(text, longer)) {
                kept.push(text);
            }
        }
        return kept;
    }
    texts
}

/// Whether `later` is what `earlier` may have become: it has all its runs, the last one maybe longer.
fn is_grown(earlier: &str, later: &str) -> bool {
    const ANY: Stamp = Stamp::FIRST;
    let (earlier, later) = (piece::read(ANY, earlier), piece::read(ANY, later));
    earlier.len() <= later.len()
        && earlier.iter().zip(&later).all(|(one, other)| {
            one.origin == other.origin
                && one.first == other.first
                && other.text.starts_with(one.text)
        })
}

/// What all versions of a removal field say.
fn said(register: &Register) -> impl Iterator<Item = Removal> {
    let values = register.versions.iter().map(|version| &version.value);
    values.filter_map(Value::as_text).flat_map(removed::read)
}

/// Cuts the text in its order where something was removed.
fn cut<'a>(tree: &Tree<'a>, removals: &BTreeMap<Stamp, Vec<Removal>>) -> Vec<Span<'a>> {
    // How far each run was cut: a run is walked from its beginning to its end.
    let mut rests: Vec<&str> = tree.runs.iter().map(|run| run.text).collect();
    let mut spans = Vec::new();
    for part in tree.walk() {
        let piece = tree.runs[part.run].first.piece;
        let removals = removals.get(&piece).map_or(&[][..], Vec::as_slice);
        let rest = &mut rests[part.run];
        let mut from = part.from;
        let mut next = removals.partition_point(|removal| removal.to <= from);
        while from < part.to {
            let (to, removed_at_s) = match removals.get(next) {
                Some(removal) if removal.from <= from => (removal.to, Some(removal.at_s)),
                Some(removal) => (removal.from, None),
                None => (part.to, None),
            };
            next += usize::from(removed_at_s.is_some());
            let to = to.min(part.to);
            let text;
            (text, *rest) = split_after(rest, to - from);
            spans.push(Span {
                first: CharId {
                    piece,
                    offset: from,
                },
                length: to - from,
                text,
                removed_at_s,
            });
            from = to;
        }
    }
    spans
}

/// The first so many characters, and the rest.
fn split_after(text: &str, characters: u32) -> (&str, &str) {
    let end = text.char_indices().nth(characters as usize);
    text.split_at(end.map_or(text.len(), |(end, _)| end))
}

impl FieldKey {
    fn piece(field: &str, piece: Stamp) -> Self {
        Self::register(&[field, "+", &piece.name()].concat())
    }

    fn removals(field: &str, piece: Stamp) -> Self {
        Self::register(&[field, "-", &piece.name()].concat())
    }

    /// Whether this field says which characters of a piece were removed.
    pub(crate) fn is_removals(&self) -> bool {
        self.stamp_after('-')
    }

    /// Whether this field is a piece of a text.
    pub(crate) fn is_piece(&self) -> bool {
        self.stamp_after('+')
    }

    fn stamp_after(&self, mark: char) -> bool {
        let name = self.as_str().rsplit_once(mark);
        name.is_some_and(|(_, stamp)| Stamp::from_name(stamp).is_some())
    }
}
