//! *Needs attention*: what the server did not accept, whole, until its writer decides.

use keruen_domain::model::{Note, Session, View, fields};
use keruen_domain::{Collection, Record, Refusal, ScopeId, text};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::frame::show_frame;
use super::links::best;
use crate::components::EmptyState;
use crate::i18n::{Messages, format, use_language, use_translations};
use crate::state::{AppState, AttentionEntry, Time};

/// Where it is.
pub(super) const ADDRESS: &str = "/more/attention";

/// The page.
#[component]
pub(super) fn AttentionPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::sync_refused_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    view! {
        <div class="stack detail">
            {move || {
                let entries = state.attention.get();
                if entries.is_empty() {
                    return view! {
                        <EmptyState
                            title=t.signal(Messages::sync_refused_none)
                            text=t.signal(Messages::sync_refused_none_text)
                        />
                    }
                        .into_any();
                }
                let count = t.sync_refused(entries.len() as u64);
                view! {
                    <p>{count}</p>
                    {entries
                        .into_iter()
                        .map(|entry| view! { <RefusedChange entry=entry /> })
                        .collect_view()}
                }
                    .into_any()
            }}
        </div>
    }
}

/// The way to the page, when there is something on it.
#[component]
pub(super) fn AttentionLink(
    /// The way is taken.
    #[prop(into)]
    on_go: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    move || {
        let count = state.attention.with(Vec::len);
        (count > 0).then(|| {
            view! {
                <section class="card stack-close">
                    <h2>{t.sync_refused_title()}</h2>
                    <p>{t.sync_refused(count as u64)}</p>
                    <p>
                        <a class="button button-primary" href=ADDRESS on:click=move |_| on_go.run(())>
                            {t.sync_refused_open()}
                        </a>
                    </p>
                </section>
            }
        })
    }
}

fn reason(t: &Messages, refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotJoined => t.sync_reason_not_joined(),
        Refusal::NotAMember => t.sync_reason_not_a_member(),
        Refusal::RoleDoesNotAllow => t.sync_reason_not_allowed(),
        Refusal::TooLarge => t.sync_reason_too_large(),
        Refusal::Malformed => t.sync_reason_invalid(),
    }
}

/// What the change is about, in as few words as there are.
fn title(state: &AppState, t: &Messages, record: &Record) -> String {
    let key = record.key;
    match key.collection {
        Collection::NOTE => {
            let note = Note::of(&std::sync::Arc::new(record.clone()));
            let heading = note.map(|note| note.heading().chars().take(80).collect::<String>());
            heading
                .filter(|heading| !heading.is_empty())
                .unwrap_or_else(|| t.notes_untitled().to_owned())
        }
        Collection::SESSION => {
            let session: Option<Session> = state.session(key.id.into());
            let title = session.map(|session| best(&session.title(), t.language()));
            title.unwrap_or_default()
        }
        Collection::MATERIAL => {
            let material = state.material(key.id.into());
            let title = material.map(|material| best(&material.title(), t.language()));
            title.unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// All that a person typed in it.
fn texts(record: &Record) -> String {
    if record.key.collection == Collection::NOTE {
        return text::read(record, fields::BODY).into_owned();
    }
    let fields = record.fields().filter(|(key, _)| !key.is_deleted());
    let texts: Vec<&str> = fields
        .filter_map(|(_, register)| register.value().as_text())
        .collect();
    texts.join("\n\n")
}

#[component]
fn RefusedChange(entry: AttentionEntry) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let id = entry.change.id;
    let refusal = entry.refusal;
    let refused_at = Time::phone_wall(entry.refused_at_ms);
    let when = move || {
        let day = format::day_with_year(language.get(), refused_at.date());
        t.sync_refused_when(&[day.as_str(), ", ", &format::time(refused_at.time())].concat())
    };
    let record = entry.change.record.clone();
    let is_own_note = record.key.collection == Collection::NOTE && record.key.scope == ScopeId::OWN;
    // As a note of one's own it would be refused for the same reason.
    let can_be_note = !(is_own_note && matches!(refusal, Refusal::TooLarge | Refusal::Malformed));
    let text = StoredValue::new(texts(&record));
    let has_text = text.with_value(|text| !text.is_empty());
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        spawn_local(async move {
            let done = AppState::copy_text(&text.get_value()).await;
            copied.try_set(Some(done));
        });
    };
    let copied_words = move || match copied.get() {
        None => "",
        Some(true) => t.sync_refused_copied(),
        Some(false) => t.sync_refused_not_copied(),
    };
    let dismissed = StoredValue::new(entry);
    view! {
        <section class="card stack-close">
            <h2 style:font-size="1rem" style:overflow-wrap="anywhere">{move || title(&state, &t, &record)}</h2>
            <p>
                {t.say(Messages::sync_refused_why)} ": " {move || reason(&t, refusal)}
            </p>
            <p class="small quiet">{when}</p>
            {has_text
                .then(|| {
                    view! {
                        <details>
                            <summary>{t.say(Messages::notes_text_label)}</summary>
                            <p class="lines">{text.get_value()}</p>
                        </details>
                    }
                })}
            <p class="row-of-buttons">
                <button type="button" class="button" on:click=move |_| state.offer_again(id)>
                    {t.say(Messages::common_try_again)}
                </button>
                {has_text
                    .then(|| {
                        view! {
                            <button type="button" class="button" on:click=copy>
                                {t.say(Messages::sync_refused_copy)}
                            </button>
                        }
                    })}
                {(has_text && can_be_note)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| state.keep_as_note(dismissed.get_value(), text.get_value())
                            >
                                {t.say(Messages::sync_refused_as_note)}
                            </button>
                        }
                    })}
                <button
                    type="button"
                    class="button button-danger"
                    on:click=move |_| state.dismiss(dismissed.get_value())
                >
                    {t.say(Messages::sync_refused_discard)}
                </button>
            </p>
            <p class="small quiet" role="status">
                {copied_words}
            </p>
        </section>
    }
}
