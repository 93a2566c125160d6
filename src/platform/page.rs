//! The page's address, language and look.

use wasm_bindgen::JsValue;

/// Whether somebody can see the page.
pub fn is_visible() -> bool {
    !gloo_utils::document().hidden()
}

/// A parameter of the address's query.
pub fn query_parameter(name: &str) -> Option<String> {
    let search = gloo_utils::window().location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search)
        .ok()?
        .get(name)
}

/// A parameter of the address's fragment (`#name=value`), removed from the address and from the
/// history at once, since fragments carry secrets.
pub fn take_fragment_parameter(name: &str) -> Option<String> {
    let window = gloo_utils::window();
    let location = window.location();
    let hash = location.hash().ok()?;
    let value = web_sys::UrlSearchParams::new_with_str(hash.strip_prefix('#')?)
        .ok()?
        .get(name)?;
    let address = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
    Some(value)
}

/// The beginning of all addresses of this app: `https://example.org`.
pub fn origin() -> String {
    gloo_utils::window().location().origin().unwrap_or_default()
}

/// How the browser describes itself to servers.
pub fn user_agent() -> String {
    let navigator = gloo_utils::window().navigator();
    navigator.user_agent().unwrap_or_default()
}

/// Opens the browser's dialogue for printing.
pub fn print() {
    // A browser without printers does nothing.
    let _ = gloo_utils::window().print();
}

/// Loads the page anew, at this address of the app.
pub fn load(address: &str) {
    let _ = gloo_utils::window().location().replace(address);
}

/// Loads the page anew.
pub fn reload() {
    let _ = gloo_utils::window().location().reload();
}

/// The languages that the person told the browser, the best first.
pub fn language_tags() -> Vec<String> {
    let languages = gloo_utils::window().navigator().languages();
    languages.iter().filter_map(|tag| tag.as_string()).collect()
}

/// Chooses a theme by name; `None` follows the phone.
pub fn set_theme(name: Option<&str>) {
    match name {
        Some(name) => set_root_attribute("data-theme", name),
        None => {
            if let Some(root) = gloo_utils::document().document_element() {
                let _ = root.remove_attribute("data-theme");
            }
        }
    }
}

fn set_root_attribute(name: &str, value: &str) {
    if let Some(root) = gloo_utils::document().document_element() {
        let _ = root.set_attribute(name, value);
    }
}

/// The last screens, which are shown until the app has started, show what is not so any more.
/// `public/kept-screen.js` hears it, and keeps what is shown now.
pub fn forget_kept_screens() {
    const CHANGED: &str = "keruen-changed";
    if let Ok(event) = web_sys::Event::new(CHANGED) {
        // Fails for an event that is under way already, and this one is new.
        let _ = gloo_utils::window().dispatch_event(&event);
    }
}

/// Brings the first element that a selector names to the top of the view; whether there is one.
pub fn scroll_to(selector: &str) -> bool {
    let found = gloo_utils::document().query_selector(selector);
    let found = found.ok().flatten();
    if let Some(element) = &found {
        element.scroll_into_view_with_bool(true);
    }
    found.is_some()
}

/// Whether the page is shown as an app of its own: it was installed.
pub fn is_installed() -> bool {
    let standalone = gloo_utils::window().match_media("(display-mode: browser)");
    standalone.is_ok_and(|query| query.is_some_and(|query| !query.matches()))
}
