//! A text as somebody is writing it.

use std::sync::Arc;

use gloo_timers::callback::Timeout;
use keruen_domain::model::{Note, Subject, View, fields};
use keruen_domain::text::Text;
use keruen_domain::{NoteId, Record};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::state::{AppState, SAVE_AGAIN_MS};

/// The pause in typing after which the text is saved.
const PAUSE_MS: u32 = 200;

/// What the editor knows. The text field itself holds the text.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    state: AppState,
    id: NoteId,
    about: Option<Subject>,
    field: NodeRef<html::Textarea>,
    /// What the writer had in front of them when they last saved or loaded.
    seen: StoredValue<Option<Arc<Record>>>,
    /// Typed since the last save began.
    pub(super) is_dirty: RwSignal<bool>,
    pub(super) is_saving: RwSignal<bool>,
    pause: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Draft {
    pub(super) fn new(
        state: AppState,
        id: NoteId,
        about: Option<Subject>,
        field: NodeRef<html::Textarea>,
    ) -> Self {
        Self {
            state,
            id,
            about,
            field,
            seen: StoredValue::new(None),
            is_dirty: RwSignal::new(false),
            is_saving: RwSignal::new(false),
            pause: StoredValue::new_local(None),
        }
    }

    /// Somebody typed: save at their next pause.
    pub(super) fn typed(self) {
        self.is_dirty.set(true);
        self.pause
            .set_value(Some(Timeout::new(PAUSE_MS, move || self.save())));
    }

    /// Forgets what was typed since the last save.
    pub(super) fn give_up(self) {
        self.is_dirty.set(false);
        self.pause.set_value(None);
    }

    /// Saves now, unless there is nothing to save or a save is under way; that one begins anew when
    /// it ends.
    pub(super) fn save(self) {
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
    pub(super) fn leave(self) {
        let is_saved = !self.is_dirty.get_untracked() && !self.is_saving.get_untracked();
        if let Some(field) = self.field.get_untracked().filter(|_| !is_saved) {
            let seen = self.seen.get_value();
            self.state
                .park_note(self.id, self.about, &field.value(), seen.as_deref());
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
                    match self.is_dirty.try_get_untracked() {
                        Some(true) => self.save(),
                        // What others wrote meanwhile waited for this.
                        Some(false) => {
                            if let Some(note) = self.state.note(self.id) {
                                self.load(&note);
                            }
                        }
                        None => {}
                    }
                }
                // The text stays in the field; the next key tries again, or a while without one.
                Err(_) if self.is_dirty.try_set(true).is_none() => {
                    self.pause
                        .set_value(Some(Timeout::new(SAVE_AGAIN_MS, move || self.save())));
                }
                // Nobody holds the text but the state.
                Err(_) => self.state.keep_trying(self.id),
            }
        });
    }

    /// Shows what the replica holds, unless somebody is typing over it: then what they type is
    /// saved first, beside what others wrote. The caret stays behind the character that it is
    /// behind.
    pub(super) fn load(self, note: &Note) {
        let Some(field) = self.field.get_untracked() else {
            return;
        };
        if self.is_dirty.get_untracked() || self.is_saving.get_untracked() {
            return;
        }
        let now = note.record().clone();
        let before = self.seen.get_value();
        self.seen.set_value(Some(now.clone()));
        let later = Text::of(&now, fields::BODY);
        let (shown, body) = (field.value(), later.to_string());
        if shown == body {
            return;
        }
        let carets = [field.selection_start(), field.selection_end()];
        field.set_value(&body);
        if let (Some(before), [Ok(Some(start)), Ok(Some(end))]) = (before, carets) {
            let earlier = Text::of(&before, fields::BODY);
            let [start, end] = [start, end].map(|caret| {
                let place = earlier.carry(characters_before(&shown, caret), &later);
                units_of(&body, place)
            });
            let _ = field.set_selection_range(start, end);
        }
    }
}

/// How many characters stand before a place that the browser counts in UTF-16 units.
fn characters_before(text: &str, units: u32) -> usize {
    let mut passed = 0;
    let before = text.chars().take_while(|character| {
        passed += character.len_utf16();
        passed <= units as usize
    });
    before.count()
}

/// How many UTF-16 units the first characters of a text have.
fn units_of(text: &str, characters: usize) -> u32 {
    let units: usize = text.chars().take(characters).map(char::len_utf16).sum();
    u32::try_from(units).unwrap_or(u32::MAX)
}
