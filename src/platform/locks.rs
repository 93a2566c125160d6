//! Web Locks: which tab leads. `web-sys` has them behind a flag for the whole build only, hence the
//! few lines of bindings.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[wasm_bindgen]
extern "C" {
    type NavigatorWithLocks;

    #[wasm_bindgen(method, getter, js_name = locks)]
    fn locks(this: &NavigatorWithLocks) -> JsValue;

    type LockManager;

    #[wasm_bindgen(method, js_name = request)]
    fn request(this: &LockManager, name: &str, options: &JsValue, callback: &Function) -> Promise;
}

/// How the lead is come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// When nobody else has it.
    Wait,
    /// At once, from whoever has it.
    Take,
}

/// A wish to lead, and the lead itself once granted. Dropping it lets another tab lead.
pub struct Lease {
    release: Rc<RefCell<Option<Function>>>,
    /// Takes the wish back; a lead that is held it does not touch.
    wish: Option<web_sys::AbortController>,
    is_over: Rc<Cell<bool>>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.is_over.set(true);
        if let Some(wish) = &self.wish {
            wish.abort();
        }
        if let Some(release) = self.release.borrow_mut().take() {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

/// Claims the lock of this name; calls `granted` once this tab holds it, and `lost` if another tab
/// takes it away. Without Web Locks (very old browsers) every tab leads; the server answers repeated
/// changes once, so that costs bytes only.
pub fn lead(
    name: &str,
    claim: Claim,
    granted: impl FnOnce() + 'static,
    lost: impl FnOnce() + 'static,
) -> Lease {
    let mut lease = Lease {
        release: Rc::default(),
        wish: None,
        is_over: Rc::default(),
    };
    let navigator = JsValue::from(gloo_utils::window().navigator());
    let locks = navigator.unchecked_into::<NavigatorWithLocks>().locks();
    if locks.is_undefined() {
        granted();
        return lease;
    }
    let options = Object::new();
    match claim {
        Claim::Take => drop(Reflect::set(&options, &"steal".into(), &true.into())),
        Claim::Wait => {
            lease.wish = web_sys::AbortController::new().ok();
            if let Some(wish) = &lease.wish {
                let _ = Reflect::set(&options, &"signal".into(), &wish.signal());
            }
        }
    }
    let keep = lease.release.clone();
    let is_over = lease.is_over.clone();
    let held = Closure::once(move |_lock: JsValue| -> JsValue {
        // The lock is held until this promise is settled.
        let promise = Promise::new(&mut |resolve: Function, _reject: Function| {
            *keep.borrow_mut() = Some(resolve);
        });
        granted();
        promise.into()
    });
    let callback = held.as_ref().unchecked_ref();
    let ended = locks
        .unchecked_into::<LockManager>()
        .request(name, &options, callback);
    spawn_local(async move {
        let end = JsFuture::from(ended).await;
        // Called, if ever, before the end of the request.
        drop(held);
        if end.is_err() && !is_over.get() {
            lost();
        }
    });
    lease
}
