//! What a file would change, before anything does.

use keruen_domain::RecordKey;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::words::DetailLine;
use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, Comparison, Detail, Entry, Schedule};

/// A longer list is folded away at first.
const MOST_AT_ONCE: usize = 30;

/// A file that was read.
type Read = StoredValue<Option<Schedule>, LocalStorage>;

/// The comparison, drawn anew when what is on the device becomes otherwise; below it the choice.
#[component]
pub(super) fn Preview(
    schedule: Read,
    /// It is written.
    #[prop(into)]
    on_done: Callback<()>,
    /// It is not wanted.
    #[prop(into)]
    on_cancel: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let taken = StoredValue::new(Vec::<RecordKey>::new());
    let taken_count = RwSignal::new(0);
    let is_public = RwSignal::new(false);
    let is_saving = RwSignal::new(false);
    let of = move |look: fn(&Schedule) -> String| {
        schedule.with_value(|schedule| schedule.as_ref().map(look).unwrap_or_default())
    };
    let is_whole =
        schedule.with_value(|schedule| schedule.as_ref().is_some_and(Schedule::is_whole));
    let compare = move || {
        schedule.with_value(|schedule| {
            let compared = schedule.as_ref().map(|schedule| state.compare(schedule));
            compared.unwrap_or_default()
        })
    };
    let import = move |_| {
        let importing = schedule.with_value(|schedule| {
            let (taken, is_public) = (taken.get_value(), is_public.get_untracked());
            Some(state.import(schedule.as_ref()?, &taken, is_public))
        });
        let Some(importing) = importing else {
            return;
        };
        is_saving.set(true);
        spawn_local(async move {
            let is_saved = importing.await;
            is_saving.try_set(false);
            // What could not be written stays on the page: it can be tried again.
            if is_saved {
                on_done.run(());
            }
        });
    };
    // Compared with half an agenda, a file would look newer than it is.
    let is_here = Memo::new(move |_| state.has_everything());
    let skipped = schedule.with_value(|schedule| {
        let schedule = schedule.as_ref();
        schedule
            .map(|schedule| schedule.skipped.clone())
            .unwrap_or_default()
    });
    let warnings = schedule.with_value(|schedule| {
        let schedule = schedule.as_ref();
        schedule
            .map(|schedule| schedule.warnings.clone())
            .unwrap_or_default()
    });
    let accept = match skipped.is_empty() {
        true => Messages::import_accept as fn(&Messages) -> &'static str,
        false => Messages::import_accept_rest,
    };
    let is_nothing = RwSignal::new(false);
    let left_out = skipped.len() as u64;
    let remarks = warnings.len() as u64;
    view! {
        <div class="stack detail">
            <h2>{of(|schedule| schedule.title.clone())}</h2>
            {(left_out > 0)
                .then(|| section(move || t.import_skipped(left_out), true, lines(skipped)))}
            {move || {
                let compared = compare();
                is_nothing.set(compared.is_nothing());
                view! { <Compared compared=compared taken=taken taken_count=taken_count schedule=schedule /> }
            }}
            {(remarks > 0)
                .then(|| {
                    let is_open = warnings.len() <= MOST_AT_ONCE;
                    section(move || t.import_notes(remarks), is_open, lines(warnings))
                })}
            {is_whole
                .then(|| {
                    view! {
                        <label class="choice">
                            <input
                                type="checkbox"
                                prop:checked=is_public
                                on:change=move |event| is_public.set(event_target_checked(&event))
                            />
                            <span>{t.say(Messages::import_public)}</span>
                        </label>
                    }
                })}
            <p role="status">{move || (!is_here.get()).then(|| t.import_wait())}</p>
            <p class="row-of-buttons">
                <button
                    type="button"
                    class="button button-primary"
                    disabled=move || {
                        let changes = !is_nothing.get() || taken_count.get() > 0 || is_public.get();
                        !is_here.get() || is_saving.get() || !changes
                    }
                    on:click=import
                >
                    {t.say(accept)}
                </button>
                <button type="button" class="button" on:click=move |_| on_cancel.run(())>
                    {t.say(Messages::people_cancel)}
                </button>
            </p>
        </div>
    }
}

/// What is new, otherwise, kept, missing.
#[component]
fn Compared(
    compared: Comparison,
    taken: StoredValue<Vec<RecordKey>>,
    taken_count: RwSignal<usize>,
    schedule: Read,
) -> impl IntoView {
    let t = use_translations();
    let is_nothing = compared.is_nothing();
    let Comparison {
        added,
        changed,
        kept,
        missing,
        unchanged,
        ..
    } = compared;
    let counts = [added.len(), changed.len(), kept.len(), missing.len()];
    let [new, others, held, gone] = counts.map(|count| count as u64);
    let is_open = |count: u64| count as usize <= MOST_AT_ONCE;
    let entry = move |entry: Entry| {
        view! {
            <li>
                {entry.title}
                {details(entry.details, false, schedule)}
            </li>
        }
        .into_any()
    };
    view! {
        {is_nothing.then(|| view! { <p>{t.say(Messages::import_nothing)}</p> })}
        {(new > 0)
            .then(|| {
                let rows = list(added.into_iter().map(entry).collect());
                section(move || t.import_added(new), is_open(new), rows)
            })}
        {(others > 0)
            .then(|| {
                let rows = list(changed.into_iter().map(entry).collect());
                section(move || t.import_changed(others), is_open(others), rows)
            })}
        {(held > 0)
            .then(|| {
                let row = |entry| {
                    view! { <KeptRow entry=entry taken=taken taken_count=taken_count schedule=schedule /> }
                        .into_any()
                };
                let rows = list(kept.into_iter().map(row).collect());
                let content = view! {
                    <p class="small quiet">{t.say(Messages::import_kept_text)}</p>
                    {rows}
                };
                section(move || t.import_kept(held), true, content.into_any())
            })}
        {(gone > 0)
            .then(|| {
                let content = view! {
                    <p class="small quiet">{t.say(Messages::import_missing_text)}</p>
                    {lines(missing)}
                };
                section(move || t.import_missing(gone), is_open(gone), content.into_any())
            })}
        {(unchanged > 0)
            .then(|| {
                view! {
                    <p class="quiet">{move || t.import_unchanged(unchanged as u64)}</p>
                }
            })}
    }
}

/// Both words, and which of them is to count.
#[component]
fn KeptRow(
    entry: Entry,
    taken: StoredValue<Vec<RecordKey>>,
    taken_count: RwSignal<usize>,
    schedule: Read,
) -> impl IntoView {
    let t = use_translations();
    let key = entry.key;
    let is_taken = taken.with_value(|taken| taken.contains(&key));
    let choose = move |event| {
        taken.update_value(|taken| {
            taken.retain(|of| *of != key);
            if event_target_checked(&event) {
                taken.push(key);
            }
        });
        taken_count.set(taken.with_value(Vec::len));
    };
    let words = match entry.details[..] {
        [Detail::Deleted] => Messages::import_bring_back as fn(&Messages) -> &'static str,
        _ => Messages::import_take,
    };
    view! {
        <li>
            {entry.title}
            {details(entry.details, true, schedule)}
            <label class="choice">
                <input type="checkbox" checked=is_taken on:change=choose />
                <span>{t.say(words)}</span>
            </label>
        </li>
    }
}

fn details(details: Vec<Detail>, is_kept: bool, schedule: Read) -> AnyView {
    let line = move |detail| {
        view! { <DetailLine detail=detail is_kept=is_kept schedule=schedule /> }
    };
    details.into_iter().map(line).collect_view().into_any()
}

fn section(
    summary: impl Fn() -> String + Send + 'static,
    is_open: bool,
    content: AnyView,
) -> AnyView {
    view! {
        <details class="card import-part" open=is_open>
            <summary>{summary}</summary>
            <div class="stack-close">{content}</div>
        </details>
    }
    .into_any()
}

fn list(rows: Vec<AnyView>) -> AnyView {
    view! { <ul class="changes">{rows}</ul> }.into_any()
}

fn lines(lines: Vec<String>) -> AnyView {
    let line = |line| view! { <li>{line}</li> }.into_any();
    list(lines.into_iter().map(line).collect())
}
