//! A session in an agenda.

use chrono::NaiveTime;
use keruen_domain::model::{SessionKind, Translated};
use leptos::prelude::*;

use super::{Icon, IconName, SampleLabel, TranslatedText};
use crate::i18n::{Messages, format, use_translations};

/// What a card shows of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCardView {
    /// Where the card leads.
    pub href: String,
    /// What happens in it.
    pub kind: SessionKind,
    /// When it begins, on the venue's clocks.
    pub start: Option<NaiveTime>,
    /// When it ends.
    pub end: Option<NaiveTime>,
    /// What it is called.
    pub title: Translated,
    /// Where.
    pub room: Translated,
    /// Names of who speaks.
    pub speakers: Vec<String>,
    /// Whether some of this was made up for the demonstration.
    pub is_sample: bool,
    /// Whether it was called off.
    pub is_cancelled: bool,
}

/// Where a session stands to the present moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionPhase {
    /// It is over.
    Past,
    /// It is going on.
    Now,
    /// It is the next.
    Next,
    /// It comes later, or the moment does not matter here.
    #[default]
    Later,
}

/// A session: time, kind, title, room and speakers. Breaks are thin.
#[component]
pub fn SessionCard(
    /// The session.
    session: SessionCardView,
    /// Where it stands to the present moment.
    #[prop(optional, into)]
    phase: Signal<SessionPhase>,
    /// A word on time beside *now* or *next*: “until 10:30”, “in 25 min”.
    #[prop(optional, into)]
    countdown: Signal<Option<String>>,
    /// What else is said of it.
    children: Children,
) -> impl IntoView {
    let t = use_translations();
    let SessionCardView {
        href,
        kind,
        start,
        end,
        title,
        room,
        speakers,
        is_sample,
        is_cancelled,
    } = session;
    let is_break = kind == SessionKind::Break;
    // A break's title says that it is one; and a title that is the kind's own word needs no second.
    let kind_word = {
        let title = title.clone();
        move || {
            let word = t.session_kind(kind);
            let (written, _) = title.best(t.language())?;
            (!is_break && written != word).then_some(word)
        }
    };
    let phase_word = move || match phase.get() {
        SessionPhase::Now => Some(t.today_now()),
        SessionPhase::Next => Some(t.today_next()),
        SessionPhase::Past | SessionPhase::Later => None,
    };
    let time = |time: Option<NaiveTime>| {
        time.map(|time| {
            let written = format::time(time);
            view! { <time datetime=written.clone()>{written.clone()}</time> }
        })
    };
    view! {
        <article
            class="session-card"
            class:is-break=is_break
            class:is-cancelled=is_cancelled
            class:is-past=move || phase.get() == SessionPhase::Past
            class:is-now=move || phase.get() == SessionPhase::Now
        >
            <p class="session-card-time">{time(start)} {time(end)}</p>
            <div class="session-card-body">
                {move || {
                    phase_word()
                        .map(|word| {
                            view! {
                                <p class="session-card-phase">
                                    <strong>{word}</strong>
                                    {countdown.get().map(|words| view! { <span>{words}</span> })}
                                </p>
                            }
                        })
                }}
                <div class="session-card-kind">
                    <Icon name=kind_icon(kind) />
                    {move || kind_word().map(|word| view! { <span>{word}</span> })}
                    {is_cancelled
                        .then(|| view! { <strong>{t.say(Messages::agenda_status_cancelled)}</strong> })}
                    {(is_sample && !is_break).then(|| view! { <SampleLabel /> })}
                </div>
                <h3 class="session-card-title">
                    <a class="session-card-link" href=href>
                        <TranslatedText text=title />
                    </a>
                </h3>
                {(is_sample && is_break).then(|| view! { <SampleLabel /> })}
                {(!room.is_empty())
                    .then(|| {
                        view! {
                            <p class="session-card-fact">
                                <Icon name=IconName::Place />
                                <span>
                                    <TranslatedText text=room is_unlabelled=true />
                                </span>
                            </p>
                        }
                    })}
                {(!speakers.is_empty())
                    .then(|| {
                        view! {
                            <p class="session-card-fact">
                                <Icon name=IconName::Person />
                                <span>{speakers.join(", ")}</span>
                            </p>
                        }
                    })}
                {children()}
            </div>
        </article>
    }
}

/// The line that marks the present moment between two cards.
#[component]
pub fn NowLine(
    /// The time at the venue.
    #[prop(into)]
    time: Signal<NaiveTime>,
) -> impl IntoView {
    let t = use_translations();
    view! { <p class="now-line">{move || t.agenda_now_line(&format::time(time.get()))}</p> }
}

const fn kind_icon(kind: SessionKind) -> IconName {
    match kind {
        SessionKind::Opening => IconName::Opening,
        SessionKind::StrategicSession => IconName::StrategicSession,
        SessionKind::Lecture => IconName::Lecture,
        SessionKind::Workshop => IconName::Workshop,
        SessionKind::ProjectWork => IconName::ProjectWork,
        SessionKind::GroupWork => IconName::GroupWork,
        SessionKind::Discussion => IconName::Discussion,
        SessionKind::KnowledgeSharing => IconName::KnowledgeSharing,
        SessionKind::SiteVisit => IconName::SiteVisit,
        SessionKind::Exhibition => IconName::Exhibition,
        SessionKind::Assessment => IconName::Assessment,
        SessionKind::Break => IconName::Break,
        SessionKind::Closing => IconName::Closing,
    }
}
