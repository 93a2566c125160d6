use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    // web-sys has it behind a flag for the whole build only.
    type CompressionStream;

    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;
}

/// The bytes, gzipped by the browser; `None` where it cannot.
pub async fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if !Reflect::has(&js_sys::global(), &JsValue::from_str("CompressionStream")).ok()? {
        return None;
    }
    let stream = CompressionStream::new("gzip").ok()?;
    let side = |name: &str| Reflect::get(&stream, &name.into()).ok();
    let pair =
        web_sys::ReadableWritablePair::new(&side("readable")?.into(), &side("writable")?.into());
    let source =
        web_sys::Response::new_with_opt_js_u8_array(Some(&Uint8Array::from(bytes))).ok()?;
    let compressed = source.body()?.pipe_through(&pair);
    let reply = web_sys::Response::new_with_opt_readable_stream(Some(&compressed)).ok()?;
    let buffer = JsFuture::from(reply.array_buffer().ok()?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
