//! Making a link that lets anyone who has it read one thing. For trainers and organisers.

use keruen_domain::protocol::shares::{NewShare, Shared, limits};
use keruen_domain::{ProgrammeId, Role, ScopeId};
use leptos::html;
use leptos::prelude::*;

use super::asking::{Doing, Submit};
use super::durations::{DAY_MS, duration_options};
use super::secret_link::SecretLink;
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// The form, folded away, below the thing that is shared; nothing for who may not share. It stands
/// while the thing changes: the link that it shows is shown once.
#[component]
pub(super) fn SharePart(
    /// Where the thing is, and what it is.
    thing: Signal<Option<(ScopeId, Shared)>>,
    /// What it is called.
    title: Signal<String>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let shareable = Memo::new(move |_| {
        let (scope, shared) = thing.get()?;
        let ScopeId::Programme(programme) = scope else {
            return None;
        };
        let may_share = matches!(
            state.role_in(programme),
            Some(Role::Organiser | Role::Trainer)
        );
        may_share.then_some((programme, shared))
    });
    move || {
        shareable.get().map(|(programme, shared)| {
            view! {
                <details class="card share detail">
                    <summary>{t.say(Messages::shares_make)}</summary>
                    <ShareForm programme=programme shared=Signal::stored(shared) title=title />
                </details>
            }
        })
    }
}

/// How long, by which words, what for; then the link.
#[component]
pub(super) fn ShareForm(
    /// Of which programme.
    programme: ProgrammeId,
    /// What of it.
    shared: Signal<Shared>,
    /// What it is called.
    #[prop(into)]
    title: Signal<String>,
    /// A link was made.
    #[prop(optional, into)]
    on_made: Option<Callback<()>>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let doing = Doing::nothing();
    let secret = RwSignal::new(None::<String>);
    let valid = NodeRef::<html::Select>::new();
    let (passphrase, note) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let make = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let days = valid
            .get_untracked()
            .and_then(|field| field.value().parse::<u64>().ok());
        let text = |field: NodeRef<html::Input>| {
            let field = field.get_untracked();
            field.map(|field| field.value()).unwrap_or_default()
        };
        let share = NewShare {
            programme,
            shared: shared.get_untracked(),
            valid_ms: days.filter(|days| *days > 0).map(|days| days * DAY_MS),
            passphrase: text(passphrase),
            note: text(note),
        };
        doing.run(async move { state.share(&share).await }, move |made| {
            secret.try_set(Some(made.secret));
            if let Some(on_made) = on_made {
                on_made.run(());
            }
        });
    };
    view! {
        <form class="stack-close" on:submit=make>
            <label class="stack-close">
                <span>{t.say(Messages::shares_valid)}</span>
                <select class="field" node_ref=valid>
                    <option value="0">{t.say(Messages::shares_valid_none)}</option>
                    {duration_options(0)}
                </select>
            </label>
            <label class="stack-close">
                <span>{t.say(Messages::shares_passphrase)}</span>
                <input
                    class="field"
                    type="text"
                    autocomplete="off"
                    minlength=limits::MIN_PASSPHRASE_CHARACTERS
                    maxlength="200"
                    node_ref=passphrase
                    aria-describedby="share-passphrase-help"
                />
            </label>
            <p class="small quiet" id="share-passphrase-help">
                {t.say(Messages::shares_passphrase_text)}
            </p>
            <label class="stack-close">
                <span>{t.say(Messages::shares_note)}</span>
                <input class="field" type="text" maxlength="200" autocomplete="off" node_ref=note />
            </label>
            <Submit label=Messages::shares_make_action doing=doing />
            {doing.words()}
        </form>
        {move || {
            secret
                .get()
                .map(|secret| {
                    view! {
                        <SecretLink
                            link=AppState::share_link(&secret)
                            title=title
                            text=Messages::shares_link_text
                        />
                    }
                })
        }}
    }
}
