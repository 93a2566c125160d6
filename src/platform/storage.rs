use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::clock::sleep_ms;

/// How much room this app takes, and whether the browser promised to keep it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StorageUse {
    /// Bytes taken, as far as the browser says.
    pub used_bytes: Option<u64>,
    /// Bytes that the browser would give.
    pub quota_bytes: Option<u64>,
    /// Whether the browser promised not to delete the data by itself.
    pub persisted: bool,
}

fn manager() -> Option<web_sys::StorageManager> {
    let navigator = gloo_utils::window().navigator();
    // Absent outside secure contexts, whatever the bindings believe.
    Reflect::get(&navigator, &"storage".into())
        .ok()
        .filter(JsValue::is_object)?;
    Some(navigator.storage())
}

/// What the browser says of this app's storage.
pub async fn storage_use() -> StorageUse {
    let mut known = StorageUse::default();
    let Some(manager) = manager() else {
        return known;
    };
    if let Ok(promise) = manager.estimate()
        && let Ok(estimate) = JsFuture::from(promise).await
    {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates, as wanted"
        )]
        let bytes = |name: &str| Some(Reflect::get(&estimate, &name.into()).ok()?.as_f64()? as u64);
        known.used_bytes = bytes("usage");
        known.quota_bytes = bytes("quota");
    }
    if let Ok(promise) = manager.persisted() {
        known.persisted = JsFuture::from(promise)
            .await
            .is_ok_and(|value| value.is_truthy());
    }
    known
}

/// Asks the browser not to delete the data by itself; whether it promised. Firefox waits for a
/// person to answer its prompt: no answer for a while counts as no.
pub async fn ask_to_persist() -> bool {
    const PATIENCE_MS: u32 = 10_000;
    let Some(promise) = manager().and_then(|manager| manager.persist().ok()) else {
        return false;
    };
    let answer = async {
        JsFuture::from(promise)
            .await
            .is_ok_and(|value| value.is_truthy())
    };
    let patience = async {
        sleep_ms(PATIENCE_MS).await;
        false
    };
    futures_lite::future::or(answer, patience).await
}
