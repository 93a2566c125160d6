//! When a session is to be: a day and two times of day, typed as the venue's clocks show them.

use keruen_domain::model::{Event, Moment, parse_wall};
use keruen_domain::zones::Doubt;
use leptos::prelude::*;

use crate::i18n::{Messages, format, use_translations};
use crate::state::AppState;

/// When a session is to be, as it is typed.
#[derive(Clone, Copy)]
pub(super) struct When {
    pub(super) day: RwSignal<String>,
    pub(super) start: RwSignal<String>,
    pub(super) end: RwSignal<String>,
}

impl When {
    /// From when until when that is at an event, and what is doubtful about it.
    pub(super) fn span(
        self,
        state: &AppState,
        event: &Event,
    ) -> Option<(Moment, Moment, Option<Doubt>)> {
        let at = |clock: RwSignal<String>| {
            let wall = parse_wall(&[&*self.day.get(), "T", &clock.get()].concat())?;
            state.moment_at(event, wall)
        };
        let (start, doubt) = at(self.start)?;
        let (end, end_doubt) = at(self.end)?;
        Some((start, end, doubt.or(end_doubt)))
    }

    /// Moves the end by so many minutes.
    fn lengthen(self, minutes: i64) {
        let wall = |clock: &str| parse_wall(&[&*self.day.get_untracked(), "T", clock].concat());
        if let Some(end) = wall(&self.end.get_untracked()) {
            let end = end + chrono::TimeDelta::minutes(minutes);
            self.end.set(format::time(end.time()));
        }
    }
}

/// The fields for it.
#[component]
pub(super) fn Times(when: When) -> impl IntoView {
    let t = use_translations();
    let field =
        move |label: fn(&Messages) -> &'static str, kind: &'static str, value: RwSignal<String>| {
            view! {
                <label class="stack-close">
                    <span>{t.say(label)}</span>
                    <input
                        class="field"
                        type=kind
                        required
                        prop:value=value
                        on:input=move |event| value.set(event_target_value(&event))
                    />
                </label>
            }
        };
    let step = move |minutes: i64, words: &'static str| {
        view! {
            <button type="button" class="button" on:click=move |_| when.lengthen(minutes)>
                {words}
                " "
                {t.say(Messages::calendar_minutes)}
            </button>
        }
    };
    view! {
        <div class="times">
            {field(Messages::calendar_day, "date", when.day)}
            {field(Messages::calendar_start, "time", when.start)}
            {field(Messages::calendar_end, "time", when.end)}
        </div>
        <p class="row-of-buttons" role="group" aria-label=t.say(Messages::calendar_lengthen)>
            {step(-15, "−15")}
            {step(5, "+5")}
            {step(15, "+15")}
        </p>
    }
}
