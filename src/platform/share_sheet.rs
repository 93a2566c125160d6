//! The phone's share sheet (Web Share API).

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type Sharer;

    #[wasm_bindgen(method)]
    fn share(this: &Sharer, data: &JsValue) -> Promise;
}

/// Whether the browser has one: in secure contexts, mostly on phones.
pub fn can_hand_on() -> bool {
    let navigator = JsValue::from(gloo_utils::window().navigator());
    Reflect::get(&navigator, &"share".into()).is_ok_and(|share| share.is_function())
}

/// Opens it with an address and what that is called. Only in answer to a tap. A person who closes it
/// has done nothing wrong.
pub async fn hand_on(title: &str, url: &str) {
    let data = Object::new();
    for (name, value) in [("title", title), ("url", url)] {
        // An object of our own takes every value.
        let _ = Reflect::set(&data, &name.into(), &value.into());
    }
    let sharer: Sharer = JsValue::from(gloo_utils::window().navigator()).unchecked_into();
    let _ = JsFuture::from(sharer.share(&data)).await;
}
