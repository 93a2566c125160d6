use js_sys::{Array, Uint8Array};

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

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        let _ = web_sys::Url::revoke_object_url(&self.0);
    }
}
