//! What is asked of the server while somebody looks, and what is said while and when it does not answer.

use std::future::Future;
use std::pin::Pin;

use keruen_domain::sync::Connection;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::components::EmptyState;
use crate::i18n::{Messages, use_translations};
use crate::state::{Answer, AppState, AskFailure};

/// How a question stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    UnderWay,
    Answered,
    Failed(AskFailure),
}

/// What asks; it keeps the answer itself.
type Ask = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Answer<()>>>>>;

/// A question with its answer, once that is here.
///
/// Signals know how it stands and not what was answered: leptos' code for a signal is made anew for each
/// type that is in one, and every phone would download that.
pub(super) struct Asked<T: 'static> {
    answer: StoredValue<Option<T>, LocalStorage>,
    asking: Asking,
}

impl<T> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Asked<T> {}

impl<T: Clone + 'static> Asked<T> {
    /// Asks now, and again when the server is reached after it was not.
    pub(super) fn now<F>(ask: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Answer<T>> + 'static,
    {
        let answer = StoredValue::new_local(None);
        let ask: Ask = Box::new(move || {
            let asking = ask();
            Box::pin(async move {
                let answered = asking.await?;
                // Nobody may be looking any more.
                let _ = answer.try_set_value(Some(answered));
                Ok(())
            })
        });
        let asking = Asking::now(ask);
        Self { answer, asking }
    }

    /// Asks again; what was answered stands until then.
    pub(super) fn again(self) {
        self.asking.again();
    }

    /// What was answered, if it was.
    pub(super) fn answer(self) -> Option<Answer<T>> {
        match self.asking.stage.get() {
            Stage::UnderWay => None,
            Stage::Answered => self.answer.get_value().map(Ok),
            Stage::Failed(failure) => Some(Err(failure)),
        }
    }

    /// The view of the answer, or of its lack.
    pub(super) fn view(self, show: impl Fn(T) -> AnyView + 'static) -> AnyView {
        let answer = self.answer;
        self.asking
            .view(Box::new(move || answer.get_value().map(&show)))
    }
}

/// A question, whatever is asked.
#[derive(Clone, Copy)]
struct Asking {
    stage: RwSignal<Stage>,
    ask: StoredValue<Ask, LocalStorage>,
}

impl Asking {
    fn now(ask: Ask) -> Self {
        let stage = RwSignal::new(Stage::UnderWay);
        let ask = StoredValue::new_local(ask);
        let asking = Self { stage, ask };
        asking.again();
        let state = AppState::of_context();
        Effect::watch(
            move || state.status.get().connection,
            move |connection, before, _| {
                let is_back = *connection == Connection::Reached && before != Some(connection);
                if is_back && stage.get_untracked() == Stage::Failed(AskFailure::Unreachable) {
                    asking.again();
                }
            },
            false,
        );
        asking
    }

    fn again(self) {
        let under_way = self.ask.with_value(|ask| ask());
        spawn_local(async move {
            let answered = under_way.await;
            self.stage.try_set(match answered {
                Ok(()) => Stage::Answered,
                Err(failure) => Stage::Failed(failure),
            });
        });
    }

    fn view(self, show: Box<dyn Fn() -> Option<AnyView>>) -> AnyView {
        let t = use_translations();
        let show = StoredValue::new_local(show);
        let shown = move || match self.stage.get() {
            Stage::UnderWay => Some(
                view! {
                    <p class="quiet" role="status">
                        {t.people_loading()}
                    </p>
                }
                .into_any(),
            ),
            Stage::Answered => show.with_value(|show| show()),
            Stage::Failed(failure) => Some(
                view! { <NoAnswer failure=failure on_again=move |()| self.again() /> }.into_any(),
            ),
        };
        shown.into_any()
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
            match act.await {
                Ok(answer) => {
                    self.ended(None);
                    done(answer);
                }
                Err(failure) => self.ended(Some(failure)),
            }
        });
    }

    fn ended(self, failure: Option<AskFailure>) {
        self.is_under_way.try_set(false);
        self.failure.try_set(failure);
    }

    /// Why the last act was not done, if it was not.
    pub(super) fn words(self) -> AnyView {
        let t = use_translations();
        view! {
            <p class="small" role="status">
                {move || self.failure.get().map(|failure| failure_words(&t, failure))}
            </p>
        }
        .into_any()
    }

    /// Why the last act was not done.
    pub(super) fn failure(self) -> Option<AskFailure> {
        self.failure.get()
    }
}

/// The button that sends a form off; it waits while something is under way.
#[component]
pub(super) fn Submit(
    /// What it says.
    label: fn(&Messages) -> &'static str,
    /// What the form does.
    doing: Doing,
) -> impl IntoView {
    let t = use_translations();
    view! {
        <p>
            <button
                type="submit"
                class="button button-primary"
                disabled=move || doing.is_under_way()
            >
                {t.say(label)}
            </button>
        </p>
    }
}

/// A button that takes something back for good, such as a link, with why it was not done below it.
#[component]
pub(super) fn TakeBack(
    /// What it says.
    label: fn(&Messages) -> &'static str,
    /// Asks the server for it.
    act: impl Fn() -> Pin<Box<dyn Future<Output = Answer<()>>>> + 'static,
    /// It is done.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let doing = Doing::nothing();
    view! {
        <p>
            <button
                type="button"
                class="button"
                disabled=move || doing.is_under_way()
                on:click=move |_| doing.run(act(), move |()| on_done.run(()))
            >
                {t.say(label)}
            </button>
        </p>
        {doing.words()}
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
