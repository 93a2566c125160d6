//! Language, appearance, this device, storage, about; the ways to people, devices and links.

use keruen_domain::Language;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::address::Address;
use super::attention::{AttentionLink, AttentionPage};
use super::backup::BackupPart;
use super::devices::{self, DevicesPage, LeavePage};
use super::downloads::{ROAD, RoadPage, STORAGE, StoragePage};
use super::frame::{FrameState, show_frame};
use super::groups::{self, GroupsPage};
use super::import::{self, ImportPage};
use super::kept::{self, KeptPage};
use super::members::{self, MembersPage};
use super::packs::{self, PacksPage};
use super::shares::{self, SharesPage};
use crate::components::SizeText;
use crate::i18n::{Messages, format, own_name, use_language, use_translations};
use crate::state::{AppState, LINK_PAGE, Link, StorageUse};

/// More, and the pages below it.
#[component]
pub(super) fn MorePage() -> impl IntoView {
    let part = Address::of_context().at::<String>(1);
    move || match part.get().as_deref() {
        Some("attention") => view! { <AttentionPage /> }.into_any(),
        Some("devices") => view! { <DevicesPage /> }.into_any(),
        Some("groups") => view! { <GroupsPage /> }.into_any(),
        Some("import") => view! { <ImportPage /> }.into_any(),
        Some("kept") => view! { <KeptPage /> }.into_any(),
        Some("leave") => view! { <LeavePage /> }.into_any(),
        Some("packs") => view! { <PacksPage /> }.into_any(),
        Some("road") => view! { <RoadPage /> }.into_any(),
        Some("storage") => view! { <StoragePage /> }.into_any(),
        Some("people") => view! { <MembersPage /> }.into_any(),
        Some("shares") => view! { <SharesPage /> }.into_any(),
        _ => view! { <Parts /> }.into_any(),
    }
}

#[component]
fn Parts() -> impl IntoView {
    let t = use_translations();
    show_frame(t.signal(Messages::more_title), None.into());
    view! {
        <div class="stack more">
            <AttentionLink on_go=|()| () />
            <LanguagePart />
            <AppearancePart />
            <DevicePart />
            <DownloadsPart />
            <StoragePart />
            <BackupPart />
            <section class="card stack-close">
                <h2>{t.say(Messages::more_about)}</h2>
                <p>{t.say(Messages::more_about_text)}</p>
                <p class="quiet small">{t.say(Messages::more_privacy)}</p>
                <p class="quiet small">{move || t.more_version(env!("CARGO_PKG_VERSION"))}</p>
                <p>
                    <a href="/licences.txt" rel="external">
                        {t.say(Messages::more_licences)}
                    </a>
                </p>
            </section>
        </div>
    }
}

/// A row of choices of which one is taken.
#[component]
fn Choice(
    /// The name of the group for the browser.
    name: &'static str,
    /// What it is called.
    label: Signal<String>,
    /// Whether it is the one.
    is_chosen: Signal<bool>,
    /// It was chosen.
    #[prop(into)]
    on_choose: Callback<()>,
    /// The language of its label, if not the page's.
    #[prop(optional)]
    language: Option<&'static str>,
) -> impl IntoView {
    view! {
        <label class="choice" lang=language>
            <input
                type="radio"
                name=name
                prop:checked=is_chosen
                on:change=move |_| on_choose.run(())
            />
            <span>{label}</span>
        </label>
    }
}

#[component]
fn LanguagePart() -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let choice = move |offered: Language| {
        view! {
            <Choice
                name="language"
                label=Signal::derive(move || own_name(offered).to_owned())
                is_chosen=Signal::derive(move || language.get() == offered)
                on_choose=move |()| language.set(offered)
                language=offered.code()
            />
        }
    };
    view! {
        <section class="card">
            <fieldset class="choices">
                <legend>
                    <h2>{t.say(Messages::more_language)}</h2>
                </legend>
                {Language::ALL.iter().copied().map(choice).collect_view()}
            </fieldset>
            <p class="small quiet">{t.say(Messages::more_language_explanation)}</p>
        </section>
    }
}

#[component]
fn AppearancePart() -> impl IntoView {
    let t = use_translations();
    let frame: FrameState = expect_context();
    let choice = move |theme: Option<&'static str>, label: Signal<String>| {
        let is_chosen =
            Signal::derive(move || frame.theme.with(|chosen| chosen.as_deref() == theme));
        view! {
            <Choice
                name="theme"
                label=label
                is_chosen=is_chosen
                on_choose=move |()| {
                    (frame.choose_theme)(theme);
                    frame.theme.set(theme.map(str::to_owned));
                }
            />
        }
    };
    view! {
        <section class="card">
            <fieldset class="choices">
                <legend>
                    <h2>{t.say(Messages::more_appearance)}</h2>
                </legend>
                {choice(None, t.signal(Messages::more_theme_system))}
                {choice(Some("light"), t.signal(Messages::more_theme_light))}
                {choice(Some("dark"), t.signal(Messages::more_theme_dark))}
            </fieldset>
        </section>
    }
}

/// The ways to what is on this phone and what is to come.
#[component]
fn DownloadsPart() -> impl IntoView {
    let t = use_translations();
    let way = move |href: &'static str, words: fn(&Messages) -> &'static str| {
        view! {
            <li>
                <a class="way" href=href>
                    {t.say(words)}
                </a>
            </li>
        }
    };
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::downloads_title)}</h2>
            <ul class="plain-list">
                {way(ROAD, Messages::downloads_road_title)}
                {way(STORAGE, Messages::downloads_storage_open)}
            </ul>
        </section>
    }
}

/// Whose device this is, and what its owner can do with others: by the link or the code that they got.
#[component]
fn DevicePart() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let way = move |href: &'static str, words: fn(&Messages) -> &'static str| {
        view! {
            <li>
                <a class="way" href=href>
                    {t.say(words)}
                </a>
            </li>
        }
    };
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::more_this_device)}</h2>
            {move || {
                let kept = (!state.kept().is_empty())
                    .then(|| way(kept::ADDRESS, Messages::shares_kept_title));
                if state.is_connected() {
                    let leads = !state.led_programmes().is_empty();
                    let belongs = !state.joined_programmes().is_empty();
                    // Where nothing is yet, there is nothing that tells who may bring it.
                    let imports = !belongs || !state.organised_programmes().is_empty();
                    view! {
                        <p>{t.more_connected()}</p>
                        <ul class="plain-list">
                            {way(devices::DEVICES, Messages::people_devices_title)}
                            {leads.then(|| way(members::ADDRESS, Messages::people_members_title))}
                            {belongs.then(|| way(groups::ADDRESS, Messages::people_groups_title))}
                            {leads.then(|| way(shares::ADDRESS, Messages::shares_title))}
                            {imports.then(|| way(import::ADDRESS, Messages::import_title))}
                            {way(packs::ADDRESS, Messages::packs_title)}
                            {kept}
                            {way(devices::LEAVE, Messages::people_devices_leave)}
                        </ul>
                    }
                        .into_any()
                } else {
                    view! {
                        <p>{t.more_not_connected()}</p>
                        <Connect />
                        <ul class="plain-list">
                            {way(packs::ADDRESS, Messages::packs_title)}
                            {kept}
                            {way(devices::LEAVE, Messages::people_devices_leave)}
                        </ul>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

/// For who has a link or a code, and no page that opened it.
#[component]
fn Connect() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let field = NodeRef::<html::Input>::new();
    let is_wrong = RwSignal::new(false);
    let connect = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = field.get() else {
            return;
        };
        let pasted = field.value();
        if let Some(link) = Link::read(&pasted) {
            link.keep();
            address.go(LINK_PAGE, false);
        } else if let Some(token) = token_in(&pasted) {
            is_wrong.set(false);
            field.set_value("");
            state.connect(token.to_owned());
        } else {
            is_wrong.set(true);
        }
    };
    view! {
        <form class="stack-close" on:submit=connect>
            <label class="stack-close">
                <span>{t.say(Messages::more_connect_label)}</span>
                <input
                    class="field"
                    type="password"
                    autocomplete="off"
                    node_ref=field
                    aria-describedby="connect-help"
                />
            </label>
            <p class="small quiet" id="connect-help" aria-live="polite">
                {move || if is_wrong.get() { t.more_connect_wrong() } else { t.more_connect_text() }}
            </p>
            <p>
                <button type="submit" class="button button-primary">
                    {t.say(Messages::more_connect_action)}
                </button>
            </p>
        </form>
    }
}

/// The token in what somebody pasted: a link with it in the fragment, or the token itself.
fn token_in(pasted: &str) -> Option<&str> {
    const LEAST_CHARACTERS: usize = 22;
    let pasted = pasted.trim();
    let token = pasted
        .split_once("#token=")
        .map_or(pasted, |(_, token)| token);
    let well_formed = token.len() >= LEAST_CHARACTERS
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    well_formed.then_some(token)
}

/// How much room the data take, and whether the browser may delete them.
#[component]
pub(super) fn StoragePart() -> impl IntoView {
    let t = use_translations();
    let known = RwSignal::new(None::<StorageUse>);
    let was_refused = RwSignal::new(false);
    let look = move || {
        spawn_local(async move {
            let now = AppState::storage_use().await;
            known.try_set(Some(now));
        });
    };
    look();
    let ask = move |_| {
        spawn_local(async move {
            let kept = AppState::ask_to_persist().await;
            was_refused.try_set(!kept);
            look();
        });
    };
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::more_storage)}</h2>
            {move || {
                let StorageUse { used_bytes, quota_bytes, persisted } = known.get()?;
                let used = match (used_bytes, quota_bytes) {
                    (Some(used), Some(quota)) => {
                        let words = t.more_storage_used(&format::size(&t, used), &format::size(&t, quota));
                        view! { <p>{words}</p> }.into_any()
                    }
                    (Some(used), None) => view! { <p><SizeText size_bytes=used /></p> }.into_any(),
                    _ => ().into_any(),
                };
                let promise = if persisted { t.more_storage_persistent() } else { t.more_storage_may_be_deleted() };
                Some(
                    view! {
                        {used}
                        <p>{promise}</p>
                        {(!persisted)
                            .then(|| {
                                view! {
                                    <p>
                                        <button type="button" class="button" on:click=ask>
                                            {t.more_storage_keep()}
                                        </button>
                                    </p>
                                }
                            })}
                    },
                )
            }}
            <Show when=move || was_refused.get()>
                <p class="small quiet" role="status">
                    {t.say(Messages::more_storage_refused)}
                </p>
            </Show>
        </section>
    }
}
