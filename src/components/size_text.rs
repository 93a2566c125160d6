//! An amount of data.

use leptos::prelude::*;

use crate::i18n::{format, use_translations};

/// An amount of data as the chosen language writes it: `48 KB`.
#[component]
pub fn SizeText(
    /// The amount.
    #[prop(into)]
    size_bytes: Signal<u64>,
) -> impl IntoView {
    let t = use_translations();
    view! { <span class="size-text">{move || format::size(&t, size_bytes.get())}</span> }
}
