//! `/notes/files`: all notes out of the app, as files or as a page to print, and files into it.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::links::{best, time_words};
use super::making::not_added_words;
use crate::components::markdown_html;
use crate::i18n::{Messages, use_language, use_translations};
use crate::state::{AppState, NotAdded, NotesInFiles, Unreadable, chosen_files, subject_title};

/// What follows `/notes/` in its address.
pub(super) const SECTION: &str = "files";

/// Its address.
pub(super) const ADDRESS: &str = "/notes/files";

/// The page.
#[component]
pub(super) fn NoteFiles() -> impl IntoView {
    let t = use_translations();
    view! {
        <div class="stack">
            <h2>{t.say(Messages::notes_files)}</h2>
            <OutPart />
            <InPart />
        </div>
    }
}

#[component]
fn OutPart() -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let is_any = Memo::new(move |_| !state.notes().is_empty());
    let has_failed = RwSignal::new(false);
    let files = move |_| {
        has_failed.set(false);
        let name = t.notes_title();
        spawn_local(async move {
            let saved = state.save_note_files(name, language.get_untracked());
            has_failed.try_set(!saved.await);
        });
    };
    let page = move |_| {
        let is_saved = AppState::save_page(t.notes_title(), &untrack(|| page_of(&t, state)));
        has_failed.set(!is_saved);
    };
    view! {
        <section class="card stack-close">
            <h3>{t.say(Messages::notes_out)}</h3>
            <p class="small quiet">{t.say(Messages::notes_out_text)}</p>
            <p class="row-of-buttons">
                <button type="button" class="button" disabled=move || !is_any.get() on:click=files>
                    {t.say(Messages::notes_out_files)}
                </button>
                <button type="button" class="button" disabled=move || !is_any.get() on:click=page>
                    {t.say(Messages::notes_out_page)}
                </button>
            </p>
            <p class="session-warning" role="alert">
                {move || has_failed.get().then(|| t.notes_out_failed())}
            </p>
        </section>
    }
}

/// All notes as one page that stands by itself.
fn page_of(t: &Messages, state: AppState) -> String {
    const STYLE: &str = "body{font:12pt/1.5 sans-serif;max-width:42em;margin:2em auto;padding:0 1em}\
        article{border-top:1px solid #999;padding:1em 0}article>p:first-child{color:#555;font-size:.85em}\
        h1,h2,h3{line-height:1.25;break-after:avoid}li,blockquote,pre{break-inside:avoid}pre{white-space:pre-wrap}\
        .visually-hidden{position:absolute;clip-path:inset(50%)}";
    let mut page = String::new();
    let mut tag = |parts: &[&str]| parts.iter().for_each(|part| page.push_str(part));
    tag(&[
        "<!doctype html><html lang=\"",
        t.language().code(),
        "\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">",
        "<title>",
        t.notes_title(),
        "</title><style>",
        STYLE,
        "</style><body>",
    ]);
    for note in state.notes() {
        let mut facts: Vec<String> = Vec::new();
        facts.extend(note.edited_ms().map(|edited| time_words(t, edited)));
        let titles = note.subjects().into_iter();
        let titles = titles.filter_map(|subject| subject_title(&state, subject));
        facts.extend(titles.map(|title| best(&title, t.language())));
        facts.extend(note.tags().map(|tag| ["#", tag].concat()));
        tag(&["<article><p>"]);
        tag(&[&crate::components::escaped(&facts.join(" · "))]);
        tag(&["</p>", &markdown_html(t, &note.body()), "</article>"]);
    }
    page
}

#[component]
fn InPart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let field = NodeRef::<html::Input>::new();
    let found = RwSignal::new_local(None::<NotesInFiles>);
    let failed = RwSignal::new(Vec::<(String, NotAdded)>::new());
    let taken = RwSignal::new(None::<usize>);
    let choose = move |_| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let files = chosen_files(&field);
        taken.set(None);
        failed.set(Vec::new());
        spawn_local(async move {
            found.try_set(Some(state.read_note_files(files).await));
        });
    };
    let take = move |_| {
        let Some(NotesInFiles { new, .. }) = found.get_untracked() else {
            return;
        };
        spawn_local(async move {
            let count = new.len();
            // Where it fails, that is said above the page, and the files stay chosen.
            let (are_saved, not_added) = state.take_notes(new).await;
            failed.try_set(not_added);
            if are_saved {
                found.try_set(None);
                taken.try_set(Some(count));
            }
        });
    };
    let offer = move || {
        let found = found.get()?;
        let count = found.new.len();
        let here = (found.here > 0).then(|| {
            let words = t.notes_in_here(found.here as u64);
            view! { <p class="small">{words}</p> }
        });
        let unreadable = found.unreadable.into_iter().map(|(name, why)| {
            let words = match why {
                Unreadable::TooLong => t.notes_in_too_long(),
                Unreadable::NotText => t.notes_in_not_text(),
                Unreadable::Empty => t.notes_in_empty(),
                Unreadable::OtherArchive => t.notes_in_other_archive(),
            };
            view! { <li class="session-warning">{name} ": " {words}</li> }
        });
        Some(view! {
            <div class="stack-close" role="status">
                <p>{t.notes_in_new(count as u64)}</p>
                {here}
                <ul class="small">{unreadable.collect_view()}</ul>
            </div>
            {(count > 0)
                .then(|| {
                    view! {
                        <p>
                            <button type="button" class="button button-primary" on:click=take>
                                {t.notes_in_take()}
                            </button>
                        </p>
                    }
                })}
        })
    };
    view! {
        <section class="card stack-close">
            <h3>{t.say(Messages::notes_in)}</h3>
            <p class="small quiet">{t.say(Messages::notes_in_text)}</p>
            <p>
                <label class="button file-choice">
                    <input
                        type="file"
                        class="visually-hidden"
                        multiple
                        accept=".md,.markdown,.txt,.zip,text/markdown,text/plain,application/zip"
                        node_ref=field
                        on:change=choose
                    />
                    {t.say(Messages::notes_in_choose)}
                </label>
            </p>
            {offer}
            <ul class="small" role="alert">
                {move || {
                    let failed = failed.get().into_iter();
                    let words = |(name, why)| [name, not_added_words(&t, &why)].join(": ");
                    failed.map(|of| view! { <li class="session-warning">{words(of)}</li> }).collect_view()
                }}
            </ul>
            <p role="status">{move || taken.get().map(|count| t.notes_in_taken(count as u64))}</p>
        </section>
    }
}
