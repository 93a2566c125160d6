//! Something that was shared by a link, opened in the app: looked at, and kept for when there is no network.

use std::sync::Arc;

use keruen_domain::Record;
use keruen_domain::model::{Event, Material, Programme, Session, Translated, View};
use keruen_domain::protocol::shares::Opened;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::asking::Asked;
use super::link::LinkFailure;
use super::links::{event_href, material_href, session_href};
use crate::components::TranslatedText;
use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, Link, Standing};

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
    let events: Vec<Event> = match records.first().and_then(Programme::of) {
        Some(_) => records.iter().filter_map(Event::of).collect(),
        None => Vec::new(),
    };
    let materials: Vec<Material> = records.iter().filter_map(Material::of).collect();
    let first = records.first().and_then(Session::of);
    let first = first.map(|session| session_href(session.id()));
    let first = first.or_else(|| Some(event_href(events.first()?.id())));
    let is_any = first.is_some() || !materials.is_empty();
    let records = StoredValue::new(records);
    let standing = Memo::new(move |_| records.with_value(|records| state.standing_of(records)));
    let is_here = Signal::derive(move || standing.get() != Standing::Absent);
    let doing = RwSignal::new(false);
    let ticket = StoredValue::new(ticket);
    let keep = move |_| {
        doing.set(true);
        spawn_local(async move {
            let (secret, ticket) = (secret.get_value(), ticket.get_value());
            if state
                .keep_shared(records.get_value(), &secret, &ticket)
                .await
            {
                Link::forget();
            }
            doing.try_set(false);
        });
    };
    let event_row = move |event: Event| {
        let (href, title) = (event_href(event.id()), event.city());
        view! { <SharedRow href=href title=title is_here=is_here /> }
    };
    let material_row = move |material: Material| {
        let (href, title) = (material_href(material.id()), material.title());
        view! { <SharedRow href=href title=title is_here=is_here /> }
    };
    let button = move |is_primary: bool, words: fn(&Messages) -> &'static str| {
        view! {
            <p>
                <button
                    type="button"
                    class="button"
                    class:button-primary=is_primary
                    disabled=doing
                    on:click=keep
                >
                    {t.say(words)}
                </button>
            </p>
        }
    };
    view! {
        {title.map(|title| view! { <h2 class="detail-title"><TranslatedText text=title /></h2> })}
        <ul>
            {events.into_iter().map(event_row).collect_view()}
            {materials.into_iter().map(material_row).collect_view()}
        </ul>
        {move || match standing.get() {
            _ if !is_any => ().into_any(),
            Standing::Absent => {
                view! {
                    <p>{t.shares_opened_keep_text()}</p>
                    {button(true, Messages::shares_opened_keep)}
                }
                    .into_any()
            }
            here => {
                let open = first
                    .clone()
                    .map(|href| {
                        view! {
                            <p>
                                <a class="button button-primary" href=href>
                                    {t.shares_opened_open()}
                                </a>
                            </p>
                        }
                    });
                let renew = (here == Standing::Copy)
                    .then(|| {
                        view! {
                            <p class="small quiet">{t.shares_kept_copy()}</p>
                            {button(false, Messages::shares_opened_renew)}
                        }
                    });
                view! {
                    <p role="status">{t.shares_opened_kept()}</p>
                    {open}
                    {renew}
                }
                    .into_any()
            }
        }}
    }
}

/// A part of what is shared: a link once it is on this phone.
#[component]
fn SharedRow(href: String, title: Translated, is_here: Signal<bool>) -> impl IntoView {
    let row = move || {
        let text = view! { <TranslatedText text=title.clone() /> };
        if is_here.get() {
            view! { <a href=href.clone()>{text}</a> }.into_any()
        } else {
            text.into_any()
        }
    };
    view! { <li>{row}</li> }
}

/// What the shared thing is called.
fn title_of(record: &Arc<Record>) -> Option<Translated> {
    Material::of(record)
        .map(|material| material.title())
        .or_else(|| Session::of(record).map(|session| session.title()))
        .or_else(|| Programme::of(record).map(|programme| programme.title()))
}
