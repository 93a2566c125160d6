//! Markdown, from its syntax tree to DOM nodes.
//!
//! No HTML text is ever made for the page, so nothing written in a note or a material can become markup: the tree
//! ([`keruen_markdown`]) knows only some elements, and text becomes text nodes.

mod dom;

use leptos::html;
use leptos::prelude::*;

use crate::i18n::{Messages, use_translations};
pub use keruen_markdown::{Evidence, evidence};

/// Tells where the picture is whose page has this address, if it is on this phone. A page provides it whose
/// texts may hold pictures.
#[derive(Clone, Copy)]
pub struct Pictures(pub Callback<String, Option<String>>);

/// A Markdown text as HTML, for files that are read without the app.
pub fn markdown_html(t: &Messages, text: &str) -> String {
    let mut page = String::new();
    let tree = keruen_markdown::parse(text, 1);
    keruen_markdown::html::write(&mut page, &tree, t.common_opens_outside());
    page
}

/// A text as HTML.
pub fn escaped(text: &str) -> String {
    let mut page = String::new();
    keruen_markdown::html::escape(&mut page, text);
    page
}

/// What a kind of evidence is called.
pub fn evidence_words(t: &Messages, kind: Evidence) -> &'static str {
    match kind {
        Evidence::Finding => t.notes_finding(),
        Evidence::Need => t.notes_need(),
        Evidence::Obstacle => t.notes_obstacle(),
        Evidence::Idea => t.notes_idea(),
        Evidence::Proposal => t.notes_proposal(),
    }
}

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
    let pictures: Option<Pictures> = use_context();
    let picture = move |address: &str| pictures?.0.run(address.to_owned());
    Effect::new(move || {
        if let Some(place) = place.get() {
            let tree = text.with(|text| keruen_markdown::parse(text, first_heading));
            let around = dom::Surroundings {
                opens_outside: t.common_opens_outside(),
                picture: &picture,
                evidence: &|kind| evidence_words(&t, kind),
            };
            dom::show(&place, &tree, &around);
        }
    });
    view! { <div class="markdown" node_ref=place></div> }
}
