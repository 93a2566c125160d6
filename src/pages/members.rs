//! `/more/people`: who is in a programme, and the invitations to it. For its organisers and trainers.

use std::future::Future;
use std::pin::Pin;

use keruen_domain::protocol::people::{Invitation, Invite, Member};
use keruen_domain::{ProgrammeId, Role};
use leptos::html;
use leptos::prelude::*;

use super::asking::{Asked, Doing, Submit, TakeBack, failure_words};
use super::durations::{DAY_MS, duration_options};
use super::frame::show_frame;
use super::groups;
use super::link::{best_of, role_word};
use super::links::{best, time_words};
use super::secret_link::SecretLink;
use crate::components::Confirm;
use crate::i18n::{Messages, use_language, use_translations};
use crate::state::{AppState, AskFailure, Time};

/// Where it is.
pub(super) const ADDRESS: &str = "/more/people";

const ROLES: [Role; 3] = [Role::Participant, Role::Trainer, Role::Organiser];

/// The page.
#[component]
pub(super) fn MembersPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::people_members_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    let chosen = RwSignal::new(None::<ProgrammeId>);
    // Read once: a change of roles elsewhere must not close what somebody is typing.
    let led = untrack(|| state.led_programmes());
    chosen.set(led.first().map(|(programme, _)| *programme));
    let of_chosen = led.clone();
    view! {
        <div class="stack detail">
            <ProgrammeChoice programmes=led.iter().map(|(programme, _)| *programme).collect() chosen=chosen />
            {move || match chosen.get() {
                None => view! { <p>{t.people_members_none()}</p> }.into_any(),
                Some(programme) => {
                    let role = of_chosen.iter().find(|(of, _)| *of == programme).map(|(_, role)| *role);
                    let organises = role == Some(Role::Organiser);
                    view! {
                        {organises.then(|| view! { <Invitations programme=programme /> })}
                        <Members programme=programme organises=organises />
                        <p>
                            <a class="button" href=groups::ADDRESS>
                                {t.people_groups_title()}
                            </a>
                        </p>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

/// Of which programme; not asked if there is one only.
#[component]
pub(super) fn ProgrammeChoice(
    /// To choose from.
    programmes: Vec<ProgrammeId>,
    /// Which one it is.
    chosen: RwSignal<Option<ProgrammeId>>,
) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let option = move |id: ProgrammeId| {
        let title = move || {
            let programme = state.programme(id);
            programme.map(|programme| best(&programme.title(), language.get()))
        };
        view! {
            <option value=id.to_string() selected=move || chosen.get() == Some(id)>
                {title}
            </option>
        }
    };
    (programmes.len() > 1).then(|| {
        view! {
            <label class="stack-close">
                <span>{t.say(Messages::people_members_programme)}</span>
                <select
                    class="field"
                    on:change=move |event| chosen.set(event_target_value(&event).parse().ok())
                >
                    {programmes.into_iter().map(option).collect_view()}
                </select>
            </label>
        }
    })
}

#[component]
fn Members(programme: ProgrammeId, organises: bool) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let members = Asked::now(move || async move { state.members(programme).await });
    // The rows are made anew with each answer; what went wrong is said above them.
    let doing = Doing::nothing();
    let words = move || match doing.failure() {
        Some(AskFailure::NotAllowed) => t.people_members_last(),
        Some(failure) => failure_words(&t, failure),
        None => "",
    };
    view! {
        <section class="stack-close">
            <h2>{t.say(Messages::people_members_people)}</h2>
            <p class="small" role="status">
                {words}
            </p>
            {members
                .view(move |people| {
                    if people.is_empty() {
                        return view! { <p class="quiet">{t.people_members_none()}</p> }.into_any();
                    }
                    view! {
                        <div class="rows">
                            {people
                                .into_iter()
                                .map(|member| {
                                    view! {
                                        <MemberRow
                                            programme=programme
                                            member=member
                                            organises=organises
                                            doing=doing
                                            on_change=move |()| members.again()
                                        />
                                    }
                                })
                                .collect_view()}
                        </div>
                    }
                        .into_any()
                })}
        </section>
    }
}

#[component]
fn MemberRow(
    programme: ProgrammeId,
    member: Member,
    organises: bool,
    doing: Doing,
    #[prop(into)] on_change: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let (person, role) = (member.person, member.role);
    let name = StoredValue::new(member.name);
    let (organisation, region) = (member.organisation, member.region);
    let change = move |role: Option<Role>| {
        doing.run(
            async move {
                let changed = state.change_role(programme, person, role).await;
                // What was chosen and is not so must not stay on the screen.
                if changed.is_err() {
                    on_change.run(());
                }
                changed
            },
            move |()| on_change.run(()),
        );
    };
    let option = move |offered: Role| {
        view! {
            <option value=ROLES.iter().position(|of| *of == offered) selected=role == offered>
                {move || role_word(&t, offered)}
            </option>
        }
    };
    view! {
        <article class="row">
            <div class="row-text">
                <h3 class="row-title">{name.get_value()}</h3>
                <p class="row-facts">
                    {(!organisation.is_empty()).then(|| view! { <span>{organisation}</span> })}
                    {(!region.is_empty())
                        .then(|| view! { <span>{move || best_of(&region, t.language())}</span> })}
                    {(!organises).then(|| view! { <span>{move || role_word(&t, role)}</span> })}
                </p>
                {organises
                    .then(|| {
                        view! {
                            <div class="member-tools">
                                <select
                                    class="field"
                                    aria-label=move || t.people_members_role(&name.get_value())
                                    on:change=move |event| {
                                        let chosen = event_target_value(&event).parse().ok();
                                        let role = chosen.and_then(|place: usize| ROLES.get(place));
                                        if let Some(role) = role {
                                            change(Some(*role));
                                        }
                                    }
                                >
                                    {ROLES.into_iter().map(option).collect_view()}
                                </select>
                                <Confirm
                                    label=t.signal(Messages::people_members_remove)
                                    question=Signal::derive(move || {
                                        t.people_members_remove_sure(&name.get_value())
                                    })
                                    yes=t.signal(Messages::people_members_remove_yes)
                                    on_yes=move |()| change(None)
                                />
                            </div>
                        }
                    })}
            </div>
        </article>
    }
}

#[component]
fn Invitations(programme: ProgrammeId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let made = RwSignal::new(None::<String>);
    let list = Asked::now(move || async move { state.invitations(programme).await });
    let title = Signal::derive(move || {
        let programme = state.programme(programme);
        let title = programme.map(|programme| best(&programme.title(), t.language()));
        title.unwrap_or_default()
    });
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::people_invitations)}</h2>
            {move || {
                made.get()
                    .map(|secret| {
                        view! {
                            <SecretLink
                                link=AppState::invitation_link(&secret)
                                title=title
                                text=Messages::people_invite_once
                            />
                        }
                    })
            }}
            <NewInvitation
                programme=programme
                on_made=move |secret: String| {
                    made.set(Some(secret));
                    list.again();
                }
            />
            {list
                .view(move |invitations| {
                    (!invitations.is_empty())
                        .then(|| {
                            view! {
                                <ul class="plain-list">
                                    {invitations
                                        .into_iter()
                                        .map(|invitation| {
                                            view! {
                                                <InvitationRow
                                                    invitation=invitation
                                                    on_change=move |()| list.again()
                                                />
                                            }
                                        })
                                        .collect_view()}
                                </ul>
                            }
                        })
                        .into_any()
                })}
        </section>
    }
}

#[component]
fn NewInvitation(programme: ProgrammeId, #[prop(into)] on_made: Callback<String>) -> impl IntoView {
    const USES: [u32; 6] = [1, 10, 30, 50, 100, 500];
    let t = use_translations();
    let state = AppState::of_context();
    let doing = Doing::nothing();
    let (role, uses) = (
        NodeRef::<html::Select>::new(),
        NodeRef::<html::Select>::new(),
    );
    let (valid, note) = (
        NodeRef::<html::Select>::new(),
        NodeRef::<html::Input>::new(),
    );
    let number = |field: NodeRef<html::Select>| -> Option<u64> {
        field.get_untracked()?.value().parse().ok()
    };
    let make = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let role = number(role).and_then(|place| ROLES.get(usize::try_from(place).ok()?));
        let invite = Invite {
            programme,
            role: role.copied().unwrap_or(Role::Participant),
            valid_ms: number(valid).unwrap_or(1) * DAY_MS,
            max_uses: number(uses)
                .and_then(|uses| u32::try_from(uses).ok())
                .unwrap_or(1),
            note: note
                .get_untracked()
                .map(|field| field.value())
                .unwrap_or_default(),
        };
        doing.run(async move { state.invite(&invite).await }, move |made| {
            on_made.run(made.secret)
        });
    };
    view! {
        <details>
            <summary>{t.say(Messages::people_invite_make)}</summary>
            <form class="stack-close" on:submit=make>
                <label class="stack-close">
                    <span>{t.say(Messages::people_invite_role)}</span>
                    <select class="field" node_ref=role>
                        {ROLES
                            .into_iter()
                            .enumerate()
                            .map(|(place, role)| {
                                view! { <option value=place>{move || role_word(&t, role)}</option> }
                            })
                            .collect_view()}
                    </select>
                </label>
                <label class="stack-close">
                    <span>{t.say(Messages::people_invite_uses)}</span>
                    <select class="field" node_ref=uses>
                        {USES
                            .into_iter()
                            .map(|uses| view! { <option value=uses selected=uses == 50>{uses}</option> })
                            .collect_view()}
                    </select>
                </label>
                <label class="stack-close">
                    <span>{t.say(Messages::people_invite_valid)}</span>
                    <select class="field" node_ref=valid>
                        {duration_options(7)}
                    </select>
                </label>
                <label class="stack-close">
                    <span>{t.say(Messages::people_invite_note)}</span>
                    <input class="field" type="text" maxlength="200" autocomplete="off" node_ref=note />
                </label>
                <Submit label=Messages::people_invite_make doing=doing />
                {doing.words()}
            </form>
        </details>
    }
}

#[component]
fn InvitationRow(invitation: Invitation, #[prop(into)] on_change: Callback<()>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let Invitation {
        id,
        role,
        expires_ms,
        max_uses,
        uses,
        note,
        is_revoked,
        ..
    } = invitation;
    let is_over = expires_ms <= Time::phone_now_ms() || uses >= max_uses;
    let standing = move || {
        if is_revoked {
            t.people_invite_revoked().to_owned()
        } else if is_over {
            t.people_invite_over().to_owned()
        } else {
            t.people_invite_until(&time_words(&t, expires_ms))
        }
    };
    let revoke = move || -> Pin<Box<dyn Future<Output = _>>> {
        Box::pin(async move { state.revoke_invitation(id).await })
    };
    view! {
        <li class="stack-close">
            <p>
                {move || role_word(&t, role)} " · "
                {move || t.people_invite_used(&uses.to_string(), &max_uses.to_string())} " · " {standing}
            </p>
            {(!note.is_empty()).then(|| view! { <p class="small quiet">{note}</p> })}
            {(!is_revoked && !is_over)
                .then(|| {
                    view! { <TakeBack label=Messages::people_invite_revoke act=revoke on_done=on_change /> }
                })}
        </li>
    }
}
