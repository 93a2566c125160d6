//! What stands where there is nothing yet.

use leptos::prelude::*;

// Not written into the view: what is literal throughout leptos makes by `innerHTML`, which the
// security policy forbids.
const ORNAMENT: &str = "empty-state-ornament";

/// A quiet place with the ornament, a title, a sentence that says what to do, and perhaps a button.
#[component]
pub fn EmptyState(
    /// What is missing.
    #[prop(into)]
    title: Signal<String>,
    /// What to do, or that nothing need be done.
    #[prop(into)]
    text: Signal<String>,
    /// A button or link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <div class=ORNAMENT aria-hidden="true"></div>
            <h2 class="empty-state-title">{title}</h2>
            <p class="empty-state-text">{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
