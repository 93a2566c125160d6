//! One file: how it stands, and what can be done about it.

use keruen_domain::ContentHash;
use keruen_domain::downloads::HeldBack;
use keruen_domain::model::FileInfo;
use leptos::prelude::*;

use super::storage::STORAGE;
use crate::components::{Icon, IconName};
use crate::i18n::{Messages, format, use_translations};
use crate::state::{AppState, DownloadFailure, Downloads, FileStand, QueueStand, QueuedStand};

/// How long so many bytes take, after a point between two facts; nothing before anything was measured.
pub(in crate::pages) fn minutes_after(t: &Messages, downloads: Downloads, bytes: u64) -> String {
    let minutes = downloads.speed().minutes(bytes);
    minutes.map_or_else(String::new, |minutes| {
        [" · ", &t.downloads_minutes(minutes)].concat()
    })
}

/// How a file of the queue stands, as a sentence.
pub(super) fn stand_words(t: &Messages, stand: QueuedStand) -> &'static str {
    match stand {
        QueuedStand::Coming => t.downloads_coming(),
        QueuedStand::Checking => t.downloads_checking(),
        QueuedStand::Waiting => t.downloads_waits_turn(),
        QueuedStand::NoServer => t.downloads_waits_server(),
        QueuedStand::Full => t.downloads_full(),
        QueuedStand::HeldBack(HeldBack::Paused) => t.downloads_paused(),
        QueuedStand::HeldBack(HeldBack::OnlyFree) => t.downloads_waits_wifi(),
        QueuedStand::HeldBack(HeldBack::SavesData) => t.downloads_waits_saver(),
        QueuedStand::LinkEnded => t.downloads_link_ended(),
        QueuedStand::Failed(DownloadFailure::NotThere) => t.downloads_not_there(),
        QueuedStand::Failed(DownloadFailure::Damaged) => t.downloads_damaged(),
    }
}

/// A file that is not on this phone: the button that has it come, or how far it is.
#[component]
pub(in crate::pages) fn DownloadPart(
    file: FileInfo,
    /// What the button says before it is asked for, with its size.
    #[prop(default = Messages::materials_download)]
    words: fn(&Messages, &str) -> String,
    /// Whether it is what most people want.
    #[prop(default = true)]
    is_primary: bool,
) -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let size_bytes = file.size_bytes;
    let Ok(sha256) = file.sha256.parse::<ContentHash>() else {
        return ().into_any();
    };
    let file = StoredValue::new(file);
    // What the buttons depend on; the amount changes all the time.
    let stand = Memo::new(move |_| {
        let stand = file.with_value(|file| downloads.stand_of(&file.sha256));
        match stand {
            FileStand::Queued(stand, _) => Some(Some(stand)),
            FileStand::NotHere => Some(None),
            FileStand::Here => None,
        }
    });
    let here_bytes =
        Memo::new(
            move |_| match file.with_value(|file| downloads.stand_of(&file.sha256)) {
                FileStand::Queued(_, here_bytes) => here_bytes,
                FileStand::NotHere | FileStand::Here => 0,
            },
        );
    let ask = move |_| downloads.ask_for([file.get_value()]);
    // What the person wants of it could not be kept either.
    let no_room = move || {
        let is_full = matches!(downloads.stand(), QueueStand::Full { .. });
        let is_said = stand.get() == Some(Some(QueuedStand::Full));
        (is_full && !is_said).then(|| {
            view! {
                <p class="small" role="status">
                    {t.downloads_full()} " "
                    <a href=STORAGE>{t.downloads_full_remove()}</a>
                </p>
            }
        })
    };
    let size = move || format::size(&t, size_bytes);
    view! {
        {move || Some(match stand.get()? {
            None => view! {
                <p>
                    <button type="button" class="button" class:button-primary=is_primary on:click=ask>
                        <Icon name=IconName::Download />
                        {words(&t, &size())}
                    </button>
                </p>
                <p class="small quiet">
                    {t.materials_not_on_phone()}
                    {move || minutes_after(&t, downloads, size_bytes)}
                </p>
                {no_room}
            }
            .into_any(),
            Some(stand) => view! {
                <Amount here_bytes size_bytes />
                <p class="small quiet" role="status">{stand_words(&t, stand)}</p>
                {no_room}
                <p class="row-of-buttons">
                    <FileActs sha256 stand />
                </p>
            }
            .into_any(),
        })}
    }
    .into_any()
}

/// How much of a file is here, drawn and said.
#[component]
pub(super) fn Amount(#[prop(into)] here_bytes: Signal<u64>, size_bytes: u64) -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let words = move || {
        let here_bytes = here_bytes.get();
        let words =
            t.downloads_progress(&format::size(&t, here_bytes), &format::size(&t, size_bytes));
        let left = size_bytes.saturating_sub(here_bytes);
        words + &minutes_after(&t, downloads, left)
    };
    view! {
        <div class="amount">
            <progress
                max=size_bytes.max(1)
                value=move || here_bytes.get()
                aria-label=t.say(Messages::downloads_coming)
            ></progress>
            <p class="small">{words}</p>
        </div>
    }
}

/// What can be done about a file of the queue.
#[component]
pub(super) fn FileActs(
    sha256: ContentHash,
    stand: QueuedStand,
    /// What the material is called, where several are listed.
    #[prop(optional)]
    title: Option<Signal<String>>,
) -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let button = move |words: fn(&Messages) -> &'static str, act: Box<dyn Fn()>| {
        let name = move || title.map(|title| t.downloads_of_material(words(&t), &title.get()));
        view! {
            <button type="button" class="button" aria-label=name on:click=move |_| act()>
                {t.say(words)}
            </button>
        }
        .into_any()
    };
    let pause =
        move |is_paused| Box::new(move || downloads.pause(sha256, is_paused)) as Box<dyn Fn()>;
    let first = match stand {
        QueuedStand::LinkEnded => {
            let link = untrack(|| downloads.link_of(sha256));
            link.map(|href| {
                let words = Messages::downloads_open_link_again;
                let name =
                    move || title.map(|title| t.downloads_of_material(words(&t), &title.get()));
                view! {
                    <a class="button button-primary" href=href rel="external" aria-label=name>
                        {t.say(words)}
                    </a>
                }
            })
            .into_any()
        }
        QueuedStand::HeldBack(HeldBack::Paused) => button(Messages::downloads_resume, pause(false)),
        QueuedStand::HeldBack(HeldBack::OnlyFree | HeldBack::SavesData) => {
            let now = Box::new(move || downloads.bring_now(sha256));
            button(Messages::downloads_now, now)
        }
        QueuedStand::Failed(_) => {
            let again = Box::new(move || downloads.bring_now(sha256));
            button(Messages::common_try_again, again)
        }
        QueuedStand::Full => {
            let again = Box::new(move || downloads.try_again());
            button(Messages::common_try_again, again)
        }
        _ => button(Messages::downloads_pause, pause(true)),
    };
    view! {
        {first}
        {button(Messages::downloads_cancel, Box::new(move || downloads.call_off(sha256)))}
    }
}
