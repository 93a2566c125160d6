//! A list and what was chosen from it.

use leptos::prelude::*;

/// On a wide screen a list and a detail side by side; on a phone one of them.
#[component]
pub fn Panes(
    /// Whether something was chosen: on a phone, the detail is then shown instead of the list.
    #[prop(into)]
    is_detail_open: Signal<bool>,
    /// The list.
    #[prop(into)]
    list: ViewFn,
    /// The detail.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="panes" class:is-detail-open=is_detail_open>
            <div class="panes-list">{list.run()}</div>
            <div class="panes-detail">{children()}</div>
        </div>
    }
}
