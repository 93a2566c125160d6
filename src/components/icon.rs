//! Icons: one family, drawn as inline SVG in the colour of the text beside them.

mod shapes;

use leptos::prelude::*;
pub use shapes::IconName;

/// An icon. It is decoration: assistive technology does not see it, so there must be words beside it
/// or a label on what holds it.
#[component]
pub fn Icon(
    /// Which one.
    name: IconName,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=name.path() />
        </svg>
    }
}
