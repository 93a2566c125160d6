//! A field for a text in Markdown: buttons for what is used most, and how it will look.
//!
//! A plain `textarea`: phones' keyboards, spelling and undo work in it as everywhere.

use leptos::html;
use leptos::prelude::*;

use super::marks::{Mark, byte_of, units_of};
use crate::components::{Icon, IconName, Markdown};
use crate::i18n::{Messages, use_translations};
use crate::state::insert_text;

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
    let written = RwSignal::new(text.clone());
    let is_shown = RwSignal::new(false);
    let write = move |event| {
        let text = event_target_value(&event);
        written.set(text.clone());
        on_write.run(text);
    };
    let press = move |mark: Mark| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let text = field.value();
        let place = |unit: Result<Option<u32>, _>| {
            let unit = unit.ok().flatten();
            unit.map_or(text.len(), |unit| byte_of(&text, unit))
        };
        let selected = place(field.selection_start())..place(field.selection_end());
        let change = mark.change(&text, selected);
        let units = |byte| units_of(&text, byte);
        let (start, end) = (units(change.place.start), units(change.place.end));
        let _ = field.set_selection_range(start, end);
        insert_text(&field, &change.text);
        let now = field.value();
        let (start, end) = (
            units_of(&now, change.selected.start),
            units_of(&now, change.selected.end),
        );
        let _ = field.set_selection_range(start, end);
    };
    let button = move |mark: Mark, shown: AnyView, words: fn(&Messages) -> &'static str| {
        view! {
            <button
                type="button"
                class="button mark-button"
                aria-label=t.say(words)
                title=t.say(words)
                disabled=is_shown
                on:click=move |_| press(mark)
            >
                <span aria-hidden="true">{shown}</span>
            </button>
        }
    };
    view! {
        <div class="stack-close markdown-field">
            <p class="row-of-buttons">
                {button(Mark::Bold, "B".into_any(), Messages::making_bold)}
                {button(Mark::Heading, "H".into_any(), Messages::making_heading)}
                {button(Mark::List, "•".into_any(), Messages::making_list)}
                {button(Mark::Quote, "“".into_any(), Messages::making_quote)}
                {button(Mark::Link, view! { <Icon name=IconName::Link /> }.into_any(), Messages::making_link)}
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
