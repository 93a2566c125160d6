//! What organisers and trainers do with a session or a day, beside it; nothing for others.

use chrono::NaiveDate;
use keruen_domain::model::{Session, parse_day};
use keruen_domain::{EventId, SessionId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::i18n::{Messages, format, use_translations};
use crate::pages::address::Address;
use crate::pages::downloads::ReadyCount;
use crate::pages::links::day_href;
use crate::state::AppState;

fn editor_href(id: SessionId) -> String {
    format!("/edit/{id}")
}

/// Below a session: changing it, making another like it.
#[component]
pub(in crate::pages) fn SessionTools(session: Session) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    // A trainer may change what they lead, and the phone may not know yet who they are.
    spawn_local(async move { state.learn_own_person().await });
    let id = session.id();
    let copy = [
        &*editor_href(AppState::new_session_id()),
        "?copy=",
        &id.to_string(),
    ]
    .concat();
    move || {
        let copy = copy.clone();
        let event = session.event().and_then(|event| state.event(event));
        let may_add = event.is_some_and(|event| state.may_add_to(&event));
        state.may_change(&session).then(|| {
            view! {
                <p class="row-of-buttons">
                    <a class="button" href=editor_href(id)>
                        {t.say(Messages::calendar_edit)}
                    </a>
                    {may_add
                        .then(|| {
                            view! {
                                <a class="button" href=copy>
                                    {t.say(Messages::calendar_copy)}
                                </a>
                            }
                        })}
                </p>
            }
        })
    }
}

/// Below a day of an event: a new session, the whole day once more on another.
#[component]
pub(in crate::pages) fn DayTools(event: EventId, day: NaiveDate) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let next = day.succ_opt().unwrap_or(day).to_string();
    let target = RwSignal::new(next);
    let copy_day = move |submitted: leptos::ev::SubmitEvent| {
        submitted.prevent_default();
        let to = parse_day(&target.get_untracked()).filter(|to| *to != day);
        let Some((to, of)) = to.zip(untrack(|| state.event(event))) else {
            return;
        };
        spawn_local(async move {
            if state.copy_day(&of, day, to).await {
                address.go(&day_href(event, to), false);
            }
        });
    };
    move || {
        let may = state.event(event).is_some_and(|of| state.may_add_to(&of));
        may.then(|| {
            let programme = state.event(event).and_then(|of| of.programme());
            let id = AppState::new_session_id();
            let new = format!("/edit/{id}?event={event}&day={day}");
            view! {
                <div class="stack-close day-tools">
                    {programme.map(|programme| view! { <ReadyCount programme /> })}
                    <p>
                        <a class="button" href=new>
                            {t.say(Messages::calendar_new_session)}
                        </a>
                    </p>
                    <details>
                        <summary>{t.say(Messages::calendar_copy_day)}</summary>
                        <form class="stack-close" on:submit=copy_day>
                            <label class="stack-close">
                                <span>
                                    {move || {
                                        t.calendar_copy_day_to(
                                            &format::weekday_and_day(t.language(), day),
                                        )
                                    }}
                                </span>
                                <input
                                    class="field"
                                    type="date"
                                    required
                                    prop:value=target
                                    on:input=move |event| target.set(event_target_value(&event))
                                />
                            </label>
                            <p>
                                <button type="submit" class="button">
                                    {t.say(Messages::calendar_copy_day_action)}
                                </button>
                            </p>
                        </form>
                    </details>
                </div>
            }
        })
    }
}
