//! Writing a text: what changed between what the writer had before them and what they made of it.

use super::piece::{CharId, Origin, Run, Side, write_run};
use super::removed::{self, Removal};
use super::{FieldKey, Text, piece, said};
use crate::change::Edit;
use crate::clock::Stamp;
use crate::record::{Record, Register};
use crate::value::Value;

/// From this length on, a piece is not added to any more: each addition sends the piece again.
const FULL_BYTES: usize = 1024;

/// What to do to the text that the writer saw.
pub(super) struct Difference<'t> {
    /// How many characters stay before it.
    pub(super) before: usize,
    /// How many after those go.
    pub(super) removed: usize,
    /// What comes instead.
    pub(super) inserted: &'t str,
}

/// The one place where `new` differs from `old`; `None` if it does not.
pub(super) fn difference<'t>(old: &str, new: &'t str) -> Option<Difference<'t>> {
    let same = |(one, other): &(char, char)| one == other;
    let starts = old.chars().zip(new.chars()).take_while(same);
    let (before, start) = starts.fold((0, 0), |(count, bytes), (character, _)| {
        (count + 1, bytes + character.len_utf8())
    });
    let (old, new) = (&old[start..], &new[start..]);
    let ends = old.chars().rev().zip(new.chars().rev()).take_while(same);
    let end: usize = ends.map(|(character, _)| character.len_utf8()).sum();
    let (removed, inserted) = (&old[..old.len() - end], &new[..new.len() - end]);
    let differs = !removed.is_empty() || !inserted.is_empty();
    differs.then(|| Difference {
        before,
        removed: removed.chars().count(),
        inserted,
    })
}

/// What `new`, which somebody made of `old`, comes to where another text stands now: what they typed
/// is in it, where it was if what stands before that is the same, else at the end. Nothing of that
/// text goes unless it is `old` itself.
pub fn put_on(standing: &str, old: &str, new: &str) -> String {
    if standing == old || standing == new {
        return new.to_owned();
    }
    let Some(difference) = difference(old, new) else {
        return standing.to_owned();
    };
    // Some of it may have been saved before the rest was typed.
    let is_begun = self::difference(old, standing).is_some_and(|begun| {
        (begun.before, begun.removed) == (difference.before, difference.removed)
            && difference.inserted.starts_with(begun.inserted)
    });
    if is_begun {
        return new.to_owned();
    }
    let start = old.char_indices().nth(difference.before);
    let start = &old[..start.map_or(old.len(), |(start, _)| start)];
    let (before, after) = match standing.strip_prefix(start) {
        Some(after) => (start, after),
        None => (standing, ""),
    };
    [before, difference.inserted, after].concat()
}

impl<'a> Edit<'a> {
    /// Makes a text read `new`, as somebody who had [`Text::of`] what is before them in front of
    /// them: what others write meanwhile stays.
    pub fn write_text(&mut self, field: &str, new: &str) -> &mut Self {
        let nothing = Record::new(self.key());
        let before = self.before().unwrap_or(&nothing);
        let text = Text::of(before, field);
        let Some(difference) = difference(&text.to_string(), new) else {
            return self;
        };
        let Difference {
            before: kept,
            removed,
            inserted,
        } = difference;
        let (removals, last) = text.remove(kept, removed, self.stamp().time.unix_ms() / 1000);
        let mut writes = Vec::new();
        for removal in removals {
            let key = FieldKey::removals(field, removal.0);
            let register = before.field(key.as_str());
            let known = register.into_iter().flat_map(said);
            let all = removed::unite(known.chain(removal.1));
            writes.push((key, register, removed::write(&all)));
        }
        if !inserted.is_empty() {
            let origin = text.origin_after(last);
            let length = u32::try_from(inserted.chars().count()).unwrap_or(u32::MAX);
            let grown = self.piece_to_grow(field).map(|(own, register, value)| {
                let value = grow(own, value, origin, length, inserted);
                (FieldKey::piece(field, own), Some(register), value)
            });
            writes.push(grown.unwrap_or_else(|| {
                let mut value = String::new();
                write_run(&mut value, self.stamp(), origin, length, inserted);
                (FieldKey::piece(field, self.stamp()), None, value)
            }));
        }
        for (key, register, value) in writes {
            self.put(key, register, Value::from(value));
        }
        self
    }

    /// The writer's last piece that may be added to, if there is still room in it.
    fn piece_to_grow(&self, field: &str) -> Option<(Stamp, &'a Register, &'a str)> {
        let before = self.before()?;
        let pieces = super::parts(before, field, "+");
        let own = pieces.filter(|(piece, register)| {
            piece.device == self.stamp().device
                && self.is_alone(&FieldKey::piece(field, *piece), register)
        });
        let (piece, register) = own.last()?;
        let [version] = register.versions.as_slice() else {
            return None;
        };
        let value = version.value.as_text()?;
        // A server that found the clock ahead keeps it under the double's name.
        let devices = [piece.device, piece.device.double()];
        let is_writers = version.author == self.author() && devices.contains(&version.stamp.device);
        let is_whole = rewritten(piece, value) == value;
        // What nobody has written yet cannot have been removed, unless somebody lies.
        let end = piece::read(piece, value).last().map_or(0, Run::end);
        let removals = before.field(FieldKey::removals(field, piece).as_str());
        let mut removals = removals.into_iter().flat_map(said);
        let is_free = removals.all(|removal| removal.to <= end);
        (is_writers && is_whole && is_free && value.len() < FULL_BYTES)
            .then_some((piece, register, value))
    }
}

/// The value of a piece, written anew from what was read of it.
fn rewritten(piece: Stamp, value: &str) -> String {
    let mut again = String::with_capacity(value.len());
    for run in piece::read(piece, value) {
        write_run(&mut again, piece, run.origin, run.length, run.text);
    }
    again
}

/// A piece with more characters at its end: a longer last run if they go on from it, else a new one.
fn grow(piece: Stamp, value: &str, origin: Origin, length: u32, text: &str) -> String {
    let mut runs = piece::read(piece, value);
    let end = runs.last().map_or(0, Run::end);
    let goes_on = runs.pop_if(|last| {
        let end = CharId {
            piece,
            offset: last.end() - 1,
        };
        origin == Origin::Beside(end, Side::Right)
    });
    let mut grown = String::with_capacity(value.len() + text.len() + 16);
    for run in &runs {
        write_run(&mut grown, piece, run.origin, run.length, run.text);
    }
    match goes_on {
        Some(run) => {
            let joined = [run.text, text].concat();
            write_run(&mut grown, piece, run.origin, run.length + length, &joined);
        }
        None => write_run(&mut grown, piece, origin, length, text),
    }
    debug_assert_eq!(
        piece::read(piece, &grown).last().map(Run::end),
        Some(end + length)
    );
    grown
}

impl Text<'_> {
    /// The removal, at this time, of so many characters after the first `kept`; and the character,
    /// removed or not, after which something else can be inserted there: the last one before the
    /// next that stays, so that who mends a word goes on at its end.
    fn remove(
        &self,
        kept: usize,
        count: usize,
        at_s: u64,
    ) -> (Vec<(Stamp, Vec<Removal>)>, Option<CharId>) {
        let mut removals: Vec<(Stamp, Vec<Removal>)> = Vec::new();
        let (mut kept, mut count) = (kept, count);
        let mut last = None;
        for span in &self.spans {
            let length = span.length as usize;
            let mut taken = length;
            if span.removed_at_s.is_none() {
                let passed = kept.min(length);
                kept -= passed;
                let going = count.min(length - passed);
                count -= going;
                if going > 0 {
                    let from = span.first.offset + passed as u32;
                    let removal = Removal {
                        from,
                        to: from + going as u32,
                        at_s,
                    };
                    let piece = span.first.piece;
                    match removals.iter_mut().find(|(other, _)| *other == piece) {
                        Some((_, removals)) => removals.push(removal),
                        None => removals.push((piece, vec![removal])),
                    }
                }
                taken = passed + going;
            }
            if taken > 0 {
                last = Some(CharId {
                    offset: span.first.offset + taken as u32 - 1,
                    ..span.first
                });
            }
            if taken < length {
                break;
            }
        }
        (removals, last)
    }

    /// Where characters hang that are to stand right after this one.
    fn origin_after(&self, last: Option<CharId>) -> Origin {
        let beside = |id, side| Origin::Beside(id, side);
        let right = last.map_or(Origin::Start, |id| beside(id, Side::Right));
        if !self.tree.has_right_child(last) {
            return right;
        }
        // The next character is the first of what hangs right of it, and has nothing to its left.
        let next = match last {
            None => self.spans.first().map(|span| span.first),
            Some(id) => self.after(id),
        };
        next.map_or(right, |next| beside(next, Side::Left))
    }

    /// The character after this one, removed or not.
    fn after(&self, id: CharId) -> Option<CharId> {
        let position = self.spans.iter().position(|span| span.holds(id))?;
        let span = &self.spans[position];
        if id.offset + 1 < span.end() {
            let offset = id.offset + 1;
            return Some(CharId { offset, ..id });
        }
        Some(self.spans.get(position + 1)?.first)
    }
}

#[cfg(test)]
mod tests {
    use super::put_on;

    #[test]
    fn a_text_that_waited_is_put_on_what_stands_there_now() {
        assert_eq!(put_on("Budget", "Budget", "Budg"), "Budg");
        assert_eq!(
            put_on("Budget, hall", "Budget", "Budget 2026"),
            "Budget 2026, hall"
        );
        assert_eq!(
            put_on("Budget 20, hall", "Budget, hall", "Budget 2026, hall"),
            "Budget 2026, hall"
        );
        assert_eq!(put_on("Ask", "Бюджет", "Бюджет!"), "Ask!");
        assert_eq!(
            put_on("Budget 2026", "Budget", "Budget 2026"),
            "Budget 2026"
        );
        assert_eq!(put_on("Budget, hall", "Budget", "Budget"), "Budget, hall");
        assert_eq!(put_on("Budget, hall", "Budget", "Bud"), "Budget, hall");
    }
}
