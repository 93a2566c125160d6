//! The phone's share sheet (Web Share API).

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::download::Pieces;

#[wasm_bindgen]
extern "C" {
    type Sharer;

    #[wasm_bindgen(method, catch, js_name = canShare)]
    fn can_share(this: &Sharer, data: &JsValue) -> Result<bool, JsValue>;

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
    share([("title", title), ("url", url)]).await;
}

/// The same with a text.
pub async fn hand_on_text(title: &str, text: &str) {
    share([("title", title), ("text", text)]).await;
}

async fn share(values: [(&str, &str); 2]) {
    let data = Object::new();
    for (name, value) in values {
        // An object of our own takes every value.
        let _ = Reflect::set(&data, &name.into(), &value.into());
    }
    let _ = JsFuture::from(sharer().share(&data)).await;
}

fn sharer() -> Sharer {
    JsValue::from(gloo_utils::window().navigator()).unchecked_into()
}

/// A file as the sheet takes it. The browser holds its bytes, on its disk if they are many.
pub struct FileToHandOn(Object);

/// Why a file was not handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOnFailure {
    /// Too much time has passed since the tap: with another one it works.
    TapAgain,
    /// The browser did not take it.
    Refused,
}

impl FileToHandOn {
    /// All pieces, one after another.
    pub fn of_pieces(pieces: &Pieces, name: &str, media_type: &str) -> Option<Self> {
        let options = web_sys::FilePropertyBag::new();
        options.set_type(media_type);
        let parts = pieces.parts();
        let file = web_sys::File::new_with_blob_sequence_and_options(parts, name, &options).ok()?;
        let data = Object::new();
        let is_set = Reflect::set(&data, &"files".into(), &Array::of1(&file));
        is_set.is_ok().then_some(Self(data))
    }

    /// Opens the sheet with it. Only in answer to a tap. A person who closes it has done nothing wrong.
    pub async fn hand_on(&self) -> Result<(), HandOnFailure> {
        let Err(error) = JsFuture::from(sharer().share(&self.0)).await else {
            return Ok(());
        };
        let name = Reflect::get(&error, &"name".into()).unwrap_or_default();
        match name.as_string().as_deref() {
            Some("AbortError") => Ok(()),
            Some("NotAllowedError") => Err(HandOnFailure::TapAgain),
            _ => Err(HandOnFailure::Refused),
        }
    }
}

/// Whether the sheet takes files that are called so, of this type: browsers let pass the kinds that they know
/// as harmless, and no office files.
pub fn can_hand_on_file(name: &str, media_type: &str) -> bool {
    let navigator = JsValue::from(gloo_utils::window().navigator());
    let can_ask = Reflect::get(&navigator, &"canShare".into()).is_ok_and(|can| can.is_function());
    if !can_hand_on() || !can_ask {
        return false;
    }
    let empty = FileToHandOn::of_pieces(&Pieces::default(), name, media_type);
    empty.is_some_and(|empty| sharer().can_share(&empty.0).unwrap_or_default())
}
