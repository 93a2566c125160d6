//! `/more/kept`: what was kept from links, to be opened and to be removed.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::frame::show_frame;
use super::links::{best, event_href, material_href, session_href};
use crate::components::{Confirm, EmptyState, TranslatedText};
use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, Kept};

pub(super) const ADDRESS: &str = "/more/kept";

/// The page.
#[component]
pub(super) fn KeptPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::shares_kept_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    view! {
        <div class="stack detail">
        <p class="quiet">{t.say(Messages::shares_kept_text)}</p>
        {move || {
            let kept = state.kept();
            if kept.is_empty() {
                view! { <EmptyState title=t.signal(Messages::shares_kept_none) text="" /> }.into_any()
            } else {
                let rows = kept.into_iter().map(|kept| view! { <KeptRow kept=kept /> });
                view! { <div class="rows">{rows.collect_view()}</div> }.into_any()
            }
        }}
        </div>
    }
}

#[component]
fn KeptRow(kept: Kept) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let (title, href) = match &kept {
        Kept::Agenda(programme) => {
            let mut events = state.events().into_iter();
            let first = events.find(|event| event.programme() == Some(programme.id()));
            (programme.title(), first.map(|event| event_href(event.id())))
        }
        Kept::Session(session) => (session.title(), Some(session_href(session.id()))),
        Kept::Material(material) => (material.title(), Some(material_href(material.id()))),
    };
    let kind = {
        let kept = kept.clone();
        move || match &kept {
            Kept::Agenda(_) => t.shares_whole_agenda().to_owned(),
            Kept::Session(session) => t.session_kind(session.kind()).to_owned(),
            Kept::Material(material) => t.material_kind(material.kind()).to_owned(),
        }
    };
    let named = title.clone();
    let question = Signal::derive(move || t.shares_kept_remove_sure(&best(&named, t.language())));
    let remove = move |()| {
        let kept = kept.clone();
        spawn_local(async move { state.remove_kept(kept).await });
    };
    let text = view! { <TranslatedText text=title /> };
    view! {
        <article class="row">
            <div class="row-text">
                <h2 class="row-title">
                    {match href {
                        Some(href) => view! { <a href=href>{text}</a> }.into_any(),
                        None => text.into_any(),
                    }}
                </h2>
                <p class="row-facts">
                    <span>{kind}</span>
                </p>
                <Confirm
                    label=t.signal(Messages::shares_kept_remove)
                    question=question
                    yes=t.signal(Messages::shares_kept_remove_yes)
                    on_yes=remove
                />
            </div>
        </article>
    }
}
