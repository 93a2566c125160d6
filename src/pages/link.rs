//! `/join`: a link with a secret was opened, or is to be typed in.

use keruen_domain::protocol::people::{Card, InvitationFace, Region, Texts};
use keruen_domain::{Language, Role};
use leptos::html;
use leptos::prelude::*;

use super::address::Address;
use super::asking::{Asked, Doing, Stop, failure_words};
use super::belonging::{DevicePart, KeyPart};
use super::frame::show_frame;
use super::shared::SharedThing;
use crate::i18n::{Messages, own_name, use_language, use_translations};
use crate::state::{AppState, AskFailure, Link};

/// The page.
#[component]
pub(super) fn LinkPage() -> impl IntoView {
    let t = use_translations();
    let address = Address::of_context();
    let link = RwSignal::new(Link::waiting());
    // Another link may be opened while this page stands.
    Effect::new(move || {
        address.track();
        link.set(Link::waiting());
    });
    let title = Signal::derive(move || match link.get() {
        Some(Link::Invitation(_)) => t.people_join_title().to_owned(),
        Some(Link::Device(_)) => t.people_device_title().to_owned(),
        Some(Link::Share(_)) => t.shares_opened_title().to_owned(),
        Some(Link::Key(_)) => t.people_key_title().to_owned(),
        None => t.people_join_title().to_owned(),
    });
    show_frame(title, Signal::derive(|| Some("/".to_owned())));
    view! {
        <div class="stack detail">
            {move || match link.get() {
                Some(Link::Invitation(secret)) => view! { <InvitationPart secret=secret /> }.into_any(),
                Some(Link::Device(secret)) => view! { <DevicePart secret=secret /> }.into_any(),
                Some(Link::Share(secret)) => view! { <SharedThing secret=secret /> }.into_any(),
                Some(Link::Key(token)) => view! { <KeyPart token=token /> }.into_any(),
                None => view! { <NoLink /> }.into_any(),
            }}
        </div>
    }
}

/// Puts the link away and goes to where the app begins.
pub(super) fn put_away(address: Address) {
    Link::forget();
    address.go("/", true);
}

/// The text in the language that is read, or the next best.
pub(super) fn best_of(texts: &Texts, language: Language) -> String {
    let by_code = |code: &str| texts.get(code).cloned();
    let others = [Language::Russian, Language::English, Language::Kazakh];
    by_code(language.code())
        .or_else(|| others.into_iter().find_map(|other| by_code(other.code())))
        .or_else(|| texts.values().next().cloned())
        .unwrap_or_default()
}

/// The word for a role, within a sentence.
pub(super) fn role_word(t: &Messages, role: Role) -> &'static str {
    match role {
        Role::Organiser => t.people_role_organiser(),
        Role::Trainer => t.people_role_trainer(),
        Role::Participant => t.people_role_participant(),
    }
}

/// What stands in the way of a link's use, with what can be done about it.
#[component]
pub(super) fn LinkFailure(
    /// What it is.
    failure: AskFailure,
    /// Asked to try again.
    #[prop(into)]
    on_again: Callback<()>,
) -> impl IntoView {
    let address = Address::of_context();
    match failure {
        AskFailure::Unreachable => view! {
            <Stop
                title=Messages::people_offline_title
                text=Messages::people_offline_text
                button=Messages::common_try_again
                on_press=on_again
            />
        }
        .into_any(),
        AskFailure::NotThere | AskFailure::NotAuthorised | AskFailure::NotAllowed => view! {
            <Stop
                title=Messages::people_gone_title
                text=Messages::people_gone_text
                button=Messages::people_gone_forget
                on_press=move |()| put_away(address)
            />
        }
        .into_any(),
        AskFailure::TooMany | AskFailure::Server => {
            view! { <super::asking::NoAnswer failure=failure on_again=on_again /> }.into_any()
        }
    }
}

#[component]
fn InvitationPart(secret: String) -> impl IntoView {
    let state = AppState::of_context();
    let secret = StoredValue::new(secret);
    let face = Asked::now(move || async move { state.invitation(secret.get_value()).await });
    move || match face.answer() {
        None => view! { <Waiting /> }.into_any(),
        Some(Ok(face)) => view! { <Invited secret=secret face=face /> }.into_any(),
        Some(Err(failure)) => {
            view! { <LinkFailure failure=failure on_again=move |()| face.again() /> }.into_any()
        }
    }
}

/// What one is invited to, and what one says of oneself.
#[component]
fn Invited(secret: StoredValue<String>, face: InvitationFace) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let address = Address::of_context();
    let doing = Doing::nothing();
    let (name, organisation) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let region = NodeRef::<html::Select>::new();
    let is_listed = NodeRef::<html::Input>::new();
    let lacks_name = RwSignal::new(false);
    let is_known = Memo::new(move |_| state.is_connected());
    let (title, role, regions) = (face.title, face.role, face.regions);
    let heading = move || match best_of(&title, language.get()) {
        empty if empty.is_empty() => t.people_join_everything().to_owned(),
        title => title,
    };
    let join = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let value = |field: NodeRef<html::Input>| {
            let field = field.get_untracked();
            field.map(|field| field.value().trim().to_owned())
        };
        let card = Card {
            name: value(name).unwrap_or_default(),
            organisation: value(organisation).unwrap_or_default(),
            region: region
                .get_untracked()
                .map(|field| field.value())
                .unwrap_or_default(),
            language: language.get_untracked().code().to_owned(),
            is_listed: is_listed
                .get_untracked()
                .is_some_and(|field| field.checked()),
        };
        if !is_known.get_untracked() && card.name.is_empty() {
            lacks_name.set(true);
            if let Some(field) = name.get_untracked() {
                // Fails for what cannot have the focus, and a field can.
                let _ = field.focus();
            }
            return;
        }
        lacks_name.set(false);
        doing.run(
            async move { state.join(secret.get_value(), card).await },
            move |_| put_away(address),
        );
    };
    // What was typed stays where it was; only a link that cannot be used takes its place.
    let is_gone = move || {
        let failure = doing.failure();
        failure.filter(|failure| matches!(failure, AskFailure::NotThere | AskFailure::NotAllowed))
    };
    let words = move || match doing.failure() {
        Some(AskFailure::NotAuthorised) => t.people_join_unknown(),
        Some(failure) => failure_words(&t, failure),
        None => "",
    };
    view! {
        <header class="stack-close">
            <h2 class="detail-title">{heading}</h2>
            <p>{move || t.people_join_as(role_word(&t, role))}</p>
            <p class="quiet">
                {move || if is_known.get() { t.people_join_known() } else { t.people_join_easy() }}
            </p>
        </header>
        <form class="card stack" on:submit=join>
            {move || (!is_known.get())
                .then(|| {
                    let regions = regions.clone();
                    view! {
                        <LanguageChoice />
                        <label class="stack-close">
                            <span>{t.say(Messages::people_join_name)}</span>
                            <input
                                class="field"
                                type="text"
                                autocomplete="name"
                                maxlength="200"
                                required
                                node_ref=name
                                aria-describedby="join-name-help"
                            />
                        </label>
                        <p class="small" id="join-name-help" role="status">
                            {move || lacks_name.get().then(|| t.people_join_name_missing())}
                        </p>
                        <label class="stack-close">
                            <span>{t.say(Messages::people_join_organisation)}</span>
                            <input
                                class="field"
                                type="text"
                                autocomplete="organization"
                                maxlength="200"
                                node_ref=organisation
                            />
                        </label>
                        <RegionChoice regions=regions field=region />
                        <label class="choice">
                            <input type="checkbox" node_ref=is_listed />
                            <span>{t.say(Messages::people_join_listed)}</span>
                        </label>
                        <p class="small quiet">{t.say(Messages::people_join_listed_text)}</p>
                    }
                })}
            <p>
                <button type="submit" class="button button-primary" disabled=move || doing.is_under_way()>
                    {move || {
                        if doing.is_under_way() { t.people_join_working() } else { t.people_join_action() }
                    }}
                </button>
            </p>
            <p class="small" role="status">
                {words}
            </p>
        </form>
        {move || is_gone().map(|failure| view! { <LinkFailure failure=failure on_again=|()| () /> })}
    }
}

#[component]
fn LanguageChoice() -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let option = move |offered: Language| {
        view! {
            <option
                value=offered.code()
                lang=offered.code()
                selected=move || language.get() == offered
            >
                {own_name(offered)}
            </option>
        }
    };
    let choose = move |event| {
        if let Some(chosen) = Language::from_tag(&event_target_value(&event)) {
            language.set(chosen);
        }
    };
    view! {
        <label class="stack-close">
            <span>{t.say(Messages::people_join_language)}</span>
            <select class="field" on:change=choose>
                {Language::ALL.iter().copied().map(option).collect_view()}
            </select>
        </label>
    }
}

#[component]
fn RegionChoice(regions: Vec<Region>, field: NodeRef<html::Select>) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let option = move |region: Region| {
        let name = region.name;
        view! { <option value=region.code>{move || best_of(&name, language.get())}</option> }
    };
    (!regions.is_empty()).then(|| {
        view! {
            <label class="stack-close">
                <span>{t.say(Messages::people_join_region)}</span>
                <select class="field" node_ref=field>
                    <option value="">{t.say(Messages::people_join_region_none)}</option>
                    {regions.into_iter().map(option).collect_view()}
                </select>
            </label>
        }
    })
}

/// Until the server has answered.
#[component]
pub(super) fn Waiting() -> impl IntoView {
    let t = use_translations();
    view! {
        <p class="quiet" role="status">
            {t.say(Messages::people_loading)}
        </p>
    }
}

/// The page without a link: the way to where one can be pasted.
#[component]
fn NoLink() -> impl IntoView {
    let address = Address::of_context();
    view! {
        <Stop
            title=Messages::people_gone_title
            text=Messages::people_gone_text
            button=Messages::common_to_today
            on_press=move |()| address.go("/", true)
        />
    }
}
