//! Base 64 (RFC 4648, section 4), by the browser.

/// Bytes in base 64.
pub fn base64(bytes: &[u8]) -> String {
    // The browser takes a text in which each character stands for a byte, and these are all such.
    let text: String = bytes.iter().copied().map(char::from).collect();
    gloo_utils::window().btoa(&text).unwrap_or_default()
}
