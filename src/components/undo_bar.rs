//! What was just done, and the way back.

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::i18n::{Messages, use_translations};

/// A bar with what was done and *Undo*; there while `text` is.
#[component]
pub fn UndoBar(
    /// What was done, as long as it can be undone.
    #[prop(into)]
    text: Signal<Option<String>>,
    /// Asked to undo it.
    #[prop(into)]
    on_undo: Callback<()>,
    /// Asked to take the bar away.
    #[prop(into)]
    on_dismiss: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let bar = move |text: String| {
        view! {
            <div class="undo-bar">
                <p class="undo-bar-text">{text}</p>
                <button type="button" class="undo-bar-act" on:click=move |_| on_undo.run(())>
                    <Icon name=IconName::Undo />
                    {t.say(Messages::common_undo)}
                </button>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=t.say(Messages::common_close)
                    on:click=move |_| on_dismiss.run(())
                >
                    <Icon name=IconName::Close />
                </button>
            </div>
        }
    };
    view! { <div class="undo-bar-place" role="status">{move || text.get().map(bar)}</div> }
}
