//! The caches that service workers fill.

use js_sys::{Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type Caches;

    #[wasm_bindgen(method)]
    fn delete(this: &Caches, name: &str) -> Promise;
}

/// Deletes the cache of this name, if there is one.
pub async fn delete_cache(name: &str) {
    // Absent outside secure contexts, where nothing was kept either.
    if let Ok(caches) = Reflect::get(&js_sys::global(), &"caches".into())
        && caches.is_object()
    {
        let caches: Caches = caches.unchecked_into();
        let _ = JsFuture::from(caches.delete(name)).await;
    }
}
