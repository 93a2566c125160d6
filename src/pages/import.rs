//! `/more/import`: an organiser brings in the agenda from a file of another program, having seen what that changes.

mod preview;
mod words;

use keruen_domain::ProgrammeId;
use keruen_domain::protocol::schedules::{ReadSchedule, Reading, limits, paths};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use self::preview::Preview;
use super::asking::{Asked, Doing};
use super::frame::show_frame;
use super::links::best;
use crate::components::EmptyState;
use crate::i18n::{Messages, format, use_language, use_translations};
use crate::state::{AppState, Schedule, Time, chosen_file_name, take_chosen_file};

/// Where it is.
pub(super) const ADDRESS: &str = "/more/import";

/// How far somebody has come with a file.
#[derive(Clone, PartialEq)]
enum Step {
    /// None was chosen.
    Choosing,
    /// It could not be opened.
    Unreadable,
    /// The server cannot read it, and says why.
    Refused(String),
    /// What it would change is shown.
    Offered,
    /// It is written.
    Done,
}

/// The page.
#[component]
pub(super) fn ImportPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::import_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    let me = Asked::now(move || async move { state.me().await });
    // Who organises everything may bring in a programme that is not there yet.
    let organises_everything = Memo::new(move |_| {
        let answer = me.answer();
        matches!(answer, Some(Ok(me)) if me.organises_everything)
    });
    let programmes = Memo::new(move |_| state.organised_programmes());
    let may = move || organises_everything.get() || programmes.with(|of| !of.is_empty());
    // The answer alone must not draw the page anew: a file may have been chosen before it came.
    let is_open = Memo::new(move |_| may() || me.answer().is_none());
    move || {
        if is_open.get() {
            view! { <Import programmes=programmes with_own=organises_everything /> }.into_any()
        } else {
            view! {
                <EmptyState
                    title=t.signal(Messages::calendar_may_not_title)
                    text=t.signal(Messages::calendar_may_not_text)
                />
            }
            .into_any()
        }
    }
}

/// Choosing a file, and what came of it.
#[component]
fn Import(
    /// Into which a file can be read.
    programmes: Memo<Vec<ProgrammeId>>,
    /// Whether it may also be read as the one that it describes.
    with_own: Memo<bool>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let language = use_language();
    let first = untrack(|| programmes.with(|of| of.first().copied()));
    let into = RwSignal::new(first);
    let zone = RwSignal::new(Time::phone_zone().unwrap_or_default());
    let step = RwSignal::new(Step::Choosing);
    let doing = Doing::nothing();
    let schedule = StoredValue::new_local(None::<Schedule>);
    let field = NodeRef::<html::Input>::new();
    let choose = move |_| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let name = chosen_file_name(&field);
        step.set(Step::Choosing);
        spawn_local(async move {
            let Some(file) = take_chosen_file(&field, limits::MAX_FILE_BYTES).await else {
                step.try_set(Step::Unreadable);
                return;
            };
            let question = ReadSchedule {
                file,
                name: name.chars().take(limits::MAX_TEXT_BYTES / 4).collect(),
                into: into.get_untracked(),
                zone: zone.get_untracked(),
                language: language.get_untracked().code().to_owned(),
            };
            let read = async move { state.read_schedule(question).await };
            doing.run(read, move |reading| {
                step.try_set(match reading {
                    Reading::Refused(why) => Step::Refused(why),
                    Reading::Read(read) => {
                        let _ = schedule.try_set_value(Some(Schedule::new(read)));
                        Step::Offered
                    }
                });
            });
        });
    };
    let size = move || format::size(&t, limits::MAX_FILE_BYTES as u64);
    let problem = move || match step.get() {
        Step::Unreadable => Some(t.import_unreadable(&size())),
        Step::Refused(why) => Some([t.import_refused(), ": ", &why].concat()),
        _ => None,
    };
    let again = move |()| step.set(Step::Choosing);
    let form = move || {
        view! {
            <div class="stack detail">
                <p class="quiet">{t.say(Messages::import_text)}</p>
                <p>
                    <a href=move || template(language.get().code()) rel="external" download="">
                        {t.say(Messages::import_template)}
                    </a>
                </p>
                <IntoChoice programmes=programmes with_own=with_own into=into />
                <ZoneChoice zone=zone />
                <p>
                    <label class="button button-primary file-choice">
                        <input
                            type="file"
                            class="visually-hidden"
                            node_ref=field
                            disabled=move || doing.is_under_way()
                            on:change=choose
                        />
                        {t.say(Messages::import_choose)}
                    </label>
                </p>
                <p role="status">{move || doing.is_under_way().then(|| t.import_reading())}</p>
                {doing.words()}
                <p class="lines" role="alert">
                    {problem}
                </p>
            </div>
        }
    };
    // The form stands as long as nothing is offered: its field has the file that is being read.
    let is_choosing =
        Memo::new(move |_| step.with(|step| !matches!(step, Step::Offered | Step::Done)));
    let outcome = move || {
        match step.get() {
        Step::Offered => {
            view! { <Preview schedule=schedule on_done=move |()| step.set(Step::Done) on_cancel=again /> }
                .into_any()
        }
        Step::Done => view! { <Done on_again=again /> }.into_any(),
        _ => ().into_any(),
    }
    };
    move || match is_choosing.get() {
        true => form().into_any(),
        false => outcome.into_any(),
    }
}

/// It is written.
#[component]
fn Done(#[prop(into)] on_again: Callback<()>) -> impl IntoView {
    let t = use_translations();
    view! {
        <div class="stack">
            <p role="status">{t.say(Messages::import_done)}</p>
            <p class="row-of-buttons">
                <a class="button button-primary" href="/agenda">
                    {t.say(Messages::common_nav_agenda)}
                </a>
                <button type="button" class="button" on:click=move |_| on_again.run(())>
                    {t.say(Messages::import_again)}
                </button>
            </p>
        </div>
    }
}

fn template(language: &str) -> String {
    [paths::TEMPLATE, "?lang=", language].concat()
}

#[component]
fn IntoChoice(
    programmes: Memo<Vec<ProgrammeId>>,
    with_own: Memo<bool>,
    into: RwSignal<Option<ProgrammeId>>,
) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let option = move |id: ProgrammeId| {
        let title = move || {
            let programme = state.programme(id);
            programme.map(|programme| best(&programme.title(), language.get()))
        };
        view! {
            <option value=id.to_string() selected=move || into.get() == Some(id)>
                {title}
            </option>
        }
    };
    view! {
        <label class="stack-close">
            <span>{t.say(Messages::import_into)}</span>
            <select
                class="field"
                on:change=move |event| into.set(event_target_value(&event).parse().ok())
            >
                {move || programmes.get().into_iter().map(option).collect_view()}
                {move || {
                    with_own
                        .get()
                        .then(|| {
                            view! {
                                <option value=String::new() selected=move || into.get().is_none()>
                                    {t.say(Messages::import_own)}
                                </option>
                            }
                        })
                }}
            </select>
        </label>
    }
}

/// The zone of times that name none: of the countries where the app is used, or the phone's.
#[component]
fn ZoneChoice(zone: RwSignal<String>) -> impl IntoView {
    const ZONES: [&str; 11] = [
        "Asia/Almaty",
        "Asia/Aqtau",
        "Asia/Aqtobe",
        "Asia/Atyrau",
        "Asia/Bishkek",
        "Asia/Dushanbe",
        "Asia/Oral",
        "Asia/Qostanay",
        "Asia/Qyzylorda",
        "Asia/Samarkand",
        "Asia/Tashkent",
    ];
    let t = use_translations();
    let phone = zone.get_untracked();
    let mut zones = ZONES.map(str::to_owned).to_vec();
    if !phone.is_empty() && !zones.contains(&phone) {
        zones.push(phone.clone());
    }
    let option = move |name: String| {
        let is_chosen = name == phone;
        let value = name.clone();
        view! {
            <option value=value selected=is_chosen>
                {name}
            </option>
        }
    };
    view! {
        <label class="stack-close">
            <span>{t.say(Messages::import_zone)}</span>
            <select class="field" on:change=move |event| zone.set(event_target_value(&event))>
                <option value=String::new()>{t.say(Messages::import_zone_none)}</option>
                {zones.into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}
