//! Writing. There is no save button: a pause in typing saves.

mod attaching;
mod draft;
mod files;
mod filing;
mod giving;
mod history;
mod readers;
mod writers;

use keruen_domain::NoteId;
use keruen_domain::model::Note;
use leptos::prelude::*;
use leptos::{ev, html};

use super::address::Address;
use super::editing::{EvidenceChoice, MarkButtons};
use super::keep_question::KeepQuestion;
use super::links::note_state;
use crate::components::{EmptyState, Icon, IconName, Markdown, NoteMark, NoteState};
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;
use draft::Draft;
use files::{Adding, FileButtons, FilesPart};
use filing::Filing;
pub(in crate::pages) use filing::colour_words;
use giving::Giving;
use history::History;
use readers::Readers;
use writers::Writers;

/// A note. An identifier that nothing is known of is a note that is about to be written.
#[component]
pub(super) fn NotePage(
    /// Which one.
    id: NoteId,
) -> impl IntoView {
    let state = AppState::of_context();
    let is_deleted = Memo::new(move |_| {
        let record = state.record(&state.key_of_note(id));
        record.is_some_and(|record| record.is_deleted())
    });
    view! {
        {move || {
            if is_deleted.get() {
                view! { <Gone id=id /> }.into_any()
            } else {
                view! { <Editor id=id /> }.into_any()
            }
        }}
    }
}

/// A note that was deleted.
#[component]
fn Gone(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let has_text = move || {
        let record = state.record(&state.key_of_note(id));
        record.as_ref().and_then(Note::deleted).is_some()
    };
    view! {
        <EmptyState
            title=t.signal(Messages::notes_gone_title)
            text=t.signal(Messages::notes_gone_text)
        >
            <Show when=has_text>
                <button
                    type="button"
                    class="button button-primary"
                    on:click=move |_| state.restore_note(id)
                >
                    <Icon name=IconName::Undo />
                    {t.say(Messages::notes_bring_back)}
                </button>
            </Show>
            <a class="button" href="/notes">
                {t.say(Messages::notes_title)}
            </a>
        </EmptyState>
    }
}

/// The editor of one note.
#[component]
fn Editor(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let about = Address::of_context()
        .parameter("about")
        .and_then(|text| text.parse().ok());
    let is_new = state.note(id).is_none();
    let field = NodeRef::<html::Textarea>::new();
    let draft = Draft::new(state, id, about, field);
    let adding = Adding::new(state, id, field);
    Effect::new(move || {
        field.track();
        if let Some(note) = state.note(id) {
            draft.load(&note);
        }
    });
    Effect::new(move || {
        if let Some(field) = field.get().filter(|_| is_new) {
            let _ = field.focus();
        }
    });
    // Whatever way the page is left, what was typed is saved first.
    let leaving = window_event_listener(ev::Custom::<web_sys::Event>::new("pagehide"), move |_| {
        draft.leave();
    });
    let hiding = window_event_listener(
        ev::Custom::<web_sys::Event>::new("visibilitychange"),
        move |_| draft.leave(),
    );
    // A text field prints only what is scrolled into view, so paper gets the text to read.
    let is_printing = RwSignal::new(false);
    let [before_print, after_print] =
        [("beforeprint", true), ("afterprint", false)].map(|(name, begins)| {
            window_event_listener(ev::Custom::<web_sys::Event>::new(name), move |_| {
                is_printing.set(begins);
            })
        });
    on_cleanup(move || {
        leaving.remove();
        hiding.remove();
        before_print.remove();
        after_print.remove();
        draft.save();
    });
    let mark = Signal::derive(move || {
        if state.is_unsaved(id) {
            NoteState::NotSaved
        } else if draft.is_dirty.get() || draft.is_saving.get() {
            NoteState::Saving
        } else {
            note_state(&state, id)
        }
    });
    let exists = move || state.note(id).is_some();
    let is_reading = RwSignal::new(false);
    let is_text_shown = move || is_reading.get() || is_printing.get();
    let text = Signal::derive(move || {
        state
            .note(id)
            .map(|note| note.body().into_owned())
            .unwrap_or_default()
    });
    view! {
        <article class="stack note">
            <div class="note-tools">
                <span class="note-state">
                    {move || (exists() || draft.is_dirty.get()).then(|| view! { <NoteMark state=mark /> })}
                </span>
                <Show when=exists>
                    <button
                        type="button"
                        class="button"
                        on:click=move |_| is_reading.update(|reading| *reading = !*reading)
                    >
                        {move || if is_reading.get() { t.notes_write() } else { t.notes_read() }}
                    </button>
                </Show>
                <PinButton id=id />
                <DeleteButton id=id draft=draft />
            </div>
            <Readers id=id draft=draft />
            <p class="row-of-buttons">
                <TurnButtons draft=draft is_disabled=is_reading />
                <MarkButtons field=field is_disabled=is_reading />
                <FileButtons adding=adding is_disabled=is_reading />
                <EvidenceChoice field=field is_disabled=is_reading />
            </p>
            <textarea
                class="field note-field"
                class:is-hidden=is_text_shown
                node_ref=field
                rows="12"
                aria-label=t.say(Messages::notes_text_label)
                placeholder=t.say(Messages::notes_placeholder)
                on:input=move |_| draft.typed()
                on:keydown=move |event| turn_by_key(draft, &event)
                on:beforeinput=move |event| turn_by_browser(draft, &event)
                on:paste=move |event| adding.paste(&event)
                on:blur=move |_| draft.save()
            ></textarea>
            <Show when=is_text_shown>
                <Markdown text=text first_heading=2 />
            </Show>
            <FilesPart adding=adding draft=draft />
            <Filing id=id about=about />
            <KeepQuestion is_worth=Signal::derive(exists) />
            <Show when=exists>
                <Giving id=id />
            </Show>
            <History id=id />
            <Show when=exists>
                <Writers id=id />
            </Show>
        </article>
    }
}

/// What was typed is taken back, and done again.
#[component]
fn TurnButtons(draft: Draft, #[prop(into)] is_disabled: Signal<bool>) -> impl IntoView {
    let t = use_translations();
    let button = move |is_back: bool, words: fn(&Messages) -> &'static str| {
        let is_idle = move || {
            let (back, forth) = draft.can.get();
            is_disabled.get() || !(if is_back { back } else { forth })
        };
        view! {
            <button
                type="button"
                class="button mark-button"
                style:transform=if is_back { "" } else { "scaleX(-1)" }
                aria-label=t.say(words)
                title=t.say(words)
                disabled=is_idle
                on:click=move |_| draft.turn(is_back)
            >
                <Icon name=IconName::Undo />
            </button>
        }
    };
    view! {
        {button(true, Messages::notes_undo_typing)}
        {button(false, Messages::notes_redo_typing)}
    }
}

/// The keys of all desktops for back and forth.
fn turn_by_key(draft: Draft, event: &ev::KeyboardEvent) {
    if event.alt_key() || !(event.ctrl_key() || event.meta_key()) {
        return;
    }
    // By its place on the keyboard: on a Kazakh or Russian one the key writes another letter.
    let is_back = match (event.code().as_str(), event.shift_key()) {
        ("KeyZ", is_forth) => !is_forth,
        ("KeyY", false) => false,
        _ => return,
    };
    event.prevent_default();
    draft.turn(is_back);
}

/// From the browser's own menu, or by shaking a phone.
fn turn_by_browser(draft: Draft, event: &web_sys::InputEvent) {
    let is_back = match event.input_type().as_str() {
        "historyUndo" => true,
        "historyRedo" => false,
        _ => return,
    };
    event.prevent_default();
    draft.turn(is_back);
}

#[component]
fn DeleteButton(id: NoteId, draft: Draft) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let delete = move |_| {
        draft.give_up();
        state.delete_note(id);
        address.go("/notes", true);
    };
    view! {
        {move || {
            state
                .note(id)
                .map(|_| {
                    view! {
                        <button type="button" class="button button-danger" on:click=delete>
                            <Icon name=IconName::Delete />
                            {t.say(Messages::common_delete)}
                        </button>
                    }
                })
        }}
    }
}

/// Puts the note above the others, or not any more.
#[component]
fn PinButton(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let is_pinned = Memo::new(move |_| state.note(id).map(|note| note.is_pinned()));
    move || {
        let is_so = is_pinned.get()?;
        Some(view! {
            <button
                type="button"
                class="button"
                aria-pressed=is_so.to_string()
                on:click=move |_| state.set_pinned(id, !is_so)
            >
                {move || if is_so { t.notes_pinned() } else { t.notes_pin() }}
            </button>
        })
    }
}
