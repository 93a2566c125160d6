//! Files that people keep themselves: handing one out, and reading one that they chose.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlAnchorElement, HtmlInputElement};

use super::bytes::taken;
use super::clock::sleep_ms;
use super::download::ObjectUrl;

/// Hands a file to the browser, which keeps it as it keeps downloads; whether it could be handed
/// over. What becomes of it then, no page is told.
pub fn save_file(name: &str, media_type: &str, bytes: &[u8]) -> bool {
    ObjectUrl::new(bytes, media_type).is_some_and(|url| save_object(name, url))
}

/// The same with what is at an address.
pub fn save_object(name: &str, url: ObjectUrl) -> bool {
    // The browser reads the address after this call has returned.
    const KEPT_MS: u32 = 60_000;
    let element = gloo_utils::document().create_element("a").ok();
    let Some(link) = element.and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok())
    else {
        return false;
    };
    link.set_href(url.as_str());
    link.set_download(name);
    link.click();
    spawn_local(async move {
        sleep_ms(KEPT_MS).await;
        drop(url);
    });
    true
}

/// What the file that was chosen in this field is called, without what stands behind the last point.
pub fn chosen_file_name(field: &HtmlInputElement) -> String {
    let file = field.files().and_then(|files| files.get(0));
    let name = file.map(|file| file.name()).unwrap_or_default();
    match name.rsplit_once('.') {
        Some((name, _)) => name.to_owned(),
        None => name,
    }
}

/// The file that was chosen in this field, whole; `None` if there is none, it is longer than
/// `most_bytes`, or it cannot be read. The field forgets it, so that it may be chosen again.
pub async fn take_chosen_file(field: &HtmlInputElement, most_bytes: usize) -> Option<Vec<u8>> {
    let file = field.files()?.get(0)?;
    #[expect(clippy::cast_precision_loss, reason = "exact for 9,000 terabytes")]
    let is_too_long = file.size() > most_bytes as f64;
    let bytes = if is_too_long {
        None
    } else {
        JsFuture::from(file.array_buffer()).await.ok()
    };
    field.set_value("");
    Some(taken(&Uint8Array::new(&bytes?)))
}
