//! What a note is about, too: anything on the phone, found by its title.

use keruen_domain::NoteId;
use keruen_domain::model::{Event, Material, Programme, Session, Subject};
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast as _;

use super::super::links::best;
use crate::i18n::{Messages, format, use_translations};
use crate::state::AppState;

/// So many are offered at once.
const MOST_OFFERED: usize = 20;

/// What may be meant by what was typed, each under a name of its own: sessions of one title differ by their beginning.
fn meant(state: AppState, t: &Messages, typed: &str) -> Vec<(String, Subject)> {
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return Vec::new();
    }
    let language = t.language();
    let events = state.all::<Event>().into_iter();
    let events = events.map(|of| (best(&of.title(), language), Subject::Event(of.id())));
    let sessions = state.all::<Session>().into_iter().map(|of| {
        let title = best(&of.title(), language);
        let start = of.start().map(|start| {
            let wall = start.wall();
            let day = format::day_with_year(language, wall.date());
            [" · ", &day, ", ", &format::time(wall.time())].concat()
        });
        let name = title + &start.unwrap_or_default();
        (name, Subject::Session(of.id()))
    });
    let materials = state.all::<Material>().into_iter();
    let materials = materials.map(|of| (best(&of.title(), language), Subject::Material(of.id())));
    let programmes = state.all::<Programme>().into_iter();
    let programmes =
        programmes.map(|of| (best(&of.title(), language), Subject::Programme(of.id())));
    let all = sessions.chain(materials).chain(events).chain(programmes);
    let fits = |name: &str| name.to_lowercase().contains(&typed);
    let mut meant: Vec<(String, Subject)> = all.filter(|(name, _)| fits(name)).collect();
    meant.sort();
    meant.dedup_by(|one, other| one.0 == other.0);
    meant.truncate(MOST_OFFERED);
    meant
}

/// A field for one thing more that the note is about.
#[component]
pub(super) fn Attach(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let field = NodeRef::<html::Input>::new();
    let typed = RwSignal::new(String::new());
    let offered = Memo::new(move |_| typed.with(|typed| meant(state, &t, typed)));
    let list = format!("subjects-{id}");
    // One of those that are offered, or the only one that can be meant.
    let attach = move |is_end: bool| {
        let chosen = untrack(|| {
            let (offered, typed) = (offered.get(), typed.get());
            let exact = offered.iter().find(|(name, _)| *name == typed).cloned();
            exact.or_else(|| match &offered[..] {
                [only] if is_end => Some(only.clone()),
                _ => None,
            })
        });
        if let Some((_, subject)) = chosen {
            state.attach(id, subject);
            typed.set(String::new());
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        attach(true);
    };
    let options = move || {
        let offered = offered.get().into_iter();
        offered
            .map(|(name, _)| view! { <option value=name></option> })
            .collect_view()
    };
    view! {
        <form class="row-of-buttons attach" on:submit=submit>
            <input
                type="text"
                class="field"
                node_ref=field
                list=list.clone()
                autocomplete="off"
                enterkeyhint="done"
                aria-label=t.say(Messages::notes_attach)
                placeholder=t.say(Messages::notes_attach)
                on:input=move |event| {
                    typed.set(event_target_value(&event));
                    if is_choice(&event) {
                        attach(false);
                    }
                }
            />
            <datalist id=list>{options}</datalist>
        </form>
    }
}

/// Whether one of the offered names was chosen: what is typed letter by letter may become a longer one.
fn is_choice(event: &web_sys::Event) -> bool {
    let typed: Option<&web_sys::InputEvent> = event.dyn_ref();
    typed.is_none_or(|typed| typed.input_type() == "insertReplacementText")
}
