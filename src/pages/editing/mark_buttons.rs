//! The buttons above a text in Markdown.

use leptos::html;
use leptos::prelude::*;

use super::marks::{Mark, byte_of, units_of};
use crate::components::{Evidence, Icon, IconName, evidence_words};
use crate::i18n::{Messages, use_translations};
use crate::state::insert_text;

/// Buttons that write into this field what is used most, as if it was typed: the browser can take it back.
#[component]
pub(in crate::pages) fn MarkButtons(
    /// The field.
    field: NodeRef<html::Textarea>,
    /// Nothing is written at the moment.
    #[prop(into)]
    is_disabled: Signal<bool>,
) -> impl IntoView {
    let t = use_translations();
    let button = move |mark: Mark, shown: AnyView, words: fn(&Messages) -> &'static str| {
        view! {
            <button
                type="button"
                class="button mark-button"
                aria-label=t.say(words)
                title=t.say(words)
                disabled=is_disabled
                on:click=move |_| press(field, mark)
            >
                <span aria-hidden="true">{shown}</span>
            </button>
        }
    };
    let link = view! { <Icon name=IconName::Link /> }.into_any();
    view! {
        {button(Mark::Bold, "B".into_any(), Messages::making_bold)}
        {button(Mark::Heading, "H".into_any(), Messages::making_heading)}
        {button(Mark::List, "•".into_any(), Messages::making_list)}
        {button(Mark::Box, "☐".into_any(), Messages::making_box)}
        {button(Mark::Quote, "“".into_any(), Messages::making_quote)}
        {button(Mark::Link, link, Messages::making_link)}
    }
}

/// The choice of what the sentence in this field is evidence of.
#[component]
pub(in crate::pages) fn EvidenceChoice(
    /// The field.
    field: NodeRef<html::Textarea>,
    /// Nothing is written at the moment.
    #[prop(into)]
    is_disabled: Signal<bool>,
) -> impl IntoView {
    let t = use_translations();
    let choice = NodeRef::<html::Select>::new();
    let choose = move |event| {
        if let Some(kind) = Evidence::of_word(&event_target_value(&event)) {
            press(field, Mark::Evidence(kind));
        }
        // It is a button that asks once more, not a state.
        if let Some(choice) = choice.get_untracked() {
            choice.set_selected_index(0);
        }
    };
    let option = move |kind: Evidence| {
        let words = move || evidence_words(&t, kind);
        view! { <option value=kind.word()>{words}</option> }
    };
    view! {
        <select
            class="field evidence-choice"
            style:width="auto"
            style:max-width="100%"
            node_ref=choice
            aria-label=t.say(Messages::notes_mark_evidence)
            disabled=is_disabled
            on:change=choose
        >
            <option value="">{t.say(Messages::notes_evidence)}</option>
            {Evidence::ALL.map(option).into_iter().collect_view()}
        </select>
    }
}

fn press(field: NodeRef<html::Textarea>, mark: Mark) {
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
}
