use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;

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

/// Offers bytes to the person as a file to keep; whether the browser took them.
pub fn save_file(bytes: &[u8], media_type: &str, name: &str) -> bool {
    const READ_WITHIN_MS: u32 = 60_000;
    let Some(url) = ObjectUrl::new(bytes, media_type) else {
        return false;
    };
    let Ok(anchor) = gloo_utils::document().create_element("a") else {
        return false;
    };
    let anchor: web_sys::HtmlAnchorElement = anchor.unchecked_into();
    anchor.set_href(url.as_str());
    anchor.set_download(name);
    anchor.click();
    // The browser reads the bytes after this function returns, and does not say when it has.
    gloo_timers::callback::Timeout::new(READ_WITHIN_MS, move || drop(url)).forget();
    true
}
