//! Writing. There is no save button: a pause in typing saves.

use std::sync::Arc;

use gloo_timers::callback::Timeout;
use keruen_domain::model::{Note, Subject, View};
use keruen_domain::{NoteId, Record};
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen_futures::spawn_local;

use super::address::Address;
use super::links::{best, note_state, subject_href};
use crate::components::{EmptyState, Icon, IconName, Markdown, NoteMark, NoteState};
use crate::i18n::{Messages, use_language, use_translations};
use crate::state::{AppState, subject_title};

/// The pause in typing after which the text is saved.
const PAUSE_MS: u32 = 200;

/// A note. An identifier that nothing is known of is a note that is about to be written.
#[component]
pub(super) fn NotePage(
    /// Which one.
    id: NoteId,
) -> impl IntoView {
    let state = AppState::of_context();
    let key = AppState::key_of_note(id);
    let is_deleted =
        Memo::new(move |_| state.record(&key).is_some_and(|record| record.is_deleted()));
    view! {
        {move || {
            if is_deleted.get() {
                view! { <Gone /> }.into_any()
            } else {
                view! { <Editor id=id /> }.into_any()
            }
        }}
    }
}

/// A note that was deleted.
#[component]
fn Gone() -> impl IntoView {
    let t = use_translations();
    view! {
        <EmptyState
            title=t.signal(Messages::notes_gone_title)
            text=t.signal(Messages::notes_gone_text)
        >
            <a class="button" href="/notes">
                {t.say(Messages::notes_title)}
            </a>
        </EmptyState>
    }
}

/// What the editor knows. The text field itself holds the text.
#[derive(Clone, Copy)]
struct Draft {
    state: AppState,
    id: NoteId,
    about: Option<Subject>,
    field: NodeRef<html::Textarea>,
    /// What the writer had in front of them when they last saved or loaded.
    seen: StoredValue<Option<Arc<Record>>>,
    /// Typed since the last save began.
    is_dirty: RwSignal<bool>,
    is_saving: RwSignal<bool>,
    pause: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Draft {
    /// Somebody typed: save at their next pause.
    fn typed(self) {
        self.is_dirty.set(true);
        self.pause
            .set_value(Some(Timeout::new(PAUSE_MS, move || self.save())));
    }

    /// Saves now, unless there is nothing to save or a save is under way; that one begins anew when
    /// it ends.
    fn save(self) {
        // A field that is taken off the page while it has the focus says that it loses it, and then
        // the rest of the page is gone already; what was typed was saved when that began.
        let is_dirty = self.is_dirty.try_get_untracked() == Some(true);
        if !is_dirty || self.is_saving.try_get_untracked() != Some(false) {
            return;
        }
        let Some(field) = self.field.get_untracked() else {
            return;
        };
        self.save_text(field.value());
    }

    /// The page may be gone before the database answers: the text is also put where that needs no
    /// waiting.
    fn leave(self) {
        let is_saved = !self.is_dirty.get_untracked() && !self.is_saving.get_untracked();
        if let Some(field) = self.field.get_untracked().filter(|_| !is_saved) {
            self.state.park_note(self.id, self.about, &field.value());
        }
        self.save();
    }

    fn save_text(self, body: String) {
        self.is_dirty.set(false);
        self.is_saving.set(true);
        let seen = self.seen.get_value();
        spawn_local(async move {
            let saved = self.state.write_note(self.id, self.about, body, seen).await;
            // The page may have been left meanwhile; what was saved is saved.
            self.is_saving.try_set(false);
            match saved {
                Ok(now) => {
                    self.seen.try_set_value(now);
                    if self.is_dirty.try_get_untracked() == Some(true) {
                        self.save();
                    }
                }
                // The text stays in the field, and the next key or pause tries again.
                Err(_) => drop(self.is_dirty.try_set(true)),
            }
        });
    }

    /// Shows what the replica holds, unless somebody is typing over it.
    fn load(self, note: &Note) {
        let Some(field) = self.field.get() else {
            return;
        };
        if self.is_dirty.get_untracked() || self.is_saving.get_untracked() {
            return;
        }
        self.seen.set_value(Some(note.record().clone()));
        if field.value() != note.body() {
            let caret = field.selection_start().ok().flatten();
            field.set_value(note.body());
            let _ = field.set_selection_start(caret);
            let _ = field.set_selection_end(caret);
        }
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
    let draft = Draft {
        state,
        id,
        about,
        field,
        seen: StoredValue::new(None),
        is_dirty: RwSignal::new(false),
        is_saving: RwSignal::new(false),
        pause: StoredValue::new_local(None),
    };
    Effect::new(move || {
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
        if draft.is_dirty.get() || draft.is_saving.get() {
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
            .map(|note| note.body().to_owned())
            .unwrap_or_default()
    });
    view! {
        <article class="stack note">
            <AboutLine id=id about=about />
            <OtherVersions id=id />
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
                <DeleteButton id=id draft=draft />
            </div>
            <textarea
                class="field note-field"
                class:is-hidden=is_text_shown
                node_ref=field
                rows="12"
                aria-label=t.say(Messages::notes_text_label)
                placeholder=t.say(Messages::notes_placeholder)
                on:input=move |_| draft.typed()
                on:blur=move |_| draft.save()
            ></textarea>
            <Show when=is_text_shown>
                <Markdown text=text first_heading=2 />
            </Show>
        </article>
    }
}

#[component]
fn DeleteButton(id: NoteId, draft: Draft) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let delete = move |_| {
        draft.is_dirty.set(false);
        draft.pause.set_value(None);
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

/// What the note is about.
#[component]
fn AboutLine(id: NoteId, about: Option<Subject>) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    move || {
        let about = state.note(id).and_then(|note| note.about()).or(about)?;
        let title = subject_title(&state, about)?;
        let words = t.notes_about(&best(&title, language.get()));
        Some(view! {
            <p class="row-about">
                <a href=subject_href(about)>{words}</a>
            </p>
        })
    }
}

/// Texts that were written at the same time elsewhere: shown until somebody decides.
#[component]
fn OtherVersions(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    move || {
        let note = state.note(id)?;
        let others: Vec<String> = note.other_bodies().map(str::to_owned).collect();
        (!others.is_empty()).then(|| {
            let current = note.body().to_owned();
            view! {
                <section class="card stack-close other-versions" role="status">
                    <h2>{t.notes_two_versions_title()}</h2>
                    <p>{t.notes_two_versions_text()}</p>
                    {others
                        .into_iter()
                        .map(|other| {
                            let taken = other.clone();
                            view! {
                                <details>
                                    <summary>{t.notes_other_version()}</summary>
                                    <p class="lines">{other}</p>
                                </details>
                                <p>
                                    <button
                                        type="button"
                                        class="button"
                                        on:click=move |_| state.settle_note(id, taken.clone())
                                    >
                                        {t.notes_take_other_version()}
                                    </button>
                                </p>
                            }
                        })
                        .collect_view()}
                    <p>
                        <button
                            type="button"
                            class="button"
                            on:click=move |_| state.settle_note(id, current.clone())
                        >
                            {t.notes_keep_this_version()}
                        </button>
                    </p>
                </section>
            }
        })
    }
}
