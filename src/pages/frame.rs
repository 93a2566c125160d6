//! The frame around the pages: header, navigation, banners, what can be undone, what went wrong.

use keruen_domain::sync::Phase;
use leptos::prelude::*;

use super::address::{Address, Screen};
use super::failure::{code_of, of_trouble};
use super::later::{Extra, Later, LaterPart};
use crate::components::{
    AppShell, Banner, BannerKind, ChipState, FailureNotice, LiveRegion, Place, Sheet, UndoBar,
};
use crate::i18n::{Failure, Messages, format, use_translations};
use crate::state::{AppState, DataState, Time, Trouble, Undo};

/// What the page that is shown tells the frame.
#[derive(Clone, Copy)]
pub struct FrameState {
    title: RwSignal<String>,
    back: RwSignal<Option<String>>,
    /// The chosen theme; `None` follows the phone.
    pub(super) theme: RwSignal<Option<String>>,
    /// Keeps and applies another theme.
    pub(super) choose_theme: fn(Option<&'static str>),
}

impl FrameState {
    /// The frame of an app whose person has chosen this theme; `choose_theme` keeps another.
    pub fn new(theme: Option<String>, choose_theme: fn(Option<&'static str>)) -> Self {
        Self {
            title: RwSignal::new(String::new()),
            back: RwSignal::new(None),
            theme: RwSignal::new(theme),
            choose_theme,
        }
    }
}

/// Sets the heading of the page, and where its arrow leads.
pub(super) fn show_frame(title: Signal<String>, back: Signal<Option<String>>) {
    let frame: FrameState = expect_context();
    Effect::new(move || {
        let title = title.get();
        document().set_title(&[title.as_str(), " · Keruen"].concat());
        frame.title.set(title);
    });
    Effect::new(move || frame.back.set(back.get()));
}

/// The frame.
#[component]
pub fn Frame(
    /// Whether a newer version of the app waits.
    #[prop(into)]
    is_update_offered: RwSignal<bool>,
    /// Asked to use it.
    #[prop(into)]
    on_update: Callback<()>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let frame: FrameState = expect_context();
    let address = Address::of_context();
    let screen = address.screen();
    let section = address.at::<String>(1);
    let is_sheet_open = RwSignal::new(
        screen.get_untracked() == Screen::More
            && section.get_untracked().as_deref() == Some("sync"),
    );
    let place = Signal::derive(move || place_of(screen.get()));
    let chip = Signal::derive(move || chip_of(state.data_state()));
    // Until a page's code is here it has no title of its own.
    let title = Signal::derive(move || {
        let title = frame.title.get();
        match title.is_empty() {
            true => t.common_app_name().to_owned(),
            false => title,
        }
    });
    view! {
        <AppShell
            title=title
            place=place
            back=frame.back
            chip=chip
            on_chip=move |()| is_sheet_open.set(true)
            banners=move || view! { <Banners is_update_offered on_update /> }
        >
            {children()}
        </AppShell>
        <Extra part=LaterPart::NewNote />
        <Undoable />
        <Sheet
            is_open=is_sheet_open
            on_close=move |()| is_sheet_open.set(false)
            title=t.signal(Messages::sync_title)
        >
            <Later part=LaterPart::SyncSheet(is_sheet_open) />
        </Sheet>
        <Announcements />
    }
}

const fn place_of(screen: Screen) -> Option<Place> {
    match screen {
        Screen::Today => Some(Place::Today),
        Screen::Agenda | Screen::Calendar | Screen::Editor | Screen::Session => Some(Place::Agenda),
        Screen::Materials | Screen::Maker => Some(Place::Materials),
        Screen::Notes => Some(Place::Notes),
        Screen::More => Some(Place::More),
        Screen::Link | Screen::Search | Screen::Missing => None,
    }
}

fn chip_of(data: DataState) -> ChipState {
    match data {
        DataState::NeedsAttention => ChipState::Attention,
        DataState::Sending(count) => ChipState::Sending {
            count: count as u64,
        },
        DataState::Offline => ChipState::Offline,
        DataState::ServerFault => ChipState::ServerFault,
        DataState::Receiving => ChipState::Receiving,
        DataState::UpToDate(at_ms) => ChipState::UpToDate {
            since: Time::phone_clock(at_ms),
        },
        DataState::OnThisPhone => ChipState::OnPhone,
    }
}

/// What concerns the whole app, above every page.
#[component]
fn Banners(is_update_offered: RwSignal<bool>, on_update: Callback<()>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let failure_of_start = move || {
        let start = state.start.get();
        if start.is_volatile {
            Some(Failure::StorageDenied)
        } else if start.came_back_empty {
            Some(Failure::StorageLost)
        } else if start.set_aside > 0 {
            Some(Failure::Unreadable {
                count: start.set_aside as u64,
            })
        } else {
            None
        }
    };
    let is_start_known = RwSignal::new(false);
    let is_clock_known = RwSignal::new(false);
    let update_text = move || [t.more_update_title(), ". ", t.more_update_text()].concat();
    let demo_text = move || {
        let now_ms = state.time.now_ms();
        let first = state.today().into_iter().next();
        let now = first.and_then(|today| state.now_at(&today.event, now_ms));
        let wall = now.map_or_else(
            || Time::phone_wall(u64::try_from(now_ms).unwrap_or_default()),
            |now| now.wall(),
        );
        let day = format::day_with_year(t.language(), wall.date());
        t.more_demo_clock(&[day.as_str(), ", ", &format::time(wall.time())].concat())
    };
    let failure_of_phase = move || match state.status.get().phase {
        Phase::NotAuthorised => Some(Failure::SignedOut),
        Phase::VersionNotSupported => Some(Failure::Outdated),
        Phase::CannotSave => Some(Failure::StorageFailed),
        Phase::StorageFull => Some(Failure::NewsNotKept),
        _ => None,
    };
    view! {
        {move || {
            let failure = failure_of_start().filter(|_| !is_start_known.get())?;
            Some(view! {
                <FailureNotice failure=failure>
                    <button type="button" class="button" on:click=move |_| is_start_known.set(true)>
                        {t.say(Messages::common_close)}
                    </button>
                </FailureNotice>
            })
        }}
        {move || failure_of_phase().map(|failure| view! { <FailureNotice failure=failure /> })}
        {move || {
            let trouble = state.trouble.get()?;
            let code = code_of(&trouble);
            let is_storage = matches!(trouble, Trouble::NotSaved(_));
            Some(view! {
                <FailureNotice failure=of_trouble(&trouble) code=code>
                    {is_storage.then(|| view! { <Later part=LaterPart::SaveBackup /> })}
                    <button type="button" class="button" on:click=move |_| state.trouble.set(None)>
                        {t.say(Messages::common_close)}
                    </button>
                </FailureNotice>
            })
        }}
        <Show when=move || is_update_offered.get()>
            <Banner kind=BannerKind::Information text=Signal::derive(update_text)>
                <button type="button" class="button button-primary" on:click=move |_| on_update.run(())>
                    {t.say(Messages::more_update_take)}
                </button>
                <button type="button" class="button" on:click=move |_| is_update_offered.set(false)>
                    {t.say(Messages::more_update_later)}
                </button>
            </Banner>
        </Show>
        <Show when=move || state.status.get().clock_is_off() && !is_clock_known.get()>
            <Banner kind=BannerKind::Warning text=t.signal(Messages::sync_clock_warning)>
                <button type="button" class="button" on:click=move |_| is_clock_known.set(true)>
                    {t.say(Messages::common_close)}
                </button>
            </Banner>
        </Show>
        <Show when=move || state.time.is_demo()>
            <Banner kind=BannerKind::Clock text=Signal::derive(demo_text)>
                <button type="button" class="button" on:click=move |_| state.time.leave_demo()>
                    {t.say(Messages::more_demo_clock_leave)}
                </button>
            </Banner>
        </Show>
    }
}

/// What was just done and can be taken back.
#[component]
fn Undoable() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let text = Signal::derive(move || {
        state.undo.with(|undo| {
            undo.as_ref().map(|undo| match undo {
                Undo::NoteDeleted(_) => t.notes_deleted().to_owned(),
                Undo::Dismissed(_) => t.sync_refused_discarded().to_owned(),
            })
        })
    });
    view! {
        <UndoBar
            text=text
            on_undo=move |()| state.undo_last()
            on_dismiss=move |()| state.undo.set(None)
        />
    }
}

/// What is read aloud: only changes for the better or the worse.
#[component]
fn Announcements() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let message = RwSignal::new(String::new());
    Effect::watch(
        move || (state.waiting(), state.data_state()),
        move |(waiting, data), before, _| {
            let Some((waiting_before, data_before)) = before else {
                return;
            };
            // The language may change without anything being said anew.
            let words = untrack(|| match data {
                DataState::NeedsAttention if data != data_before => {
                    Some(t.sync_announce_refused().to_owned())
                }
                DataState::Offline if data != data_before => {
                    Some(t.sync_announce_offline().to_owned())
                }
                DataState::UpToDate(_) if *waiting == 0 && *waiting_before > 0 => {
                    Some(t.sync_announce_sent(*waiting_before as u64))
                }
                _ => None,
            });
            if let Some(words) = words {
                message.set(words);
            }
        },
        false,
    );
    view! { <LiveRegion message=message /> }
}
