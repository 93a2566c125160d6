//! What is asked of the server while somebody looks, and what is said while and when it does not answer.

use std::future::Future;

use keruen_domain::sync::Connection;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::components::EmptyState;
use crate::i18n::{Messages, use_translations};
use crate::state::{Answer, AppState, AskFailure};

/// A question with its answer, once that is here.
pub(super) struct Asked<T: Send + Sync + 'static> {
    answer: RwSignal<Option<Answer<T>>>,
    ask: Callback<()>,
}

impl<T: Send + Sync + 'static> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Asked<T> {}

impl<T: Clone + Send + Sync + 'static> Asked<T> {
    /// Asks now, and again when the server is reached after it was not.
    pub(super) fn now<F>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Answer<T>> + 'static,
    {
        let answer = RwSignal::new(None);
        let ask = Callback::new(move |()| {
            let asking = ask();
            spawn_local(async move {
                let answered = asking.await;
                answer.try_set(Some(answered));
            });
        });
        ask.run(());
        let state = AppState::of_context();
        Effect::watch(
            move || state.status.get().connection,
            move |connection, before, _| {
                let is_back = *connection == Connection::Reached && before != Some(connection);
                let was_lost = answer
                    .with_untracked(|answer| matches!(answer, Some(Err(AskFailure::Unreachable))));
                if is_back && was_lost {
                    ask.run(());
                }
            },
            false,
        );
        Self { answer, ask }
    }

    /// Asks again; what was answered stands until then.
    pub(super) fn again(self) {
        self.ask.run(());
    }

    /// What was answered, if it was.
    pub(super) fn answer(self) -> Option<Answer<T>> {
        self.answer.get()
    }

    /// The view of the answer, or of its lack.
    pub(super) fn view(self, show: impl Fn(T) -> AnyView + Send + 'static) -> impl IntoView {
        let t = use_translations();
        move || match self.answer.get() {
            None => view! {
                <p class="quiet" role="status">
                    {t.people_loading()}
                </p>
            }
            .into_any(),
            Some(Ok(answer)) => show(answer),
            Some(Err(failure)) => view! {
                <NoAnswer failure=failure on_again=move |()| self.again() />
            }
            .into_any(),
        }
    }
}

/// Why a question has no answer, in words.
pub(super) fn failure_words(t: &Messages, failure: AskFailure) -> &'static str {
    match failure {
        AskFailure::Unreachable => t.people_needs_connection(),
        AskFailure::NotThere => t.people_gone_title(),
        AskFailure::NotAuthorised | AskFailure::NotAllowed => t.people_not_allowed(),
        AskFailure::TooMany => t.people_too_many(),
        AskFailure::Server => t.people_fault(),
    }
}

/// A question that found no answer, and a button to ask again.
#[component]
pub(super) fn NoAnswer(
    /// Why.
    failure: AskFailure,
    /// Asked to try again.
    #[prop(into)]
    on_again: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    view! {
        <div class="stack-close">
            <p role="status">{move || failure_words(&t, failure)}</p>
            <p>
                <button type="button" class="button" on:click=move |_| on_again.run(())>
                    {t.say(Messages::common_try_again)}
                </button>
            </p>
        </div>
    }
}

/// What somebody is doing on the server right now, and how the last of it ended.
#[derive(Clone, Copy)]
pub(super) struct Doing {
    is_under_way: RwSignal<bool>,
    failure: RwSignal<Option<AskFailure>>,
}

impl Doing {
    pub(super) fn nothing() -> Self {
        Self {
            is_under_way: RwSignal::new(false),
            failure: RwSignal::new(None),
        }
    }

    /// Whether something is under way: its button waits.
    pub(super) fn is_under_way(self) -> bool {
        self.is_under_way.get()
    }

    /// Does it, unless something is under way; `done` gets what came of it.
    pub(super) fn run<T: 'static>(
        self,
        act: impl Future<Output = Answer<T>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if self.is_under_way.get_untracked() {
            return;
        }
        self.is_under_way.set(true);
        self.failure.set(None);
        spawn_local(async move {
            let answer = act.await;
            self.is_under_way.try_set(false);
            match answer {
                Ok(answer) => done(answer),
                Err(failure) => drop(self.failure.try_set(Some(failure))),
            }
        });
    }

    /// Why the last act was not done, if it was not.
    pub(super) fn words(self) -> impl IntoView {
        let t = use_translations();
        view! {
            <p class="small" role="status">
                {move || self.failure.get().map(|failure| failure_words(&t, failure))}
            </p>
        }
    }

    /// Why the last act was not done.
    pub(super) fn failure(self) -> Option<AskFailure> {
        self.failure.get()
    }
}

/// A place with a title, a sentence and perhaps a button, for what cannot be gone on with.
#[component]
pub(super) fn Stop(
    /// What is the matter.
    title: fn(&Messages) -> &'static str,
    /// What to do.
    text: fn(&Messages) -> &'static str,
    /// What to press.
    button: fn(&Messages) -> &'static str,
    /// It was pressed.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    view! {
        <EmptyState title=t.signal(title) text=t.signal(text)>
            <button type="button" class="button button-primary" on:click=move |_| on_press.run(())>
                {t.say(button)}
            </button>
        </EmptyState>
    }
}
