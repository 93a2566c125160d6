//! A picture and its smaller forms. What is read here comes from anybody: nothing of it decides how much memory
//! or time is taken beyond the limits below.

use std::fs;
use std::io;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
};

/// What can be read here.
pub(super) const MEDIA_TYPES: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/webp"];
const FORMATS: [ImageFormat; 4] = [
    ImageFormat::Gif,
    ImageFormat::Jpeg,
    ImageFormat::Png,
    ImageFormat::WebP,
];
/// What the forms are.
pub(super) const MEDIA_TYPE: &str = "image/jpeg";
/// How their names end.
pub(super) const ENDING: &str = "jpg";

/// Of a file. Cameras stay below it.
const MOST_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Of a side.
const MOST_SIDE_PIXELS: u32 = 20_000;
/// Of a picture: those of phones have up to 50 million.
const MOST_PIXELS: u64 = 51_000_000;
/// Of a picture in memory, and again beside it while it is read.
const MOST_MEMORY_BYTES: u64 = 256 * 1024 * 1024;

/// The longer side of the medium form.
const MEDIUM_PIXELS: u32 = 1_600;
const MEDIUM_QUALITY: u8 = 75;
/// The longer side of the light form.
const LIGHT_PIXELS: u32 = 160;
const LIGHT_QUALITY: u8 = 60;
/// A medium form that saves less than a quarter of the file is not worth a second file.
const WORTH_QUARTERS: u64 = 3;

/// A picture's measures and smaller forms.
#[derive(Clone, Debug)]
pub struct PictureFile {
    /// How wide the picture is to be seen, in pixels.
    pub width_pixels: u32,
    /// How high.
    pub height_pixels: u32,
    /// Some KB.
    pub light: Vec<u8>,
    /// For a screen, if the file is much larger.
    pub medium: Option<Vec<u8>>,
}

/// Why a file has no smaller forms.
#[derive(Debug, thiserror::Error)]
pub enum NoForms {
    /// It is of no kind that is read here.
    #[error("it is no picture that is read here")]
    OtherKind,
    /// It is beyond the limits.
    #[error("it is too large")]
    TooLarge,
    /// It cannot be read.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// The disk.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

impl From<ImageError> for NoForms {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge,
            ImageError::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Self::Unreadable(error)
            }
            error => Self::Damaged(error.to_string()),
        }
    }
}

/// Reads a picture and makes its smaller forms. Of one that moves, the first frame counts. Nothing but the
/// pixels goes along: no place, no time, no camera.
pub fn make(path: &Path) -> Result<PictureFile, NoForms> {
    let file_bytes = fs::metadata(path)?.len();
    if file_bytes > MOST_FILE_BYTES {
        return Err(NoForms::TooLarge);
    }
    let picture = read(path)?;
    let (width_pixels, height_pixels) = (picture.width(), picture.height());
    let screen = on_white(smaller(picture, MEDIUM_PIXELS));
    let light = smaller(DynamicImage::ImageRgb8(screen.clone()), LIGHT_PIXELS);
    let light = encode(&light.into_rgb8(), LIGHT_QUALITY)?;
    let medium = encode(&screen, MEDIUM_QUALITY)?;
    let is_worth = medium.len() as u64 <= file_bytes / 4 * WORTH_QUARTERS;
    Ok(PictureFile {
        width_pixels,
        height_pixels,
        light,
        medium: is_worth.then_some(medium),
    })
}

fn read(path: &Path) -> Result<DynamicImage, NoForms> {
    let mut reader = ImageReader::open(path)?.with_guessed_format()?;
    let format = reader.format();
    if !format.is_some_and(|format| FORMATS.contains(&format)) {
        return Err(NoForms::OtherKind);
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MOST_SIDE_PIXELS);
    limits.max_image_height = Some(MOST_SIDE_PIXELS);
    limits.max_alloc = Some(MOST_MEMORY_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY_BYTES {
        return Err(NoForms::TooLarge);
    }
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// The picture with a longer side of at most so many pixels.
fn smaller(picture: DynamicImage, side: u32) -> DynamicImage {
    let longer = picture.width().max(picture.height());
    if longer <= side {
        picture
    } else if longer >= side.saturating_mul(2) {
        // Takes no memory beside its result.
        picture.thumbnail(side, side)
    } else {
        picture.resize(side, side, FilterType::Triangle)
    }
}

/// The picture with white behind what can be seen through.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over = |colour: u8| {
            let (colour, alpha) = (u32::from(colour), u32::from(alpha));
            u8::try_from((colour * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(red), over(green), over(blue)])
    })
}

fn encode(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, NoForms> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageEncoder as _, Rgba, RgbaImage};

    fn drawn(width: u32, height: u32) -> RgbImage {
        let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 24;
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x / 4) as u8, (y / 4) as u8, noise(x, y) as u8])
        })
    }

    fn made(bytes: &[u8]) -> Result<PictureFile, NoForms> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picture");
        fs::write(&path, bytes).unwrap();
        make(&path)
    }

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = io::Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn each_kind_becomes_smaller_in_its_own_proportions() {
        for format in FORMATS {
            let forms = made(&encoded(drawn(640, 160), format)).unwrap();
            assert_eq!((forms.width_pixels, forms.height_pixels), (640, 160));
            let light = image::load_from_memory(&forms.light).unwrap();
            assert_eq!((light.width(), light.height()), (160, 40));
            assert!(forms.light.len() < 8_000, "{}", forms.light.len());
        }
        let small = made(&encoded(drawn(100, 50), ImageFormat::Jpeg)).unwrap();
        assert!(small.medium.is_none());
        let light = image::load_from_memory(&small.light).unwrap();
        assert_eq!((light.width(), light.height()), (100, 50));
    }

    #[test]
    fn what_can_be_seen_through_lies_on_white() {
        let glass = RgbaImage::from_pixel(200, 200, Rgba([0, 0, 0, 0]));
        let forms = made(&encoded(glass, ImageFormat::Png)).unwrap();
        let light = image::load_from_memory(&forms.light).unwrap().into_rgb8();
        assert!(
            light
                .pixels()
                .all(|pixel| pixel.0.iter().all(|part| *part > 250))
        );
    }

    #[test]
    fn it_stands_as_the_camera_was_held_and_says_nothing_of_it() {
        // The smallest Exif that says: turned by a quarter (TIFF 6.0, little-endian, tag 0x0112 = 6).
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new(&mut bytes);
        encoder.set_exif_metadata(exif).unwrap();
        encoder.encode_image(&drawn(400, 200)).unwrap();
        let forms = made(&bytes).unwrap();
        assert_eq!((forms.width_pixels, forms.height_pixels), (200, 400));
        assert!(bytes.windows(4).any(|four| four == b"Exif"));
        assert!(!forms.light.windows(4).any(|four| four == b"Exif"));
    }

    #[test]
    fn what_is_no_picture_or_a_bomb_has_none() {
        // 19,000 × 19,000 pixels of nothing, in a few hundred KB at most.
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bomb.extend(19_000_u32.to_be_bytes());
        bomb.extend(19_000_u32.to_be_bytes());
        bomb.extend([8, 2, 0, 0, 0]);
        bomb.extend(crc32(&bomb[12..]).to_be_bytes());
        bomb.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        assert!(matches!(made(&bomb), Err(NoForms::TooLarge)));
        for wrong in [b"".as_slice(), b"<svg/>", b"%PDF-1.7", b"II*\0aaaaaaaa"] {
            assert!(matches!(made(wrong), Err(NoForms::OtherKind)), "{wrong:?}");
        }
    }

    /// As PNG has it (ISO 3309).
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
            })
        })
    }

    #[test]
    fn a_picture_cut_or_changed_anywhere_panics_nobody() {
        for format in FORMATS {
            let whole = encoded(drawn(64, 48), format);
            for place in 0..whole.len().min(150) {
                let _ = made(&whole[..place]);
                let mut changed = whole.clone();
                changed[place] ^= 0xff;
                let _ = made(&changed);
            }
        }
    }
}
