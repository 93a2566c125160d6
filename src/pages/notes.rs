//! What the person wrote.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use keruen_domain::model::{Note, Subject};
use keruen_domain::{GroupId, NoteId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::address::Address;
use super::evidence::{self, EvidenceList, is_any_evidence};
use super::frame::show_frame;
use super::links::{new_note_href, note_row, note_state};
use super::note::NotePage;
use super::note_files::{self, NoteFiles};
use super::pictures::show_pictures;
use crate::components::{EmptyState, Icon, IconName, NoteRow, NoteRowView, Panes};
use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, group_of};

/// The address at which a new note begins.
const NEW: &str = "new";

/// What the page at this path is about.
fn subject_at(path: &str) -> Option<Subject> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let (place, id) = (parts.next()?, parts.next()?);
    match place {
        "session" => id.parse().ok().map(Subject::Session),
        "materials" => id.parse().ok().map(Subject::Material),
        "agenda" => id.parse().ok().map(Subject::Event),
        _ => None,
    }
}

/// Whose notes are listed.
#[derive(Clone, Copy, Default, PartialEq)]
enum Whose {
    #[default]
    All,
    Mine,
    Group(GroupId),
}

impl Whose {
    fn of(word: &str) -> Self {
        match word {
            "mine" => Self::Mine,
            word => word.parse().map_or(Self::All, Self::Group),
        }
    }

    fn is_of(self, note: &Note) -> bool {
        match self {
            Self::All => true,
            Self::Mine => group_of(note).is_none(),
            Self::Group(group) => group_of(note) == Some(group),
        }
    }
}

/// In which order notes are listed, below those that are pinned.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Edited,
    New,
    Title,
}

impl Order {
    fn of(word: &str) -> Self {
        match word {
            "new" => Self::New,
            "title" => Self::Title,
            _ => Self::Edited,
        }
    }

    fn sort(self, notes: &mut [Note]) {
        match self {
            // They come so.
            Self::Edited => {}
            Self::New => notes.sort_by_key(|note| (!note.is_pinned(), Reverse(note.created_ms()))),
            Self::Title => {
                notes.sort_by_cached_key(|note| (!note.is_pinned(), note.heading().to_lowercase()));
            }
        }
    }
}

/// The list of notes, with the chosen one beside it on a wide screen.
#[component]
pub(super) fn NotesPage() -> impl IntoView {
    show_pictures();
    let t = use_translations();
    let address = Address::of_context();
    let chosen = address.at::<NoteId>(1);
    let section = address.at::<String>(1);
    let state = AppState::of_context();
    spawn_local(async move { state.empty_bin().await });
    // From anywhere: about what is shown there, or what is going on.
    Effect::new(move || {
        if section.get().as_deref() == Some(NEW) {
            let from = address.parameter("from").unwrap_or_default();
            let about = untrack(|| {
                subject_at(&from).or_else(|| state.session_of_now().map(Subject::Session))
            });
            address.go(&new_note_href(about), true);
        }
    });
    let is_evidence = Memo::new(move |_| section.get().as_deref() == Some(evidence::SECTION));
    let is_files = Memo::new(move |_| section.get().as_deref() == Some(note_files::SECTION));
    let is_detail_open =
        Signal::derive(move || chosen.get().is_some() || is_evidence.get() || is_files.get());
    show_frame(
        t.signal(Messages::notes_title),
        Signal::derive(move || is_detail_open.get().then(|| "/notes".to_owned())),
    );
    view! {
        <Panes
            is_detail_open=is_detail_open
            list=move || view! { <NoteList chosen=chosen /> }
        >
            {move || match chosen.get() {
                None if is_files.get() => view! { <NoteFiles /> }.into_any(),
                None if is_evidence.get() => view! { <EvidenceList /> }.into_any(),
                None => view! { <NoNoteChosen /> }.into_any(),
                Some(id) => view! { <NotePage id=id /> }.into_any(),
            }}
        </Panes>
    }
}

/// What stands beside the list until one is chosen.
#[component]
fn NoNoteChosen() -> impl IntoView {
    let t = use_translations();
    view! {
        <EmptyState
            title=t.signal(Messages::notes_choose)
            text=t.signal(Messages::notes_private)
        />
    }
}

#[component]
fn NoteList(chosen: Memo<Option<NoteId>>) -> impl IntoView {
    const AT_ONCE: usize = 100;
    let t = use_translations();
    let state = AppState::of_context();
    let shown = RwSignal::new(AT_ONCE);
    let tag = RwSignal::new(None::<String>);
    let order = RwSignal::new(Order::Edited);
    let whose = RwSignal::new(Whose::All);
    let row = move |note: Note| {
        let id = note.id();
        let view = note_row(&state, &note, &t);
        let mark = Signal::derive(move || note_state(&state, id));
        view! {
            <div class:is-current=move || chosen.get() == Some(id)>
                <NoteRow note=view state=mark />
            </div>
        }
    };
    // All texts are read for it: not at each key, but when somebody comes from a note or goes to one.
    let has_evidence = Memo::new(move |_| {
        chosen.track();
        untrack(|| is_any_evidence(state))
    });
    // The list stays while notes are opened from it; each time another one is meant.
    let new_href = move || {
        chosen.track();
        new_note_href(None)
    };
    view! {
        <h2 class="visually-hidden">{t.say(Messages::notes_title)}</h2>
        <p>
            <a class="button button-primary" href=new_href>
                <Icon name=IconName::Edit />
                {t.say(Messages::notes_new)}
            </a>
        </p>
        <p class="row-of-buttons">
            <Show when=move || has_evidence.get()>
                <a href=evidence::ADDRESS>{t.say(Messages::notes_evidence)}</a>
            </Show>
            <a href=note_files::ADDRESS>{t.say(Messages::notes_files)}</a>
        </p>
        <Ways tag=tag order=order whose=whose />
        {move || {
            let notes = state.notes();
            if notes.is_empty() {
                return view! {
                    <EmptyState
                        title=t.signal(Messages::notes_empty_title)
                        text=t.signal(Messages::notes_empty_text)
                    />
                }
                    .into_any();
            }
            let mut notes = notes;
            tag.with(|tag| {
                let bears = |note: &Note| tag.as_ref().is_none_or(|tag| note.tags().any(|of| of == tag));
                notes.retain(bears);
            });
            notes.retain(|note| whose.get().is_of(note));
            order.get().sort(&mut notes);
            let has_more = notes.len() > shown.get();
            view! {
                <div class="rows">
                    {notes.into_iter().take(shown.get()).map(row).collect_view()}
                </div>
                {has_more
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| shown.update(|shown| *shown += AT_ONCE)
                            >
                                {t.common_show_more()}
                            </button>
                        }
                    })}
            }
                .into_any()
        }}
        <Bin />
    }
}

/// Of which tag notes are shown, and in which order.
#[component]
fn Ways(
    tag: RwSignal<Option<String>>,
    order: RwSignal<Order>,
    whose: RwSignal<Whose>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let tags = Memo::new(move |_| {
        let tags = state.tags().into_iter();
        tags.map(|(tag, _)| tag).collect::<Vec<_>>()
    });
    let are_many = Memo::new(move |_| state.notes().len() > 1);
    // A tag that no note bears any more shows nothing.
    Effect::new(move || {
        let is_gone = tag.with(|tag| {
            tag.as_ref()
                .is_some_and(|tag| !tags.with(|tags| tags.contains(tag)))
        });
        if is_gone {
            tag.set(None);
        }
    });
    let choice = move |of: Option<String>| {
        let words = of.as_ref().map(|tag| ["#", tag].concat());
        let (pressed, chosen) = (of.clone(), of);
        view! {
            <button
                type="button"
                class="button"
                aria-pressed=move || (tag.get() == pressed).to_string()
                on:click=move |_| tag.set(chosen.clone())
            >
                {move || words.clone().unwrap_or_else(|| t.notes_all().to_owned())}
            </button>
        }
    };
    // Of groups, those that wrote something.
    let groups = Memo::new(move |_| {
        let notes = state.notes();
        let groups: BTreeSet<GroupId> = notes.iter().filter_map(group_of).collect();
        let known = state.known_groups();
        let named = groups.into_iter().map(|group| {
            let known = known.iter().find(|known| known.group == group);
            (group, known.map(|known| known.name.clone()))
        });
        named.collect::<Vec<_>>()
    });
    let group = move |(group, name): (GroupId, Option<String>)| {
        let words = name.unwrap_or_else(|| t.notes_of_some_group().to_owned());
        view! { <option value=group.to_string()>{words}</option> }
    };
    // A group of which nothing is here any more shows nothing.
    Effect::new(move || {
        let is_there = |whose| match whose {
            Whose::Group(group) => groups.with(|groups| groups.iter().any(|of| of.0 == group)),
            Whose::Mine => groups.with(|groups| !groups.is_empty()),
            Whose::All => true,
        };
        if !is_there(whose.get()) {
            whose.set(Whose::All);
        }
    });
    let of_whom = move || {
        let groups = groups.get();
        (!groups.is_empty()).then(|| view! {
            <label class="row-of-buttons">
                <span>{t.notes_whose()}</span>
                <select class="field" on:change=move |event| whose.set(Whose::of(&event_target_value(&event)))>
                    <option value="all">{t.notes_whose_all()}</option>
                    <option value="mine">{t.notes_whose_mine()}</option>
                    {groups.into_iter().map(group).collect_view()}
                </select>
            </label>
        })
    };
    view! {
        {of_whom}
        {move || {
            let tags = tags.get();
            (!tags.is_empty())
                .then(|| {
                    view! {
                        <div class="row-of-buttons search-kinds">
                            {choice(None)} {tags.into_iter().map(|tag| choice(Some(tag))).collect_view()}
                        </div>
                    }
                })
        }}
        <Show when=move || are_many.get()>
            <label class="row-of-buttons">
                <span>{t.say(Messages::notes_sort)}</span>
                <select class="field" on:change=move |event| order.set(Order::of(&event_target_value(&event)))>
                    <option value="edited">{t.say(Messages::notes_sort_edited)}</option>
                    <option value="new">{t.say(Messages::notes_sort_new)}</option>
                    <option value="title">{t.say(Messages::notes_sort_title)}</option>
                </select>
            </label>
        </Show>
    }
}

/// The notes that were deleted and hold their text still.
#[component]
fn Bin() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let is_any = Memo::new(move |_| !state.deleted_notes().is_empty());
    let row = move |note: Note| {
        let view = note_row(&state, &note, &t);
        view! { <BinRow id=note.id() note=view /> }
    };
    let notes = move || {
        let notes = state.deleted_notes().into_iter();
        notes.map(row).collect_view()
    };
    let count = move || t.notes_bin(state.deleted_notes().len() as u64);
    view! {
        <Show when=move || is_any.get()>
            <details class="bin">
                <summary>{count}</summary>
                <p class="small quiet">{t.say(Messages::notes_bin_days)}</p>
                <div class="stack">{notes}</div>
            </details>
        </Show>
    }
}

#[component]
fn BinRow(id: NoteId, note: NoteRowView) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let NoteRowView { title, excerpt, .. } = note;
    // What nothing brings back is asked about.
    let is_asked = RwSignal::new(false);
    let delete = move |_| {
        if is_asked.get() {
            state.delete_note_for_good(id);
        }
        is_asked.set(true);
    };
    view! {
        <article class="card stack-close">
            <h3 class="row-title">{title}</h3>
            {(!excerpt.is_empty()).then(|| view! { <p class="row-excerpt">{excerpt}</p> })}
            <p class="row-of-buttons">
                <button type="button" class="button" on:click=move |_| state.restore_note(id)>
                    <Icon name=IconName::Undo />
                    {t.say(Messages::notes_bring_back)}
                </button>
                <button type="button" class="button button-danger" on:click=delete>
                    {move || {
                        if is_asked.get() {
                            t.notes_delete_for_good_sure()
                        } else {
                            t.notes_delete_for_good()
                        }
                    }}
                </button>
            </p>
        </article>
    }
}
