//! A field for a text in Markdown: buttons for what is used most, and how it will look.
//!
//! A plain `textarea`: phones' keyboards, spelling and undo work in it as everywhere.

use keruen_domain::{ProgrammeId, ScopeId};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::mark_buttons::MarkButtons;
use crate::components::{Icon, IconName, Markdown};
use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, chosen_files, insert_text};

/// The programme whose materials the pictures of this form's texts become.
#[derive(Clone, Copy)]
pub(in crate::pages) struct PicturesOf(pub(in crate::pages) ProgrammeId);

/// The field.
#[component]
pub(super) fn MarkdownField(
    /// What stands in it at first.
    text: String,
    /// What it is called.
    #[prop(into)]
    described: Signal<String>,
    /// In which language the text is, if that is known.
    lang: Option<&'static str>,
    /// Somebody wrote.
    on_write: Callback<String>,
) -> impl IntoView {
    let t = use_translations();
    let field = NodeRef::<html::Textarea>::new();
    let programme: Option<PicturesOf> = use_context();
    let written = RwSignal::new(text.clone());
    let is_shown = RwSignal::new(false);
    let write = move |event| {
        let text = event_target_value(&event);
        written.set(text.clone());
        on_write.run(text);
    };
    let insert = move |written: String| {
        if let Some(field) = field.get_untracked() {
            insert_text(&field, &written);
        }
    };
    view! {
        <div class="stack-close markdown-field">
            <p class="row-of-buttons">
                <MarkButtons field=field is_disabled=is_shown />
                {programme
                    .map(|PicturesOf(programme)| {
                        view! { <PictureButton programme=programme on_written=Callback::new(insert) /> }
                    })}
                <button
                    type="button"
                    class="button"
                    aria-pressed=move || is_shown.get().to_string()
                    on:click=move |_| is_shown.update(|shown| *shown = !*shown)
                >
                    {t.say(Messages::making_preview)}
                </button>
            </p>
            <textarea
                class="field note-field"
                class:is-hidden=is_shown
                rows="10"
                lang=lang
                node_ref=field
                aria-label=described
                on:input=write
            >
                {text}
            </textarea>
            {move || {
                is_shown
                    .get()
                    .then(|| {
                        view! {
                            <div class="card" lang=lang>
                                <Markdown text=written first_heading=3 />
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// Takes a picture from this phone, makes it a material, and gives what is written for it.
#[component]
fn PictureButton(programme: ProgrammeId, on_written: Callback<String>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let field = NodeRef::<html::Input>::new();
    let is_under_way = RwSignal::new(false);
    let has_failed = RwSignal::new(false);
    let choose = move |_| {
        let chosen = field.get_untracked();
        let Some(file) = chosen.and_then(|field| chosen_files(&field).into_iter().next()) else {
            return;
        };
        has_failed.set(false);
        is_under_way.set(true);
        spawn_local(async move {
            let added = state
                .add_file(ScopeId::Programme(programme), &file, |_| ())
                .await;
            let made = match &added {
                Ok(added) => state.make_of_file(programme, added, None).await,
                Err(_) => None,
            };
            is_under_way.try_set(false);
            match made {
                Some(id) => {
                    let name = file.name().replace(['[', ']'], "");
                    let words = name.rsplit_once('.').map_or(&*name, |(words, _)| words);
                    on_written.try_run(format!("![{words}](/materials/{id})"));
                }
                None => drop(has_failed.try_set(true)),
            }
        });
    };
    view! {
        <label class="button file-choice mark-button" title=t.say(Messages::making_picture)>
            <input
                type="file"
                accept="image/*"
                class="visually-hidden"
                node_ref=field
                aria-label=t.say(Messages::making_picture)
                disabled=is_under_way
                on:change=choose
            />
            <Icon name=IconName::Picture />
        </label>
        <span class="small session-warning" role="alert">
            {move || has_failed.get().then(|| t.making_picture_failed())}
        </span>
    }
}
