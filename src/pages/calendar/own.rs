//! `/agenda/mine`: the sessions that one has marked, day by day.

use keruen_domain::model::Session;
use leptos::prelude::*;

use super::days::Days;
use super::reminders::{FeedPart, Reminders};
use crate::components::EmptyState;
use crate::i18n::{Messages, use_translations};
use crate::pages::frame::show_frame;
use crate::state::AppState;

/// The page.
#[component]
pub(in crate::pages) fn OwnAgendaPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::calendar_my_agenda),
        Signal::derive(|| Some("/agenda".to_owned())),
    );
    let sessions = Memo::new(move |_| {
        state.follow_programmes();
        state.own_agenda()
    });
    let is_over = move |session: &Session| {
        let end = session.end();
        end.is_some_and(|end| end.unix_ms() <= state.time.now_ms())
    };
    let of = move |over: bool| {
        let mut sessions = sessions.get();
        sessions.retain(|session| is_over(session) == over);
        sessions
    };
    view! {
        <div class="stack">
            {move || {
                sessions
                    .with(Vec::is_empty)
                    .then(|| {
                        view! {
                            <EmptyState
                                title=t.signal(Messages::calendar_mine_empty_title)
                                text=t.signal(Messages::calendar_mine_empty_text)
                            />
                        }
                    })
            }}
            {move || view! { <Days sessions=of(false) /> }}
            <Show when=move || !of(false).is_empty()>
                <Reminders
                    sessions=Signal::derive(move || of(false))
                    name=t.signal(Messages::calendar_my_agenda)
                />
            </Show>
            <FeedPart />
            {move || {
                let past = of(true);
                (!past.is_empty())
                    .then(|| {
                        view! {
                            <details open=of(false).is_empty()>
                                <summary>{t.say(Messages::calendar_past)}</summary>
                                <Days sessions=past />
                            </details>
                        }
                    })
            }}
        </div>
    }
}
