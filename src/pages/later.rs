//! Pages whose code comes after the app can be used, as a second file of wasm.
//!
//! The build cuts the program in two (`xtask/src/post_build/split.rs`): what only [`draw`] reaches
//! is in the second file. It is fetched once the first page stands, or as soon as somebody asks for
//! one of these pages; the service worker keeps it like every other file. Without the feature `split`
//! nothing is cut, and all is here from the start.

use std::future::Future;
use std::pin::Pin;

use chrono::NaiveDate;
use keruen_domain::{EventId, SessionId};
use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;
#[cfg(feature = "split")]
use leptos::wasm_split::wasm_split;
use wasm_bindgen_futures::spawn_local;

use super::backup::SaveBackup;
use super::calendar::{
    CalendarPage, CalendarWays, Changes, DayTools, DayWays, EditorPage, SessionMarks,
};
use super::downloads::RoadLine;
use super::link::LinkPage;
use super::making::MakerPage;
use super::materials::MaterialsPage;
use super::more::MorePage;
use super::new_note::NewNoteLink;
use super::not_found::{NotFoundPage, RescueBackup};
use super::notes::NotesPage;
use super::search::SearchPage;
use super::session::SessionPage;
use super::sync_sheet::SyncSheetContent;
use crate::components::EmptyState;
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// A page, or a part of one, that comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaterPart {
    /// `/session/…`
    Session,
    /// `/materials…`
    Materials,
    /// `/notes…`
    Notes,
    /// `/search`
    Search,
    /// `/more…`
    More,
    /// `/agenda/mine` and others that are no event.
    Calendar,
    /// The ways to those.
    CalendarWays,
    /// `/edit/…`
    Editor,
    /// `/make/…`
    Maker,
    /// The ways from a day of an event.
    DayWays(EventId, NaiveDate),
    /// What organisers do with a day of an event.
    DayTools(EventId, NaiveDate),
    /// What changed since somebody last looked.
    Changes,
    /// What of today and tomorrow is not on this phone yet.
    RoadLine,
    /// What a card says of one's own agenda.
    SessionMarks(SessionId),
    /// `/join`
    Link,
    /// The way to a new note, on every page.
    NewNote,
    /// An address that leads nowhere.
    NotFound,
    /// What the sheet behind the chip holds; closes with the signal.
    SyncSheet(RwSignal<bool>),
    /// The button that saves a backup file.
    SaveBackup,
    /// The same where the app could not start.
    RescueBackup,
}

/// Whether the code of those parts is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    Awaited,
    UnderWay,
    Here,
    Failed,
}

/// The second file: one for the app.
#[derive(Clone, Copy)]
pub struct LaterCode {
    arrival: RwSignal<Arrival>,
    state: Option<AppState>,
}

impl LaterCode {
    /// Nothing is fetched yet. There is no state where the app could not start.
    pub fn awaited(state: Option<AppState>) -> Self {
        let code = Self {
            arrival: RwSignal::new(Arrival::Awaited),
            state,
        };
        #[cfg(not(feature = "split"))]
        code.fetch();
        code
    }

    /// Fetches it unless it is here or on its way.
    pub fn fetch(self) {
        if matches!(
            self.arrival.get_untracked(),
            Arrival::Awaited | Arrival::Failed
        ) {
            self.arrival.set(Arrival::UnderWay);
            spawn_local(async move {
                self.arrival.set(match self.arrived().await {
                    Ok(()) => Arrival::Here,
                    Err(_) => Arrival::Failed,
                });
            });
        }
    }

    /// Fetches the code. Nobody sees a note before what was typed last is on its way into it.
    async fn arrived(self) -> Result<(), SplitLoaderError> {
        fetch_code().await?;
        if let Some(state) = self.state {
            #[cfg(feature = "split")]
            take_in(state).await?;
            #[cfg(not(feature = "split"))]
            take_in(state)?;
        }
        Ok(())
    }
}

#[cfg(not(feature = "split"))]
async fn fetch_code() -> Result<(), SplitLoaderError> {
    Ok(())
}

/// Draws a part; all that only this function reaches is in the second file.
#[cfg_attr(
    feature = "split",
    wasm_split(
        later,
        fallible,
        wasm_split_path = ::leptos::wasm_split,
        preload(fetch_code)
    )
)]
fn draw(part: LaterPart) -> Result<AnyView, SplitLoaderError> {
    Ok(match part {
        LaterPart::Session => view! { <SessionPage /> }.into_any(),
        LaterPart::Materials => view! { <MaterialsPage /> }.into_any(),
        LaterPart::Notes => view! { <NotesPage /> }.into_any(),
        LaterPart::Search => view! { <SearchPage /> }.into_any(),
        LaterPart::More => view! { <MorePage /> }.into_any(),
        LaterPart::Calendar => view! { <CalendarPage /> }.into_any(),
        LaterPart::CalendarWays => view! { <CalendarWays /> }.into_any(),
        LaterPart::Editor => view! { <EditorPage /> }.into_any(),
        LaterPart::Maker => view! { <MakerPage /> }.into_any(),
        LaterPart::DayWays(event, day) => view! { <DayWays event=event day=day /> }.into_any(),
        LaterPart::DayTools(event, day) => view! { <DayTools event=event day=day /> }.into_any(),
        LaterPart::Changes => view! { <Changes /> }.into_any(),
        LaterPart::RoadLine => view! { <RoadLine /> }.into_any(),
        LaterPart::SessionMarks(id) => view! { <SessionMarks id=id /> }.into_any(),
        LaterPart::Link => view! { <LinkPage /> }.into_any(),
        LaterPart::NewNote => view! { <NewNoteLink /> }.into_any(),
        LaterPart::NotFound => view! { <NotFoundPage /> }.into_any(),
        LaterPart::SyncSheet(is_open) => view! { <SyncSheetContent is_open /> }.into_any(),
        LaterPart::SaveBackup => view! { <SaveBackup /> }.into_any(),
        LaterPart::RescueBackup => view! { <RescueBackup /> }.into_any(),
    })
}

/// Writes what was parked: to write a text is for the second file. So is what must be written before a group is lost.
#[cfg_attr(
    feature = "split",
    wasm_split(later, fallible, wasm_split_path = ::leptos::wasm_split)
)]
fn take_in(state: AppState) -> Result<(), SplitLoaderError> {
    state.take_in_parked_notes();
    state.rescue_before_loss();
    // What was to come goes on coming, and what was to go goes on going.
    state.downloads();
    state.uploads();
    Ok(())
}

/// What is done when it is quiet, for the second file too.
#[cfg_attr(
    feature = "split",
    wasm_split(later, fallible, wasm_split_path = ::leptos::wasm_split)
)]
fn tidying(state: AppState) -> Result<Pin<Box<dyn Future<Output = ()>>>, SplitLoaderError> {
    Ok(Box::pin(state.tidy()))
}

/// Keeps the store in order; see [`AppState::tidy`]. Where the code cannot be had, the next start
/// does it.
pub async fn tidy(state: AppState) {
    #[cfg(feature = "split")]
    let tidying = tidying(state).await;
    #[cfg(not(feature = "split"))]
    let tidying = tidying(state);
    if let Ok(tidying) = tidying {
        tidying.await;
    }
}

/// The part, once its code is here: then nothing is waited for.
fn drawn(part: LaterPart) -> Option<AnyView> {
    #[cfg(feature = "split")]
    {
        use std::task::{Context, Poll, Waker};
        let drawing = std::pin::pin!(draw(part));
        match drawing.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(drawn) => drawn.ok(),
            Poll::Pending => None,
        }
    }
    #[cfg(not(feature = "split"))]
    draw(part).ok()
}

/// A part that comes later, or a word about where it stays.
#[component]
pub fn Later(
    /// Which.
    part: LaterPart,
) -> impl IntoView {
    let code: LaterCode = expect_context();
    code.fetch();
    move || match code.arrival.get() {
        Arrival::Here => drawn(part),
        Arrival::Awaited | Arrival::UnderWay => Some(view! { <OnItsWay /> }.into_any()),
        Arrival::Failed => Some(view! { <NotHere code /> }.into_any()),
    }
}

/// A part that the page is whole without: until its code is here there is nothing.
#[component]
pub fn Extra(
    /// Which.
    part: LaterPart,
) -> impl IntoView {
    let code: LaterCode = expect_context();
    move || {
        let is_here = code.arrival.get() == Arrival::Here;
        is_here.then(|| drawn(part))
    }
}

#[component]
fn OnItsWay() -> impl IntoView {
    let t = use_translations();
    view! {
        <p class="quiet" role="status">
            {t.say(Messages::common_part_coming)}
        </p>
    }
}

#[component]
fn NotHere(code: LaterCode) -> impl IntoView {
    let t = use_translations();
    view! {
        <EmptyState
            title=t.signal(Messages::common_part_absent_title)
            text=t.signal(Messages::common_part_absent_text)
        >
            <button type="button" class="button button-primary" on:click=move |_| code.fetch()>
                {t.say(Messages::common_try_again)}
            </button>
        </EmptyState>
    }
}
