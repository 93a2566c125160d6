//! Room on a full phone: what may go, and what went.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::i18n::{Messages, format, use_translations};
use crate::pages::links::{best, material_href};
use crate::state::{AppState, FileHere};

/// What may go so that the next file has room, with the button that removes it; nothing where that would not
/// be enough.
#[component]
pub(super) fn CanGo() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let downloads = state.downloads();
    let files = RwSignal::new(Vec::<FileHere>::new());
    Effect::new(move || {
        state.follow_files();
        downloads.stand();
        spawn_local(async move {
            let can_go = downloads.can_go().await;
            // The page may have been left meanwhile.
            files.try_set(can_go);
        });
    });
    let row = move |file: FileHere| {
        let title = file
            .material
            .map(|material| best(&material.title(), t.language()));
        let title = title.unwrap_or_else(|| t.downloads_storage_unknown().to_owned());
        view! { <li>{title} " · " {format::size(&t, file.size_bytes)}</li> }
    };
    move || {
        let can_go = files.get();
        if can_go.is_empty() {
            return None;
        }
        let bytes: u64 = can_go.iter().map(|file| file.size_bytes).sum();
        Some(view! {
            <p>{t.downloads_can_go()}</p>
            <ul>{can_go.into_iter().map(row).collect_view()}</ul>
            <p>
                <button
                    type="button"
                    class="button button-primary"
                    on:click=move |_| downloads.make_room(files.get_untracked())
                >
                    {t.downloads_remove_these(&format::size(&t, bytes))}
                </button>
            </p>
        })
    }
}

/// What went by itself, until the person has seen it.
#[component]
pub(super) fn MadeRoom() -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let gone = Memo::new(move |_| downloads.made_room());
    let bring = move |_| {
        downloads.ask_for(gone.get_untracked().into_iter().map(|(_, file)| file));
        downloads.forget_made_room();
    };
    move || {
        let gone = gone.get();
        if gone.is_empty() {
            return None;
        }
        let rows = gone.into_iter().map(|(material, file)| {
            view! {
                <li>
                    <a href=material_href(material.id())>{best(&material.title(), t.language())}</a>
                    " · "
                    {format::size(&t, file.size_bytes)}
                </li>
            }
        });
        Some(view! {
            <section class="card stack-close">
                <h2>{t.say(Messages::downloads_made_room_title)}</h2>
                <ul>{rows.collect_view()}</ul>
                <p class="row-of-buttons">
                    <button type="button" class="button" on:click=bring>
                        {t.say(Messages::downloads_made_room_again)}
                    </button>
                    <button type="button" class="button" on:click=move |_| downloads.forget_made_room()>
                        {t.say(Messages::downloads_made_room_seen)}
                    </button>
                </p>
            </section>
        })
    }
}

/// The choice whether room is made by itself.
#[component]
pub(super) fn MakesRoom() -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let choose = move |_| downloads.choose_makes_room(!untrack(|| downloads.makes_room()));
    view! {
        <section class="card">
            <label class="choice">
                <input type="checkbox" prop:checked=move || downloads.makes_room() on:change=choose />
                <span>{t.say(Messages::downloads_makes_room)}</span>
            </label>
            <p class="small quiet">{t.say(Messages::downloads_makes_room_text)}</p>
        </section>
    }
}

/// Whether a file stays when room is made.
#[component]
pub(in crate::pages) fn PinChoice(
    #[prop(into)] sha256: String,
    /// What the material is called, where several are listed.
    #[prop(optional)]
    title: Option<Signal<String>>,
) -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let sha256 = StoredValue::new(sha256);
    let is_pinned = move || sha256.with_value(|sha256| downloads.is_pinned(sha256));
    let choose = move |_| {
        let is_pinned = untrack(is_pinned);
        sha256.with_value(|sha256| downloads.pin(sha256, !is_pinned));
    };
    let name = move || title.map(|title| t.downloads_of_material(t.downloads_pin(), &title.get()));
    view! {
        <label class="choice">
            <input type="checkbox" aria-label=name prop:checked=is_pinned on:change=choose />
            <span>{t.say(Messages::downloads_pin)}</span>
        </label>
    }
}
