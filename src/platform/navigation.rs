//! The address as the browser keeps it: links, Back and Forward without loading the page anew.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, MouseEvent};

use super::listen::{on_document, on_window};

/// The path of the address, without query and fragment.
pub fn current_path() -> String {
    gloo_utils::window()
        .location()
        .pathname()
        .unwrap_or_default()
}

/// Goes to another address of this app: as a new step of the history, or instead of the last one.
/// Whoever follows the address is to be told by the caller.
pub fn go(address: &str, replace: bool) {
    let window = gloo_utils::window();
    let Ok(history) = window.history() else {
        return;
    };
    // Refused only for addresses of other origins and more than a hundred steps within seconds.
    let _ = if replace {
        history.replace_state_with_url(&JsValue::NULL, "", Some(address))
    } else {
        history.push_state_with_url(&JsValue::NULL, "", Some(address))
    };
    window.scroll_to_with_x_and_y(0.0, 0.0);
}

/// Calls `moved` whenever the address becomes another one: by a link of the app, which is then
/// followed without loading the page, or by Back and Forward. For as long as the page lives.
pub fn on_navigation(moved: impl Fn() + Clone + 'static) {
    let by_history = moved.clone();
    std::mem::forget(on_window("popstate", move |_| by_history()));
    std::mem::forget(on_document("click", move |event| {
        let event: MouseEvent = event.unchecked_into();
        if let Some(address) = followed_within(&event) {
            event.prevent_default();
            go(&address, false);
            moved();
        }
    }));
}

/// The address within this app to which a click leads, if the app is to follow it itself: a plain
/// click on a link that asks for nothing else.
fn followed_within(event: &MouseEvent) -> Option<String> {
    let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    if event.default_prevented() || event.button() != 0 || modified {
        return None;
    }
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let link: HtmlAnchorElement = target.closest("a[href]").ok()??.dyn_into().ok()?;
    let asks_for_more = !link.target().is_empty()
        || link.has_attribute("download")
        || link.rel().split(' ').any(|word| word == "external");
    let location = gloo_utils::window().location();
    if asks_for_more || location.origin().ok()? != link.origin() {
        return None;
    }
    // A place on this very page is the browser's to find.
    if !link.hash().is_empty() && link.pathname() == current_path() {
        return None;
    }
    Some(link.pathname() + &link.search() + &link.hash())
}
