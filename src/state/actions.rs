//! What people do. Each act ends in one commit, whose notice brings the result back to the view.

use std::sync::Arc;

use keruen_domain::model::{Subject, fields};
use keruen_domain::text::{self, Passage};
use keruen_domain::{ChangeId, Collection, FieldKey, NoteId, Record, RecordKey, ScopeId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::backup::Unsaved;
use super::link::forget_person;
use super::{AppState, Trouble};
use crate::platform::{after_drawing, copy_text, now_ms, random_bytes, scroll_to};
use crate::store::{AttentionEntry, StoreError, Write};

/// Something done that can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// A note was deleted.
    NoteDeleted(NoteId),
    /// A refused change was taken off the list.
    Dismissed(AttentionEntry),
}

impl AppState {
    /// Where a note stands: with a group, or with the owner of this device, as new ones do.
    pub fn key_of_note(&self, id: NoteId) -> RecordKey {
        let known = self.store().replica().place_of(Collection::NOTE, id.into());
        known.unwrap_or(RecordKey {
            scope: ScopeId::OWN,
            collection: Collection::NOTE,
            id: id.into(),
        })
    }

    /// An identifier for a note that is about to be written.
    pub fn new_note_id() -> NoteId {
        NoteId::new(now_ms(), random_bytes())
    }

    /// Writes a note's text; the first text makes the note. `seen` is what the writer had in front
    /// of them. Returns what they now have in front of them, once it is safe on the device.
    pub async fn write_note(
        &self,
        id: NoteId,
        about: Option<Subject>,
        body: String,
        seen: Option<Arc<Record>>,
    ) -> Result<Option<Arc<Record>>, StoreError> {
        let unsaved = Unsaved {
            id,
            about,
            body,
            seen: seen.clone(),
        };
        let written = self.write_unsaved(unsaved).await?;
        Ok(match (seen, written.into_iter().next()) {
            (Some(seen), Some(delta)) => {
                let mut now = self.store().corrected(&seen);
                now.merge(delta);
                Some(Arc::new(now))
            }
            (seen, delta) => delta.map(Arc::new).or(seen),
        })
    }

    /// Saves a text; if that fails, it is kept to be tried again.
    pub(super) async fn write_unsaved(&self, unsaved: Unsaved) -> Result<Vec<Record>, StoreError> {
        let phone_ms = now_ms();
        let written = self
            .save(vec![unsaved.clone().write(self, phone_ms)], phone_ms)
            .await;
        match &written {
            Ok(_) => self.forget_unsaved(unsaved.id),
            Err(error) => {
                // Said once; the note's mark says it as long as it is so.
                if !self.is_unsaved(unsaved.id) {
                    self.not_saved(error);
                }
                self.keep_unsaved(unsaved);
            }
        }
        written
    }

    /// Writes a passage that was removed from a note's text into it again, where it stood.
    pub fn bring_back(&self, seen: Arc<Record>, passage: &Passage) {
        let body = text::read(&seen, fields::BODY);
        let start = body.char_indices().nth(passage.place);
        let (before, after) = body.split_at(start.map_or(body.len(), |(start, _)| start));
        let body = [before, &passage.text, after].concat();
        let id = seen.key.id.into();
        let state = *self;
        spawn_local(async move { drop(state.write_note(id, None, body, Some(seen)).await) });
    }

    /// Deletes a note. Its text stays where it is, so that it can be brought back.
    pub fn delete_note(&self, id: NoteId) {
        self.mark_deleted(id, true);
        self.undo.set(Some(Undo::NoteDeleted(id)));
    }

    /// Brings a deleted note back.
    pub fn restore_note(&self, id: NoteId) {
        self.undo.set(None);
        self.mark_deleted(id, false);
    }

    /// Takes the text out of a deleted note too, everywhere: nothing brings it back.
    pub fn delete_note_for_good(&self, id: NoteId) {
        self.undo.set(None);
        let state = *self;
        spawn_local(async move { state.delete_notes_for_good(vec![id]).await });
    }

    fn mark_deleted(&self, id: NoteId, is_deleted: bool) {
        self.commit(Write::new(self.key_of_note(id), move |edit| {
            edit.set(FieldKey::deleted(), is_deleted);
        }));
    }

    /// Takes the last act back.
    pub fn undo_last(&self) {
        match self.undo.get_untracked() {
            None => {}
            Some(Undo::NoteDeleted(id)) => self.restore_note(id),
            Some(Undo::Dismissed(entry)) => {
                self.undo.set(None);
                let (state, store) = (*self, self.store());
                spawn_local(async move {
                    if let Err(error) = store.put_back(&entry).await {
                        state.not_saved(&error);
                    }
                });
            }
        }
    }

    pub(super) fn commit(&self, write: Write) {
        let state = *self;
        spawn_local(async move {
            state.commit_all(vec![write]).await;
        });
    }

    /// Commits these edits as one; whether that worked, else it says so.
    pub(super) async fn commit_all(&self, writes: Vec<Write>) -> bool {
        let saved = self.save(writes, now_ms()).await;
        if let Err(error) = &saved {
            self.not_saved(error);
        }
        saved.is_ok()
    }

    async fn save(&self, writes: Vec<Write>, phone_ms: u64) -> Result<Vec<Record>, StoreError> {
        self.saving.update(|count| *count += 1);
        let outcome = self.store().commit(writes, phone_ms).await;
        self.saving.update(|count| *count -= 1);
        outcome
    }

    pub(super) fn not_saved(&self, error: &StoreError) {
        self.trouble.set(Some(Trouble::NotSaved(error.clone())));
    }

    /// Exchanges with the server now.
    pub fn sync_now(&self) {
        self.driver().sync_now();
    }

    /// Makes this browser a device of whoever the token belongs to.
    pub fn connect(&self, token: String) {
        let (state, store) = (*self, self.store());
        forget_person();
        spawn_local(async move {
            if let Err(error) = store.set_token(Some(token)).await {
                state.not_saved(&error);
            }
        });
    }

    /// Offers a refused change to the server again.
    pub fn offer_again(&self, change: ChangeId) {
        let (state, store) = (*self, self.store());
        spawn_local(async move {
            if let Err(error) = store.offer_again(change).await {
                state.not_saved(&error);
            }
        });
    }

    /// Takes a refused change off the list; it can be put back as long as [`AppState::undo`] holds it.
    pub fn dismiss(&self, entry: AttentionEntry) {
        let (state, store) = (*self, self.store());
        spawn_local(async move {
            match store.dismiss(entry.change.id).await {
                Ok(()) => state.undo.set(Some(Undo::Dismissed(entry))),
                Err(error) => state.not_saved(&error),
            }
        });
    }

    /// Makes a note of one's own of a refused text, and takes the change off the list once that is
    /// on the device.
    pub fn keep_as_note(&self, entry: AttentionEntry, text: String) {
        let state = *self;
        spawn_local(async move {
            let id = Self::new_note_id();
            // If it is not saved, it says so itself, and the change stays.
            if state.write_note(id, None, text, None).await.is_ok() {
                state.dismiss(entry);
            }
        });
    }

    /// Puts a text where it can be pasted from; whether the browser did.
    pub async fn copy_text(text: &str) -> bool {
        copy_text(text).await
    }

    /// Does something once what was changed before is drawn.
    pub fn after_drawing(act: impl FnOnce() + 'static) {
        after_drawing(act);
    }

    /// Brings what is now on the page into view, once it is drawn: a day is drawn by and by.
    pub fn show_now() {
        fn look(more: u32) {
            const NOW: &str = ".session-card.is-now, .now-line";
            after_drawing(move || {
                if scroll_to(NOW) {
                    // What stands below it comes a moment later, and only then is there room to scroll.
                    after_drawing(|| {
                        scroll_to(NOW);
                    });
                } else if more > 0 {
                    look(more - 1);
                }
            });
        }
        const MOST_LOOKS: u32 = 60;
        look(MOST_LOOKS);
    }
}
