use js_sys::{Array, Uint8Array};

use super::bytes::lent;

/// An address for bytes in memory, valid as long as this lives.
pub struct ObjectUrl(String);

impl ObjectUrl {
    /// The address of these bytes.
    pub fn new(bytes: &[u8], media_type: &str) -> Option<Self> {
        let options = web_sys::BlobPropertyBag::new();
        options.set_type(media_type);
        let parts = Array::of1(&Uint8Array::from(bytes));
        let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
        web_sys::Url::create_object_url_with_blob(&blob)
            .ok()
            .map(Self)
    }

    /// The address of all pieces, one after another.
    pub fn of_pieces(pieces: &Pieces, media_type: &str) -> Option<Self> {
        let options = web_sys::BlobPropertyBag::new();
        options.set_type(media_type);
        let blob = web_sys::Blob::new_with_blob_sequence_and_options(&pieces.0, &options).ok()?;
        web_sys::Url::create_object_url_with_blob(&blob)
            .ok()
            .map(Self)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Bytes that the browser holds, on its disk if they are many, and the page does not.
#[derive(Default)]
pub struct Pieces(Array);

impl Pieces {
    /// The next piece; whether the browser took it.
    pub fn take(&self, bytes: &[u8]) -> bool {
        let blob = lent(bytes, |bytes| {
            web_sys::Blob::new_with_u8_array_sequence(&Array::of1(bytes))
        });
        blob.is_ok_and(|blob| self.0.push(&blob) > 0)
    }

    pub(super) const fn parts(&self) -> &Array {
        &self.0
    }

    /// All pieces of the other, behind these.
    pub fn append(&self, other: &Self) {
        for piece in other.0.iter() {
            self.0.push(&piece);
        }
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        let _ = web_sys::Url::revoke_object_url(&self.0);
    }
}
