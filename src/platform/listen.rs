use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::EventTarget;

/// Listens as long as it lives.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(web_sys::Event)>,
}

impl Listener {
    /// Calls `handler` for each event of this name.
    pub fn new(
        target: &EventTarget,
        name: &'static str,
        handler: impl FnMut(web_sys::Event) + 'static,
    ) -> Self {
        let closure = Closure::<dyn FnMut(web_sys::Event)>::new(handler);
        // Fails for no target that exists.
        let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        Self {
            target: target.clone(),
            name,
            closure,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.closure.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, callback);
    }
}

/// Listens to the window.
pub fn on_window(name: &'static str, handler: impl FnMut(web_sys::Event) + 'static) -> Listener {
    Listener::new(&gloo_utils::window(), name, handler)
}

/// Listens to the document.
pub fn on_document(name: &'static str, handler: impl FnMut(web_sys::Event) + 'static) -> Listener {
    Listener::new(&gloo_utils::document(), name, handler)
}
