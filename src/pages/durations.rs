//! For how long something that is given away can be used.

use leptos::prelude::*;

use crate::i18n::{Messages, use_translations};

/// What the options' values are counted in.
pub(super) const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

type Words = fn(&Messages) -> &'static str;

const DURATIONS: [(u64, Words); 4] = [
    (1, Messages::people_valid_day),
    (7, Messages::people_valid_week),
    (30, Messages::people_valid_month),
    (365, Messages::people_valid_year),
];

/// The options of a field; their values are days. `chosen` is the one that stands there at first.
pub(super) fn duration_options(chosen: u64) -> AnyView {
    let t = use_translations();
    DURATIONS
        .into_iter()
        .map(|(days, words)| {
            view! {
                <option value=days selected=days == chosen>
                    {t.say(words)}
                </option>
            }
        })
        .collect_view()
        .into_any()
}
