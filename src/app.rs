//! The only place where the layers are joined: store, sync, languages, pages.

use keruen_domain::Language;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::i18n::{choose, provide_language};
use crate::pages::{
    Address, AgendaPage, Frame, FrameState, Later, LaterCode, LaterPart, Screen, StartFailedPage,
    TodayPage, tidy,
};
use crate::platform::{
    Area, Update, after_drawing, forget_kept_screens, language_tags, load, on_window, read_value,
    register_worker, remove_value, set_theme, sleep_ms, write_value,
};
use crate::state::{AppState, take_link};
use crate::store::{StoreError, open_in_browser};

const LANGUAGE: &str = "keruen.language";
const THEME: &str = "keruen.theme";
const WORKER: &str = "/service-worker.js";

/// Opens the store and shows the app over it. What is on the device is shown before anything is
/// asked of the network.
pub fn start() {
    set_theme(read_value(Area::Lasting, THEME).as_deref());
    // Taken out of the address before anything else can see it.
    take_link();
    spawn_local(async move {
        let opened = open_in_browser().await;
        let owner = Owner::new();
        let shown = owner.with(|| opened.map(AppState::new));
        for shown_meanwhile in ["kept-screen", "shell"] {
            if let Some(element) = document().get_element_by_id(shown_meanwhile) {
                element.remove();
            }
        }
        leptos::mount::mount_to_body(move || {
            provide_saved_language();
            let code = LaterCode::awaited(shown.as_ref().ok().copied());
            provide_context(code);
            match &shown {
                Ok(state) => {
                    let state = *state;
                    after_drawing(move || begin(state, code));
                    App(AppProps { state }).into_any()
                }
                Err(error) => {
                    code.fetch();
                    failed(error.clone()).into_any()
                }
            }
        });
        // The state lives as long as the page.
        std::mem::forget(owner);
    });
}

/// What may wait until the first page can be read: first the server, then the second part of the
/// program, then what is done when it is quiet.
fn begin(state: AppState, code: LaterCode) {
    const SECOND_PART_AFTER_MS: u32 = 3_000;
    const QUIET_AFTER_MS: u32 = 2_000;
    state.begin();
    if state.has_parked_notes() {
        code.fetch();
    }
    // For as long as the page lives.
    std::mem::forget(on_window("online", move |_| code.fetch()));
    spawn_local(async move {
        sleep_ms(SECOND_PART_AFTER_MS).await;
        code.fetch();
        sleep_ms(QUIET_AFTER_MS).await;
        tidy(state).await;
    });
}

fn later(part: LaterPart) -> AnyView {
    view! { <Later part=part /> }.into_any()
}

fn failed(error: StoreError) -> impl IntoView {
    view! { <StartFailedPage error=error /> }
}

fn provide_saved_language() {
    let tags = language_tags();
    let saved = read_value(Area::Lasting, LANGUAGE);
    let initial = choose(saved.as_deref(), tags.iter().map(String::as_str));
    let language = provide_language(initial);
    Effect::watch(
        move || language.get(),
        |chosen: &Language, _, _| {
            write_value(Area::Lasting, LANGUAGE, chosen.code());
            forget_kept_screens();
        },
        false,
    );
}

/// Keeps and applies the choice of a theme; `None` follows the phone.
fn choose_theme(theme: Option<&'static str>) {
    set_theme(theme);
    forget_kept_screens();
    match theme {
        Some(theme) => {
            write_value(Area::Lasting, THEME, theme);
        }
        None => remove_value(Area::Lasting, THEME),
    }
}

/// The app over its state.
#[component]
fn App(
    /// The state.
    state: AppState,
) -> impl IntoView {
    provide_context(state);
    provide_context(FrameState::new(
        read_value(Area::Lasting, THEME),
        choose_theme,
    ));
    let update = StoredValue::new_local(None::<Update>);
    let is_update_offered = RwSignal::new(false);
    after_drawing(move || {
        register_worker(WORKER, move |offered| {
            update.set_value(Some(offered));
            is_update_offered.set(true);
        });
    });
    let take_update = move |()| {
        spawn_local(async move {
            // What was typed a moment ago is on its way to the disk.
            state.when_saved().await;
            update.with_value(|update| {
                if let Some(update) = update {
                    update.take();
                }
            });
        });
    };
    let address = Address::follow();
    provide_context(address);
    // A link with a secret, opened where the app is already shown.
    std::mem::forget(on_window("hashchange", move |_| {
        if take_link() {
            address.follow_now();
        }
    }));
    let leave_if_left = move || {
        if !state.is_current() {
            load("/");
        }
    };
    std::mem::forget(on_window("storage", move |_| leave_if_left()));
    std::mem::forget(on_window("pageshow", move |_| leave_if_left()));
    let screen = address.screen();
    let page = move || match screen.get() {
        Screen::Today => view! { <TodayPage /> }.into_any(),
        Screen::Agenda => view! { <AgendaPage /> }.into_any(),
        Screen::Calendar => later(LaterPart::Calendar),
        Screen::Editor => later(LaterPart::Editor),
        Screen::Maker => later(LaterPart::Maker),
        Screen::Session => later(LaterPart::Session),
        Screen::Materials => later(LaterPart::Materials),
        Screen::Notes => later(LaterPart::Notes),
        Screen::Search => later(LaterPart::Search),
        Screen::More => later(LaterPart::More),
        Screen::Link => later(LaterPart::Link),
        Screen::Missing => later(LaterPart::NotFound),
    };
    view! {
        <Frame is_update_offered on_update=take_update>
            {page}
        </Frame>
    }
}
