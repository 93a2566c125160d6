//! What screen readers are told about things that happen by themselves.

use leptos::prelude::*;

/// Reads each new message aloud when the reader is idle. Exactly one of these belongs on a page, and
/// it must be there before the first message.
#[component]
pub fn LiveRegion(
    /// The last thing to say.
    #[prop(into)]
    message: Signal<String>,
) -> impl IntoView {
    view! { <div class="visually-hidden" role="status" aria-live="polite">{message}</div> }
}
