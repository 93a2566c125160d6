//! What may wait until the page has been drawn.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::page::is_visible;

/// How long a frame is waited for, in milliseconds: a window that is covered may never get one.
const LONGEST_MS: u32 = 1_000;

/// Acts once, when the page as it is now has been drawn; where nobody sees it, at once afterwards.
pub fn after_drawing(act: impl FnOnce() + 'static) {
    let act = Rc::new(Cell::new(Some(act)));
    let act_once = move || {
        if let Some(act) = act.take() {
            act();
        }
    };
    let at_latest = act_once.clone();
    let patience_ms = if is_visible() { LONGEST_MS } else { 0 };
    Timeout::new(patience_ms, at_latest).forget();
    // What is asked for in one frame is called before that is drawn, and in the next one after.
    at_next_frame(move || at_next_frame(act_once));
}

fn at_next_frame(act: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(act);
    // Fails for no function.
    let _ = gloo_utils::window().request_animation_frame(callback.unchecked_ref());
}
