//! Fields of a form: a text in several languages, and members of a set to tick.

use keruen_domain::model::fields;
use keruen_domain::{FieldKey, Language, Value};
use leptos::prelude::*;

use super::edits::Edits;
use super::markdown_field::MarkdownField;
use crate::i18n::{Messages, own_name, use_translations};

/// The registers of a translated text: one for each language, and the one of which the language is not known.
pub(in crate::pages) fn keys(name: &str) -> [(Option<Language>, FieldKey); 4] {
    let of = |language| (Some(language), FieldKey::translated(name, language));
    [
        of(Language::Kazakh),
        of(Language::Russian),
        of(Language::English),
        (None, FieldKey::register(name)),
    ]
}

/// A text in several languages: the one that is read first, the others folded away unless they say something.
#[component]
pub(in crate::pages) fn Translations(
    /// Of the field.
    name: &'static str,
    /// What it is called.
    label: fn(&Messages) -> &'static str,
    /// Where it is written.
    edits: Edits,
    /// Whether it has lines.
    #[prop(optional)]
    is_long: bool,
) -> impl IntoView {
    let t = use_translations();
    let own = untrack(|| t.language());
    let all = keys(name);
    let is_unknown_shown = !untrack(|| edits.text(&all[3].1)).is_empty();
    let (first, others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .filter(|(language, _)| language.is_some() || is_unknown_shown)
        .partition(|(language, _)| *language == Some(own));
    let is_open = others
        .iter()
        .any(|(_, key)| !untrack(|| edits.text(key)).is_empty());
    let field = move |(language, key): (Option<Language>, FieldKey)| {
        view! { <OneText label=label language=language key=key edits=edits is_long=is_long /> }
    };
    view! {
        <fieldset class="translations stack-close">
            <legend>{t.say(label)}</legend>
            {first.into_iter().map(field).collect_view()}
            <details open=is_open>
                <summary>{t.say(Messages::calendar_other_languages)}</summary>
                <div class="stack-close">{others.into_iter().map(field).collect_view()}</div>
            </details>
        </fieldset>
    }
}

#[component]
fn OneText(
    label: fn(&Messages) -> &'static str,
    language: Option<Language>,
    key: FieldKey,
    edits: Edits,
    is_long: bool,
) -> impl IntoView {
    const MOST_CHARACTERS: &str = "400";
    let t = use_translations();
    let standing = untrack(|| edits.text(&key));
    let code = language.map(Language::code);
    let name = move || language.map_or(t.calendar_no_language(), own_name);
    let described = move || [label(&t), ", ", name()].concat();
    let is_markdown = key.as_str().split(':').next() == Some(fields::BODY);
    let write_text = move |text: String| edits.write(key.clone(), Value::Text(text.into()));
    let write = {
        let write_text = write_text.clone();
        move |event| write_text(event_target_value(&event))
    };
    let field = if is_markdown {
        view! { <MarkdownField text=standing described=Signal::derive(described) lang=code on_write=Callback::new(write_text) /> }.into_any()
    } else if is_long {
        view! {
            <textarea class="field" rows="5" lang=code aria-label=described on:input=write>
                {standing}
            </textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                class="field"
                type="text"
                maxlength=MOST_CHARACTERS
                lang=code
                value=standing
                aria-label=described
                on:input=write
            />
        }
        .into_any()
    };
    if is_markdown {
        // A label must hold one control only.
        return view! {
            <div class="translation">
                <span class="small quiet">{name}</span>
                {field}
            </div>
        }
        .into_any();
    }
    view! {
        <label class="translation">
            <span class="small quiet">{name}</span>
            {field}
        </label>
    }
    .into_any()
}

/// Which of these belong to it.
#[component]
pub(in crate::pages) fn Ticks(
    /// Of the set.
    set: &'static str,
    /// What they are called together.
    label: fn(&Messages) -> &'static str,
    /// What may be ticked: each with its name.
    options: Vec<(String, String)>,
    /// Where it is written.
    edits: Edits,
) -> impl IntoView {
    let t = use_translations();
    let option = move |(member, name): (String, String)| {
        let key = FieldKey::member(set, &member);
        let is_in = untrack(|| edits.value(&key)).is_set();
        view! {
            <label class="choice">
                <input
                    type="checkbox"
                    checked=is_in
                    on:change=move |event| {
                        edits.write(key.clone(), Value::Flag(event_target_checked(&event)));
                    }
                />
                <span>{name}</span>
            </label>
        }
    };
    (!options.is_empty()).then(|| {
        view! {
            <details class="ticks">
                <summary>{t.say(label)}</summary>
                <fieldset class="choices choose-people-list">
                    <legend class="visually-hidden">{t.say(label)}</legend>
                    {options.into_iter().map(option).collect_view()}
                </fieldset>
            </details>
        }
    })
}
