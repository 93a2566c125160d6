//! A button whose act cannot be undone: it asks once more, in its own place.

use leptos::prelude::*;

use crate::i18n::{Messages, use_translations};

/// The button; once pressed, the question with its answers.
#[component]
pub fn Confirm(
    /// What the button says.
    #[prop(into)]
    label: Signal<String>,
    /// What will come of it.
    #[prop(into)]
    question: Signal<String>,
    /// What says yes.
    #[prop(into)]
    yes: Signal<String>,
    /// It is wanted.
    #[prop(into)]
    on_yes: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let is_asked = RwSignal::new(false);
    move || {
        if is_asked.get() {
            view! {
                <div class="stack-close" role="alert">
                    <p>{question}</p>
                    <p class="row-of-buttons">
                        <button
                            type="button"
                            class="button button-danger"
                            on:click=move |_| {
                                is_asked.set(false);
                                on_yes.run(());
                            }
                        >
                            {yes}
                        </button>
                        <button type="button" class="button" on:click=move |_| is_asked.set(false)>
                            {t.say(Messages::people_cancel)}
                        </button>
                    </p>
                </div>
            }
            .into_any()
        } else {
            view! {
                <p>
                    <button
                        type="button"
                        class="button button-danger"
                        on:click=move |_| is_asked.set(true)
                    >
                        {label}
                    </button>
                </p>
            }
            .into_any()
        }
    }
}
