//! Markdown, from its syntax tree to DOM nodes.
//!
//! No HTML text is ever made, so nothing written in a note or a material can become markup: the tree
//! ([`keruen_markdown`]) knows only some elements, and text becomes text nodes.

mod dom;

use leptos::html;
use leptos::prelude::*;

use crate::i18n::use_translations;

/// A Markdown text.
#[component]
pub fn Markdown(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// The level that the text's first-level headings get, to fit below the page's own.
    #[prop(default = 2)]
    first_heading: u8,
) -> impl IntoView {
    let t = use_translations();
    let place = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if let Some(place) = place.get() {
            let tree = text.with(|text| keruen_markdown::parse(text, first_heading));
            dom::show(&place, &tree, t.common_opens_outside());
        }
    });
    view! { <div class="markdown" node_ref=place></div> }
}
