//! A session's card, with what comes a moment later: one's own marks on it.

use keruen_domain::model::{Session, SessionKind};
use leptos::prelude::*;

use super::later::{Extra, LaterPart};
use super::links::session_card;
use crate::components::{SessionCard, SessionPhase};
use crate::state::AppState;

/// The card.
#[component]
pub(super) fn Card(
    /// The session.
    session: Session,
    /// Where it stands to the present moment.
    #[prop(optional, into)]
    phase: Signal<SessionPhase>,
    /// A word on time beside *now* or *next*.
    #[prop(optional, into)]
    countdown: Signal<Option<String>>,
) -> impl IntoView {
    let view = session_card(&AppState::of_context(), &session);
    let is_break = session.kind() == SessionKind::Break;
    let marks = (!is_break).then(|| LaterPart::SessionMarks(session.id()));
    view! {
        <SessionCard session=view phase=phase countdown=countdown>
            {marks.map(|part| view! { <Extra part=part /> })}
        </SessionCard>
    }
}
