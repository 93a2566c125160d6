//! Making a pack: of which programme, with which files, with one's notes or without.

use std::collections::BTreeSet;

use keruen_domain::ProgrammeId;
use keruen_domain::model::{FileInfo, Material};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::trouble_words;
use crate::i18n::{Messages, format, use_translations};
use crate::pages::links::best;
use crate::state::{AppState, MadePack, PackTrouble};

/// How far it is.
#[derive(Clone, PartialEq)]
enum Step {
    Choosing,
    /// So many bytes of files are in it.
    Making(u64),
    /// So many bytes are in it altogether; it was handed to the browser, or that failed.
    Made(u64, bool),
    Failed(PackTrouble),
}

/// The part of the page.
#[component]
pub(super) fn GivePart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let chosen = RwSignal::new(None::<ProgrammeId>);
    let programmes = Memo::new(move |_| {
        let programmes = state.programmes().into_iter();
        programmes
            .map(|programme| programme.id())
            .collect::<Vec<_>>()
    });
    let programme = Memo::new(move |_| {
        let programmes = programmes.get();
        let chosen = chosen.get().filter(|chosen| programmes.contains(chosen));
        chosen.or_else(|| programmes.first().copied())
    });
    let title = move |id: ProgrammeId| {
        let programme = state.programme(id);
        programme.map_or_else(String::new, |programme| {
            best(&programme.title(), t.language())
        })
    };
    let choose = move |event| {
        chosen.set(event_target_value(&event).parse().ok());
    };
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::packs_give_title)}</h2>
            <p>{t.say(Messages::packs_give_text)}</p>
            {move || {
                let programmes = programmes.get();
                (programmes.len() > 1)
                    .then(|| {
                        let options = programmes.into_iter().map(|id| {
                            let is_it = programme.get_untracked() == Some(id);
                            view! {
                                <option value=id.to_string() selected=is_it>
                                    {title(id)}
                                </option>
                            }
                        });
                        view! {
                            <label class="stack-close">
                                <span>{t.say(Messages::packs_programme)}</span>
                                <select class="field" on:change=choose>
                                    {options.collect_view()}
                                </select>
                            </label>
                        }
                    })
            }}
            {move || {
                programme.get().map(|id| view! { <Contents programme=id title=Signal::derive(move || title(id)) /> })
            }}
        </section>
    }
}

#[component]
fn Contents(programme: ProgrammeId, title: Signal<String>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let files = Memo::new(move |_| {
        state.follow_files();
        let files = state.files_to_give(programme).into_iter();
        files
            .map(|(file, material)| Offered { file, material })
            .collect::<Vec<_>>()
    });
    let left_out = RwSignal::new(BTreeSet::<String>::new());
    let with_notes = RwSignal::new(false);
    let notes = move || state.notes_to_give(programme).len() as u64;
    let step = RwSignal::new(Step::Choosing);
    let made = StoredValue::new_local(None::<MadePack>);
    let going = move || {
        let mut files = files.get();
        left_out.with(|left_out| files.retain(|of| !left_out.contains(&*of.file.sha256)));
        files
    };
    let size = move || {
        let bytes: u64 = going().iter().map(|of| of.file.size_bytes).sum();
        format::size(&t, bytes)
    };
    let make = move |_| {
        let files = untrack(going).into_iter().map(|of| of.file).collect();
        let (title, with_notes) = (title.get_untracked(), with_notes.get_untracked());
        step.set(Step::Making(0));
        spawn_local(async move {
            let progress = move |bytes| {
                step.try_set(Step::Making(bytes));
            };
            let pack = state.make_pack(programme, title, files, with_notes, progress);
            step.try_set(match pack.await {
                Ok(pack) => {
                    let (size_bytes, is_saved) = (pack.size_bytes, pack.save());
                    let _ = made.try_set_value(Some(pack));
                    Step::Made(size_bytes, is_saved)
                }
                Err(trouble) => Step::Failed(trouble),
            });
        });
    };
    let save_again = move |_| {
        let is_saved = made.with_value(|made| made.as_ref().is_some_and(MadePack::save));
        step.update(|step| {
            if let Step::Made(_, known) = step {
                *known = is_saved;
            }
        });
    };
    let is_making = move || matches!(step.get(), Step::Making(_));
    let choice = move |of: Offered| {
        let sha256 = of.file.sha256.to_string();
        let size_bytes = of.file.size_bytes;
        let tick = move |event| {
            let is_in = event_target_checked(&event);
            let sha256 = sha256.clone();
            left_out.update(|left_out| {
                if is_in {
                    left_out.remove(&sha256);
                } else {
                    left_out.insert(sha256);
                }
            });
        };
        view! {
            <label class="choice">
                <input type="checkbox" checked=true on:change=tick />
                <span>
                    {move || best(&of.material.title(), t.language())} " · "
                    {move || format::size(&t, size_bytes)}
                </span>
            </label>
        }
    };
    view! {
        {move || {
            let files = files.get();
            if files.is_empty() {
                return view! { <p class="small quiet">{t.packs_no_files()}</p> }.into_any();
            }
            view! {
                <fieldset class="choices choose-people-list">
                    <legend>{t.say(Messages::packs_files)}</legend>
                    {files.into_iter().map(choice).collect_view()}
                </fieldset>
            }
                .into_any()
        }}
        {move || {
            let notes = notes();
            (notes > 0)
                .then(|| {
                    view! {
                        <label class="choice">
                            <input
                                type="checkbox"
                                on:change=move |event| with_notes.set(event_target_checked(&event))
                            />
                            <span>{t.packs_with_notes(notes)}</span>
                        </label>
                    }
                })
        }}
        <p>
            <button type="button" class="button button-primary" disabled=is_making on:click=make>
                {move || t.packs_make(&size())}
            </button>
        </p>
        <p role="status">
            {move || match step.get() {
                Step::Making(bytes) => t.packs_making(&format::size(&t, bytes)),
                Step::Made(bytes, true) => t.packs_made(&format::size(&t, bytes)),
                Step::Made(_, false) => t.downloads_save_failed().to_owned(),
                Step::Choosing | Step::Failed(_) => String::new(),
            }}
        </p>
        <p class="session-warning" role="alert">
            {move || match step.get() {
                Step::Failed(trouble) => trouble_words(&t, &trouble),
                _ => String::new(),
            }}
        </p>
        {move || {
            matches!(step.get(), Step::Made(..))
                .then(|| {
                    view! {
                        <p>
                            <button type="button" class="button" on:click=save_again>
                                {t.say(Messages::packs_save_again)}
                            </button>
                        </p>
                    }
                })
        }}
    }
}

/// A file that could go along.
#[derive(Clone, PartialEq)]
struct Offered {
    file: FileInfo,
    material: Material,
}
