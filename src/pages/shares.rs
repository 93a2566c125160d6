//! `/more/shares`: the links that one has made, and links to what has no page of its own to make them on.

use std::future::Future;
use std::pin::Pin;

use keruen_domain::ProgrammeId;
use keruen_domain::protocol::shares::{Share, Shared};
use leptos::prelude::*;

use super::asking::{Asked, TakeBack};
use super::frame::show_frame;
use super::link::best_of;
use super::links::{best, time_words};
use super::members::ProgrammeChoice;
use super::share_part::ShareForm;
use crate::i18n::{Messages, use_language, use_translations};
use crate::state::{AppState, Time};

/// Where it is.
pub(super) const ADDRESS: &str = "/more/shares";

/// The page.
#[component]
pub(super) fn SharesPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::shares_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    let shares = Asked::now(move || async move { state.shares().await });
    let led: Vec<ProgrammeId> = untrack(|| state.led_programmes())
        .into_iter()
        .map(|(programme, _)| programme)
        .collect();
    view! {
        <div class="stack detail">
            <p class="quiet">{t.say(Messages::shares_text)}</p>
            {(!led.is_empty())
                .then(|| view! { <WholeProgramme programmes=led on_made=move |()| shares.again() /> })}
            {shares
                .view(move |mine| {
                    if mine.is_empty() {
                        return view! { <p>{t.shares_none()}</p> }.into_any();
                    }
                    view! {
                        <div class="rows">
                            {mine
                                .into_iter()
                                .map(|share| {
                                    view! { <ShareRow share=share on_change=move |()| shares.again() /> }
                                })
                                .collect_view()}
                        </div>
                    }
                        .into_any()
                })}
        </div>
    }
}

/// What a share of a whole programme is called.
fn whole_title(t: &Messages, shared: Shared, programme: &str) -> String {
    match shared {
        Shared::Agenda => t.shares_agenda_of(programme),
        _ => t.shares_materials_of(programme),
    }
}

#[component]
fn WholeProgramme(
    programmes: Vec<ProgrammeId>,
    #[prop(into)] on_made: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let chosen = RwSignal::new(programmes.first().copied());
    let shared = RwSignal::new(Shared::Agenda);
    let title = Signal::derive(move || {
        let programme = chosen.get().and_then(|id| state.programme(id));
        let title = programme.map(|programme| best(&programme.title(), t.language()));
        whole_title(&t, shared.get(), &title.unwrap_or_default())
    });
    let choose = move |event| {
        let is_agenda = event_target_value(&event) == "0";
        shared.set(if is_agenda {
            Shared::Agenda
        } else {
            Shared::Materials
        });
    };
    view! {
        <details class="card share">
            <summary>{t.say(Messages::shares_whole)}</summary>
            <div class="stack-close">
                <ProgrammeChoice programmes=programmes chosen=chosen />
                <label class="stack-close">
                    <span>{t.say(Messages::shares_what)}</span>
                    <select class="field" on:change=choose>
                        <option value="0">{t.say(Messages::shares_whole_agenda)}</option>
                        <option value="1">{t.say(Messages::shares_whole_materials)}</option>
                    </select>
                </label>
                {move || {
                    chosen
                        .get()
                        .map(|programme| {
                            view! {
                                <ShareForm
                                    programme=programme
                                    shared=shared.into()
                                    title=title
                                    on_made=on_made
                                />
                            }
                        })
                }}
            </div>
        </details>
    }
}

#[component]
fn ShareRow(share: Share, #[prop(into)] on_change: Callback<()>) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let Share {
        id,
        shared,
        title,
        expires_ms,
        openings,
        has_passphrase,
        note,
        is_revoked,
        ..
    } = share;
    let name = move || match (best_of(&title, language.get()), shared) {
        (title, _) if title.is_empty() => t.shares_gone().to_owned(),
        (title, Shared::Agenda | Shared::Materials) => whole_title(&t, shared, &title),
        (title, Shared::Material(_) | Shared::Session(_)) => title,
    };
    let is_over = expires_ms.is_some_and(|expires_ms| expires_ms <= Time::phone_now_ms());
    let standing = move || {
        if is_revoked {
            t.shares_revoked().to_owned()
        } else if is_over {
            t.shares_over().to_owned()
        } else {
            expires_ms.map_or_else(
                || t.shares_valid_none().to_owned(),
                |expires_ms| t.shares_until(&time_words(&t, expires_ms)),
            )
        }
    };
    let revoke = move || -> Pin<Box<dyn Future<Output = _>>> {
        Box::pin(async move { state.revoke_share(id).await })
    };
    view! {
        <article class="row">
            <div class="row-text">
                <h2 class="row-title">{name}</h2>
                <p class="row-facts">
                    <span>{standing}</span>
                    <span>{move || t.shares_openings(openings)}</span>
                    {has_passphrase
                        .then(|| view! { <span>{t.say(Messages::shares_has_passphrase)}</span> })}
                </p>
                {(!note.is_empty()).then(|| view! { <p class="small quiet">{note}</p> })}
                {(!is_revoked && !is_over)
                    .then(|| {
                        view! { <TakeBack label=Messages::shares_revoke act=revoke on_done=on_change /> }
                    })}
            </div>
        </article>
    }
}
