//! What somebody began to write and has not saved: the ways back to it.

use keruen_domain::model::fields;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// The ways back; nothing where nothing was begun.
#[component]
pub(in crate::pages) fn UnfinishedPart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let begun = RwSignal::new(Vec::<(String, String)>::new());
    // Who has saved comes from the form to another page, and here anew.
    spawn_local(async move {
        let drafts = state.form_drafts().await.into_iter();
        let titled = drafts.map(|(form, draft)| {
            let seen = draft.seen.as_ref();
            let known = seen.and_then(|seen| seen.value(fields::TITLE).as_text());
            let title = draft.text(fields::TITLE).or(known).unwrap_or_default();
            (form, title.to_owned())
        });
        let titled = titled.collect();
        // The page may have been left meanwhile.
        begun.try_set(titled);
    });
    let row = move |(form, title): (String, String)| {
        let words = move || match title.as_str() {
            "" => t.making_untitled().to_owned(),
            title => title.to_owned(),
        };
        view! {
            <article class="row">
                <div class="row-text">
                    <h3 class="row-title">
                        <a href=form>{words}</a>
                    </h3>
                </div>
            </article>
        }
    };
    move || {
        let begun = begun.get();
        (!begun.is_empty()).then(|| {
            view! {
                <section class="stack-close">
                    <h2>{t.say(Messages::making_unfinished)}</h2>
                    <div class="rows">{begun.into_iter().map(row).collect_view()}</div>
                </section>
            }
        })
    }
}
