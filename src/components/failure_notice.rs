//! A failure in words.

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::i18n::{Failure, Messages, use_translations};

/// Says what happened, what is safe and what to do; the technical word is in the details.
#[component]
pub fn FailureNotice(
    /// What went wrong.
    #[prop(into)]
    failure: Signal<Failure>,
    /// A short technical word for those who help.
    #[prop(optional, into)]
    code: Option<String>,
    /// A button or link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let t = use_translations();
    let words = move || t.failure(failure.get());
    view! {
        <div class="failure" role="alert">
            <Icon name=IconName::Attention />
            <div class="failure-words">
                <p class="failure-what">{move || words().what}</p>
                <p>{move || words().safe}</p>
                <p>{move || words().advice}</p>
                {children.map(|children| view! { <div class="failure-acts">{children()}</div> })}
                {code
                    .map(|code| {
                        view! {
                            <details class="failure-code">
                                <summary>{t.say(Messages::common_details)}</summary>
                                <p>{move || t.errors_code(&code)}</p>
                            </details>
                        }
                    })}
            </div>
        </div>
    }
}
