//! Opening a pack: it is read and compared, what it would bring is shown, and taken if the person wants that.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::trouble_words;
use crate::i18n::{Messages, format, use_translations};
use crate::state::{AppState, OpenedPack, PackTrouble, Time, chosen_files};

/// How far it is.
#[derive(Clone, PartialEq)]
enum Step {
    Choosing,
    /// So many bytes of files are compared.
    Reading(u64),
    Offered,
    /// So many bytes of files are here.
    Taking(u64),
    Taken,
    Failed(PackTrouble),
}

/// The part of the page.
#[component]
pub(super) fn TakePart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let field = NodeRef::<html::Input>::new();
    let step = RwSignal::new(Step::Choosing);
    let opened = StoredValue::new_local(None::<OpenedPack>);
    let with_notes = RwSignal::new(false);
    let choose = move |_| {
        let chosen = field.get_untracked();
        let Some(file) = chosen.and_then(|field| chosen_files(&field).into_iter().next()) else {
            return;
        };
        with_notes.set(false);
        step.set(Step::Reading(0));
        spawn_local(async move {
            let progress = move |bytes| {
                step.try_set(Step::Reading(bytes));
            };
            let pack = state.open_pack(file, progress).await;
            step.try_set(match pack {
                Ok(pack) => {
                    let _ = opened.try_set_value(Some(pack));
                    Step::Offered
                }
                Err(trouble) => Step::Failed(trouble),
            });
        });
    };
    let take = move |_| {
        let Some(pack) = opened.get_value() else {
            return;
        };
        let with_notes = with_notes.get_untracked();
        step.set(Step::Taking(0));
        spawn_local(async move {
            let progress = move |bytes| {
                step.try_set(Step::Taking(bytes));
            };
            let taken = state.take_pack(&pack, with_notes, progress).await;
            step.try_set(match taken {
                Ok(()) => Step::Taken,
                Err(trouble) => Step::Failed(trouble),
            });
        });
    };
    let is_busy = move || matches!(step.get(), Step::Reading(_) | Step::Taking(_));
    let is_offered = Memo::new(move |_| step.get() == Step::Offered);
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::packs_take_title)}</h2>
            <p>
                <label class="button button-primary file-choice">
                    <input
                        type="file"
                        class="visually-hidden"
                        node_ref=field
                        disabled=is_busy
                        on:change=choose
                    />
                    {t.say(Messages::packs_choose)}
                </label>
            </p>
            <p role="status">
                {move || match step.get() {
                    Step::Reading(bytes) => t.packs_reading(&format::size(&t, bytes)),
                    Step::Taking(bytes) => t.packs_taking(&format::size(&t, bytes)),
                    Step::Taken => t.packs_taken().to_owned(),
                    Step::Choosing | Step::Offered | Step::Failed(_) => String::new(),
                }}
            </p>
            <p class="session-warning" role="alert">
                {move || match step.get() {
                    Step::Failed(trouble) => trouble_words(&t, &trouble),
                    _ => String::new(),
                }}
            </p>
            {move || {
                let pack = is_offered.get().then(|| opened.get_value()).flatten()?;
                Some(view! {
                    <Offer pack=pack with_notes=with_notes />
                    <p class="row-of-buttons">
                        <button type="button" class="button button-primary" on:click=take>
                            {t.say(Messages::packs_accept)}
                        </button>
                        <button type="button" class="button" on:click=move |_| step.set(Step::Choosing)>
                            {t.say(Messages::people_cancel)}
                        </button>
                    </p>
                })
            }}
        </section>
    }
}

/// What a pack would bring.
#[component]
fn Offer(pack: OpenedPack, with_notes: RwSignal<bool>) -> impl IntoView {
    let t = use_translations();
    let manifest = pack.contents.manifest;
    let made = Time::phone_wall(manifest.made_ms);
    let files_bytes: u64 = pack
        .new_files
        .iter()
        .map(|file| file.entry.size_bytes)
        .sum();
    let (sessions, others) = (pack.new_sessions as u64, pack.new_others as u64);
    let (files, notes) = (pack.new_files.len() as u64, pack.new_notes as u64);
    let left_out = pack.left_out as u64;
    let is_nothing = sessions + others + files + notes == 0;
    let line = |is_shown: bool, words: Box<dyn Fn() -> String + Send>| {
        is_shown.then(|| view! { <li>{move || words()}</li> })
    };
    view! {
        <div class="stack-close">
            <h3>{manifest.title.clone()}</h3>
            <p class="small quiet">
                {move || {
                    let day = format::day_with_year(t.language(), made.date());
                    t.packs_made_on(&[&day, ", ", &format::time(made.time())].concat())
                }}
            </p>
            {is_nothing.then(|| view! { <p>{t.say(Messages::packs_nothing_new)}</p> })}
            <ul>
                {line(sessions > 0, Box::new(move || t.packs_new_sessions(sessions)))}
                {line(others > 0, Box::new(move || t.packs_new_others(others)))}
                {line(files > 0, Box::new(move || t.packs_new_files(files, &format::size(&t, files_bytes))))}
                {line(left_out > 0, Box::new(move || t.packs_left_out(left_out)))}
            </ul>
            {(notes > 0)
                .then(|| {
                    view! {
                        <label class="choice">
                            <input
                                type="checkbox"
                                on:change=move |event| with_notes.set(event_target_checked(&event))
                            />
                            <span>{move || t.packs_take_notes(notes)}</span>
                        </label>
                    }
                })}
            <p class="small quiet">{t.say(Messages::packs_trust)}</p>
        </div>
    }
}
