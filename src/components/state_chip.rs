//! The one small chip in the header that tells the truth about the data.

use chrono::NaiveTime;
use leptos::prelude::*;

use super::{Icon, IconName};
use crate::i18n::{Messages, format, use_translations};

/// What the chip says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipState {
    /// Everything is on this phone, and there is no server to send it to.
    OnPhone,
    /// Changes are on their way.
    Sending {
        /// How many.
        count: u64,
    },
    /// What the server has is still on its way to this phone.
    Receiving,
    /// The server has everything, and so has the phone.
    UpToDate {
        /// When that was last known, on the phone's clock.
        since: NaiveTime,
    },
    /// The server cannot be reached.
    Offline,
    /// The server answers, and cannot do its part.
    ServerFault,
    /// Something needs a decision.
    Attention,
}

/// The state of this phone's data as a shape and a word, never by colour alone. A tap asks for more.
#[component]
pub fn StateChip(
    /// What to say.
    #[prop(into)]
    state: Signal<ChipState>,
    /// Asked for the whole story.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let look = move || match state.get() {
        ChipState::OnPhone => (IconName::OnPhone, "", t.sync_chip_on_phone().to_owned()),
        ChipState::Sending { count } => (IconName::Sending, "sending", t.sync_chip_sending(count)),
        ChipState::Receiving => (
            IconName::Download,
            "sending",
            t.sync_chip_receiving().to_owned(),
        ),
        ChipState::UpToDate { since } => (
            IconName::UpToDate,
            "up-to-date",
            t.sync_chip_up_to_date(&format::time(since)),
        ),
        ChipState::Offline => (
            IconName::Offline,
            "offline",
            t.sync_chip_offline().to_owned(),
        ),
        ChipState::ServerFault => (
            IconName::Offline,
            "offline",
            t.sync_chip_server_fault().to_owned(),
        ),
        ChipState::Attention => (
            IconName::Attention,
            "attention",
            t.sync_chip_attention().to_owned(),
        ),
    };
    view! {
        <button
            type="button"
            class="state-chip"
            data-state=move || look().1
            title=t.say(Messages::sync_chip_hint)
            aria-haspopup="dialog"
            on:click=move |_| on_press.run(())
        >
            {move || {
                let (icon, _, words) = look();
                view! {
                    <Icon name=icon />
                    <span>{words}</span>
                }
            }}
        </button>
    }
}
