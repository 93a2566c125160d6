//! Files that are sent: how much travels in one piece, and what the server's answers mean.

use crate::protocol::files::PART_BYTES;

/// The length of the next piece. A piece should take a few seconds: then one sees how far a file is, and what
/// was said of a piece that broke off is soon asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    piece_bytes: u64,
}

impl Pace {
    /// The smallest piece; a slower link is one on which files do not travel.
    pub const LEAST_BYTES: u64 = 32 * 1024;
    /// The largest: a part, as files lie on devices.
    pub const MOST_BYTES: u64 = PART_BYTES as u64;
    const FIRST_BYTES: u64 = 128 * 1024;
    const QUICK_MS: u64 = 2_000;
    const SLOW_MS: u64 = 8_000;

    /// How long the next piece may be, in bytes.
    pub const fn piece_bytes(self) -> u64 {
        self.piece_bytes
    }

    /// A piece of this length took so long.
    pub const fn took(&mut self, bytes: u64, time_ms: u64) {
        if time_ms > Self::SLOW_MS {
            self.broke();
        } else if time_ms < Self::QUICK_MS && bytes >= self.piece_bytes {
            self.set(self.piece_bytes * 2);
        }
    }

    /// A piece did not arrive whole.
    pub const fn broke(&mut self) {
        self.set(self.piece_bytes / 2);
    }

    const fn set(&mut self, bytes: u64) {
        self.piece_bytes = if bytes < Self::LEAST_BYTES {
            Self::LEAST_BYTES
        } else if bytes > Self::MOST_BYTES {
            Self::MOST_BYTES
        } else {
            bytes
        };
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            piece_bytes: Self::FIRST_BYTES,
        }
    }
}

/// What the server's answer to a question about a file that is sent means (`docs/files.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was done.
    Done,
    /// Somebody else went on with it, or the place was another: ask how far it is.
    AskAgain,
    /// It is not known there any more, or never was: announce it.
    Announce,
    /// The server does not know this device's owner any more. Nothing is wrong with the file.
    NotAuthorised,
    /// Not now: too much is on its way, or the server cannot do its part. Later.
    Later,
    /// It is not taken before somebody changes something.
    Refused(Refused),
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// This person may not send files for the programme.
    NotAllowed,
    /// It is larger than the server takes.
    TooLarge,
    /// It is not what the end of its name says.
    WrongType,
    /// The files in the notes of this person or group are as many as they may be.
    ScopeFull,
    /// It is not the file whose hash was announced: what lies on the device was damaged.
    WrongContent,
}

/// Reads an answer by its status and, where there is one, by the word for the problem.
pub fn verdict(status: u16, problem: Option<&str>) -> Verdict {
    match (status, problem) {
        (200..=299, _) => Verdict::Done,
        (401, _) => Verdict::NotAuthorised,
        (403, _) => Verdict::Refused(Refused::NotAllowed),
        (404 | 410, _) => Verdict::Announce,
        (409, Some("too-many-uploads")) => Verdict::Later,
        (409, _) => Verdict::AskAgain,
        (413, _) => Verdict::Refused(Refused::TooLarge),
        (507, Some("scope-full")) => Verdict::Refused(Refused::ScopeFull),
        (422, Some("wrong-type")) => Verdict::Refused(Refused::WrongType),
        (422, Some("wrong-content")) => Verdict::Refused(Refused::WrongContent),
        _ => Verdict::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_grow_on_a_quick_link_and_shrink_on_a_slow_one() {
        let mut pace = Pace::default();
        let first = pace.piece_bytes();
        pace.took(first, 5_000);
        assert_eq!(pace.piece_bytes(), first, "a few seconds are right");
        pace.took(first / 2, 100);
        assert_eq!(
            pace.piece_bytes(),
            first,
            "the last piece of a file is short"
        );
        for _ in 0..9 {
            pace.took(pace.piece_bytes(), 100);
        }
        assert_eq!(pace.piece_bytes(), Pace::MOST_BYTES);
        for _ in 0..9 {
            pace.took(pace.piece_bytes(), 60_000);
        }
        assert_eq!(pace.piece_bytes(), Pace::LEAST_BYTES);
        pace.broke();
        assert_eq!(pace.piece_bytes(), Pace::LEAST_BYTES);
    }

    #[test]
    fn answers_say_what_to_do() {
        for (status, problem, expected) in [
            (201, None, Verdict::Done),
            (204, None, Verdict::Done),
            (401, Some("not-authorised"), Verdict::NotAuthorised),
            (404, Some("not-found"), Verdict::Announce),
            (409, Some("wrong-offset"), Verdict::AskAgain),
            (409, Some("taken-over"), Verdict::AskAgain),
            (409, Some("too-many-uploads"), Verdict::Later),
            (413, None, Verdict::Refused(Refused::TooLarge)),
            (
                422,
                Some("wrong-type"),
                Verdict::Refused(Refused::WrongType),
            ),
            (
                422,
                Some("wrong-content"),
                Verdict::Refused(Refused::WrongContent),
            ),
            (429, None, Verdict::Later),
            (507, Some("no-room"), Verdict::Later),
            (
                507,
                Some("scope-full"),
                Verdict::Refused(Refused::ScopeFull),
            ),
            // A sign-in page of a hotel, a proxy.
            (302, None, Verdict::Later),
            (502, None, Verdict::Later),
        ] {
            assert_eq!(verdict(status, problem), expected, "{status} {problem:?}");
        }
    }
}
