//! What a note is about, and the words by which it is found again.

use keruen_domain::NoteId;
use keruen_domain::model::{Note, NoteColour, Subject};
use leptos::html;
use leptos::prelude::*;

use super::super::links::{best, subject_href};
use super::attaching::Attach;
use crate::components::{Icon, IconName};
use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, subject_title};

/// What a new note is about that nobody has written yet.
#[component]
pub(super) fn Filing(id: NoteId, about: Option<Subject>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let subjects = Memo::new(move |_| match state.note(id) {
        Some(note) => note.subjects(),
        None => about.into_iter().collect(),
    });
    let tags = Memo::new(move |_| {
        let note: Option<Note> = state.note(id);
        note.map_or_else(Vec::new, |note| note.tags().map(str::to_owned).collect())
    });
    let exists = Memo::new(move |_| state.note(id).is_some());
    let subject = move |subject: Subject| {
        let title = move || {
            let title = subject_title(&state, subject);
            title.map_or_else(String::new, |title| best(&title, t.language()))
        };
        view! {
            <li class="chip">
                <a href=subject_href(subject)>{title}</a>
                {move || {
                    exists
                        .get()
                        .then(|| {
                            let words = move || t.notes_take_off(&title());
                            view! { <TakeOff words=Signal::derive(words) on_press=move |()| state.detach(id, subject) /> }
                        })
                }}
            </li>
        }
    };
    let tag = move |tag: String| {
        let shown = ["#", &tag].concat();
        let words = shown.clone();
        view! {
            <li class="chip">
                <span>{shown}</span>
                <TakeOff
                    words=Signal::derive(move || t.notes_take_off(&words))
                    on_press=move |()| state.take_tag(id, &tag)
                />
            </li>
        }
    };
    let known = move || {
        subjects.with(|subjects| !subjects.is_empty()) || tags.with(|tags| !tags.is_empty())
    };
    view! {
        {move || {
            known()
                .then(|| {
                    view! {
                        <ul class="chips" aria-label=t.say(Messages::notes_filed)>
                            {move || subjects.get().into_iter().map(subject).collect_view()}
                            {move || tags.get().into_iter().map(tag).collect_view()}
                        </ul>
                    }
                })
        }}
        <Show when=move || exists.get()>
            <AddTag id=id />
            <ColourChoice id=id />
            <Attach id=id />
        </Show>
    }
}

/// What a colour is called.
pub(in crate::pages) fn colour_words(t: &Messages, colour: NoteColour) -> &'static str {
    match colour {
        NoteColour::None => t.notes_colour_none(),
        NoteColour::Red => t.notes_colour_red(),
        NoteColour::Gold => t.notes_colour_gold(),
        NoteColour::Teal => t.notes_colour_teal(),
        NoteColour::Grey => t.notes_colour_grey(),
    }
}

#[component]
fn ColourChoice(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let colour = Memo::new(move |_| state.note(id).map(|note| note.colour()));
    let option = move |of: NoteColour| {
        let is_it = move || colour.get() == Some(of);
        view! { <option value=of.word() selected=is_it>{move || colour_words(&t, of)}</option> }
    };
    let choose = move |event| {
        let word = event_target_value(&event);
        state.set_colour(id, NoteColour::from_word_or_fallback(Some(&word)));
    };
    view! {
        <label class="row-of-buttons">
            <span>{t.say(Messages::notes_colour)}</span>
            <select class="field" on:change=choose>
                {NoteColour::ALL.iter().copied().map(option).collect_view()}
            </select>
        </label>
    }
}

#[component]
fn TakeOff(
    #[prop(into)] words: Signal<String>,
    #[prop(into)] on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="chip-off"
            aria-label=words
            on:click=move |_| on_press.run(())
        >
            <Icon name=IconName::Close />
        </button>
    }
}

/// A field for one more word; those that other notes bear are offered.
#[component]
fn AddTag(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let field = NodeRef::<html::Input>::new();
    let list = format!("tags-{id}");
    let add = move || {
        if let Some(field) = field.get_untracked()
            && state.put_tag(id, &field.value())
        {
            field.set_value("");
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        add();
    };
    let offered = move || {
        let tags = state.tags().into_iter();
        tags.map(|(tag, _)| view! { <option value=tag></option> })
            .collect_view()
    };
    view! {
        <form class="row-of-buttons add-tag" on:submit=submit>
            <input
                type="text"
                class="field"
                node_ref=field
                list=list.clone()
                maxlength="41"
                autocomplete="off"
                enterkeyhint="done"
                aria-label=t.say(Messages::notes_add_tag)
                placeholder=t.say(Messages::notes_add_tag)
                on:blur=move |_| add()
            />
            <datalist id=list>{offered}</datalist>
        </form>
    }
}
