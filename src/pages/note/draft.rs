//! A text as somebody is writing it.
//!
//! The field is the browser's own: keyboards, dictation, spell checkers and readers of screens know it. What
//! it cannot do is taking back when others write into the same text, so that is done here.

use std::collections::VecDeque;
use std::sync::Arc;

use gloo_timers::callback::Timeout;
use keruen_domain::model::{Note, Subject, View, fields};
use keruen_domain::text::Text;
use keruen_domain::{MaterialId, NoteId, Record};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::pages::editing::Typed;
use crate::state::{AppState, SAVE_AGAIN_MS, Time, without_mention};

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
    typed: StoredValue<Typed>,
    /// The last save did not come to its end.
    has_failed: StoredValue<bool>,
    /// Whether something can be taken back, and done again.
    pub(super) can: RwSignal<(bool, bool)>,
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
            typed: StoredValue::new(Typed::default()),
            has_failed: StoredValue::new(false),
            can: RwSignal::new((false, false)),
            is_dirty: RwSignal::new(false),
            is_saving: RwSignal::new(false),
            pause: StoredValue::new_local(None),
        }
    }

    /// Somebody typed: save at their next pause.
    pub(super) fn typed(self) {
        if let Some(field) = self.field.get_untracked() {
            self.read(&field);
        }
        self.touch();
    }

    fn read(self, field: &web_sys::HtmlTextAreaElement) {
        let now_ms = Time::phone_now_ms();
        self.change(|typed| typed.write(&field.value(), now_ms));
    }

    /// Takes back what was typed last, or does it again.
    pub(super) fn turn(self, is_back: bool) {
        let Some(field) = self.field.get_untracked() else {
            return;
        };
        let turned = if is_back { Typed::undo } else { Typed::redo };
        let Some(place) = self.change(turned).flatten() else {
            return;
        };
        let text = self.typed.with_value(Typed::text);
        field.set_value(&text);
        let place = units_of(&text, place);
        let _ = field.set_selection_range(place, place);
        let _ = field.focus();
        self.touch();
    }

    /// Takes out of the text what was written for a file that is no more.
    pub(super) fn take_out(self, file: MaterialId) {
        let Some(field) = self.field.try_get_untracked().flatten() else {
            return;
        };
        let (text, caret) = (field.value(), field.selection_start());
        let rest = without_mention(&text, file);
        if rest != text {
            field.set_value(&rest);
            let caret = caret.ok().flatten().unwrap_or(0);
            let _ = field.set_selection_range(caret, caret);
            self.typed();
        }
    }

    /// `None` once the page is gone.
    fn change<Changed>(self, change: impl FnOnce(&mut Typed) -> Changed) -> Option<Changed> {
        let changed = self.typed.try_update_value(change)?;
        let can = self
            .typed
            .with_value(|typed| (typed.can_undo(), typed.can_redo()));
        if self.can.get_untracked() != can {
            self.can.set(can);
        }
        Some(changed)
    }

    fn touch(self) {
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
        self.read(&field);
        self.save_texts();
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

    fn save_texts(self) {
        self.is_dirty.set(false);
        let mut texts = self
            .typed
            .try_update_value(Typed::take_unsaved)
            .unwrap_or_default();
        // What could not be saved counts as saved there.
        if self.has_failed.get_value() {
            texts = vec![self.typed.with_value(Typed::text)];
        }
        if texts.is_empty() {
            return;
        }
        self.is_saving.set(true);
        let mut seen = self.seen.get_value();
        spawn_local(async move {
            let mut saved = Ok(());
            let mut texts = VecDeque::from(texts);
            while let Some(text) = texts.pop_front() {
                let before = seen.clone();
                match self
                    .state
                    .write_note(self.id, self.about, text, before)
                    .await
                {
                    Ok(now) => seen = now,
                    // What is kept to be tried again must be all that was typed.
                    Err(_) if !texts.is_empty() => drop(texts.drain(..texts.len() - 1)),
                    Err(error) => saved = Err(error),
                }
            }
            self.seen.try_set_value(seen);
            self.has_failed.try_set_value(saved.is_err());
            // The page may have been left meanwhile; what was saved is saved.
            self.is_saving.try_set(false);
            match saved {
                Ok(()) => match self.is_dirty.try_get_untracked() {
                    Some(true) => self.save(),
                    // What others wrote meanwhile waited for this.
                    Some(false) => {
                        if let Some(note) = self.state.note(self.id) {
                            self.load(&note);
                        }
                    }
                    None => {}
                },
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
        if before.as_ref() == Some(&now) {
            return;
        }
        self.seen.set_value(Some(now.clone()));
        let later = Text::of(&now, fields::BODY);
        let Some(before) = before else {
            let body = later.to_string();
            field.set_value(&body);
            self.change(|typed| *typed = Typed::new(&body));
            return;
        };
        let splices = Text::of(&before, fields::BODY).splices_to(&later);
        if splices.is_empty() {
            return;
        }
        let shown = field.value();
        let carets = [field.selection_start(), field.selection_end()].map(|caret| {
            let caret = caret.ok().flatten().unwrap_or(0);
            characters_before(&shown, caret)
        });
        let Some(carets) = self.change(|typed| typed.take(&splices, carets)) else {
            return;
        };
        let body = self.typed.with_value(Typed::text);
        field.set_value(&body);
        let [start, end] = carets.map(|place| units_of(&body, place));
        let _ = field.set_selection_range(start, end);
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
