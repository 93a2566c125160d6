//! The service worker: registering it, and learning that a newer build is ready.
//!
//! The worker's own behaviour is in `public/service-worker.js` and `docs/offline.md`.

use std::rc::Rc;

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ServiceWorker, ServiceWorkerRegistration, ServiceWorkerState};

use super::listen::Listener;
use super::page::reload;

#[wasm_bindgen]
extern "C" {
    type WorkerContainer;

    // The bindings of web-sys take text; where Trusted Types are enforced it must be a trusted URL.
    #[wasm_bindgen(method, catch, js_name = register)]
    fn register(
        this: &WorkerContainer,
        url: &JsValue,
        options: &JsValue,
    ) -> Result<js_sys::Promise, JsValue>;

    type PolicyFactory;

    #[wasm_bindgen(method, catch, js_name = createPolicy)]
    fn create_policy(this: &PolicyFactory, name: &str, rules: &JsValue) -> Result<Policy, JsValue>;

    type Policy;

    #[wasm_bindgen(method, catch, js_name = createScriptURL)]
    fn create_script_url(this: &Policy, url: &str) -> Result<JsValue, JsValue>;
}

/// How often an open page asks whether there is a newer build; each navigation asks as well.
const LOOK_EVERY_MS: u32 = 60 * 60 * 1_000;

/// A newer build that is whole on this device and waits to be used.
#[derive(Clone)]
pub struct Update {
    worker: ServiceWorker,
}

impl Update {
    /// Uses it: it takes over, and the page is loaded anew from it.
    pub fn take(&self) {
        let container = gloo_utils::window().navigator().service_worker();
        // Lives until the page is gone.
        std::mem::forget(Listener::new(&container, "controllerchange", |_| reload()));
        let message = Object::new();
        let _ = Reflect::set(&message, &"type".into(), &"take-over".into());
        let _ = self.worker.post_message(&message);
    }
}

/// Registers the worker of this address; calls `offer` whenever a newer build waits. Does nothing
/// where there are no service workers (a page that came over plain HTTP from another machine).
pub fn register_worker(url: &'static str, offer: impl Fn(Update) + 'static) {
    spawn_local(async move {
        let Ok(registration) = registration(url).await else {
            return;
        };
        let offer: Rc<dyn Fn(Update)> = Rc::new(offer);
        if let (Some(waiting), true) = (registration.waiting(), is_controlled()) {
            offer(Update { worker: waiting });
        }
        if let Some(worker) = registration.installing() {
            offer_when_installed(worker, offer.clone());
        }
        let looked_after = registration.clone();
        gloo_timers::callback::Interval::new(LOOK_EVERY_MS, move || {
            // Fails without a network; the next time comes.
            let _ = looked_after.update();
        })
        .forget();
        let found = Listener::new(&registration.clone(), "updatefound", move |_| {
            if let Some(worker) = registration.installing() {
                offer_when_installed(worker, offer.clone());
            }
        });
        // For as long as the page lives.
        std::mem::forget(found);
    });
}

async fn registration(url: &str) -> Result<ServiceWorkerRegistration, JsValue> {
    let navigator = JsValue::from(gloo_utils::window().navigator());
    let container = Reflect::get(&navigator, &"serviceWorker".into())?;
    if container.is_undefined() {
        return Err(JsValue::UNDEFINED);
    }
    let options = Object::new();
    Reflect::set(&options, &"updateViaCache".into(), &"none".into())?;
    let container: WorkerContainer = container.unchecked_into();
    let promise = container.register(&trusted(url)?, &options)?;
    JsFuture::from(promise).await?.dyn_into()
}

/// The address as a trusted one, by a policy that trusts this one address only.
fn trusted(url: &str) -> Result<JsValue, JsValue> {
    let factory = Reflect::get(&js_sys::global(), &"trustedTypes".into())?;
    if factory.is_undefined() {
        return Ok(url.into());
    }
    let allowed = JsValue::from(url);
    let rule = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |wanted: JsValue| {
        if wanted == allowed {
            wanted
        } else {
            JsValue::NULL
        }
    });
    let rules = Object::new();
    let function: &Function = rule.as_ref().unchecked_ref();
    Reflect::set(&rules, &"createScriptURL".into(), function)?;
    let policy = factory
        .unchecked_into::<PolicyFactory>()
        .create_policy("keruen", &rules)?;
    policy.create_script_url(url)
}

/// Whether a worker answers for this page. There is none in pages that came over plain HTTP from another
/// machine.
pub fn worker_answers() -> bool {
    let navigator = JsValue::from(gloo_utils::window().navigator());
    let container = Reflect::get(&navigator, &"serviceWorker".into());
    container.is_ok_and(|container| container.is_object()) && is_controlled()
}

fn is_controlled() -> bool {
    gloo_utils::window()
        .navigator()
        .service_worker()
        .controller()
        .is_some()
}

fn offer_when_installed(worker: ServiceWorker, offer: Rc<dyn Fn(Update)>) {
    let watched = worker.clone();
    let changed = Listener::new(&worker, "statechange", move |_| {
        // Without a controller this is the first visit: nothing older is in use.
        if watched.state() == ServiceWorkerState::Installed && is_controlled() {
            offer(Update {
                worker: watched.clone(),
            });
        }
    });
    std::mem::forget(changed);
}
