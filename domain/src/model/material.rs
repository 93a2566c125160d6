use super::{Language, Translated, View, fields};
use crate::id::NoteId;

super::words! {
    /// What a material is.
    MaterialKind {
        /// Text in Markdown.
        Text = "text",
        /// A file to open elsewhere, such as a PDF.
        File = "file",
        /// A picture.
        Picture = "picture",
        /// Sound.
        Audio = "audio",
        /// A film.
        Video = "video",
        /// A page elsewhere on the web.
        Link = "link",
    } fallback Text
}

/// A file as its record describes it: enough to fetch it and to tell whether it came whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// SHA-256 in 64 lower-case hexadecimal digits: also its address.
    pub sha256: Box<str>,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Media type.
    pub media_type: Box<str>,
    /// Name under which it is saved.
    pub name: Box<str>,
}

/// Smaller forms of a picture, as the server made them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureForms {
    /// How wide the picture itself is, in pixels, as it is to be seen.
    pub width_pixels: u32,
    /// How high it is.
    pub height_pixels: u32,
    /// A few KB, to tell it from others.
    pub light: FileInfo,
    /// For a screen. `None` where the file itself is hardly larger.
    pub medium: Option<FileInfo>,
}

super::view! {
    /// Something to learn from.
    Material, MaterialId, MATERIAL
}

impl Material {
    /// What it is.
    pub fn kind(&self) -> MaterialKind {
        MaterialKind::from_word_or_fallback(self.text(fields::KIND))
    }

    /// What it is called.
    pub fn title(&self) -> Translated {
        self.translated(fields::TITLE)
    }

    /// What it is about.
    pub fn summary(&self) -> Translated {
        self.translated(fields::SUMMARY)
    }

    /// Its text in Markdown.
    pub fn body(&self) -> Translated {
        Translated::read_long(&self.0, fields::BODY)
    }

    /// The language of the file or the page it leads to.
    pub fn language(&self) -> Option<Language> {
        self.text(fields::LANGUAGE).and_then(Language::from_tag)
    }

    /// What it is about, in a word.
    pub fn topic(&self) -> Option<&str> {
        self.text(fields::TOPIC).filter(|topic| !topic.is_empty())
    }

    /// Where it stands in lists, from 1; those without a place stand behind the others.
    pub fn place(&self) -> Option<i64> {
        self.0.value(fields::PLACE).as_number()
    }

    /// The note in which it is a file, if it is one: such a material stands in no list of materials.
    pub fn note(&self) -> Option<NoteId> {
        self.text(fields::NOTE)?.parse().ok()
    }

    /// Its file.
    pub fn file(&self) -> Option<FileInfo> {
        self.file_in(
            fields::FILE_SHA256,
            fields::FILE_SIZE_BYTES,
            fields::FILE_TYPE,
        )
    }

    /// Smaller forms of its file, if the server has made any of this very file.
    pub fn forms(&self) -> Option<PictureForms> {
        let of = self.text(fields::FORMS_OF)?;
        if self.text(fields::FILE_SHA256) != Some(of) {
            return None;
        }
        let pixels = |name| u32::try_from(self.0.value(name).as_number()?).ok();
        let form = |sha256, size_bytes| {
            let form = self.file_in(sha256, size_bytes, fields::FORMS_TYPE)?;
            let name = name_of_type(&form.name, &form.media_type);
            Some(FileInfo { name, ..form })
        };
        Some(PictureForms {
            width_pixels: pixels(fields::WIDTH_PIXELS)?,
            height_pixels: pixels(fields::HEIGHT_PIXELS)?,
            light: form(fields::LIGHT_SHA256, fields::LIGHT_SIZE_BYTES)?,
            medium: form(fields::MEDIUM_SHA256, fields::MEDIUM_SIZE_BYTES),
        })
    }

    /// The SHA-256 of the medium form of its file, if the server has made one: enough to tell whether it is
    /// on a device.
    pub fn medium_sha256(&self) -> Option<&str> {
        let of = self.text(fields::FORMS_OF)?;
        let is_of_it = self.text(fields::FILE_SHA256) == Some(of);
        self.text(fields::MEDIUM_SHA256).filter(|_| is_of_it)
    }

    fn file_in(&self, sha256: &str, size_bytes: &str, media_type: &str) -> Option<FileInfo> {
        let sha256 = self.text(sha256)?;
        let well_formed = sha256.len() == 64
            && sha256
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let size_bytes = self.0.value(size_bytes).as_number()?;
        Some(FileInfo {
            sha256: sha256.into(),
            size_bytes: u64::try_from(size_bytes).ok().filter(|_| well_formed)?,
            media_type: self
                .text(media_type)
                .unwrap_or("application/octet-stream")
                .into(),
            name: self.text(fields::FILE_NAME).unwrap_or("file").into(),
        })
    }

    /// The address it leads to: `http` or `https` only, since it is shown as a link.
    pub fn url(&self) -> Option<&str> {
        let url = self.text(fields::URL)?;
        let safe = ["https://", "http://"].iter().any(|scheme| {
            url.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        safe.then_some(url)
    }
}

/// A form of `map.png` may be a JPEG: then it is saved as `map.jpg`.
fn name_of_type(name: &str, media_type: &str) -> Box<str> {
    let ending = match media_type {
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/png" => "png",
        _ => return name.into(),
    };
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    [stem, ".", ending].concat().into()
}
