//! Pictures within texts: materials of their own, shown where they are on this phone.

use leptos::prelude::*;

use crate::components::Pictures;
use crate::state::AppState;

/// The texts of this page show their pictures.
pub(super) fn show_pictures() {
    let state = AppState::of_context();
    provide_context(Pictures(Callback::new(move |address: String| {
        let id = address.rsplit('/').next()?.parse().ok()?;
        state.picture_address(id)
    })));
}
