//! Small values outside IndexedDB. A browser may refuse them (private mode): then they are absent.

/// How long a value lives.
#[derive(Clone, Copy)]
pub enum Area {
    /// Until somebody removes it.
    Lasting,
    /// As long as the tab.
    Tab,
}

fn storage(area: Area) -> Option<web_sys::Storage> {
    let window = gloo_utils::window();
    let storage = match area {
        Area::Lasting => window.local_storage(),
        Area::Tab => window.session_storage(),
    };
    storage.ok().flatten()
}

/// The value of this name.
pub fn read_value(area: Area, name: &str) -> Option<String> {
    storage(area)?.get_item(name).ok()?
}

/// Keeps a value; whether that worked.
pub fn write_value(area: Area, name: &str, value: &str) -> bool {
    storage(area).is_some_and(|storage| storage.set_item(name, value).is_ok())
}

/// The names of all values that begin so.
pub fn value_names(area: Area, beginning: &str) -> Vec<String> {
    let Some(storage) = storage(area) else {
        return Vec::new();
    };
    let count = storage.length().unwrap_or_default();
    let names = (0..count).filter_map(|position| storage.key(position).ok().flatten());
    names.filter(|name| name.starts_with(beginning)).collect()
}

/// Forgets a value.
pub fn remove_value(area: Area, name: &str) {
    if let Some(storage) = storage(area) {
        // A browser that refuses to remove had refused to keep.
        let _ = storage.remove_item(name);
    }
}
