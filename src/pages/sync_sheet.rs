//! The whole story behind the chip: what waits, what was refused and why, last contact, clock,
//! storage, "sync now".

use keruen_domain::sync::Phase;
use leptos::prelude::*;

use super::attention::AttentionLink;
use super::backup::SaveBackup;
use super::more::StoragePart;
use crate::i18n::{Failure, Messages, format, use_translations};
use crate::state::{AppState, DataState, Time};

const MINUTE_MS: u64 = 60_000;

/// What the sheet holds while it is open.
#[component]
pub(super) fn SyncSheetContent(is_open: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="stack">
            <Standing />
            <AttentionLink on_go=move |()| is_open.set(false) />
            <StoragePart />
            <SaveBackup />
        </div>
    }
}

#[component]
fn Standing() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let sentence = move || match state.data_state() {
        DataState::NeedsAttention => t.sync_state_attention().to_owned(),
        DataState::Sending(_) => t.sync_state_sending().to_owned(),
        DataState::Offline => t.sync_state_offline().to_owned(),
        DataState::ServerFault => {
            let words = t.failure(Failure::Server);
            [&words.what, " ", words.safe, " ", words.advice].concat()
        }
        DataState::Receiving => t.sync_state_receiving().to_owned(),
        DataState::UpToDate(_) => t.sync_state_up_to_date().to_owned(),
        DataState::OnThisPhone if state.has_token() => t.sync_state_sending().to_owned(),
        DataState::OnThisPhone => t.sync_state_on_phone().to_owned(),
    };
    let waiting = move || match state.waiting() {
        0 => t.sync_waiting_none().to_owned(),
        waiting => t.sync_waiting(waiting as u64),
    };
    let last_contact = move || {
        let last = state.status.get().last_contact_ms;
        last.map_or_else(
            || t.sync_never().to_owned(),
            |at| {
                let wall = Time::phone_wall(at);
                let day = format::day(t.language(), wall.date());
                [day.as_str(), ", ", &format::time(wall.time())].concat()
            },
        )
    };
    let is_exchanging = move || state.status.get().phase == Phase::Exchanging;
    let button = move || {
        if is_exchanging() {
            t.sync_syncing()
        } else {
            t.sync_sync_now()
        }
    };
    view! {
        <section class="stack-close">
            <p>{sentence}</p>
            <dl class="facts">
                <dt>{t.say(Messages::sync_last_contact)}</dt>
                <dd>{last_contact}</dd>
                <dt>{t.say(Messages::sync_clock)}</dt>
                <dd>{move || clock_words(&t, state.status.get().clock_offset_ms)}</dd>
            </dl>
            <p>{waiting}</p>
            <Show when=move || state.status.get().clock_is_off()>
                <p role="status">{t.say(Messages::sync_clock_warning)}</p>
            </Show>
            <Show when=move || state.status.get().phase == Phase::Following>
                <p class="small quiet">{t.say(Messages::sync_other_tab)}</p>
            </Show>
            <p>
                <button type="button" class="button button-primary" on:click=move |_| state.sync_now()>
                    {button}
                </button>
            </p>
        </section>
    }
}

fn clock_words(t: &Messages, offset_ms: i64) -> String {
    let minutes = (offset_ms.unsigned_abs() + MINUTE_MS / 2) / MINUTE_MS;
    match (minutes, offset_ms > 0) {
        (0, _) => t.sync_clock_right().to_owned(),
        (_, true) => t.sync_clock_behind(minutes),
        (_, false) => t.sync_clock_ahead(minutes),
    }
}
