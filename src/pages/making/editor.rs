//! `/make/MATERIAL`: a trainer or an organiser makes or changes a material, also without a network.

use std::collections::BTreeMap;

use keruen_domain::model::{Material, MaterialKind, Programme, Session, View, fields};
use keruen_domain::{
    FieldKey, MaterialId, ProgrammeId, Record, RecordKey, ScopeId, SessionId, Value,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::details::{Details, FilePart};
use crate::components::{Confirm, EmptyState, Icon, IconName};
use crate::i18n::{Messages, format, use_translations};
use crate::pages::address::Address;
use crate::pages::editing::{Draft, Edits, PicturesOf, Ticks, Translations};
use crate::pages::frame::show_frame;
use crate::pages::links::{best, material_href, session_href};
use crate::pages::not_found::NotOnPhone;
use crate::pages::pictures::show_pictures;
use crate::state::{AppState, FormDraft};

/// A set among the edits that is none of the material's: the sessions that it belongs to.
const SESSIONS: &str = "sessions";

fn maker_href(id: MaterialId) -> String {
    format!("/make/{id}")
}

/// The address of the form for a new material.
pub(super) fn new_href(
    id: MaterialId,
    kind: MaterialKind,
    programme: ProgrammeId,
    session: Option<SessionId>,
) -> String {
    let kind = kind.word();
    let of = session.map(|session| format!("&session={session}"));
    let of = of.unwrap_or_default();
    format!("{}?kind={kind}&programme={programme}{of}", maker_href(id))
}

/// The way from a material to its form, for those who may change it.
#[component]
pub(in crate::pages) fn ChangeLink(material: Material) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let href = maker_href(material.id());
    move || {
        let href = href.clone();
        state.may_change_material(&material).then(|| {
            view! {
                <p>
                    <a class="button" href=href>
                        <Icon name=IconName::Edit />
                        {t.say(Messages::calendar_edit)}
                    </a>
                </p>
            }
        })
    }
}

/// What the form is of.
#[derive(Clone)]
struct Subject {
    id: MaterialId,
    programme: Programme,
    /// `None` of a new one.
    material: Option<Material>,
    kind: MaterialKind,
    /// The session that a new one is for.
    session: Option<SessionId>,
}

impl Subject {
    /// The address of its form, by which what is written into it is kept and found again.
    fn form(&self) -> String {
        if self.material.is_some() {
            return maker_href(self.id);
        }
        new_href(self.id, self.kind, self.programme.id(), self.session)
    }

    fn key(&self) -> RecordKey {
        AppState::material_key(self.programme.id(), self.id)
    }
}

/// The page.
#[component]
pub(in crate::pages) fn MakerPage() -> impl IntoView {
    show_pictures();
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let id = address.at::<MaterialId>(1);
    show_frame(
        t.signal(Messages::making_title),
        Signal::derive(move || {
            let id = id.get()?;
            let is_there = state.material(id).is_some();
            Some(if is_there {
                material_href(id)
            } else {
                "/materials".to_owned()
            })
        }),
    );
    // Read once: what arrives meanwhile must not take away what somebody is writing.
    let subject = move || {
        let id = id.get()?;
        untrack(|| {
            let material = state.material(id);
            let of = |name: &str| address.parameter(name);
            let programme: ProgrammeId = match &material {
                Some(material) => match material.record().key.scope {
                    ScopeId::Programme(programme) => programme,
                    _ => return None,
                },
                None => of("programme")?.parse().ok()?,
            };
            let kind = material.as_ref().map_or_else(
                || MaterialKind::from_word_or_fallback(of("kind").as_deref()),
                Material::kind,
            );
            Some(Subject {
                id,
                programme: state.programme(programme)?,
                material,
                kind,
                session: of("session").and_then(|id| id.parse().ok()),
            })
        })
    };
    move || {
        let Some(subject) = subject() else {
            return view! { <NotOnPhone /> }.into_any();
        };
        let may = untrack(|| match &subject.material {
            Some(material) => state.may_change_material(material),
            None => state.may_add_materials(subject.programme.id()),
        });
        if !may {
            return view! {
                <EmptyState
                    title=t.signal(Messages::calendar_may_not_title)
                    text=t.signal(Messages::making_may_not_text)
                />
            }
            .into_any();
        }
        view! { <Opening subject=subject /> }.into_any()
    }
}

/// Looks whether something was written here before and not saved.
#[component]
fn Opening(subject: Subject) -> impl IntoView {
    let state = AppState::of_context();
    let draft = Draft::of(state, subject.form());
    let kept = StoredValue::new(None::<FormDraft>);
    // How often the form was begun: once more when what was kept is thrown away.
    let turn = RwSignal::new(0_u32);
    spawn_local(async move {
        let before = draft.written_before().await;
        // The page may have been left meanwhile.
        kept.try_set_value(before);
        turn.try_set(1);
    });
    let begin_anew = move |()| {
        spawn_local(async move {
            draft.forget().await;
            kept.try_set_value(None);
            turn.try_update(|turn| *turn += 1);
        });
    };
    move || {
        (turn.get() > 0).then(|| {
            view! {
                <Form subject=subject.clone() draft=draft kept=kept.get_value() on_begin_anew=begin_anew />
            }
        })
    }
}

/// The sessions to which the owner of this device may attach something, by their start.
fn sessions(state: AppState, programme: ProgrammeId) -> Vec<Session> {
    let events = state.events().into_iter();
    let events = events.filter(|event| event.programme() == Some(programme));
    let sessions = events.flat_map(|event| state.sessions_of(event.id(), |_| true));
    let mut sessions: Vec<Session> = sessions
        .filter(|session| state.may_change(session))
        .collect();
    sessions.sort_by_key(|session| (session.start(), session.id()));
    sessions
}

fn is_attached(session: &Session, id: MaterialId) -> bool {
    session.materials().any(|used| used == id)
}

/// What stands in a form that nobody has written into.
fn begun(subject: &Subject, sessions: &[Session]) -> BTreeMap<FieldKey, Value> {
    let mut begun = BTreeMap::new();
    if subject.material.is_none() {
        let kind = Value::Text(subject.kind.word().into());
        begun.insert(FieldKey::register(fields::KIND), kind);
    }
    for session in sessions {
        let is_for_it = subject.material.is_none() && subject.session == Some(session.id());
        if is_for_it || is_attached(session, subject.id) {
            begun.insert(session_key(session), Value::Flag(true));
        }
    }
    begun
}

fn session_key(session: &Session) -> FieldKey {
    FieldKey::member(SESSIONS, &session.id().to_string())
}

#[component]
fn Form(
    subject: Subject,
    draft: Draft,
    kept: Option<FormDraft>,
    #[prop(into)] on_begin_anew: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let programme = subject.programme.id();
    let of_programme = StoredValue::new(untrack(|| sessions(state, programme)));
    let seen: Option<std::sync::Arc<Record>> = subject
        .material
        .as_ref()
        .map(|material| material.record().clone());
    let is_kept = kept.is_some();
    let begun = of_programme.with_value(|sessions| begun(&subject, sessions));
    let edits = draft.edits(kept, seen, begun);
    provide_context(PicturesOf(programme));
    let kind = subject.kind;
    let problem = RwSignal::new(None::<fn(&Messages) -> &'static str>);
    let (id, key) = (subject.id, subject.key());
    let save = move |submitted: leptos::ev::SubmitEvent| {
        submitted.prevent_default();
        let lacks = untrack(|| what_lacks(edits, kind));
        problem.set(lacks);
        if lacks.is_some() {
            return;
        }
        let edited = edits.fields.get_untracked();
        let attached = of_programme.with_value(|sessions| {
            let ticked =
                |session: &Session| edited.get(&session_key(session)).is_some_and(Value::is_set);
            let changed = sessions.iter().map(|session| (session, ticked(session)));
            let changed = changed.filter(|(session, is_in)| is_attached(session, id) != *is_in);
            changed
                .map(|(session, is_in)| (session.clone(), is_in))
                .collect()
        });
        let own = edited
            .into_iter()
            .filter(|(key, _)| key.as_str().split('/').next() != Some(SESSIONS))
            .collect();
        spawn_local(async move {
            let seen = edits.seen.get_value();
            if state.save_material(key, seen, own, attached).await {
                draft.end().await;
                address.go(&material_href(id), true);
            }
        });
    };
    let language = untrack(|| t.language());
    let options = of_programme.with_value(|sessions| {
        let option = |session: &Session| {
            let day = session
                .start()
                .map(|start| format::day(language, start.day()));
            let title = best(&session.title(), language);
            let name = [day.unwrap_or_default(), title].join(" · ");
            (session.id().to_string(), name)
        };
        sessions.iter().map(option).collect::<Vec<_>>()
    });
    let is_text = kind == MaterialKind::Text;
    let is_link = kind == MaterialKind::Link;
    let back = match (&subject.material, subject.session) {
        (Some(_), _) => material_href(id),
        (None, Some(session)) => session_href(session),
        (None, None) => "/materials".to_owned(),
    };
    let leave = move |_| {
        let back = back.clone();
        let chosen = untrack(|| chosen_file(edits));
        spawn_local(async move {
            if let Some(sha256) = chosen {
                state
                    .give_up_file(ScopeId::Programme(programme), &sha256)
                    .await;
            }
            draft.end().await;
            address.go(&back, true);
        });
    };
    view! {
        <form class="stack detail" on:submit=save>
            {is_kept
                .then(|| {
                    view! {
                        <div class="card stack-close" role="status">
                            <p>{t.say(Messages::making_kept)}</p>
                            <p>
                                <button type="button" class="button" on:click=move |_| on_begin_anew.run(())>
                                    {t.say(Messages::making_begin_anew)}
                                </button>
                            </p>
                        </div>
                    }
                })}
            <Translations name=fields::TITLE label=Messages::calendar_title edits=edits />
            {is_link.then(|| view! { <UrlField edits=edits /> })}
            {(!is_text && !is_link).then(|| view! { <FilePart programme=programme edits=edits /> })}
            {is_text
                .then(|| {
                    view! { <Translations name=fields::BODY label=Messages::materials_kind_text edits=edits is_long=true /> }
                })}
            <Translations name=fields::SUMMARY label=Messages::calendar_abstract edits=edits is_long=true />
            <Details programme=programme edits=edits />
            <Ticks set=SESSIONS label=Messages::materials_in_sessions options=options edits=edits />
            <p class="small session-warning" role="alert">
                {move || problem.get().map(|words| words(&t))}
            </p>
            <p class="row-of-buttons">
                <button type="submit" class="button button-primary">
                    {t.say(Messages::calendar_save)}
                </button>
                <button type="button" class="button" on:click=leave>
                    {t.say(Messages::people_cancel)}
                </button>
            </p>
            <p class="small quiet">{t.say(Messages::making_on_phone)}</p>
            {subject.material.map(|material| view! { <DeletePart material=material draft=draft /> })}
        </form>
    }
}

/// The file that was chosen in the form, if one was.
fn chosen_file(edits: Edits) -> Option<String> {
    let key = FieldKey::register(fields::FILE_SHA256);
    let chosen = edits.fields.with(|fields| fields.get(&key).cloned());
    chosen?.as_text().map(str::to_owned)
}

/// What a material cannot do without.
fn what_lacks(edits: Edits, kind: MaterialKind) -> Option<fn(&Messages) -> &'static str> {
    if !edits.has_text(fields::TITLE) {
        return Some(Messages::calendar_lacks_title);
    }
    let url = edits.text(&FieldKey::register(fields::URL));
    let is_address = ["https://", "http://"].iter().any(|scheme| {
        let start = url.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme)) && url.len() > scheme.len()
    });
    (kind == MaterialKind::Link && !is_address).then_some(Messages::making_lacks_address)
}

/// Where a link leads.
#[component]
fn UrlField(edits: Edits) -> impl IntoView {
    let t = use_translations();
    let key = FieldKey::register(fields::URL);
    let standing = untrack(|| edits.text(&key));
    let write = move |event| {
        let address = event_target_value(&event);
        edits.write(key.clone(), Value::Text(address.trim().into()));
    };
    view! {
        <label class="stack-close">
            <span>{t.say(Messages::making_address)}</span>
            <input
                class="field"
                type="url"
                inputmode="url"
                placeholder="https://"
                maxlength="2000"
                value=standing
                on:input=write
            />
        </label>
        <p class="small quiet">{t.say(Messages::making_link_note)}</p>
    }
}

#[component]
fn DeletePart(material: Material, draft: Draft) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let delete = move |()| {
        let material = material.clone();
        spawn_local(async move {
            if state.delete_material(&material).await {
                draft.end().await;
                address.go("/materials", true);
            }
        });
    };
    view! {
        <Confirm
            label=t.signal(Messages::making_delete)
            question=t.signal(Messages::making_delete_sure)
            yes=t.signal(Messages::common_delete)
            on_yes=delete
        />
    }
}
