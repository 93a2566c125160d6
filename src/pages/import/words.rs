//! What is one way here and another in the file, in words.

use keruen_domain::model::{SessionKind, SessionStatus, fields};
use keruen_domain::{Collection, FieldKey, Language, RecordKey, ScopeId, Value};
use leptos::prelude::*;

use crate::i18n::{Messages, own_name, use_translations};
use crate::pages::calendar::{arrow, span_words};
use crate::state::{AppState, Detail, Schedule, Span};

/// One field: what it is called, what stands here, what the file says.
#[component]
pub(super) fn DetailLine(
    detail: Detail,
    /// Whether what stands here stays.
    is_kept: bool,
    schedule: StoredValue<Option<Schedule>, LocalStorage>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    // Members of sets are named by their identifiers; those of programmes are people and materials.
    let named = move |set: &str, id: &str| {
        let collection = match set {
            fields::SPEAKERS => Collection::PERSON,
            fields::MATERIALS => Collection::MATERIAL,
            _ => return None,
        };
        schedule.with_value(|schedule| {
            let schedule = schedule.as_ref()?;
            if let Some(name) = schedule.name_of(collection, id) {
                return Some(name.to_owned());
            }
            let key = RecordKey {
                scope: ScopeId::Programme(schedule.programme),
                collection,
                id: id.parse().ok()?,
            };
            untrack(|| state.name_of(&key))
        })
    };
    let (label, here, in_file): (Words, Option<Words>, Words) = match detail {
        Detail::Deleted => {
            let words = t.signal(Messages::import_deleted);
            return view! { <p class="small difference">{words}</p> }.into_any();
        }
        Detail::Times(here, in_file) => {
            let span = move |span: Span| -> Words {
                Signal::derive(move || match span {
                    Some((start, end)) => span_words(&t, start, end, true),
                    None => t.import_nothing_there().to_owned(),
                })
            };
            if here.is_none() && !is_kept {
                let words = span(in_file);
                return view! { <p class="small difference">{words}</p> }.into_any();
            }
            (
                t.signal(Messages::import_when),
                Some(span(here)),
                span(in_file),
            )
        }
        Detail::Field(key, here, in_file) => {
            let of = move |key: &FieldKey, value: Value| -> Words {
                let member = key.as_str().split_once('/');
                let member =
                    member.map(|(set, id)| named(set, id).unwrap_or_else(|| id.to_owned()));
                let key = key.clone();
                Signal::derive(move || value_words(&t, &key, &value, member.as_deref()))
            };
            let (here, in_file) = (of(&key, here), of(&key, in_file));
            (
                Signal::derive(move || field_words(&t, &key)),
                Some(here),
                in_file,
            )
        }
    };
    if is_kept {
        view! {
            <p class="small difference">{label}</p>
            <p class="small">
                {t.say(Messages::import_here)} " " <strong>{here}</strong>
            </p>
            <p class="small">
                {t.say(Messages::import_in_file)} " " {in_file}
            </p>
        }
        .into_any()
    } else {
        view! {
            <p class="small difference">
                {label}
                ": "
                <s>{here}</s>
                {arrow()}
                <strong>{in_file}</strong>
            </p>
        }
        .into_any()
    }
}

type Words = Signal<String>;

/// What a field is called.
fn field_words(t: &Messages, key: &FieldKey) -> String {
    let name = key.as_str().split([':', '/']).next().unwrap_or_default();
    let words = match name {
        fields::TITLE | fields::NAME => t.calendar_title(),
        fields::ROOM => t.calendar_room(),
        fields::ABSTRACT | fields::SUMMARY => t.calendar_abstract(),
        fields::KIND => t.calendar_kind(),
        fields::TRACK => t.calendar_filter_topic(),
        fields::SPEAKERS => t.agenda_speakers(),
        fields::MATERIALS => t.agenda_materials(),
        fields::CITY => t.calendar_filter_event(),
        _ => t.import_details(),
    };
    let language = key.as_str().split_once(':').map(|(_, code)| code);
    match language.and_then(Language::from_tag) {
        Some(language) => [words, ", ", own_name(language)].concat(),
        None => words.to_owned(),
    }
}

/// What stands in a field; `member` is what a member of a set is called.
fn value_words(t: &Messages, key: &FieldKey, value: &Value, member: Option<&str>) -> String {
    const MOST_CHARACTERS: usize = 300;
    let words = match (key.as_str(), value) {
        (_, Value::Nothing | Value::Flag(false)) => t.import_nothing_there(),
        (_, Value::Flag(true)) => member.unwrap_or("+"),
        (_, Value::Number(number)) => return number.to_string(),
        (_, Value::Reference(id)) => return id.to_string(),
        (fields::KIND, Value::Text(word)) => {
            t.session_kind(SessionKind::from_word_or_fallback(Some(word)))
        }
        (fields::STATUS, Value::Text(word)) if **word == *SessionStatus::Cancelled.word() => {
            t.agenda_status_cancelled()
        }
        (_, Value::Text(text)) => text,
    };
    match words.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => [&words[..end], "…"].concat(),
        None => words.to_owned(),
    }
}
