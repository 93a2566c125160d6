//! The question whether the browser should be asked to keep what is here: once, when there is something.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// There was nothing of worth yet.
    Silent,
    Open,
    Promised,
    Refused,
    Closed,
}

/// Asks as soon as something of worth is here, if nobody was asked before. Holds up nothing.
#[component]
pub(super) fn KeepQuestion(
    /// Whether something is here, or on its way, that should not be lost.
    #[prop(into)]
    is_worth: Signal<bool>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let stand = RwSignal::new(Stand::Silent);
    Effect::new(move || {
        if is_worth.get() && stand.get_untracked() == Stand::Silent {
            spawn_local(async move {
                if state.should_ask_to_keep().await {
                    // The page may have been left meanwhile.
                    stand.try_set(Stand::Open);
                }
            });
        }
    });
    let ask = move |_| {
        spawn_local(async move {
            let is_promised = AppState::ask_to_persist().await;
            let answer = if is_promised {
                Stand::Promised
            } else {
                Stand::Refused
            };
            stand.try_set(answer);
        });
    };
    let put_off = move |_| {
        AppState::put_keeping_off();
        stand.set(Stand::Closed);
    };
    move || match stand.get() {
        Stand::Silent | Stand::Closed => None,
        Stand::Open => Some(
            view! {
                <section class="card stack-close">
                    <h2>{t.say(Messages::downloads_keep_title)}</h2>
                    <p>{t.say(Messages::downloads_keep_text)}</p>
                    <p class="row-of-buttons">
                        <button type="button" class="button button-primary" on:click=ask>
                            {t.say(Messages::downloads_keep_ask)}
                        </button>
                        <button type="button" class="button" on:click=put_off>
                            {t.say(Messages::downloads_keep_later)}
                        </button>
                    </p>
                </section>
            }
            .into_any(),
        ),
        Stand::Promised => Some(
            view! { <p class="small quiet" role="status">{t.more_storage_persistent()}</p> }
                .into_any(),
        ),
        Stand::Refused => Some(
            view! { <p class="small quiet" role="status">{t.more_storage_refused()}</p> }
                .into_any(),
        ),
    }
}
