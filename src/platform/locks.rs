//! Web Locks: which tab leads. `web-sys` has them behind a flag for the whole build only, hence the
//! few lines of bindings.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    type NavigatorWithLocks;

    #[wasm_bindgen(method, getter, js_name = locks)]
    fn locks(this: &NavigatorWithLocks) -> JsValue;

    type LockManager;

    #[wasm_bindgen(method, js_name = request)]
    fn request(this: &LockManager, name: &str, callback: &Function) -> JsValue;
}

type Held = Closure<dyn FnMut(JsValue) -> JsValue>;

/// A wish to lead, and the lead itself once granted. Dropping it lets another tab lead.
pub struct Lease {
    release: Rc<RefCell<Option<Function>>>,
    _held: Option<Held>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(release) = self.release.borrow_mut().take() {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

/// Waits for the lock of this name and calls `granted` once this tab holds it. Without Web Locks
/// (very old browsers) every tab leads; the server answers repeated changes once, so that costs
/// bytes only.
pub fn lead(name: &str, granted: impl FnOnce() + 'static) -> Lease {
    let release = Rc::new(RefCell::new(None));
    let navigator = JsValue::from(gloo_utils::window().navigator());
    let locks = navigator.unchecked_into::<NavigatorWithLocks>().locks();
    if locks.is_undefined() {
        granted();
        return Lease {
            release,
            _held: None,
        };
    }
    let mut granted = Some(granted);
    let keep = release.clone();
    let held = Held::new(move |_lock: JsValue| {
        // The lock is held until this promise is settled.
        let promise = Promise::new(&mut |resolve: Function, _reject: Function| {
            *keep.borrow_mut() = Some(resolve);
        });
        if let Some(granted) = granted.take() {
            granted();
        }
        promise.into()
    });
    locks
        .unchecked_into::<LockManager>()
        .request(name, held.as_ref().unchecked_ref());
    Lease {
        release,
        _held: Some(held),
    }
}
