//! What a file is, by the end of its name and by its bytes: both must agree.

/// Media types by the end of the name. What browsers would run (HTML, SVG, scripts) is not among
/// them and is passed on as bytes to be saved.
const BY_ENDING: [(&str, &str, Head); 27] = [
    ("pdf", "application/pdf", Head::At(0, b"%PDF-")),
    ("png", "image/png", Head::At(0, b"\x89PNG\r\n\x1a\n")),
    ("jpg", "image/jpeg", Head::At(0, b"\xff\xd8\xff")),
    ("jpeg", "image/jpeg", Head::At(0, b"\xff\xd8\xff")),
    ("gif", "image/gif", Head::At(0, b"GIF8")),
    ("webp", "image/webp", Head::At(8, b"WEBP")),
    ("avif", "image/avif", Head::At(4, b"ftyp")),
    ("mp3", "audio/mpeg", Head::Mpeg),
    ("ogg", "audio/ogg", Head::At(0, b"OggS")),
    ("oga", "audio/ogg", Head::At(0, b"OggS")),
    ("opus", "audio/ogg", Head::At(0, b"OggS")),
    ("wav", "audio/wav", Head::At(8, b"WAVE")),
    ("m4a", "audio/mp4", Head::At(4, b"ftyp")),
    ("mp4", "video/mp4", Head::At(4, b"ftyp")),
    ("webm", "video/webm", Head::At(0, b"\x1a\x45\xdf\xa3")),
    ("zip", "application/zip", Head::At(0, b"PK")),
    ("epub", "application/epub+zip", Head::At(0, b"PK")),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Head::At(0, b"PK"),
    ),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Head::At(0, b"PK"),
    ),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Head::At(0, b"PK"),
    ),
    (
        "odt",
        "application/vnd.oasis.opendocument.text",
        Head::At(0, b"PK"),
    ),
    (
        "ods",
        "application/vnd.oasis.opendocument.spreadsheet",
        Head::At(0, b"PK"),
    ),
    (
        "odp",
        "application/vnd.oasis.opendocument.presentation",
        Head::At(0, b"PK"),
    ),
    ("txt", "text/plain", Head::Text),
    ("md", "text/markdown", Head::Text),
    ("csv", "text/csv", Head::Text),
    ("json", "application/json", Head::Text),
];

/// What a file that may be anything is called.
const ANY: &str = "application/octet-stream";

/// The bytes at the beginning of a file that are looked at, at most.
const HEAD_BYTES: usize = 16;

#[derive(Clone, Copy, Debug)]
enum Head {
    At(usize, &'static [u8]),
    Mpeg,
    Text,
}

impl Head {
    /// Whether a file may begin so. Of a text this says nothing.
    fn fits(self, bytes: &[u8]) -> bool {
        match self {
            Self::At(offset, magic) => bytes
                .get(offset..)
                .is_some_and(|rest| rest.starts_with(magic)),
            Self::Mpeg => {
                bytes.starts_with(b"ID3")
                    || matches!(bytes, [0xff, second, ..] if second & 0xe0 == 0xe0)
            }
            Self::Text => true,
        }
    }
}

/// Tells whether the content of a file is what its name says. The bytes are shown piece by piece, and none
/// of them is kept but the first few.
#[derive(Clone, Debug)]
pub struct MediaCheck {
    /// What the name promises; `None`: nothing.
    promised: Option<(&'static str, Head)>,
    head: Vec<u8>,
    /// The begin of a character that the last piece did not end.
    unfinished: Vec<u8>,
    is_text: bool,
}

impl MediaCheck {
    /// For a file with this name.
    pub fn of(name: &str) -> Self {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let known = BY_ENDING
            .iter()
            .find(|(known, ..)| known.eq_ignore_ascii_case(ending));
        Self {
            promised: known.map(|(_, media_type, head)| (*media_type, *head)),
            head: Vec::new(),
            unfinished: Vec::new(),
            is_text: true,
        }
    }

    /// Takes in the next piece of the content.
    pub fn take(&mut self, piece: &[u8]) {
        let wanted = HEAD_BYTES.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..wanted]);
        if matches!(self.promised, Some((_, Head::Text))) && self.is_text {
            self.is_text = self.goes_on_as_text(piece);
        }
    }

    fn goes_on_as_text(&mut self, mut piece: &[u8]) -> bool {
        // Of a character that two pieces share there are at most three bytes in the first.
        while let (false, [next, rest @ ..]) = (self.unfinished.is_empty(), piece) {
            self.unfinished.push(*next);
            piece = rest;
            match std::str::from_utf8(&self.unfinished) {
                Ok(_) => self.unfinished.clear(),
                Err(error) if error.error_len().is_some() => return false,
                Err(_) => {}
            }
        }
        match std::str::from_utf8(piece) {
            Ok(text) => !text.contains('\0'),
            Err(error) if error.error_len().is_some() => false,
            Err(error) => {
                let (text, rest) = piece.split_at(error.valid_up_to());
                self.unfinished.extend_from_slice(rest);
                !text.contains(&0)
            }
        }
    }

    /// The media type of the file, all of which was shown; `None` if its content is not what its name says.
    pub fn finish(self) -> Option<&'static str> {
        let Some((media_type, head)) = self.promised else {
            return Some(ANY);
        };
        let is_whole = self.is_text && self.unfinished.is_empty();
        (head.fits(&self.head) && is_whole).then_some(media_type)
    }
}

/// The media type of a file; `None` if its content is not what its name says.
pub(crate) fn media_type(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let mut check = MediaCheck::of(name);
    check.take(bytes);
    check.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_content_must_agree() {
        assert_eq!(media_type("a.PDF", b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(media_type("a.pdf", b"<html>"), None);
        assert_eq!(media_type("a.txt", b"\xff\xfe"), None);
        assert_eq!(media_type("a.svg", b"<svg/>"), Some(ANY));
        assert_eq!(media_type("none", b""), Some(ANY));
    }

    #[test]
    fn it_does_not_matter_in_which_pieces_a_file_comes() {
        let in_pieces = |name: &str, bytes: &[u8], size: usize| {
            let mut check = MediaCheck::of(name);
            bytes.chunks(size).for_each(|piece| check.take(piece));
            check.finish()
        };
        let text = "Керуен жүреді — 2025 🐫\n".repeat(3);
        let cut = &text.as_bytes()[..text.len() - 2];
        for size in 1..=40 {
            assert_eq!(
                in_pieces("a.md", text.as_bytes(), size),
                Some("text/markdown")
            );
            assert_eq!(in_pieces("a.md", cut, size), None, "{size}");
            assert_eq!(in_pieces("a.txt", b"good\xd0\x41bad", size), None, "{size}");
            assert_eq!(in_pieces("a.txt", b"good \0 bad", size), None, "{size}");
            assert_eq!(
                in_pieces("a.webp", b"RIFF1234WEBPVP8 ", size),
                Some("image/webp")
            );
            assert_eq!(in_pieces("a.webp", b"RIFF1234WAVEfmt ", size), None);
        }
    }
}
