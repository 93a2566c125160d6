//! A file that is on this phone: looked at, saved, removed.

use std::rc::Rc;

use keruen_domain::model::{FileInfo, MaterialKind, Translated};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::downloads::PinChoice;
use super::links::best;
use crate::components::{CsvTable, Icon, IconName};
use crate::i18n::{Messages, format, use_language, use_translations};
use crate::state::{AppState, FileAddress, FileToHandOn, HandOnFailure, MOST_HANDED_ON_BYTES};

/// So much of a text is shown; the rest is in the file.
const MOST_TEXT_BYTES: u64 = 512 * 1024;

/// How a file is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Picture,
    Audio,
    Video,
    /// In the browser's own viewer, where it has one.
    Pdf,
    Table,
    Text,
    /// By the phone's programs.
    Elsewhere,
}

fn way_of(kind: MaterialKind, file: &FileInfo) -> Way {
    let media_type = file.media_type.split(';').next().unwrap_or_default();
    let is_short = file.size_bytes <= MOST_TEXT_BYTES;
    match (kind, media_type) {
        (MaterialKind::Picture, _) => Way::Picture,
        (MaterialKind::Audio, _) => Way::Audio,
        (MaterialKind::Video, _) => Way::Video,
        (_, "application/pdf") => Way::Pdf,
        (_, "text/csv") if is_short => Way::Table,
        (_, "text/plain" | "text/markdown" | "text/calendar" | "application/json") if is_short => {
            Way::Text
        }
        (_, other) if other.starts_with("image/") && other != "image/svg+xml" => Way::Picture,
        (_, other) if other.starts_with("audio/") => Way::Audio,
        (_, other) if other.starts_with("video/") => Way::Video,
        _ => Way::Elsewhere,
    }
}

/// The file, with what can be done about it.
#[component]
pub(super) fn FileViewer(kind: MaterialKind, file: FileInfo, title: Translated) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let way = way_of(kind, &file);
    let size_bytes = file.size_bytes;
    let name = file.name.to_string();
    let file = StoredValue::new(file);
    let shown = match way {
        Way::Table | Way::Text => view! { <TextShown file way /> }.into_any(),
        Way::Elsewhere => ().into_any(),
        _ => view! { <Addressed file way title /> }.into_any(),
    };
    let remove = move |_| {
        let sha256 = file.with_value(|file| file.sha256.clone());
        spawn_local(async move {
            state.remove_file(&sha256).await;
        });
    };
    view! {
        {shown}
        <p class="row-of-buttons">
            <SaveButton file is_primary=way == Way::Elsewhere />
            <HandOnPart file />
            // What others cannot have yet is nowhere else.
            <Show when=move || !file.with_value(|file| state.uploads().is_to_go(&file.sha256))>
                <button type="button" class="button" on:click=remove>
                    {t.say(Messages::materials_remove_from_phone)}
                </button>
            </Show>
        </p>
        <PinChoice sha256=file.with_value(|file| file.sha256.to_string()) />
        <p class="small quiet">
            {name} " · " {move || format::size(&t, size_bytes)} " · "
            {t.say(Messages::materials_on_phone)}
        </p>
    }
}

/// What a browser shows by an address.
#[component]
fn Addressed(file: StoredValue<FileInfo>, way: Way, title: Translated) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let held = StoredValue::new_local(None::<FileAddress>);
    let address = RwSignal::new(None::<(String, bool)>);
    spawn_local(async move {
        let Some(info) = file.try_get_value() else {
            return;
        };
        if let Some(opened) = state.file_address(&info).await {
            let is_of_worker = matches!(opened, FileAddress::Worker(_));
            // The page may have been left meanwhile.
            address.try_set(Some((opened.as_str().to_owned(), is_of_worker)));
            held.try_set_value(Some(opened));
        }
    });
    let is_large = RwSignal::new(false);
    let title = StoredValue::new(title);
    let alternative = move || title.with_value(|title| best(title, language.get()));
    let zoom_words = move || {
        if is_large.get() {
            t.downloads_zoom_out()
        } else {
            t.downloads_zoom()
        }
    };
    move || {
        let (address, is_of_worker) = address.get()?;
        Some(match way {
            Way::Picture => view! {
                <div
                    class="picture-frame"
                    class:is-large=move || is_large.get()
                    style:overflow="auto"
                    style:max-height="80dvh"
                    style:border-radius="var(--radius-small)"
                >
                    <img class="picture" src=address alt=alternative />
                </div>
                <p>
                    <button
                        type="button"
                        class="button"
                        aria-pressed=move || is_large.get().to_string()
                        on:click=move |_| is_large.update(|is_large| *is_large = !*is_large)
                    >
                        {zoom_words}
                    </button>
                </p>
            }
            .into_any(),
            Way::Audio => view! { <audio controls=true src=address aria-label=alternative></audio> }.into_any(),
            Way::Video => view! {
                <video class="picture" controls=true playsinline=true src=address aria-label=alternative></video>
            }
            .into_any(),
            // Only at an address of the app does a browser open its viewer, and only the worker has one.
            Way::Pdf if is_of_worker => view! {
                <p>
                    <a class="button button-primary" href=address target="_blank" rel="external noopener">
                        <Icon name=IconName::File />
                        {t.say(Messages::downloads_open)}
                    </a>
                </p>
            }
            .into_any(),
            _ => ().into_any(),
        })
    }
}

/// A text, or a table of values.
#[component]
fn TextShown(file: StoredValue<FileInfo>, way: Way) -> impl IntoView {
    let state = AppState::of_context();
    let text = RwSignal::new(None::<String>);
    spawn_local(async move {
        let Some(info) = file.try_get_value() else {
            return;
        };
        let bytes = state.file_bytes(&info, MOST_TEXT_BYTES).await;
        let words = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        text.try_set(words);
    });
    move || {
        let text = text.get()?;
        Some(if way == Way::Table {
            view! { <CsvTable text=text /> }.into_any()
        } else {
            view! { <pre
                style:overflow="auto"
                style:max-height="80dvh"
                style:margin="0"
                style:padding="var(--space-3)"
                style:border-radius="var(--radius-small)"
                style:background="var(--sunken)"
                style:font-size="var(--note)"
                style:white-space="pre-wrap"
                style:overflow-wrap="anywhere"
            >{text}</pre> }
            .into_any()
        })
    }
}

/// Hands the file to the phone. It is put together only once it is wanted, since a file may be long.
#[component]
fn SaveButton(file: StoredValue<FileInfo>, is_primary: bool) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let has_failed = RwSignal::new(false);
    let save = move |_| {
        let info = file.get_value();
        spawn_local(async move {
            let is_saved = state.save_file(&info).await;
            has_failed.try_set(!is_saved);
        });
    };
    view! {
        <button type="button" class="button" class:button-primary=is_primary on:click=save>
            <Icon name=IconName::Download />
            {t.say(Messages::materials_save_file)}
        </button>
        <Show when=move || has_failed.get()>
            <span class="small" role="alert">
                {t.say(Messages::downloads_save_failed)}
            </span>
        </Show>
    }
}

/// Gives the file to the phone's share sheet, where it takes one of its kind; else a word about what to do
/// instead. Where there is no sheet, there is nothing.
#[component]
fn HandOnPart(file: StoredValue<FileInfo>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    if !AppState::can_hand_on() {
        return ().into_any();
    }
    if file.with_value(|file| file.size_bytes > MOST_HANDED_ON_BYTES) {
        return hint(t.say(Messages::downloads_hand_on_too_large));
    }
    if !file.with_value(AppState::sheet_takes) {
        return hint(t.say(Messages::downloads_hand_on_not_taken));
    }
    let ready = StoredValue::new_local(None::<Rc<FileToHandOn>>);
    let failure = RwSignal::new(None::<HandOnFailure>);
    let hand_on = move |_| {
        let info = file.get_value();
        spawn_local(async move {
            let prepared = match ready.try_get_value().flatten() {
                Some(prepared) => Some(prepared),
                None => state.file_to_hand_on(&info).await.map(Rc::new),
            };
            let outcome = match &prepared {
                Some(prepared) => prepared.hand_on().await,
                None => Err(HandOnFailure::Refused),
            };
            // Another tap finds it put together.
            ready.try_set_value(prepared.filter(|_| outcome == Err(HandOnFailure::TapAgain)));
            failure.try_set(outcome.err());
        });
    };
    view! {
        <button type="button" class="button" on:click=hand_on>
            <Icon name=IconName::Link />
            {t.say(Messages::downloads_hand_on)}
        </button>
        {move || {
            let words = match failure.get()? {
                HandOnFailure::TapAgain => t.downloads_hand_on_again(),
                HandOnFailure::Refused => t.downloads_hand_on_failed(),
            };
            Some(view! { <span class="small" role="alert">{words}</span> })
        }}
    }
    .into_any()
}

fn hint(words: impl Fn() -> &'static str + Send + 'static) -> AnyView {
    view! { <span class="small quiet">{words}</span> }.into_any()
}
