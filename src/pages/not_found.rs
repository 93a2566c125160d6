use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::backup::SaveBackupButton;
use super::failure::of_storage;
use super::frame::show_frame;
use super::later::{Later, LaterPart};
use crate::components::{EmptyState, FailureNotice};
use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, StoreError};

/// An address that leads nowhere.
#[component]
pub(super) fn NotFoundPage() -> impl IntoView {
    let t = use_translations();
    show_frame(t.signal(Messages::common_not_found_title), None.into());
    view! {
        <EmptyState
            title=t.signal(Messages::common_not_found_title)
            text=t.signal(Messages::common_not_found_text)
        >
            <a class="button button-primary" href="/">
                {t.say(Messages::common_to_today)}
            </a>
        </EmptyState>
    }
}

/// A thing that is not on this device (yet): a link may lead to it before its first sync.
#[component]
pub(super) fn NotOnPhone() -> impl IntoView {
    let t = use_translations();
    view! {
        <EmptyState
            title=t.signal(Messages::common_not_on_phone_title)
            text=t.signal(Messages::common_not_on_phone_text)
        >
            <a class="button" href="/">
                {t.say(Messages::common_to_today)}
            </a>
        </EmptyState>
    }
}

/// The storage could not be opened at all.
#[component]
pub fn StartFailedPage(
    /// Why.
    error: StoreError,
) -> impl IntoView {
    let t = use_translations();
    let code = format!("storage: {error}");
    view! {
        <header class="app-header">
            <h1 class="app-title">{t.say(Messages::common_app_name)}</h1>
        </header>
        <main class="stack app-content">
            <FailureNotice failure=of_storage(&error) code=code>
                <a class="button button-primary" href="/" rel="external">
                    {t.say(Messages::errors_reload)}
                </a>
                <Later part=LaterPart::RescueBackup />
            </FailureNotice>
        </main>
    }
}

/// Saves what can still be read of a storage that could not be opened.
#[component]
pub(super) fn RescueBackup() -> impl IntoView {
    let save = move |outcome: RwSignal<Option<bool>>| {
        spawn_local(async move {
            let saved = AppState::rescue_backup().await;
            outcome.try_set(Some(saved));
        });
    };
    view! { <SaveBackupButton save=save /> }
}
