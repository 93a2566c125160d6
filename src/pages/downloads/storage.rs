//! What is on this phone: how much room it takes, whether the browser may delete it, and what could go.

use chrono::NaiveDate;
use keruen_domain::EventId;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::queue::FullPart;
use super::room::{MadeRoom, MakesRoom, PinChoice};
use crate::components::{Confirm, TranslatedText};
use crate::i18n::{Messages, format, use_translations};
use crate::pages::frame::show_frame;
use crate::pages::links::{best, material_href};
use crate::pages::more::StoragePart;
use crate::state::{AppState, FileHere, FormOfFile, StorageUse};

/// Where the board is.
pub(in crate::pages) const STORAGE: &str = "/more/storage";

/// The files of one day of an event, or of none.
#[derive(Clone, PartialEq)]
struct Heap {
    place: Option<(EventId, NaiveDate)>,
    files: Vec<FileHere>,
}

/// The same files, by the day that uses them last; in the order in which they could go.
fn heaps(files: Vec<FileHere>) -> Vec<Heap> {
    let mut heaps: Vec<Heap> = Vec::new();
    for file in files {
        let place = file.last_used.as_ref();
        let place = place.map(|(event, day)| (event.id(), *day));
        match heaps.iter_mut().find(|heap| heap.place == place) {
            Some(heap) => heap.files.push(file),
            None => heaps.push(Heap {
                place,
                files: vec![file],
            }),
        }
    }
    heaps
}

/// The board.
#[component]
pub(in crate::pages) fn StoragePage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::downloads_storage_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    let files = RwSignal::new(None::<Vec<FileHere>>);
    let known = RwSignal::new(StorageUse::default());
    let lights_bytes = RwSignal::new(0_u64);
    let look = move || {
        spawn_local(async move {
            let here = untrack(|| state.files_here()).await;
            let now = AppState::storage_use().await;
            // Light forms are data of the programme: removed, they would come again.
            let is_light = |file: &FileHere| file.form == FormOfFile::Light;
            let (lights, here): (Vec<_>, Vec<_>) = here.into_iter().partition(is_light);
            // The page may have been left meanwhile.
            lights_bytes.try_set(lights.iter().map(|file| file.size_bytes).sum());
            files.try_set(Some(here));
            known.try_set(now);
        });
    };
    Effect::new(move || {
        state.follow_files();
        state.follow_programmes();
        look();
    });
    let files_bytes = move || {
        let files = files.get().unwrap_or_default();
        files.iter().map(|file| file.size_bytes).sum::<u64>()
    };
    let other_bytes = move || {
        let used = known.get().used_bytes;
        used.map(|used| used.saturating_sub(files_bytes() + lights_bytes.get()))
    };
    let free_bytes = move || {
        let StorageUse {
            used_bytes,
            quota_bytes,
            ..
        } = known.get();
        Some(quota_bytes?.saturating_sub(used_bytes?))
    };
    let amount = move |words: fn(&Messages) -> &'static str, bytes: Option<u64>| {
        bytes.map(|bytes| {
            view! {
                <dt>{t.say(words)}</dt>
                <dd>{format::size(&t, bytes)}</dd>
            }
        })
    };
    view! {
        <div class="stack detail">
            <FullPart />
            <MadeRoom />
            <section class="card stack-close">
                <dl class="facts">
                    {move || amount(Messages::downloads_storage_files, Some(files_bytes()))}
                    {move || {
                        let bytes = Some(lights_bytes.get()).filter(|bytes| *bytes > 0);
                        amount(Messages::downloads_storage_lights, bytes)
                    }}
                    {move || amount(Messages::downloads_storage_other, other_bytes())}
                    {move || amount(Messages::downloads_storage_free, free_bytes())}
                </dl>
            </section>
            {move || {
                let files = files.get()?;
                if files.is_empty() {
                    return Some(view! { <p class="quiet">{t.downloads_storage_none()}</p> }.into_any());
                }
                let heaps = heaps(files).into_iter().map(|heap| view! { <HeapPart heap=heap look /> });
                Some(heaps.collect_view().into_any())
            }}
            <MakesRoom />
            <StoragePart />
            <InstalledPart />
        </div>
    }
}

/// The files of one day.
#[component]
fn HeapPart(heap: Heap, look: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let files = heap.files;
    let place = files.first().and_then(|file| file.last_used.clone());
    let is_over = files.first().is_some_and(|file| file.is_over);
    let size_bytes: u64 = files.iter().map(|file| file.size_bytes).sum();
    let names: Vec<String> = files.iter().map(|file| file.sha256.clone()).collect();
    let count = names.len() as u64;
    let remove = move |()| {
        let names = names.clone();
        spawn_local(async move {
            for name in names {
                state.remove_file(&name).await;
            }
            look();
        });
    };
    let title = match place {
        Some((event, day)) => view! {
            {move || format::day_with_year(t.language(), day)} ", "
            <TranslatedText text=event.city() is_unlabelled=true />
        }
        .into_any(),
        None => t.say(Messages::downloads_road_other).into_any(),
    };
    view! {
        <section class="stack-close">
            <h2>{title}</h2>
            {is_over.then(|| view! { <p class="small quiet">{t.say(Messages::downloads_storage_over)}</p> })}
            <div class="rows">
                {files.into_iter().map(|file| view! { <FileRow file=file look /> }).collect_view()}
            </div>
            {(count > 1)
                .then(|| {
                    view! {
                        <Confirm
                            label=Signal::derive(move || {
                                t.downloads_storage_remove_day(&format::size(&t, size_bytes))
                            })
                            question=Signal::derive(move || t.downloads_storage_remove_sure(count))
                            yes=t.signal(Messages::downloads_storage_remove)
                            on_yes=remove
                        />
                    }
                })}
        </section>
    }
}

#[component]
fn FileRow(file: FileHere, look: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let FileHere {
        sha256,
        material,
        form,
        size_bytes,
        is_by_link,
        ..
    } = file;
    let href = material
        .as_ref()
        .map(|material| material_href(material.id()));
    let is_to_go = untrack(|| state.uploads().is_to_go(&sha256));
    let title = Signal::derive(move || {
        let title = material
            .as_ref()
            .map(|material| best(&material.title(), t.language()));
        title.unwrap_or_else(|| t.downloads_storage_unknown().to_owned())
    });
    let pinned = sha256.clone();
    let remove = move |_| {
        let sha256 = sha256.clone();
        spawn_local(async move {
            state.remove_file(&sha256).await;
            look();
        });
    };
    let name = move || t.downloads_of_material(t.downloads_storage_remove(), &title.get());
    view! {
        <article class="row">
            <div class="row-text">
                <h3 class="row-title">
                    {match href {
                        Some(href) => view! { <a href=href>{title}</a> }.into_any(),
                        None => view! { <span>{title}</span> }.into_any(),
                    }}
                </h3>
                <p class="row-facts">
                    {move || {
                        let size = format::size(&t, size_bytes);
                        match form {
                            FormOfFile::Medium => t.downloads_form_medium_here(&size),
                            FormOfFile::Full | FormOfFile::Light => size,
                        }
                    }}
                </p>
                {is_by_link
                    .then(|| view! { <p class="row-facts">{t.say(Messages::downloads_storage_by_link)}</p> })}
                {is_to_go
                    .then(|| view! { <p class="row-facts">{t.say(Messages::making_waits_server)}</p> })}
                {(!is_to_go)
                    .then(|| {
                        view! {
                            <PinChoice sha256=pinned title />
                            <p class="row-of-buttons">
                                <button type="button" class="button" aria-label=name on:click=remove>
                                    {t.say(Messages::downloads_storage_remove)}
                                </button>
                            </p>
                        }
                    })}
            </div>
        </article>
    }
}

/// Whether the app is installed, and what that means for what is kept.
#[component]
fn InstalledPart() -> impl IntoView {
    let t = use_translations();
    let words = if AppState::is_installed() {
        Messages::downloads_storage_installed
    } else {
        Messages::downloads_storage_not_installed
    };
    view! { <p class="small quiet">{t.say(words)}</p> }
}
