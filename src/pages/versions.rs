//! What people wrote at the same time, where only one of it can count.

use std::sync::Arc;

use keruen_domain::Record;
use leptos::prelude::*;

use crate::i18n::{Messages, use_translations};

/// The texts that lost to those that are shown; nothing if there are none.
#[component]
pub(super) fn OtherVersions(
    /// The record that is shown.
    record: Arc<Record>,
) -> impl IntoView {
    let t = use_translations();
    let lost = record
        .contested()
        .flat_map(|(_, register)| register.others());
    let texts: Vec<String> = lost
        .filter_map(|version| version.value.as_text().map(str::to_owned))
        .collect();
    (!texts.is_empty()).then(|| {
        view! {
            <section class="card stack-close other-versions">
                <h2>{t.say(Messages::common_two_versions_title)}</h2>
                <p>{t.say(Messages::common_two_versions_text)}</p>
                <details>
                    <summary>{t.say(Messages::common_other_version)}</summary>
                    {texts
                        .into_iter()
                        .map(|text| view! { <p class="lines">{text}</p> })
                        .collect_view()}
                </details>
            </section>
        }
    })
}
