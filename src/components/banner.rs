//! A line across the top of a page about the whole app.

use leptos::prelude::*;

use super::{Icon, IconName};

/// What a banner is about; decides colour and icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BannerKind {
    /// Something good to know, such as a new version.
    Information,
    /// The clock is set for a demonstration.
    Clock,
    /// Data may be at risk.
    Warning,
}

impl BannerKind {
    const fn look(self) -> (&'static str, IconName) {
        match self {
            Self::Information => ("banner", IconName::Information),
            Self::Clock => ("banner banner-clock", IconName::Clock),
            Self::Warning => ("banner banner-warning", IconName::Attention),
        }
    }
}

/// A banner with a sentence and, as children, what can be done about it: buttons or links.
#[component]
pub fn Banner(
    /// What it is about.
    kind: BannerKind,
    /// The sentence.
    #[prop(into)]
    text: Signal<String>,
    /// Buttons or links.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (class, icon) = kind.look();
    view! {
        <div class=class role="status">
            <Icon name=icon />
            <p class="banner-text">{text}</p>
            {children.map(|children| view! { <div class="banner-acts">{children()}</div> })}
        </div>
    }
}
