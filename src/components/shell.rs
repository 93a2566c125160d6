//! The frame around every page: header, navigation, content.

use leptos::html;
use leptos::prelude::*;

use super::{ChipState, Icon, IconName, StateChip};
use crate::i18n::{Messages, use_translations};

/// One of the five places of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where must I be, with what, in which room.
    Today,
    /// Events and their sessions.
    Agenda,
    /// What to learn from.
    Materials,
    /// What the person wrote.
    Notes,
    /// Device, sync, storage, language, about.
    More,
}

impl Place {
    const ALL: [Self; 5] = [
        Self::Today,
        Self::Agenda,
        Self::Materials,
        Self::Notes,
        Self::More,
    ];

    const fn link(self) -> (&'static str, IconName) {
        match self {
            Self::Today => ("/", IconName::Today),
            Self::Agenda => ("/agenda", IconName::Agenda),
            Self::Materials => ("/materials", IconName::Materials),
            Self::Notes => ("/notes", IconName::Notes),
            Self::More => ("/more", IconName::More),
        }
    }
}

/// The frame around every page. The navigation is a bar below on a phone and a rail on a wide screen.
///
/// Announces nothing by itself: put a [`super::LiveRegion`] beside it.
#[component]
pub fn AppShell(
    /// The page's heading.
    #[prop(into)]
    title: Signal<String>,
    /// The place that the page belongs to.
    #[prop(into)]
    place: Signal<Option<Place>>,
    /// Where the arrow in the header leads; none at the top of a place.
    #[prop(optional, into)]
    back: Signal<Option<String>>,
    /// What the chip says.
    #[prop(into)]
    chip: Signal<ChipState>,
    /// The chip was pressed.
    #[prop(into)]
    on_chip: Callback<()>,
    /// Banners above the content.
    #[prop(optional, into)]
    banners: Option<ViewFn>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let t = use_translations();
    let content = NodeRef::<html::Main>::new();
    let skip_to_content = move |event: leptos::ev::MouseEvent| {
        // The router would take the link for a new address.
        event.prevent_default();
        event.stop_propagation();
        if let Some(content) = content.get() {
            // Focus fails only for an element that is not on the page.
            let _ = content.focus();
        }
    };
    let back_link = move |href: String| {
        view! {
            <a class="icon-button shell-back" href=href aria-label=t.say(Messages::common_back)>
                <Icon name=IconName::Back />
            </a>
        }
    };
    view! {
        <div class="app">
            <a class="skip-link" href="#content" on:click=skip_to_content>
                {t.say(Messages::common_skip_to_content)}
            </a>
            <header class="app-header">
                {move || back.get().map(back_link)}
                <h1 class="app-title">{title}</h1>
                <a class="icon-button" href="/search" aria-label=t.say(Messages::common_search)>
                    <Icon name=IconName::Search />
                </a>
                <StateChip state=chip on_press=on_chip />
            </header>
            <Navigation place />
            <main class="app-content" id="content" tabindex="-1" node_ref=content>
                {banners.map(|banners| banners.run())}
                {children()}
            </main>
        </div>
    }
}

/// The five places, each with an icon and a word.
#[component]
fn Navigation(
    /// The place that the page belongs to.
    place: Signal<Option<Place>>,
) -> impl IntoView {
    let t = use_translations();
    let word = move |place| match place {
        Place::Today => t.common_nav_today(),
        Place::Agenda => t.common_nav_agenda(),
        Place::Materials => t.common_nav_materials(),
        Place::Notes => t.common_nav_notes(),
        Place::More => t.common_nav_more(),
    };
    let item = move |item: Place| {
        let (href, icon) = item.link();
        view! {
            <a class="app-nav-item" href=href aria-current=move || (place.get() == Some(item)).then_some("page")>
                <span class="app-nav-icon">
                    <Icon name=icon />
                </span>
                <span>{move || word(item)}</span>
            </a>
        }
    };
    view! {
        <nav class="app-nav" aria-label=t.say(Messages::common_nav_label)>
            <span class="app-nav-name" aria-hidden="true">
                {t.say(Messages::common_app_name)}
            </span>
            {Place::ALL.map(item)}
        </nav>
    }
}
