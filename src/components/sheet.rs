//! A sheet over the page.

use leptos::html;
use leptos::prelude::*;

use super::{Icon, IconName};
use crate::i18n::{Messages, use_translations};

/// A modal sheet, from below on a phone and in the middle of a wide screen.
///
/// It is a `dialog` of the browser: the page behind cannot be reached, Escape closes, and focus
/// returns to where it was. A press beside the sheet closes it too.
#[component]
pub fn Sheet(
    /// Whether it is open.
    #[prop(into)]
    is_open: Signal<bool>,
    /// Asked to close; must end in `is_open` being false.
    #[prop(into)]
    on_close: Callback<()>,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// What it holds; made anew at each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let t = use_translations();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        if is_open.get() && !dialog.open() {
            // Fails if the element has left the page meanwhile: then there is nothing to show.
            let _ = dialog.show_modal();
        } else if !is_open.get() && dialog.open() {
            dialog.close();
        }
    });
    // The dialog fills the page with its backdrop; what is inside has an element of its own.
    let close_from_outside = move |event: leptos::ev::MouseEvent| {
        let outside = event.target().is_some() && event.target() == event.current_target();
        if outside {
            on_close.run(());
        }
    };
    view! {
        <dialog
            class="sheet"
            aria-label=title
            node_ref=dialog
            on:close=move |_| on_close.run(())
            on:click=close_from_outside
        >
            <Show when=move || is_open.get()>
                <div class="sheet-body">
                    <header class="sheet-header">
                        // Takes the first focus, so that the sheet's name is read and no button is lit.
                        <h2 class="sheet-title" tabindex="-1" autofocus>
                            {title}
                        </h2>
                        <button
                            type="button"
                            class="icon-button"
                            aria-label=t.say(Messages::common_close)
                            on:click=move |_| on_close.run(())
                        >
                            <Icon name=IconName::Close />
                        </button>
                    </header>
                    {children()}
                </div>
            </Show>
        </dialog>
    }
}
