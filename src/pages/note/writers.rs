//! Who wrote what in a note, and when: shown on demand.

use std::collections::BTreeSet;

use keruen_domain::model::{View as _, fields};
use keruen_domain::text::{Stretch, Text};
use keruen_domain::{DeviceId, NoteId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::super::links::time_words;
use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, WhoWrote};

/// The text by who wrote it, in its order; folded away.
#[component]
pub(super) fn Writers(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let is_open = RwSignal::new(false);
    let has_failed = RwSignal::new(false);
    // Taken apart only while somebody looks.
    let stretches = Memo::new(move |_| {
        let note = is_open.get().then(|| state.note(id)).flatten();
        note.map_or_else(Vec::new, |note| {
            let mut stretches = Text::of(note.record(), fields::BODY).stretches();
            stretches.retain(|stretch| !stretch.text.trim().is_empty());
            stretches
        })
    });
    let group = Memo::new(move |_| state.group_of_note(id));
    let who = Memo::new(move |_| {
        let devices = stretches.with(|all| all.iter().map(|of| of.device).collect::<Vec<_>>());
        state.who_wrote(group.get(), &devices)
    });
    // Names are asked when somebody looks, and remembered for where there is no network.
    let ask = move || {
        let Some(group) = group.get_untracked() else {
            return;
        };
        let devices: BTreeSet<DeviceId> =
            stretches.with_untracked(|stretches| stretches.iter().map(|of| of.device).collect());
        spawn_local(async move {
            let asked = state.ask_for_writers(group, devices.into_iter().collect());
            let asked = asked.await;
            has_failed.try_set(asked.is_err());
        });
    };
    let entry = move |(stretch, who): (Stretch, WhoWrote)| {
        let who = match who {
            WhoWrote::Here => t.notes_written_here().to_owned(),
            WhoWrote::Elsewhere => t.notes_written_elsewhere().to_owned(),
            WhoWrote::Named(name) => name,
            WhoWrote::Unlisted => t.notes_written_unlisted().to_owned(),
            WhoWrote::Unknown => t.notes_written_unknown().to_owned(),
        };
        let when = time_words(&t, stretch.begun_ms);
        view! {
            <li class="stack-close">
                <p class="row-facts">
                    <strong>{who}</strong>
                    <span>{when}</span>
                </p>
                <p class="lines">{stretch.text.trim().to_owned()}</p>
            </li>
        }
    };
    let is_any_unknown = move || who.with(|who| who.contains(&WhoWrote::Unknown));
    view! {
        <details class="card history" on:toggle=move |event| {
            let opens = event_target::<web_sys::Element>(&event).has_attribute("open");
            is_open.set(opens);
            if opens {
                ask();
            }
        }>
            <summary>{t.say(Messages::notes_written)}</summary>
            {move || {
                (has_failed.get() && is_any_unknown())
                    .then(|| view! { <p class="small quiet">{t.notes_written_offline()}</p> })
            }}
            <ol class="stack">
                {move || stretches.get().into_iter().zip(who.get()).map(entry).collect_view()}
            </ol>
        </details>
    }
}
