//! Bytes between the program and the browser.
//!
//! Each crossing copies them, and what the browser has of the copy it clears up only once a lot has gathered: tens of
//! megabytes, on phones that have hardly more. So it gets the memory back at once, where it knows how (ECMAScript 2024,
//! `ArrayBuffer.prototype.transfer`).

use js_sys::Uint8Array;

/// Below this it is not worth a call.
const WORTH_BYTES: u32 = 4 * 1024;

/// The bytes of an array that the browser gave away and nobody reads any more.
pub fn taken(array: &Uint8Array) -> Vec<u8> {
    let bytes = array.to_vec();
    give_back(array);
    bytes
}

/// Lends these bytes to something that has made its own copy when it returns.
pub fn lent<T>(bytes: &[u8], act: impl FnOnce(&Uint8Array) -> T) -> T {
    let array = Uint8Array::from(bytes);
    let outcome = act(&array);
    give_back(&array);
    outcome
}

fn give_back(array: &Uint8Array) {
    if array.length() >= WORTH_BYTES {
        // Older browsers do not know it.
        let _ = array.buffer().transfer_with_length(0);
    }
}
