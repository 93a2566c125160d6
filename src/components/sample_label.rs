//! The label of content that was made up for the demonstration.

use leptos::prelude::*;

use crate::i18n::{Messages, use_translations};

/// The word *sample*; a tap explains it.
#[component]
pub fn SampleLabel() -> impl IntoView {
    let t = use_translations();
    view! {
        <details class="sample-label">
            <summary>{t.say(Messages::common_sample)}</summary>
            <p class="sample-label-words">{t.say(Messages::common_sample_explanation)}</p>
        </details>
    }
}
