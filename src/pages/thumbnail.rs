//! The light form of a picture, where it is on this phone.

use keruen_domain::model::{FileInfo, Material};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::components::{Icon, IconName};
use crate::state::{AppState, FileAddress};

/// What stands before a material in a list: its picture, if it is one with smaller forms.
pub(super) fn thumbnail(state: AppState, material: &Material) -> Option<AnyView> {
    let light = state.forms_of(material)?.light;
    Some(view! { <LightPicture light=light class="thumbnail" /> }.into_any())
}

/// The light form, and until it is here the icon of pictures. It says nothing to who cannot see it: what the
/// material is called stands beside it.
#[component]
pub(super) fn LightPicture(light: FileInfo, class: &'static str) -> impl IntoView {
    let state = AppState::of_context();
    let is_here = {
        let sha256 = light.sha256.clone();
        Memo::new(move |_| state.has_file(&sha256))
    };
    let held = StoredValue::new_local(None::<FileAddress>);
    let address = RwSignal::new(None::<String>);
    Effect::new(move || {
        let light = light.clone();
        if !is_here.get() {
            address.set(None);
            return;
        }
        spawn_local(async move {
            let opened = state.file_address(&light).await;
            // The page may have been left meanwhile.
            let shown = opened.as_ref().map(|opened| opened.as_str().to_owned());
            held.try_set_value(opened);
            address.try_set(shown);
        });
    });
    move || match address.get() {
        Some(address) => view! { <img class=class src=address alt="" loading="lazy" /> }.into_any(),
        None => view! { <Icon name=IconName::Picture /> }.into_any(),
    }
}
