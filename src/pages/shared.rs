//! Something that was shared by a link, opened in the app: looked at, and kept for when there is no network.

use std::sync::Arc;

use keruen_domain::model::{Material, Programme, Session, Translated, View};
use keruen_domain::protocol::shares::Opened;
use keruen_domain::{Collection, Record};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::asking::Asked;
use super::link::LinkFailure;
use super::links::{material_href, session_href};
use crate::components::TranslatedText;
use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, Link};

/// What a share opens.
#[component]
pub(super) fn SharedThing(
    /// Of the link.
    secret: String,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let page = AppState::share_link(&secret);
    let secret = StoredValue::new(secret);
    let typed = StoredValue::new(String::new());
    let opened = Asked::now(move || async move {
        state
            .open_share(secret.get_value(), typed.get_value())
            .await
    });
    let open_with = move |passphrase: String| {
        typed.set_value(passphrase);
        opened.again();
    };
    view! {
        {move || match opened.answer() {
            None => {
                view! {
                    <p class="quiet" role="status">
                        {t.people_loading()}
                    </p>
                }
                    .into_any()
            }
            Some(Err(failure)) => {
                view! { <LinkFailure failure=failure on_again=move |()| opened.again() /> }.into_any()
            }
            Some(Ok(Opened::NeedsPassphrase)) => {
                let was_wrong = typed.with_value(|typed| !typed.is_empty());
                view! { <Passphrase was_wrong=was_wrong on_typed=open_with /> }.into_any()
            }
            Some(Ok(Opened::Records { records, ticket })) => {
                view! { <SharedRecords secret=secret records=records ticket=ticket /> }.into_any()
            }
        }}
        <p>
            <a href=page rel="external">
                {t.say(Messages::shares_opened_page)}
            </a>
        </p>
    }
}

#[component]
fn Passphrase(was_wrong: bool, #[prop(into)] on_typed: Callback<String>) -> impl IntoView {
    let t = use_translations();
    let field = NodeRef::<html::Input>::new();
    let open = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            let typed = field.value();
            // A wrong one is not there to be added to.
            field.set_value("");
            on_typed.run(typed);
        }
    };
    view! {
        <form class="stack-close" on:submit=open>
            <label class="stack-close">
                <span>{t.say(Messages::shares_opened_passphrase_label)}</span>
                <input
                    class="field"
                    type="password"
                    autocomplete="off"
                    node_ref=field
                    aria-describedby="passphrase-help"
                />
            </label>
            <p class="small" id="passphrase-help" role="status">
                {move || {
                    if was_wrong { t.shares_opened_passphrase_wrong() } else { t.shares_opened_passphrase() }
                }}
            </p>
            <p>
                <button type="submit" class="button button-primary">
                    {t.say(Messages::shares_opened_open)}
                </button>
            </p>
        </form>
    }
}

/// What it is, and the way to it: in the app if it is there, else by keeping it.
#[component]
fn SharedRecords(
    secret: StoredValue<String>,
    records: Vec<Record>,
    ticket: String,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let records: Vec<Arc<Record>> = records.into_iter().map(Arc::new).collect();
    let title = records.first().and_then(title_of);
    let materials: Vec<Material> = records.iter().filter_map(Material::of).collect();
    let is_session = records
        .first()
        .is_some_and(|first| first.key.collection == Collection::SESSION);
    // Of a public programme, or of one that was joined, all is here or on its way.
    let session = records
        .first()
        .and_then(Session::of)
        .filter(|session| state.session(session.id()).is_some());
    let is_kept = RwSignal::new(materials.iter().all(|of| state.material(of.id()).is_some()));
    let has_materials = !materials.is_empty();
    let listed = materials.clone();
    let kept = StoredValue::new((materials, ticket));
    let keep = move |_| {
        spawn_local(async move {
            let (materials, ticket) = kept.get_value();
            if state
                .keep_shared(materials, &secret.get_value(), &ticket)
                .await
            {
                is_kept.try_set(true);
                Link::forget();
            }
        });
    };
    let row = move |material: Material| {
        let title = material.title();
        let href = material_href(material.id());
        view! {
            <li>
                {move || {
                    let text = title.clone();
                    if is_kept.get() {
                        view! {
                            <a href=href.clone()>
                                <TranslatedText text=text />
                            </a>
                        }
                            .into_any()
                    } else {
                        view! { <TranslatedText text=text /> }.into_any()
                    }
                }}
            </li>
        }
    };
    view! {
        {title.map(|title| view! { <h2 class="detail-title"><TranslatedText text=title /></h2> })}
        {session
            .map(|session| {
                view! {
                    <p>
                        <a class="button button-primary" href=session_href(session.id())>
                            {t.say(Messages::shares_opened_open)}
                        </a>
                    </p>
                }
            })}
        {has_materials
            .then(|| {
                view! {
                    <ul>{listed.into_iter().map(row).collect_view()}</ul>
                    {move || {
                        if is_kept.get() {
                            view! { <p role="status">{t.shares_opened_kept()}</p> }.into_any()
                        } else {
                            view! {
                                <p>{t.shares_opened_keep_text()}</p>
                                <p>
                                    <button
                                        type="button"
                                        class="button"
                                        class:button-primary=!is_session
                                        on:click=keep
                                    >
                                        {t.shares_opened_keep()}
                                    </button>
                                </p>
                            }
                                .into_any()
                        }
                    }}
                }
            })}
    }
}

/// What the shared thing is called.
fn title_of(record: &Arc<Record>) -> Option<Translated> {
    Material::of(record)
        .map(|material| material.title())
        .or_else(|| Session::of(record).map(|session| session.title()))
        .or_else(|| Programme::of(record).map(|programme| programme.title()))
}
