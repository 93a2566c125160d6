//! `/more/groups`: people of a programme who work together. Everybody sees the groups they are in; its
//! organisers and trainers see all, make them and add people, since the list to choose from is theirs.

use std::collections::BTreeSet;

use keruen_domain::protocol::people::{AddToGroup, Group, GroupPerson, Member, NewGroup};
use keruen_domain::{GroupId, PersonId, ProgrammeId, Role};
use leptos::html;
use leptos::prelude::*;

use super::asking::{Asked, Doing, Submit, failure_words};
use super::frame::show_frame;
use super::members::ProgrammeChoice;
use crate::components::Confirm;
use crate::i18n::{Messages, use_translations};
use crate::state::{Answer, AppState, AskFailure};

/// Where it is.
pub(super) const ADDRESS: &str = "/more/groups";

/// The page.
#[component]
pub(super) fn GroupsPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::people_groups_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    // Read once: a change of roles elsewhere must not close what somebody is typing.
    let joined = untrack(|| state.joined_programmes());
    let programmes: Vec<ProgrammeId> = joined.iter().map(|(programme, _)| *programme).collect();
    let chosen = RwSignal::new(programmes.first().copied());
    view! {
        <div class="stack detail">
            <p class="quiet">{t.say(Messages::people_groups_text)}</p>
            <ProgrammeChoice programmes=programmes chosen=chosen />
            {move || match chosen.get() {
                None => view! { <p>{t.people_groups_no_programme()}</p> }.into_any(),
                Some(programme) => {
                    let role = joined.iter().find(|(of, _)| *of == programme).map(|(_, role)| *role);
                    let leads = role.is_some_and(|role| role != Role::Participant);
                    view! { <Groups programme=programme leads=leads /> }.into_any()
                }
            }}
        </div>
    }
}

/// What there is to know for the page, asked at once: the groups, who asks, and whom they may add.
#[derive(Clone)]
struct Known {
    groups: Vec<Group>,
    me: PersonId,
    members: Vec<Member>,
}

async fn known(state: AppState, programme: ProgrammeId, leads: bool) -> Answer<Known> {
    let me = state.me().await?.person;
    let mut groups = state.groups(programme).await?;
    // One's own first; the others as the server tells them.
    groups.sort_by_key(|group| !is_in(group, me));
    let members = if leads {
        state.members(programme).await?
    } else {
        Vec::new()
    };
    Ok(Known {
        groups,
        me,
        members,
    })
}

fn is_in(group: &Group, person: PersonId) -> bool {
    group.people.iter().any(|of| of.person == person)
}

#[component]
fn Groups(programme: ProgrammeId, leads: bool) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let asked = Asked::now(move || known(state, programme, leads));
    // What was done is said above the rows, which are made anew with each answer.
    let said = RwSignal::new(String::new());
    let doing = Doing::nothing();
    let words = move || match doing.failure() {
        Some(failure) => group_failure(&t, failure).to_owned(),
        None => said.get(),
    };
    let on_done = Callback::new(move |words: String| {
        said.set(words);
        asked.again();
    });
    view! {
        <p class="small" role="status">
            {words}
        </p>
        {asked
            .view(move |Known { groups, me, members }| {
                let new = leads
                    .then(|| {
                        let (mine, others): (Vec<Member>, Vec<Member>) = members
                            .iter()
                            .cloned()
                            .partition(|member| member.person == me);
                        view! {
                            <NewGroupForm
                                programme=programme
                                people=others
                                // Who makes it belongs to it, if they are of the programme.
                                needs_people=mine.is_empty()
                                doing=doing
                                on_done=on_done
                            />
                        }
                    });
                let none = groups
                    .is_empty()
                    .then(|| view! { <p>{if leads { t.people_groups_none_yet() } else { t.people_groups_none() }}</p> });
                view! {
                    {new}
                    {none}
                    <div class="rows">
                        {groups
                            .into_iter()
                            .map(|group| {
                                let absent = members
                                    .iter()
                                    .filter(|member| !is_in(&group, member.person));
                                view! {
                                    <GroupRow
                                        me=me
                                        people=absent.cloned().collect()
                                        group=group
                                        doing=doing
                                        on_done=on_done
                                    />
                                }
                            })
                            .collect_view()}
                    </div>
                }
                    .into_any()
            })}
    }
}

/// Why nothing came of it: a group that is not there any more is no link.
fn group_failure(t: &Messages, failure: AskFailure) -> &'static str {
    match failure {
        AskFailure::NotThere => t.people_groups_gone(),
        other => failure_words(t, other),
    }
}

#[component]
fn NewGroupForm(
    programme: ProgrammeId,
    /// Who may be chosen.
    people: Vec<Member>,
    /// Whether somebody must be.
    needs_people: bool,
    doing: Doing,
    on_done: Callback<String>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let (form, field) = (NodeRef::<html::Form>::new(), NodeRef::<html::Input>::new());
    let chosen = StoredValue::new(BTreeSet::new());
    let lacks = RwSignal::new(false);
    let make = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = field.get_untracked().map(|field| field.value());
        let name = name.map(|name| name.trim().to_owned()).unwrap_or_default();
        let people: Vec<PersonId> = chosen.with_value(|chosen| chosen.iter().copied().collect());
        let is_lacking = name.is_empty() || (needs_people && people.is_empty());
        lacks.set(is_lacking);
        if is_lacking {
            return;
        }
        let question = NewGroup {
            programme,
            name,
            people,
        };
        let made = untrack(|| t.people_groups_made(&question.name));
        doing.run(async move { state.new_group(&question).await }, move |_| {
            empty(form, chosen);
            on_done.run(made);
        });
    };
    view! {
        <details class="card">
            <summary>{t.say(Messages::people_groups_new)}</summary>
            <form class="stack-close" on:submit=make node_ref=form>
                <label class="stack-close">
                    <span>{t.say(Messages::people_groups_name)}</span>
                    <input
                        class="field"
                        type="text"
                        maxlength="200"
                        autocomplete="off"
                        required
                        node_ref=field
                    />
                </label>
                <ChoosePeople people=people chosen=chosen />
                <p class="small" role="status">
                    {move || lacks.get().then(|| t.people_groups_lacks())}
                </p>
                <Submit label=Messages::people_groups_make doing=doing />
            </form>
        </details>
    }
}

/// Nothing is written and nobody ticked any more: with the next answer the same fields are shown again, for
/// other people.
fn empty(form: NodeRef<html::Form>, chosen: StoredValue<BTreeSet<PersonId>>) {
    if let Some(form) = form.get_untracked() {
        form.reset();
    }
    let _ = chosen.try_set_value(BTreeSet::new());
}

/// Some of the people, by ticking them.
#[component]
fn ChoosePeople(mut people: Vec<Member>, chosen: StoredValue<BTreeSet<PersonId>>) -> impl IntoView {
    let t = use_translations();
    people.sort_by(|one, other| one.name.cmp(&other.name));
    let choice = move |member: Member| {
        let (person, organisation) = (member.person, member.organisation);
        let choose = move |event| {
            chosen.update_value(|chosen| {
                if event_target_checked(&event) {
                    chosen.insert(person);
                } else {
                    chosen.remove(&person);
                }
            });
        };
        view! {
            <label class="choice">
                <input type="checkbox" on:change=choose />
                <span>
                    {member.name}
                    {(!organisation.is_empty())
                        .then(|| view! { " " <span class="small quiet">{organisation}</span> })}
                </span>
            </label>
        }
    };
    (!people.is_empty()).then(|| {
        view! {
            <fieldset class="choices choose-people">
                <legend>{t.say(Messages::people_groups_who)}</legend>
                <div class="choose-people-list">{people.into_iter().map(choice).collect_view()}</div>
            </fieldset>
        }
    })
}

#[component]
fn GroupRow(
    group: Group,
    me: PersonId,
    /// Who may be added.
    people: Vec<Member>,
    doing: Doing,
    on_done: Callback<String>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let id = group.group;
    let is_mine = is_in(&group, me);
    let name = StoredValue::new(group.name);
    let count = group.people.len() as u64;
    let (unlisted, named): (Vec<GroupPerson>, Vec<GroupPerson>) =
        group.people.into_iter().partition(|of| of.name.is_empty());
    let unlisted = unlisted.len() as u64;
    let leave = move |()| {
        let left = untrack(|| t.people_groups_left(&name.get_value()));
        doing.run(async move { state.leave_group(id).await }, move |()| {
            on_done.run(left)
        });
    };
    view! {
        <article class="row">
            <div class="row-text">
                <h2 class="row-title">{name.get_value()}</h2>
                <p class="row-facts">{move || t.people_groups_people(count)}</p>
                <ul class="group-people">
                    {named
                        .into_iter()
                        .map(|of| {
                            let you = (of.person == me)
                                .then(|| view! { " (" {t.say(Messages::people_groups_you)} ")" });
                            view! { <li>{of.name} {you}</li> }
                        })
                        .collect_view()}
                    {(unlisted > 0)
                        .then(|| {
                            view! { <li class="quiet">{move || t.people_groups_unlisted(unlisted)}</li> }
                        })}
                </ul>
                {(!people.is_empty())
                    .then(|| view! { <AddPeople group=group.group people=people doing=doing on_done=on_done /> })}
                {is_mine
                    .then(|| {
                        view! {
                            <Confirm
                                label=t.signal(Messages::people_groups_leave)
                                question=Signal::derive(move || {
                                    t.people_groups_leave_sure(&name.get_value())
                                })
                                yes=t.signal(Messages::people_groups_leave_yes)
                                on_yes=leave
                            />
                        }
                    })}
            </div>
        </article>
    }
}

#[component]
fn AddPeople(
    group: GroupId,
    people: Vec<Member>,
    doing: Doing,
    on_done: Callback<String>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let form = NodeRef::<html::Form>::new();
    let chosen = StoredValue::new(BTreeSet::new());
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let people: Vec<PersonId> = chosen.with_value(|chosen| chosen.iter().copied().collect());
        if people.is_empty() {
            return;
        }
        let question = AddToGroup { group, people };
        let added = untrack(|| t.people_groups_added()).to_owned();
        doing.run(
            async move { state.add_to_group(&question).await },
            move |()| {
                empty(form, chosen);
                on_done.run(added);
            },
        );
    };
    view! {
        <details>
            <summary>{t.say(Messages::people_groups_add)}</summary>
            <form class="stack-close" on:submit=add node_ref=form>
                <ChoosePeople people=people chosen=chosen />
                <Submit label=Messages::people_groups_add_action doing=doing />
            </form>
        </details>
    }
}
