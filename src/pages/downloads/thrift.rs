//! What downloads may cost.

use keruen_domain::downloads::Thrift;
use leptos::prelude::*;

use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// The choices.
#[component]
pub(super) fn ThriftPart() -> impl IntoView {
    let t = use_translations();
    let downloads = AppState::of_context().downloads();
    let tells_kind = move || downloads.connection().is_free.is_some();
    let saves = move || {
        let thrift = downloads.thrift();
        thrift
            .saves_data
            .unwrap_or(downloads.connection().saves_data)
    };
    let choose_free = move |_| {
        let thrift = untrack(|| downloads.thrift());
        downloads.choose_thrift(Thrift {
            only_free: !thrift.only_free,
            ..thrift
        });
    };
    let choose_saving = move |_| {
        downloads.choose_thrift(Thrift {
            saves_data: Some(!untrack(saves)),
            ..untrack(|| downloads.thrift())
        });
    };
    view! {
        <section class="card">
            <fieldset class="choices">
                <legend>
                    <h2>{t.say(Messages::downloads_thrift_title)}</h2>
                </legend>
                <label class="choice">
                    <input
                        type="checkbox"
                        disabled=move || !tells_kind()
                        prop:checked=move || downloads.thrift().only_free
                        on:change=choose_free
                    />
                    <span>{t.say(Messages::downloads_only_wifi)}</span>
                </label>
                <label class="choice">
                    <input type="checkbox" prop:checked=saves on:change=choose_saving />
                    <span>{t.say(Messages::downloads_saver)}</span>
                </label>
                <label class="choice">
                    <input
                        type="checkbox"
                        prop:checked=move || downloads.full_pictures()
                        on:change=move |_| {
                            downloads.choose_full_pictures(!untrack(|| downloads.full_pictures()));
                        }
                    />
                    <span>{t.say(Messages::downloads_full_pictures)}</span>
                </label>
            </fieldset>
            <p class="small quiet">{t.say(Messages::downloads_saver_text)}</p>
            <Show when=move || !tells_kind()>
                <p class="small quiet">{t.say(Messages::downloads_only_wifi_unknown)}</p>
            </Show>
        </section>
    }
}
