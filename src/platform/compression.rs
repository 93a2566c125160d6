use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// The bytes, gzipped by the browser; `None` where it cannot.
pub async fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if !Reflect::has(&js_sys::global(), &JsValue::from_str("CompressionStream")).ok()? {
        return None;
    }
    let stream = web_sys::CompressionStream::new(web_sys::CompressionFormat::Gzip).ok()?;
    let source = web_sys::Response::new_with_opt_js_u8_array(Some(&Uint8Array::from(bytes))).ok()?;
    let pair = web_sys::ReadableWritablePair::new(&stream.readable(), &stream.writable());
    let compressed = source.body()?.pipe_through(&pair);
    let reply = web_sys::Response::new_with_opt_readable_stream(Some(&compressed)).ok()?;
    let buffer = JsFuture::from(reply.array_buffer().ok()?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
