//! How many phones are ready for the next days, and what this one tells of itself.

use keruen_domain::ProgrammeId;
use leptos::prelude::*;

use crate::i18n::{Messages, format, use_translations};
use crate::pages::asking::Asked;
use crate::state::AppState;

/// For trainers and organisers of a programme: a count, as far as the server can be asked.
#[component]
pub(in crate::pages) fn ReadyCount(programme: ProgrammeId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let leads = state
        .led_programmes()
        .iter()
        .any(|(id, _)| *id == programme);
    if !leads {
        return ().into_any();
    }
    let counted = Asked::now(move || async move { state.phones_ready(programme).await });
    let words = move || {
        let counted = counted.answer()?.ok()?;
        let number = |count: u32| format::number(t.language(), u64::from(count));
        Some(match counted.ready {
            Some(ready) => t.downloads_ready_count(&number(ready), &number(counted.phones)),
            None => t.downloads_ready_few().to_owned(),
        })
    };
    (move || words().map(|words| view! { <p class="small" role="status">{words}</p> })).into_any()
}

/// What is told of this phone, for who belongs to a programme.
#[component]
pub(super) fn ToldPart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let is_told = Memo::new(move |_| !state.readiness().is_empty());
    view! {
        <Show when=move || is_told.get()>
            <p class="small quiet">{t.say(Messages::downloads_ready_told)}</p>
        </Show>
    }
}
