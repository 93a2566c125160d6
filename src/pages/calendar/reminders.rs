//! One's own agenda in the phone's own calendar: a file with alarms, an address to subscribe to.

use std::future::Future;
use std::pin::Pin;

use keruen_domain::model::Session;
use leptos::prelude::*;

use crate::i18n::{Messages, use_language, use_translations};
use crate::pages::asking::{Asked, TakeBack};
use crate::pages::secret_link::{NewSecretPart, SecretLink};
use crate::state::{Answer, AppState};

/// How long before a session its alarm may ring, in minutes.
const MINUTES_BEFORE: [u32; 4] = [5, 15, 30, 60];
const USUAL_MINUTES: u32 = 15;

/// The file with alarms, of these sessions.
#[component]
pub(in crate::pages) fn Reminders(
    /// Which.
    sessions: Signal<Vec<Session>>,
    /// What the file is called.
    name: Signal<String>,
) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let minutes = RwSignal::new(USUAL_MINUTES);
    let words = RwSignal::new(None::<fn(&Messages) -> &'static str>);
    let save = move |_| {
        let (name, sessions) = (name.get_untracked(), sessions.get_untracked());
        let about = untrack(|| t.calendar_sample_words());
        let language = language.get_untracked();
        let is_saved =
            state.save_reminders(&sessions, (&name, about), language, minutes.get_untracked());
        words.set(Some(if is_saved {
            Messages::calendar_reminders_saved
        } else {
            Messages::more_backup_not_saved
        }));
    };
    let option = move |offered: u32| {
        view! {
            <option value=offered.to_string() selected=offered == USUAL_MINUTES>
                {offered}
                " "
                {t.say(Messages::calendar_minutes)}
            </option>
        }
    };
    view! {
        <details class="card">
            <summary>{t.say(Messages::calendar_reminders)}</summary>
            <div class="stack-close">
                <p>{t.say(Messages::calendar_reminders_text)}</p>
                <label class="stack-close">
                    <span>{t.say(Messages::calendar_reminders_before)}</span>
                    <select
                        class="field"
                        on:change=move |event| {
                            minutes.set(event_target_value(&event).parse().unwrap_or(USUAL_MINUTES));
                        }
                    >
                        {MINUTES_BEFORE.map(option).collect_view()}
                    </select>
                </label>
                <p>
                    <button type="button" class="button" on:click=save>
                        {t.say(Messages::calendar_reminders_save)}
                    </button>
                </p>
                <p class="small quiet" role="status">
                    {move || words.get().map(|words| words(&t))}
                </p>
            </div>
        </details>
    }
}

/// The address by which other programs follow one's own agenda; for who belongs to the server.
#[component]
pub(super) fn FeedPart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let is_open = RwSignal::new(false);
    move || {
        state.is_connected().then(|| {
            view! {
                <details class="card" on:toggle=move |_| is_open.set(true)>
                    <summary>{t.say(Messages::calendar_feed)}</summary>
                    {move || is_open.get().then(|| view! { <Feed /> })}
                </details>
            }
        })
    }
}

#[component]
fn Feed() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let feed = Asked::now(move || async move { state.feed().await });
    let link = move |secret: String| {
        view! {
            <SecretLink
                link=AppState::feed_link(&secret)
                title=t.signal(Messages::calendar_my_agenda)
                text=Messages::calendar_feed_once
            />
        }
        .into_any()
    };
    let revoke = move || -> Pin<Box<dyn Future<Output = Answer<()>>>> {
        Box::pin(async move { state.revoke_feed().await })
    };
    view! {
        <div class="stack-close">
            <p>{t.say(Messages::calendar_feed_text)}</p>
            {feed
                .view(move |known| {
                    let has_one = known.is_some();
                    view! {
                        {has_one.then(|| view! { <p>{t.calendar_feed_has()}</p> })}
                        <NewSecretPart
                            label=Messages::calendar_feed_make
                            make=move || Box::pin(async move { state.new_feed().await })
                            show=link
                        />
                        {has_one
                            .then(|| {
                                view! {
                                    <TakeBack
                                        label=Messages::shares_revoke
                                        act=revoke
                                        on_done=move |()| feed.again()
                                    />
                                }
                            })}
                    }
                        .into_any()
                })}
        </div>
    }
}
