//! What a material is beside its content: language, author, licence, topic; and the file of one that has one.

use keruen_domain::model::{FileInfo, Material, fields};
use keruen_domain::{FieldKey, Language, ProgrammeId, ScopeId, Value};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::add::not_added_words;
use crate::components::SizeText;
use crate::i18n::{Messages, own_name, use_translations};
use crate::pages::editing::Edits;
use crate::state::{AppState, NotAdded, chosen_files, file_fields};

/// Licences by the names that people know them by (creativecommons.org), the most open first.
const LICENCES: [&str; 7] = [
    "CC0 1.0",
    "CC BY 4.0",
    "CC BY-SA 4.0",
    "CC BY-NC 4.0",
    "CC BY-NC-SA 4.0",
    "CC BY-ND 4.0",
    "CC BY-NC-ND 4.0",
];

/// Language, author, licence and topic.
#[component]
pub(super) fn Details(programme: ProgrammeId, edits: Edits) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let (people, topics) = untrack(|| {
        let people = state.people_of(programme).into_iter();
        let people = people.filter_map(|person| person.name().map(str::to_owned));
        let materials = state.materials_in(ScopeId::Programme(programme));
        let topics = materials.iter().filter_map(Material::topic);
        let mut topics: Vec<String> = topics.map(str::to_owned).collect();
        topics.sort();
        topics.dedup();
        (people.collect::<Vec<_>>(), topics)
    });
    let licences = LICENCES.map(str::to_owned).to_vec();
    let key = FieldKey::register(fields::LANGUAGE);
    let chosen = untrack(|| edits.text(&key));
    let languages = Language::ALL.iter().map(|language| {
        let is_it = chosen == language.code();
        view! {
            <option value=language.code() lang=language.code() selected=is_it>
                {own_name(*language)}
            </option>
        }
    });
    let languages = languages.collect_view();
    let choose = move |event| {
        let language = event_target_value(&event);
        let value = match language.is_empty() {
            true => Value::Nothing,
            false => Value::Text(language.into()),
        };
        edits.write(key.clone(), value);
    };
    view! {
        <label class="stack-close">
            <span>{t.say(Messages::materials_language)}</span>
            <select class="field" on:change=choose>
                <option value="">{t.say(Messages::calendar_no_language)}</option>
                {languages}
            </select>
        </label>
        <Suggested name=fields::AUTHOR label=Messages::materials_author known=people edits=edits />
        <Suggested name=fields::LICENCE label=Messages::materials_licence known=licences edits=edits />
        <Suggested name=fields::TOPIC label=Messages::making_topic known=topics edits=edits />
        <Place edits=edits />
    }
}

/// A field that offers what others wrote, and takes anything.
#[component]
fn Suggested(
    name: &'static str,
    label: fn(&Messages) -> &'static str,
    known: Vec<String>,
    edits: Edits,
) -> impl IntoView {
    let t = use_translations();
    let key = FieldKey::register(name);
    let standing = untrack(|| edits.text(&key));
    let list = ["known-", name].concat();
    let write = move |event| {
        edits.write(key.clone(), Value::Text(event_target_value(&event).into()));
    };
    view! {
        <label class="stack-close">
            <span>{t.say(label)}</span>
            <input class="field" type="text" maxlength="200" list=list.clone() value=standing on:input=write />
        </label>
        <datalist id=list>
            {known
                .into_iter()
                .map(|known| view! { <option value=known></option> })
                .collect_view()}
        </datalist>
    }
}

/// Where it stands in lists.
#[component]
fn Place(edits: Edits) -> impl IntoView {
    let t = use_translations();
    let key = FieldKey::register(fields::PLACE);
    let standing = untrack(|| edits.value(&key).as_number());
    let write = move |event| {
        let number = event_target_value(&event).trim().parse().ok();
        edits.write(key.clone(), number.map_or(Value::Nothing, Value::Number));
    };
    view! {
        <label class="stack-close">
            <span>{t.say(Messages::making_place)}</span>
            <input
                class="field"
                type="number"
                inputmode="numeric"
                min="1"
                max="999"
                value=standing.map(|place| place.to_string())
                on:input=write
            />
        </label>
    }
}

/// Which file a material has, and another one in its place.
#[component]
pub(super) fn FilePart(programme: ProgrammeId, edits: Edits) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let field = NodeRef::<html::Input>::new();
    let copying = RwSignal::new(None::<u64>);
    let problem = RwSignal::new(None::<NotAdded>);
    let choose = move |_| {
        let chosen = field.get_untracked();
        let Some(file) = chosen.and_then(|field| chosen_files(&field).into_iter().next()) else {
            return;
        };
        problem.set(None);
        copying.set(Some(0));
        spawn_local(async move {
            let work = file.size_bytes().max(1) * 2;
            let progress = move |done: u64| {
                copying.try_set(Some(done * 100 / work));
            };
            let added = state
                .add_file(ScopeId::Programme(programme), &file, progress)
                .await;
            copying.try_set(None);
            match added {
                // If the form is left without saving, the next start but one removes it.
                Ok(file) => write_file(edits, &file),
                Err(why) => drop(problem.try_set(Some(why))),
            }
        });
    };
    let name = move || edits.text(&FieldKey::register(fields::FILE_NAME));
    let size_bytes = move || {
        let key = FieldKey::register(fields::FILE_SIZE_BYTES);
        let number = edits.value(&key).as_number().unwrap_or_default();
        u64::try_from(number).unwrap_or_default()
    };
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::materials_kind_file)}</h2>
            {move || {
                let name = name();
                (!name.is_empty())
                    .then(|| {
                        view! {
                            <p>
                                {name} " · "
                                <SizeText size_bytes=Signal::derive(size_bytes) />
                            </p>
                        }
                    })
            }}
            <p>
                <label class="button file-choice">
                    <input
                        type="file"
                        class="visually-hidden"
                        node_ref=field
                        disabled=move || copying.get().is_some()
                        on:change=choose
                    />
                    {t.say(Messages::making_other_file)}
                </label>
            </p>
            <p class="small" role="status">
                {move || copying.get().map(|percent| t.making_copying(&percent.to_string()))}
            </p>
            <p class="small session-warning" role="alert">
                {move || problem.get().map(|why| not_added_words(&t, &why))}
            </p>
        </section>
    }
}

fn write_file(edits: Edits, file: &FileInfo) {
    for (key, value) in file_fields(file) {
        edits.write(key, value);
    }
}
