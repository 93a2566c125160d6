//! Adding materials where one is: to a programme, or to a session. Files are copied onto this phone at once.

use keruen_domain::model::MaterialKind;
use keruen_domain::{MaterialId, ProgrammeId, ScopeId, SessionId};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::editor::new_href;
use crate::components::{Icon, IconName};
use crate::i18n::{Messages, format, use_translations};
use crate::pages::links::material_href;
use crate::state::{AppState, ChosenFile, NotAdded, chosen_files, dropped_files, pasted_files};

/// What becomes of a file that was chosen.
#[derive(Clone, PartialEq)]
enum Outcome {
    /// So many hundredths of the work are done.
    Copying(u64),
    Added(MaterialId),
    /// Saving says itself what was wrong.
    NotMade,
    Failed(NotAdded),
}

/// The ways to new materials; nothing for those who may not make any.
#[component]
pub(in crate::pages) fn AddMaterials(
    /// Where they go.
    programme: ProgrammeId,
    /// To which session they belong, if to one.
    #[prop(optional, into)]
    session: Option<SessionId>,
) -> impl IntoView {
    let state = AppState::of_context();
    let may = Memo::new(move |_| {
        let may_attach = session.is_none_or(|id| {
            let session = state.session(id);
            session.is_some_and(|session| state.may_change(&session))
        });
        may_attach && state.may_add_materials(programme)
    });
    move || {
        may.get()
            .then(|| view! { <Ways programme=programme session=session /> })
    }
}

#[component]
fn Ways(programme: ProgrammeId, session: Option<SessionId>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let files = RwSignal::new(Vec::<(String, Outcome)>::new());
    let add = move |chosen: Vec<ChosenFile>| {
        if chosen.is_empty() {
            return;
        }
        spawn_local(async move {
            // One after the other: the phone has one disk.
            for file in chosen {
                let at = files.try_update(|files| {
                    files.push((file.name(), Outcome::Copying(0)));
                    files.len() - 1
                });
                let Some(at) = at else {
                    return;
                };
                let say = move |outcome: Outcome| {
                    // The page may have been left meanwhile; what is begun is done.
                    files.try_update(|files| {
                        if let Some((_, known)) = files.get_mut(at) {
                            *known = outcome;
                        }
                    });
                };
                let work = file.size_bytes().max(1) * 2;
                let progress = move |done: u64| say(Outcome::Copying(done * 100 / work));
                say(
                    match state
                        .add_file(ScopeId::Programme(programme), &file, progress)
                        .await
                    {
                        Ok(added) => {
                            let made = state.make_of_file(programme, &added, session);
                            made.await.map_or(Outcome::NotMade, Outcome::Added)
                        }
                        Err(why) => Outcome::Failed(why),
                    },
                );
            }
        });
    };
    let field = move |words: fn(&Messages) -> &'static str, icon: IconName, takes_photo: bool| {
        let field = NodeRef::<html::Input>::new();
        let choose = move |_| {
            if let Some(field) = field.get_untracked() {
                add(chosen_files(&field));
            }
        };
        view! {
            <label class="button file-choice">
                <input
                    type="file"
                    class="visually-hidden"
                    node_ref=field
                    multiple=!takes_photo
                    accept=takes_photo.then_some("image/*")
                    capture=takes_photo.then_some("environment")
                    on:change=choose
                />
                <Icon name=icon />
                {t.say(words)}
            </label>
        }
    };
    let way = move |words: fn(&Messages) -> &'static str, icon: IconName, kind: MaterialKind| {
        let href = new_href(AppState::new_material_id(), kind, programme, session);
        view! {
            <a class="button" href=href>
                <Icon name=icon />
                {t.say(words)}
            </a>
        }
    };
    let is_over = RwSignal::new(false);
    let is_open = RwSignal::new(false);
    let pasting = window_event_listener(ev::paste, move |event| {
        if is_open.try_get_untracked() == Some(true) {
            add(pasted_files(&event));
        }
    });
    on_cleanup(move || pasting.remove());
    view! {
        <details class="ticks add-materials" on:toggle=move |event| {
            is_open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
        }>
            <summary>{t.say(Messages::making_add)}</summary>
            <div
                class="stack-close drop-place"
                class:is-over=is_over
                on:dragover=move |event| {
                    event.prevent_default();
                    is_over.set(true);
                }
                on:dragleave=move |_| is_over.set(false)
                on:drop=move |event| {
                    event.prevent_default();
                    is_over.set(false);
                    add(dropped_files(&event));
                }
            >
                <p class="row-of-buttons">
                    {field(Messages::making_files, IconName::File, false)}
                    {field(Messages::making_photo, IconName::Picture, true)}
                    {way(Messages::making_text, IconName::Text, MaterialKind::Text)}
                    {way(Messages::making_link_new, IconName::Link, MaterialKind::Link)}
                </p>
                <p class="small quiet">{t.say(Messages::making_files_hint)}</p>
                <ul class="lines" role="status">
                    {move || {
                        let files = files.get().into_iter();
                        files.map(|(name, outcome)| view! { <FileLine name=name outcome=outcome /> }).collect_view()
                    }}
                </ul>
            </div>
        </details>
    }
}

#[component]
fn FileLine(name: String, outcome: Outcome) -> impl IntoView {
    let t = use_translations();
    let link = match &outcome {
        Outcome::Added(id) => Some(material_href(*id)),
        _ => None,
    };
    let words = move || match &outcome {
        Outcome::Copying(percent) => t.making_copying(&percent.to_string()),
        Outcome::Added(_) => t.making_added().to_owned(),
        Outcome::NotMade => t.making_not_made().to_owned(),
        Outcome::Failed(why) => not_added_words(&t, why),
    };
    let named = match link {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => view! { <strong>{name}</strong> }.into_any(),
    };
    view! { <li>{named} ": " {words}</li> }
}

/// Why a file was not added, and what to do.
pub(in crate::pages) fn not_added_words(t: &Messages, why: &NotAdded) -> String {
    match why {
        NotAdded::Empty => t.making_empty_file().to_owned(),
        NotAdded::TooLarge => t.making_too_large().to_owned(),
        NotAdded::WrongType => t.making_wrong_type().to_owned(),
        NotAdded::Unreadable => t.making_unreadable().to_owned(),
        NotAdded::NoRoom(room_bytes) => t.making_no_room(&format::size(t, *room_bytes)),
        NotAdded::GivenUp => t.making_given_up().to_owned(),
        NotAdded::Store(_) => t.making_not_made().to_owned(),
    }
}
