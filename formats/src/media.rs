//! What a file is, by the end of its name and by its first bytes: both must agree.

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

#[derive(Clone, Copy)]
enum Head {
    At(usize, &'static [u8]),
    Mpeg,
    Text,
}

impl Head {
    fn fits(self, bytes: &[u8]) -> bool {
        match self {
            Self::At(offset, magic) => bytes
                .get(offset..)
                .is_some_and(|rest| rest.starts_with(magic)),
            Self::Mpeg => {
                bytes.starts_with(b"ID3")
                    || matches!(bytes, [0xff, second, ..] if second & 0xe0 == 0xe0)
            }
            Self::Text => std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0),
        }
    }
}

/// The media type of a file; `None` if its content is not what its name says.
pub(crate) fn media_type(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let known = BY_ENDING
        .iter()
        .find(|(known, ..)| known.eq_ignore_ascii_case(ending));
    match known {
        Some((_, media_type, head)) => head.fits(bytes).then_some(media_type),
        None => Some(ANY),
    }
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
}
