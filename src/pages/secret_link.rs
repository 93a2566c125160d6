//! A link with a secret, shown once: to be scanned, copied, handed on or printed.

use std::future::Future;
use std::pin::Pin;

use keruen_domain::protocol::people::NewSecret;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::asking::Doing;
use crate::components::QrCodeView;
use crate::i18n::{Messages, use_translations};
use crate::state::{Answer, AppState};

/// The link as a code and as text, with what can be done with it.
#[component]
pub(super) fn SecretLink(
    /// The address.
    link: String,
    /// What it leads to, for the phone's share sheet and the printed page.
    #[prop(into)]
    title: Signal<String>,
    /// What is said of it.
    text: fn(&Messages) -> &'static str,
) -> impl IntoView {
    let t = use_translations();
    let copied = RwSignal::new(None::<bool>);
    let address = StoredValue::new(link.clone());
    let copy = move |_| {
        spawn_local(async move {
            let done = AppState::copy_text(&address.get_value()).await;
            copied.try_set(Some(done));
        });
    };
    let hand_on = move |_| {
        spawn_local(async move {
            AppState::hand_on(&title.get_untracked(), &address.get_value()).await;
        });
    };
    let copied_words = move || match copied.get() {
        None => "",
        Some(true) => t.people_copied(),
        Some(false) => t.people_not_copied(),
    };
    view! {
        <div class="secret-link stack-close">
            <p class="secret-link-title">{title}</p>
            <QrCodeView text=link.clone() label=t.signal(Messages::people_code_label) />
            <p class="address small">{link}</p>
            <p class="small">{t.say(text)}</p>
            <p class="row-of-buttons">
                <button type="button" class="button" on:click=copy>
                    {t.say(Messages::people_copy_link)}
                </button>
                {AppState::can_hand_on()
                    .then(|| {
                        view! {
                            <button type="button" class="button" on:click=hand_on>
                                {t.say(Messages::people_hand_on)}
                            </button>
                        }
                    })}
                <button type="button" class="button" on:click=move |_| AppState::print()>
                    {t.say(Messages::people_print)}
                </button>
            </p>
            <p class="small quiet" role="status">
                {copied_words}
            </p>
        </div>
    }
}

/// A button that has the server make a secret, and the secret in its place once it is made.
#[component]
pub(super) fn NewSecretPart(
    /// What the button says.
    label: fn(&Messages) -> &'static str,
    /// Asks for it.
    make: impl Fn() -> Pin<Box<dyn Future<Output = Answer<NewSecret>>>> + Copy + Send + 'static,
    /// What is shown of it.
    show: impl Fn(String) -> AnyView + Send + 'static,
) -> impl IntoView {
    let t = use_translations();
    let doing = Doing::nothing();
    let secret = RwSignal::new(None::<String>);
    let on_press = move |_| {
        doing.run(make(), move |made| drop(secret.try_set(Some(made.secret))));
    };
    view! {
        {move || match secret.get() {
            Some(secret) => show(secret),
            None => {
                view! {
                    <p>
                        <button
                            type="button"
                            class="button"
                            disabled=move || doing.is_under_way()
                            on:click=on_press
                        >
                            {t.say(label)}
                        </button>
                    </p>
                }
                    .into_any()
            }
        }}
        {doing.words()}
    }
}
