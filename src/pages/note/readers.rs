//! Who reads a note, always in sight, and the way to others and back.

use keruen_domain::{GroupId, NoteId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::super::links::note_href;
use super::draft::Draft;
use crate::components::Confirm;
use crate::i18n::{Messages, use_translations};
use crate::pages::address::Address;
use crate::state::{AppState, KnownGroup};

/// Who reads the note; unfolded, who that is and what can be done about it.
#[component]
pub(super) fn Readers(id: NoteId, draft: Draft) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let exists = Memo::new(move |_| state.note(id).is_some());
    let group = Memo::new(move |_| state.group_of_note(id));
    let known = Memo::new(move |_| state.known_groups());
    let this = Signal::derive(move || {
        let group = group.get()?;
        known.with(|known| known.iter().find(|of| of.group == group).cloned())
    });
    let words = move || match (group.get(), this.get()) {
        (None, _) => t.notes_read_by_you().to_owned(),
        (Some(_), Some(this)) => t.notes_read_by_group(&this.name),
        (Some(_), None) => t.notes_read_by_some_group().to_owned(),
    };
    let has_failed = RwSignal::new(false);
    // Groups change seldom: asked when somebody looks, and remembered for where there is no network.
    let ask = move |_| {
        spawn_local(async move {
            let asked = state.ask_for_groups().await;
            has_failed.try_set(asked.is_err());
        });
    };
    let is_busy = Signal::derive(move || draft.is_dirty.get() || draft.is_saving.get());
    let move_to = Callback::new(move |group: Option<GroupId>| {
        spawn_local(async move {
            if let Some(new) = state.move_note(id, group).await {
                address.go(&note_href(new), true);
            }
        });
    });
    let acts = move || match group.get() {
        Some(_) => view! { <OfGroup this=this on_take=move |()| move_to.run(None) /> }.into_any(),
        None => {
            view! { <Choice known=known has_failed=has_failed is_busy=is_busy on_choose=move_to /> }
                .into_any()
        }
    };
    view! {
        <Show
            when=move || exists.get()
            fallback=move || view! { <p class="small quiet">{t.say(Messages::notes_read_by_you)}</p> }
        >
            <details class="readers" on:toggle=ask>
                <summary class="small">{words}</summary>
                <div class="stack-close">{acts}</div>
            </details>
        </Show>
    }
}

/// Who the group is, and the way out of it.
#[component]
fn OfGroup(
    #[prop(into)] this: Signal<Option<KnownGroup>>,
    #[prop(into)] on_take: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let people = move || {
        let people = this.get()?.people;
        (!people.is_empty()).then(|| {
            let words = t.notes_group_people(&people.join(", "));
            view! { <p class="small">{words}</p> }
        })
    };
    view! {
        {people}
        <p class="small quiet">{t.say(Messages::notes_group_leaders)}</p>
        <Confirm
            label=t.signal(Messages::notes_take_back)
            question=t.signal(Messages::notes_take_back_question)
            yes=t.signal(Messages::notes_take_back_yes)
            on_yes=on_take
        />
    }
}

/// The groups to which it may be given.
#[component]
fn Choice(
    known: Memo<Vec<KnownGroup>>,
    #[prop(into)] has_failed: Signal<bool>,
    #[prop(into)] is_busy: Signal<bool>,
    #[prop(into)] on_choose: Callback<Option<GroupId>>,
) -> impl IntoView {
    let t = use_translations();
    let button = move |of: KnownGroup| {
        let group = of.group;
        view! {
            <button
                type="button"
                class="button"
                disabled=is_busy
                on:click=move |_| on_choose.run(Some(group))
            >
                {t.notes_give_to(&of.name)}
            </button>
        }
    };
    move || {
        let mut groups = known.get();
        groups.retain(|group| group.may_write);
        if groups.is_empty() {
            let words = if has_failed.get() {
                t.notes_groups_unknown()
            } else {
                t.notes_no_groups()
            };
            return view! { <p class="small quiet">{words}</p> }.into_any();
        }
        view! {
            <p class="small quiet">{t.notes_give_text()}</p>
            <p class="row-of-buttons">{groups.into_iter().map(button).collect_view()}</p>
        }
        .into_any()
    }
}
