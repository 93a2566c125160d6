//! Files of this phone that are to go to the server: how each stands, and what can be done about it.

use keruen_domain::downloads::HeldBack;
use keruen_domain::model::{FileInfo, Material, View};
use keruen_domain::{ContentHash, ScopeId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::components::Confirm;
use crate::i18n::{Messages, format, use_translations};
use crate::pages::links::{best, material_href};
use crate::state::{AppState, Upload, UploadFailure, UploadStand};

fn stand_words(t: &Messages, stand: UploadStand) -> &'static str {
    match stand {
        UploadStand::Going => t.making_going(),
        UploadStand::Waiting => t.making_waits(),
        UploadStand::NoServer => t.making_waits_server(),
        UploadStand::HeldBack(HeldBack::Paused) => t.downloads_paused(),
        UploadStand::HeldBack(HeldBack::OnlyFree) => t.downloads_waits_wifi(),
        UploadStand::HeldBack(HeldBack::SavesData) => t.downloads_waits_saver(),
        UploadStand::Failed(UploadFailure::NotAllowed) => t.making_not_allowed(),
        UploadStand::Failed(UploadFailure::TooLarge) => t.making_server_too_large(),
        UploadStand::Failed(UploadFailure::WrongType) => t.making_wrong_type(),
        UploadStand::Failed(UploadFailure::Damaged) => t.making_damaged(),
        UploadStand::Failed(UploadFailure::ScopeFull) => t.making_scope_full(),
    }
}

/// On the page of a material whose file the server does not have yet.
#[component]
pub(in crate::pages) fn SendingPart(material: Material, file: FileInfo) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let scope = material.record().key.scope;
    let Ok(sha256) = file.sha256.parse() else {
        return ().into_any();
    };
    let is_to_go = {
        let name = file.sha256.clone();
        Memo::new(move |_| state.uploads().stand_of(scope, &name).is_some())
    };
    let size_bytes = file.size_bytes;
    let remove = move |()| {
        let material = material.clone();
        spawn_local(async move {
            state.remove_file_of(&material).await;
        });
    };
    (move || {
        let remove = remove.clone();
        is_to_go.get().then(|| {
            view! {
                <div class="stack-close">
                    <h2>{t.say(Messages::making_sending_title)}</h2>
                    <Stand scope=scope sha256=sha256 size_bytes=size_bytes title=None />
                    <Confirm
                        label=t.signal(Messages::making_cancel)
                        question=t.signal(Messages::making_cancel_sure)
                        yes=t.signal(Messages::making_cancel)
                        on_yes=remove
                    />
                </div>
            }
        })
    })
    .into_any()
}

/// How a file stands that the server does not have yet, in a line; nothing if it has it.
#[component]
pub(in crate::pages) fn SendingMark(scope: ScopeId, file: FileInfo) -> impl IntoView {
    let t = use_translations();
    let uploads = AppState::of_context().uploads();
    let stand = Memo::new(move |_| {
        let stand = uploads.stand_of(scope, &file.sha256);
        stand.map(|(stand, _)| stand)
    });
    move || {
        let words = stand_words(&t, stand.get()?);
        Some(view! { <p class="small quiet">{words}</p> })
    }
}

/// How a file stands, with its buttons.
#[component]
fn Stand(
    scope: ScopeId,
    sha256: ContentHash,
    size_bytes: u64,
    /// What the material is called, where several are listed.
    title: Option<String>,
) -> impl IntoView {
    let t = use_translations();
    let uploads = AppState::of_context().uploads();
    let known = move || uploads.stand_of(scope, &sha256.to_string());
    let stand = Memo::new(move |_| known().map(|(stand, _)| stand));
    let sent_bytes = Memo::new(move |_| known().map_or(0, |(_, sent_bytes)| sent_bytes));
    let amount = move || {
        let (sent, size) = (
            format::size(&t, sent_bytes.get()),
            format::size(&t, size_bytes),
        );
        t.downloads_progress(&sent, &size)
    };
    let title = StoredValue::new(title);
    let button = move |words: fn(&Messages) -> &'static str, act: Box<dyn Fn()>| {
        let name = move || {
            let title = title.get_value();
            title.map(|title| t.downloads_of_material(words(&t), &title))
        };
        view! {
            <button type="button" class="button" aria-label=name on:click=move |_| act()>
                {t.say(words)}
            </button>
        }
    };
    let buttons = move || {
        let now = Box::new(move || uploads.send_now(scope, sha256));
        Some(match stand.get()? {
            UploadStand::HeldBack(HeldBack::Paused) => button(
                Messages::downloads_resume,
                Box::new(move || uploads.pause(scope, sha256, false)),
            ),
            UploadStand::HeldBack(HeldBack::OnlyFree | HeldBack::SavesData) => {
                button(Messages::making_send_now, now)
            }
            UploadStand::Failed(_) => button(Messages::common_try_again, now),
            UploadStand::Going | UploadStand::Waiting | UploadStand::NoServer => button(
                Messages::downloads_pause,
                Box::new(move || uploads.pause(scope, sha256, true)),
            ),
        })
    };
    view! {
        <div class="amount">
            <progress
                max=size_bytes.max(1)
                value=move || sent_bytes.get()
                aria-label=t.say(Messages::making_going)
            ></progress>
            <p class="small">{amount}</p>
        </div>
        <p class="small quiet" role="status">
            {move || stand.get().map(|stand| stand_words(&t, stand))}
        </p>
        <p class="row-of-buttons">{buttons}</p>
    }
}

/// All files that are to go; nothing where none is.
#[component]
pub(in crate::pages) fn UploadsPart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let uploads = state.uploads();
    // Which rows there are, not how far each is.
    let rows = Memo::new(move |_| {
        let queue = uploads.queue().into_iter();
        let rows = queue.map(|upload| (upload.scope, upload.sha256, upload.size_bytes));
        rows.collect::<Vec<_>>()
    });
    let row = move |upload: Upload| {
        let name = upload.sha256.to_string();
        let material = untrack(|| state.material_of_file(&name));
        let title = material.as_ref().map_or_else(
            || upload.name.clone(),
            |material| best(&material.title(), t.language()),
        );
        let href = material.map(|material| material_href(material.id()));
        let named = match href {
            Some(href) => view! { <a href=href>{title.clone()}</a> }.into_any(),
            None => view! { <span>{title.clone()}</span> }.into_any(),
        };
        view! {
            <article class="row">
                <div class="row-text">
                    <h3 class="row-title">{named}</h3>
                    <Stand
                        scope=upload.scope
                        sha256=upload.sha256
                        size_bytes=upload.size_bytes
                        title=Some(title)
                    />
                </div>
            </article>
        }
    };
    move || {
        let count = rows.with(Vec::len);
        (count > 0).then(|| {
            let queue = untrack(|| uploads.queue());
            view! {
                <section class="stack-close">
                    <h2>{t.say(Messages::making_sending_title)}</h2>
                    <p class="small quiet">{t.say(Messages::making_sending_text)}</p>
                    <div class="rows">{queue.into_iter().map(row).collect_view()}</div>
                </section>
            }
        })
    }
}
