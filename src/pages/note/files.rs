//! Photos and other files in a note: put in with a button or by pasting, listed below the text.

use keruen_domain::NoteId;
use keruen_domain::model::{Material, MaterialKind, View as _};
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen_futures::spawn_local;

use super::super::links::{best, material_row};
use super::super::making::{SendingMark, not_added_words};
use super::super::thumbnail::{LightPicture, thumbnail};
use super::draft::Draft;
use crate::components::{Confirm, Icon, IconName, MaterialRow};
use crate::i18n::{Messages, use_translations};
use crate::state::{
    AppState, ChosenFile, NotAdded, chosen_files, insert_text, mention, pasted_files,
};

/// Takes files into a note, one after the other: the phone has one disk.
#[derive(Clone, Copy)]
pub(super) struct Adding {
    state: AppState,
    note: NoteId,
    field: NodeRef<html::Textarea>,
    /// How much of a file is copied, in percent.
    copied: RwSignal<Option<u64>>,
    problem: RwSignal<Option<NotAdded>>,
}

impl Adding {
    pub(super) fn new(state: AppState, note: NoteId, field: NodeRef<html::Textarea>) -> Self {
        Self {
            state,
            note,
            field,
            copied: RwSignal::new(None),
            problem: RwSignal::new(None),
        }
    }

    /// Takes what was pasted, if that is files; a text goes into the field as always.
    pub(super) fn paste(self, event: &ev::ClipboardEvent) {
        let files = pasted_files(event);
        if !files.is_empty() {
            event.prevent_default();
            self.add(files);
        }
    }

    fn add(self, files: Vec<ChosenFile>) {
        if files.is_empty() || self.copied.get_untracked().is_some() {
            return;
        }
        self.problem.set(None);
        self.copied.set(Some(0));
        spawn_local(async move {
            for file in files {
                let work = file.size_bytes().max(1) * 2;
                let progress = move |done: u64| {
                    self.copied.try_set(Some(done * 100 / work));
                };
                match self
                    .state
                    .add_file_to_note(self.note, &file, progress)
                    .await
                {
                    Ok(Some(id)) => {
                        let material = untrack(|| self.state.material(id));
                        if let Some(material) = material {
                            self.write(&file.name(), &material).await;
                        }
                    }
                    // It says so itself.
                    Ok(None) => {}
                    Err(why) => drop(self.problem.try_set(Some(why))),
                }
            }
            self.copied.try_set(None);
        });
    }

    /// Writes into the text where the file is.
    async fn write(self, name: &str, material: &Material) {
        let field = self.field.try_get_untracked().flatten();
        let Some(field) = field else {
            // The page was left. A note that nobody wrote has no files.
            if untrack(|| self.state.note(self.note)).is_none() {
                self.state.remove_from_note(material).await;
            }
            return;
        };
        let is_picture = material.kind() == MaterialKind::Picture;
        let written = mention(name, material.id(), is_picture);
        let caret = field.selection_start().ok().flatten().unwrap_or(0);
        let text: Vec<u16> = field.value().encode_utf16().collect();
        let before = usize::try_from(caret)
            .ok()
            .and_then(|caret| caret.checked_sub(1));
        let before = before.and_then(|before| text.get(before).copied());
        // A picture is a paragraph of its own.
        let begins_line = before.is_none_or(|letter| letter == u16::from(b'\n'));
        let written = match (is_picture, begins_line) {
            (true, true) => [&written, "\n"].concat(),
            (true, false) => ["\n", &written, "\n"].concat(),
            (false, _) => written,
        };
        insert_text(&field, &written);
    }
}

/// The buttons, among those above the text.
#[component]
pub(super) fn FileButtons(
    /// Who takes the files.
    adding: Adding,
    /// Nothing is written at the moment.
    #[prop(into)]
    is_disabled: Signal<bool>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let is_idle = move || adding.copied.get().is_some();
    let button = move |words: fn(&Messages) -> &'static str, icon: IconName, is_photo: bool| {
        let field = NodeRef::<html::Input>::new();
        let choose = move |_| {
            if let Some(field) = field.get_untracked() {
                adding.add(chosen_files(&field));
            }
        };
        view! {
            <label class="button file-choice mark-button" title=t.say(words)>
                <input
                    type="file"
                    accept=is_photo.then_some("image/*")
                    multiple=true
                    class="visually-hidden"
                    node_ref=field
                    aria-label=t.say(words)
                    disabled=is_idle
                    on:change=choose
                />
                <Icon name=icon />
            </label>
        }
    };
    move || {
        let is_shown = !is_disabled.get() && state.may_add_to_note(adding.note);
        is_shown.then(|| {
            view! {
                {button(Messages::notes_photo, IconName::Picture, true)}
                {button(Messages::notes_add_file, IconName::File, false)}
            }
        })
    }
}

/// What is being copied, what went wrong, and the files that are in the note.
#[component]
pub(super) fn FilesPart(adding: Adding, draft: Draft) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let files = Memo::new(move |_| state.files_of_note(adding.note));
    let has_any = Memo::new(move |_| files.with(|files| !files.is_empty()));
    let row = move |material: Material| view! { <FileRow material=material draft=draft /> };
    view! {
        <p class="small" role="status">
            {move || adding.copied.get().map(|percent| t.making_copying(&percent.to_string()))}
        </p>
        <p class="small session-warning" role="alert">
            {move || adding.problem.get().map(|why| not_added_words(&t, &why))}
        </p>
        <Show when=move || has_any.get()>
            <section class="stack-close">
                <h2>{t.say(Messages::notes_attached)}</h2>
                <div class="rows">{move || files.get().into_iter().map(row).collect_view()}</div>
            </section>
        </Show>
    }
}

#[component]
fn FileRow(material: Material, draft: Draft) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let title = material.title();
    let view = material_row(&material);
    let file = material.file();
    // As long as the server has not made a small form, the photo itself, if it is here.
    let picture = thumbnail(state, &material).or_else(|| {
        let file = file.clone();
        let file = file.filter(|file| file.media_type.starts_with("image/"));
        file.map(|file| view! { <LightPicture light=file class="thumbnail" /> }.into_any())
    });
    let scope = material.record().key.scope;
    let sending = file.map(|file| view! { <SendingMark scope=scope file=file /> });
    let is_on_phone = {
        let material = material.clone();
        Signal::derive(move || state.is_on_phone(&material))
    };
    let remove = move |()| {
        let material = material.clone();
        spawn_local(async move {
            if state.remove_from_note(&material).await {
                draft.take_out(material.id());
            }
        });
    };
    let words = Signal::derive(move || t.notes_attached_remove(&best(&title, t.language())));
    view! {
        <div>
            <MaterialRow material=view is_on_phone=is_on_phone picture=picture />
            <div class="stack-close" style:padding="0 var(--space-4) var(--space-3)">
                {sending}
                <Confirm
                    label=words
                    question=t.signal(Messages::notes_attached_question)
                    yes=t.signal(Messages::notes_attached_yes)
                    on_yes=remove
                />
            </div>
        </div>
    }
}
