//! All files that are on their way.

use leptos::prelude::*;

use super::file::{Amount, FileActs, stand_words};
use super::room::CanGo;
use super::storage::STORAGE;
use crate::i18n::{Messages, format, use_translations};
use crate::pages::links::{best, material_href};
use crate::state::{AppState, QueueStand, QueuedFile};

/// No room: what the next file needs, what there is, and what the person may do.
#[component]
pub(in crate::pages) fn FullPart() -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let full = Memo::new(move |_| match downloads.stand() {
        QueueStand::Full {
            lacks_bytes,
            room_bytes,
        } => Some((lacks_bytes, room_bytes)),
        _ => None,
    });
    move || {
        let (lacks_bytes, room_bytes) = full.get()?;
        let needs = room_bytes.map(|room_bytes| {
            let (needs, room) = (format::size(&t, lacks_bytes), format::size(&t, room_bytes));
            view! { <p>{t.downloads_full_needs(&needs, &room)}</p> }
        });
        Some(view! {
            <section class="card stack-close" role="alert">
                <h2>{t.downloads_full_title()}</h2>
                {needs}
                <p>{t.downloads_full_text()}</p>
                <CanGo />
                <p class="row-of-buttons">
                    <a class="button" href=STORAGE>
                        {t.downloads_full_remove()}
                    </a>
                    <button type="button" class="button" on:click=move |_| downloads.try_again()>
                        {t.common_try_again()}
                    </button>
                </p>
            </section>
        })
    }
}

/// The queue, in the order in which the files come.
#[component]
pub(in crate::pages) fn QueuePart() -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    // Which rows there are, not how far each is.
    let rows = Memo::new(move |_| {
        let mut queue = downloads.queue();
        for file in &mut queue {
            file.here_bytes = 0;
        }
        queue
    });
    let any_runs = move || rows.with(|rows| rows.iter().any(|file| !file.download.is_paused));
    let words = move || {
        if any_runs() {
            t.downloads_pause_all()
        } else {
            t.downloads_resume_all()
        }
    };
    view! {
        <section class="stack-close">
            <h2>{t.say(Messages::downloads_queue_title)}</h2>
            {move || {
                let queue = rows.get();
                if queue.is_empty() {
                    return view! { <p class="quiet">{t.downloads_queue_empty()}</p> }.into_any();
                }
                let has_many = queue.len() > 1;
                view! {
                    <p class="small quiet">{t.downloads_queue_order()}</p>
                    {has_many
                        .then(|| {
                            view! {
                                <p>
                                    <button
                                        type="button"
                                        class="button"
                                        on:click=move |_| downloads.pause_all(untrack(any_runs))
                                    >
                                        {words}
                                    </button>
                                </p>
                            }
                        })}
                    <div class="rows">
                        {queue.into_iter().map(|file| view! { <QueueRow file=file /> }).collect_view()}
                    </div>
                }
                    .into_any()
            }}
        </section>
    }
}

#[component]
fn QueueRow(file: QueuedFile) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let downloads = state.downloads();
    let (sha256, size_bytes) = (file.download.sha256, file.download.size_bytes);
    let found = move || {
        let queue = downloads.queue();
        queue
            .into_iter()
            .find(|file| file.download.sha256 == sha256)
    };
    let stand = Memo::new(move |_| found().map(|file| downloads.stand_in_queue(&file)));
    let kind = Memo::new(move |_| stand.get().map(|(stand, _)| stand));
    let here_bytes = Signal::derive(move || stand.get().map_or(0, |(_, here_bytes)| here_bytes));
    let material = state.material_of_file(&sha256.to_string());
    let href = material
        .as_ref()
        .map(|material| material_href(material.id()));
    let title = Signal::derive(move || {
        let title = material
            .as_ref()
            .map(|material| best(&material.title(), t.language()));
        title.unwrap_or_else(|| t.downloads_storage_unknown().to_owned())
    });
    view! {
        <article class="row">
            <div class="row-text">
                <h3 class="row-title">
                    {match href {
                        Some(href) => view! { <a href=href>{title}</a> }.into_any(),
                        None => view! { <span>{title}</span> }.into_any(),
                    }}
                </h3>
                <Amount here_bytes size_bytes />
                {move || {
                    let stand = kind.get()?;
                    Some(
                        view! {
                            <p class="row-facts">{stand_words(&t, stand)}</p>
                            <p class="row-of-buttons">
                                <FileActs sha256 stand title />
                            </p>
                        },
                    )
                }}
            </div>
        </article>
    }
}
