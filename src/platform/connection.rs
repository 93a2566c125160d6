//! What the browser says of the connection (Network Information API; Chromium on phones).

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::listen::Listener;

/// The connection, as far as the browser tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkConnection {
    /// Whether it is Wi-Fi or a cable; `None` where that is not told.
    pub is_free: Option<bool>,
    /// Whether the person told the phone to save data.
    pub saves_data: bool,
}

fn connection() -> Option<JsValue> {
    let navigator = JsValue::from(gloo_utils::window().navigator());
    let connection = Reflect::get(&navigator, &"connection".into()).ok()?;
    connection.is_object().then_some(connection)
}

/// The connection just now.
pub fn network_connection() -> NetworkConnection {
    let Some(connection) = connection() else {
        return NetworkConnection::default();
    };
    let value = |name: &str| Reflect::get(&connection, &name.into()).unwrap_or_default();
    let is_free = match value("type").as_string().as_deref() {
        Some("wifi" | "ethernet") => Some(true),
        Some("cellular" | "bluetooth" | "wimax") => Some(false),
        _ => None,
    };
    NetworkConnection {
        is_free,
        saves_data: value("saveData").is_truthy(),
    }
}

/// Calls `changed` whenever it is another one, as long as the listener is held.
pub fn on_connection_change(changed: impl Fn() + 'static) -> Option<Listener> {
    let target: web_sys::EventTarget = connection()?.into();
    Some(Listener::new(&target, "change", move |_| changed()))
}
