//! Which page the address names. The app has a handful of addresses and no need of a library's
//! 45 KB for them (see docs/decisions).

use std::str::FromStr;

use leptos::prelude::*;

use crate::state::{current_path, go, on_navigation, query_parameter};

/// A page, whatever it shows: another note is the same page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// `/`
    Today,
    /// `/agenda`, `/agenda/EVENT`, `/agenda/EVENT/DAY`
    Agenda,
    /// `/agenda/list`, `/agenda/mine`, `/agenda/month`, `/agenda/rooms`
    Calendar,
    /// `/edit/SESSION`
    Editor,
    /// `/make/MATERIAL`
    Maker,
    /// `/session/SESSION`
    Session,
    /// `/materials`, `/materials/MATERIAL`
    Materials,
    /// `/notes`, `/notes/NOTE`
    Notes,
    /// `/search`
    Search,
    /// `/more`, `/more/sync`, `/more/attention`
    More,
    /// `/join`: a link with a secret was opened
    Link,
    /// Any other.
    Missing,
}

impl Screen {
    fn of(path: &str) -> Self {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let first = segments.next();
        if first == Some("agenda")
            && path
                .split('/')
                .any(|segment| matches!(segment, "list" | "mine" | "month" | "rooms"))
        {
            return Self::Calendar;
        }
        let rest = segments.count();
        match (first, rest) {
            (None, _) => Self::Today,
            (Some("agenda"), 0..=2) => Self::Agenda,
            (Some("session"), 1) => Self::Session,
            (Some("edit"), 1) => Self::Editor,
            (Some("make"), 1) => Self::Maker,
            (Some("materials"), 0..=1) => Self::Materials,
            (Some("notes"), 0..=1) => Self::Notes,
            (Some("search"), 0) => Self::Search,
            (Some("more"), 0..=1) => Self::More,
            (Some("join"), 0) => Self::Link,
            _ => Self::Missing,
        }
    }
}

/// The address, as a signal.
#[derive(Clone, Copy)]
pub struct Address {
    path: RwSignal<String>,
}

impl Address {
    /// Follows the browser's address from now on.
    pub fn follow() -> Self {
        let path = RwSignal::new(current_path());
        on_navigation(move || path.set(current_path()));
        Self { path }
    }

    /// The address that the app provides.
    pub fn of_context() -> Self {
        expect_context()
    }

    /// Goes to another address.
    pub(super) fn go(self, address: &str, replace: bool) {
        go(address, replace);
        self.path.set(current_path());
    }

    /// The browser's address became another one without a step of the history.
    pub fn follow_now(self) {
        self.path.set(current_path());
    }

    /// The path.
    pub(super) fn path(self) -> String {
        self.path.get()
    }

    /// Runs whoever asks here again at each step.
    pub(super) fn track(self) {
        self.path.track();
    }

    /// The page.
    pub fn screen(self) -> Memo<Screen> {
        Memo::new(move |_| self.path.with(|path| Screen::of(path)))
    }

    /// What stands at a position of the path, counted from the name of the page; `None` if there is
    /// nothing or something else.
    pub(super) fn at<T>(self, position: usize) -> Memo<Option<T>>
    where
        T: FromStr + PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            self.path.with(|path| {
                let mut segments = path.split('/').filter(|segment| !segment.is_empty());
                segments.nth(position)?.parse().ok()
            })
        })
    }

    /// A parameter of the query.
    pub(super) fn parameter(self, name: &str) -> Option<String> {
        query_parameter(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_its_page_and_others_have_none() {
        for (path, screen) in [
            ("/", Screen::Today),
            ("", Screen::Today),
            ("/agenda", Screen::Agenda),
            ("/agenda/1/2025-05-12", Screen::Agenda),
            ("/agenda/1/2/3", Screen::Missing),
            ("/agenda/mine", Screen::Calendar),
            ("/agenda/month/2025-05", Screen::Calendar),
            ("/agenda/rooms/1/2", Screen::Calendar),
            ("/session", Screen::Missing),
            ("/edit/1", Screen::Editor),
            ("/make", Screen::Missing),
            ("/make/1", Screen::Maker),
            ("/session/1", Screen::Session),
            ("/materials/", Screen::Materials),
            ("/notes/1", Screen::Notes),
            ("/search", Screen::Search),
            ("/more/sync", Screen::More),
            ("/join", Screen::Link),
            ("/nowhere", Screen::Missing),
        ] {
            assert_eq!(Screen::of(path), screen, "{path}");
        }
    }
}
