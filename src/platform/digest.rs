use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;

/// SHA-256 in lower-case hexadecimal digits, computed by the browser. `None` outside a secure
/// context (a page that came over plain HTTP from another machine).
pub async fn sha256_hex(bytes: &[u8]) -> Option<String> {
    let crypto = gloo_utils::window().crypto().ok()?;
    let subtle = js_sys::Reflect::get(&crypto, &"subtle".into()).ok()?;
    if subtle.is_undefined() {
        return None;
    }
    // The browser makes its own copy before this returns.
    let promise = crypto
        .subtle()
        .digest_with_str_and_u8_array("SHA-256", bytes)
        .ok()?;
    let digest = Uint8Array::new(&JsFuture::from(promise).await.ok()?).to_vec();
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    Some(
        digest
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
            .collect(),
    )
}
