//! The backup file: saving one, and restoring from one.

use keruen_domain::backup::{self, Backup, BackupError};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::failure::of_storage;
use crate::components::{Icon, IconName};
use crate::i18n::{Messages, format, use_translations};
use crate::state::{AppState, Restored, StoreError, Time, take_chosen_file};

/// How a restoration goes.
#[derive(Clone, PartialEq)]
enum Step {
    /// Nothing was chosen.
    Idle,
    /// This is in the file that was chosen.
    Offered(Backup),
    /// It is on its way to the disk.
    Restoring,
    /// That came of it.
    Done(Restored),
    /// The file cannot be used.
    Refused(BackupError),
    /// The file is good, and this device could not keep what is in it.
    NotKept(StoreError),
}

/// A button that saves a backup file, wherever storage may fail.
#[component]
pub(super) fn SaveBackupButton(
    /// Makes the file and hands it out; whether that worked.
    #[prop(into)]
    save: Callback<RwSignal<Option<bool>>>,
) -> impl IntoView {
    let t = use_translations();
    let outcome = RwSignal::new(None::<bool>);
    let words = move || match outcome.get() {
        None => "",
        Some(true) => t.more_backup_saved(),
        Some(false) => t.more_backup_not_saved(),
    };
    view! {
        <button type="button" class="button" on:click=move |_| save.run(outcome)>
            <Icon name=IconName::Download />
            {t.say(Messages::more_backup_save)}
        </button>
        <p class="small quiet" role="status">
            {words}
        </p>
    }
}

/// The same for the open app.
#[component]
pub(super) fn SaveBackup() -> impl IntoView {
    let state = AppState::of_context();
    let save = move |outcome: RwSignal<Option<bool>>| {
        spawn_local(async move {
            let saved = state.save_backup().await;
            outcome.try_set(Some(saved));
        });
    };
    view! { <SaveBackupButton save=save /> }
}

/// Saving and restoring.
#[component]
pub(super) fn BackupPart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let step = RwSignal::new(Step::Idle);
    let field = NodeRef::<html::Input>::new();
    let choose = move |_| {
        let Some(field) = field.get() else { return };
        spawn_local(async move {
            let read = match take_chosen_file(&field, backup::MAX_BYTES).await {
                Some(bytes) => Backup::decode(&bytes),
                None => Err(BackupError::Damaged),
            };
            step.try_set(match read {
                Ok(backup) => Step::Offered(backup),
                Err(error) => Step::Refused(error),
            });
        });
    };
    let restore = move |backup: Backup| {
        step.set(Step::Restoring);
        spawn_local(async move {
            let restored = state.restore(&backup).await;
            step.try_set(match restored {
                Ok(restored) => Step::Done(restored),
                Err(error) => Step::NotKept(error),
            });
        });
    };
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::more_backup)}</h2>
            <p>{t.say(Messages::more_backup_text)}</p>
            <SaveBackup />
            <p>
                <label class="button file-choice">
                    <input
                        type="file"
                        class="visually-hidden"
                        node_ref=field
                        on:change=choose
                    />
                    {t.say(Messages::more_backup_restore)}
                </label>
            </p>
            <div class="stack-close" role="status">
                {move || match step.get() {
                    Step::Idle => ().into_any(),
                    Step::Offered(backup) => {
                        let again = backup.clone();
                        view! {
                            <p>{summary(&t, &backup)}</p>
                            <p class="row-of-buttons">
                                <button
                                    type="button"
                                    class="button button-primary"
                                    on:click=move |_| restore(again.clone())
                                >
                                    {t.more_backup_take()}
                                </button>
                                <button type="button" class="button" on:click=move |_| step.set(Step::Idle)>
                                    {t.more_backup_cancel()}
                                </button>
                            </p>
                        }
                            .into_any()
                    }
                    Step::Restoring => view! { <p>{t.notes_saving()}</p> }.into_any(),
                    Step::Done(restored) => view! { <p>{outcome(&t, restored)}</p> }.into_any(),
                    Step::Refused(error) => {
                        let words = match error {
                            BackupError::NotABackup => t.more_backup_not_one(),
                            BackupError::Newer => t.more_backup_newer(),
                            BackupError::Damaged => t.more_backup_damaged(),
                        };
                        view! { <p>{words}</p> }.into_any()
                    }
                    Step::NotKept(error) => {
                        let words = t.failure(of_storage(&error));
                        view! { <p>{words.what} " " {t.more_backup_nothing_changed()}</p> }.into_any()
                    }
                }}
            </div>
        </section>
    }
}

/// What a file holds, in words.
fn summary(t: &Messages, backup: &Backup) -> String {
    let made = Time::phone_wall(backup.made_at_ms);
    let day = format::day_with_year(t.language(), made.date());
    let when = [day.as_str(), ", ", &format::time(made.time())].concat();
    let notes = t.more_backup_notes(backup.notes() as u64);
    let unsent = t.more_backup_unsent(backup.unsent() as u64);
    [&t.more_backup_made(&when), " ", &notes, " ", &unsent].concat()
}

/// What came of a restoration, in words.
fn outcome(t: &Messages, restored: Restored) -> String {
    match restored.changes + restored.refused {
        0 => t.more_backup_nothing_new().to_owned(),
        count => t.more_backup_restored(count as u64),
    }
}
