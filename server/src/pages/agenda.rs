//! The agenda of a programme: its events, their days, the sessions of each day by time and room.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use keruen_domain::model::{Event, EventStatus, Person, Session, SessionKind, View as _, fields};
use keruen_domain::{EventId, PersonId, dates};

use super::session::{calendar_link, venue_time};
use super::{Content, Frame, Html, View, sample, say, times};

/// The page of it.
pub(super) fn page(view: View<'_>, content: &Content) -> String {
    let words = view.words();
    let programme = &content.programme;
    let (title, about) = (programme.title(), programme.translated(fields::SUMMARY));
    let frame = Frame {
        title: view.best(&title),
        about: view.best(&about),
        view: Some(view),
        rest: "",
        language: view.language,
    };
    frame.around(|page| {
        page.markup("<p class=\"share-kind\">");
        page.text(words.agenda_title);
        page.markup("</p>\n<h1>");
        say(page, view, &title);
        sample(page, view, programme.is_sample(fields::TITLE));
        page.markup("</h1>\n");
        if !about.is_empty() {
            page.markup("<p class=\"share-about\">");
            say(page, view, &about);
            sample(page, view, programme.is_sample(fields::SUMMARY));
            page.markup("</p>\n");
        }
        let mut agenda = Agenda::of(content);
        if agenda.sessions.is_empty() && content.events.is_empty() {
            page.markup("<p>");
            page.text(words.no_agenda);
            page.markup("</p>\n");
        }
        let mut events: Vec<&Event> = content.events.iter().collect();
        // The next one first; of those that are over, it is the last one that people look for.
        events.sort_by_key(|event| (Reverse(event.first_day()), event.id()));
        for event in events {
            agenda.event(page, view, event);
        }
        // Sessions without an event, or of one that is gone.
        let rest: Vec<EventIdOrNone> = agenda.sessions.keys().copied().collect();
        for of in rest {
            agenda.days(page, view, of, "h2");
        }
    })
}

type EventIdOrNone = Option<EventId>;

/// What is not on the page yet.
struct Agenda<'a> {
    sessions: BTreeMap<EventIdOrNone, Vec<&'a Session>>,
    speakers: BTreeMap<PersonId, &'a Person>,
}

impl<'a> Agenda<'a> {
    fn of(content: &'a Content) -> Self {
        let mut sessions: BTreeMap<EventIdOrNone, Vec<&Session>> = BTreeMap::new();
        for session in &content.sessions {
            sessions.entry(session.event()).or_default().push(session);
        }
        let speakers = content.speakers.iter();
        Self {
            sessions,
            speakers: speakers.map(|person| (person.id(), person)).collect(),
        }
    }

    fn event(&mut self, page: &mut Html, view: View<'_>, event: &Event) {
        let words = view.words();
        page.markup("<section class=\"share-event\">\n<h2>");
        say(page, view, &event.title());
        sample(page, view, event.is_sample(fields::TITLE));
        page.markup("</h2>\n<div class=\"share-place\">\n");
        if let (Some(first), Some(last)) = (event.first_day(), event.last_day()) {
            page.markup("<p>");
            page.text(&dates::day_range(view.language, first, last));
            sample(page, view, event.is_sample(fields::FIRST_DAY));
            let status = match event.status() {
                EventStatus::Announced => Some(words.agenda_status_announced),
                EventStatus::Cancelled => Some(words.agenda_status_cancelled),
                EventStatus::Planned | EventStatus::Held => None,
            };
            if let Some(status) = status {
                page.markup(" <span class=\"fallback-label\">");
                page.text(status);
                page.markup("</span>");
            }
            page.markup("</p>\n");
        }
        let (city, venue) = (event.city(), event.venue());
        if !city.is_empty() || !venue.is_empty() {
            page.markup("<p>");
            say(page, view, &city);
            if !city.is_empty() && !venue.is_empty() {
                page.markup(", ");
            }
            say(page, view, &venue);
            page.markup("</p>\n");
        }
        if self.sessions.contains_key(&Some(event.id())) {
            venue_time(page, view, event);
            calendar_link(page, view, event);
        }
        page.markup("</div>\n");
        self.days(page, view, Some(event.id()), "h3");
        page.markup("</section>\n");
    }

    /// The sessions of an event, day by day.
    fn days(
        &mut self,
        page: &mut Html,
        view: View<'_>,
        event: EventIdOrNone,
        heading: &'static str,
    ) {
        let mut days: BTreeMap<Option<NaiveDate>, Vec<&Session>> = BTreeMap::new();
        for session in self.sessions.remove(&event).unwrap_or_default() {
            let day = session.start().map(|start| start.day());
            days.entry(day).or_default().push(session);
        }
        for (day, mut sessions) in days {
            page.markup("<");
            page.markup(heading);
            page.markup(" class=\"share-day\">");
            match day {
                Some(day) => page.text(&times::day(view.language, day)),
                None => page.text(view.words().without_time),
            }
            page.markup("</");
            page.markup(heading);
            page.markup(">\n<ol class=\"share-agenda\">\n");
            sessions.sort_by_cached_key(|session| {
                let room = view.best(&session.room()).to_owned();
                (session.start(), room, session.id())
            });
            for session in sessions {
                self.session(page, view, session);
            }
            page.markup("</ol>\n");
        }
    }

    fn session(&self, page: &mut Html, view: View<'_>, session: &Session) {
        let kind = session.kind();
        page.markup(match kind {
            SessionKind::Break => "<li class=\"is-break\"><p class=\"share-time\">",
            _ => "<li><p class=\"share-time\">",
        });
        if let Some(start) = session.start() {
            page.text(&times::times(start, session.end()));
            sample(page, view, session.is_sample(fields::START));
        }
        page.markup("</p><div><p class=\"share-title\">");
        say(page, view, &session.title());
        sample(page, view, session.is_sample(fields::TITLE));
        page.markup("</p>");
        let room = session.room();
        if kind != SessionKind::Break || !room.is_empty() {
            page.markup("<p class=\"small quiet\">");
            if kind != SessionKind::Break {
                page.text(view.words().session_kind(kind));
            }
            if kind != SessionKind::Break && !room.is_empty() {
                page.markup(" · ");
            }
            say(page, view, &room);
            sample(page, view, session.is_sample(fields::ROOM));
            page.markup("</p>");
        }
        let mut names: Vec<&str> = session
            .speakers()
            .filter_map(|id| self.speakers.get(&id)?.name())
            .collect();
        names.sort_unstable();
        if !names.is_empty() {
            page.markup("<p class=\"small\" dir=\"auto\">");
            page.text(&names.join(", "));
            page.markup("</p>");
        }
        page.markup("</div></li>\n");
    }
}
