//! What stands in a piece's field: runs of characters, each with the character that it hangs on.
//!
//! ```text
//!   ^ 6↵Budget          six characters that hang on nothing: the beginning of a text
//!   >5 5↵ 2026          five more, right of this piece's own character 5
//!   <0@019…1 3↵The      three, left of the first character of the piece 019…1
//! ```
//!
//! Characters are Unicode scalar values, numbered through the piece, so that a run has no number of
//! its own. A piece only ever grows at its end: whatever was said about a character stays true.

use std::fmt::Write as _;

use crate::clock::Stamp;

/// Names one character of a text for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CharId {
    /// The piece that it was written in.
    pub(super) piece: Stamp,
    /// Its number in that piece.
    pub(super) offset: u32,
}

/// On which side of its parent a character hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Left,
    Right,
}

/// What a run's first character hangs on; each further one hangs right of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The beginning of the text.
    Start,
    /// Another character.
    Beside(CharId, Side),
}

/// Characters that were written one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run<'a> {
    /// Its first character.
    pub(super) first: CharId,
    /// What that hangs on.
    pub(super) origin: Origin,
    /// How many characters it has; at least one.
    pub(super) length: u32,
    /// The characters.
    pub(super) text: &'a str,
}

impl Run<'_> {
    /// The number in the piece after the last character's.
    pub(super) const fn end(&self) -> u32 {
        self.first.offset + self.length
    }
}

/// The runs of a piece. What this version cannot read ends them: it stays in the field, unshown.
pub(super) fn read(piece: Stamp, value: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let (mut rest, mut offset) = (value, 0);
    while let Some((run, after)) = read_run(piece, offset, rest) {
        offset = run.end();
        rest = after;
        runs.push(run);
    }
    runs
}

fn read_run(piece: Stamp, offset: u32, text: &str) -> Option<(Run<'_>, &str)> {
    let (header, text) = text.split_once('\n')?;
    let (origin, length) = header.split_once(' ')?;
    let origin = read_origin(piece, origin)?;
    let wanted: u32 = length.parse().ok().filter(|length| *length > 0)?;
    offset.checked_add(wanted)?;
    let end = text
        .char_indices()
        .nth(usize::try_from(wanted).ok()?)
        .map_or(text.len(), |(end, _)| end);
    let (text, after) = text.split_at(end);
    // A field that was cut off holds fewer than it promises.
    let is_whole = !after.is_empty() || text.chars().count() == usize::try_from(wanted).ok()?;
    let run = Run {
        first: CharId { piece, offset },
        origin,
        length: wanted,
        text,
    };
    is_whole.then_some((run, after))
}

fn read_origin(piece: Stamp, text: &str) -> Option<Origin> {
    if text == "^" {
        return Some(Origin::Start);
    }
    let (side, place) = match text.split_at_checked(1)? {
        ("<", place) => (Side::Left, place),
        (">", place) => (Side::Right, place),
        _ => return None,
    };
    let (offset, piece) = match place.split_once('@') {
        Some((offset, other)) => (offset, Stamp::from_name(other)?),
        None => (place, piece),
    };
    let offset = offset.parse().ok()?;
    Some(Origin::Beside(CharId { piece, offset }, side))
}

/// Adds a run to the value of a piece.
pub(super) fn write_run(value: &mut String, piece: Stamp, origin: Origin, length: u32, text: &str) {
    let outcome = match origin {
        Origin::Start => write!(value, "^ {length}\n{text}"),
        Origin::Beside(parent, side) => {
            let mark = if side == Side::Left { '<' } else { '>' };
            let offset = parent.offset;
            if parent.piece == piece {
                write!(value, "{mark}{offset} {length}\n{text}")
            } else {
                let other = parent.piece.name();
                write!(value, "{mark}{offset}@{other} {length}\n{text}")
            }
        }
    };
    debug_assert!(outcome.is_ok(), "a string takes what is written into it");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Hlc;
    use crate::id::DeviceId;

    fn stamp(device: u64) -> Stamp {
        Stamp {
            time: Hlc::from_unix_ms(7),
            device: DeviceId(device),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let (own, other) = (stamp(1), stamp(2));
        let beside = |piece, offset, side| Origin::Beside(CharId { piece, offset }, side);
        let written = [
            (Origin::Start, "Бюджет"),
            (beside(own, 5, Side::Right), " 2026\n<0 9\nтоо"),
            (beside(other, 4, Side::Left), "🐏"),
        ];
        let mut value = String::new();
        for (origin, text) in written {
            let length = u32::try_from(text.chars().count()).expect("short");
            write_run(&mut value, own, origin, length, text);
        }
        let runs = read(own, &value);
        let texts: Vec<_> = runs.iter().map(|run| (run.origin, run.text)).collect();
        assert_eq!(texts, written);
        assert_eq!(runs[2].first.offset, 6 + 14);
    }

    #[test]
    fn what_cannot_be_read_ends_the_piece() {
        let lengths = |value| {
            let runs = read(stamp(1), value);
            runs.iter().map(|run| run.length).collect::<Vec<_>>()
        };
        assert_eq!(lengths("^ 2\nab>1 3\ncd"), [2], "cut off");
        assert_eq!(lengths("^ 2\nab!1 2\ncd"), [2], "a later form");
        assert_eq!(lengths("^ 0\n^ 2\nab"), [0; 0]);
        assert_eq!(lengths("^ 4294967296\nab"), [0; 0]);
        assert_eq!(lengths("^ 1\na>0 4294967295\nb"), [1]);
        assert_eq!(lengths(">-1 2\nab"), [0; 0]);
    }
}
