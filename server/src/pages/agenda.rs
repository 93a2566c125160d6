//! The agenda of a programme: its events, their days, the sessions of each day by time and room.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use keruen_domain::model::{
    Event, EventStatus, Moment, Person, Session, SessionKind, View as _, fields,
};
use keruen_domain::{EventId, PersonId, dates};

use super::session::{calendar_link, venue_time};
use super::{Content, Frame, Html, View, cancelled, sample, say, say_as, times};

/// For those who read public pages by machine, attributes of <https://schema.org>. As attributes and not as
/// JSON in a script element: so there is no script on any page, all values pass the one escape, and nothing
/// is said twice.
const AN_EVENT: &str = " itemscope itemtype=\"https://schema.org/Event\"";
const A_PART: &str = " itemprop=\"subEvent\" itemscope itemtype=\"https://schema.org/Event\"";
const A_PERSON: &str = " itemprop=\"performer\" itemscope itemtype=\"https://schema.org/Person\"";
const NAME: &str = " itemprop=\"name\"";

/// The page of it.
pub(super) fn page(view: View<'_>, content: &Content) -> String {
    let words = view.words();
    let programme = &content.programme;
    let (title, about) = (programme.title(), programme.translated(fields::SUMMARY));
    let mut events: Vec<&Event> = content.events.iter().collect();
    // The next one first; of those that are over, it is the last one that people look for.
    events.sort_by_key(|event| (Reverse(event.first_day()), event.id()));
    let in_app = in_app(events.first().copied());
    let frame = Frame {
        title: view.best(&title),
        about: view.best(&about),
        view: Some(view),
        rest: "",
        in_app: &in_app,
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
        agenda.contents(page, view, &events);
        for event in events {
            agenda.event(page, view, event);
        }
        // Sessions without an event, or of one that is gone.
        let rest: Vec<EventIdOrNone> = agenda.sessions.keys().copied().collect();
        for of in rest {
            agenda.days(page, view, of, None, "h2");
        }
    })
}

/// What conference apps want to know. Not for download: who has such an app copies the address into it.
fn schedule_links(page: &mut Html, view: View<'_>, event: &Event) {
    page.markup("<p>");
    page.text(view.words().for_conference_apps);
    page.markup(":");
    for (form, name) in [("frab-xml", "XML"), ("frab-json", "JSON")] {
        page.markup(" <a href=\"");
        page.text(&view.form_address(form, event.id()));
        page.markup("\">");
        page.text(name);
        page.markup("</a>");
    }
    page.markup("</p>\n");
}

/// The agenda of this event in the app.
fn in_app(event: Option<&Event>) -> String {
    event.map_or_else(
        || "/agenda".to_owned(),
        |event| format!("/agenda/{}", event.id()),
    )
}

/// What a link within the page leads to: an event, or a day of it.
fn anchor(event: EventIdOrNone, day: Option<NaiveDate>) -> String {
    let event = event.map_or_else(|| "other".to_owned(), |event| event.to_string());
    match day {
        Some(day) => format!("{event}-{day}"),
        None => event,
    }
}

/// What the sessions of an event refer to when they say where they are.
fn place_anchor(event: EventId) -> String {
    format!("place-{event}")
}

/// An instant with the offset of its place, as ISO 8601 has it.
fn iso(moment: Moment) -> String {
    let minutes = moment.offset_minutes();
    let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
    let wall = moment.wall().format("%Y-%m-%dT%H:%M");
    format!("{wall}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A property that is not shown.
fn meta(page: &mut Html, view: View<'_>, name: &'static str, value: &str) {
    if view.is_public() {
        page.markup("<meta itemprop=\"");
        page.markup(name);
        page.markup("\" content=\"");
        page.text(value);
        page.markup("\">");
    }
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

    /// Links to the days of each event, where there is more than one.
    fn contents(&self, page: &mut Html, view: View<'_>, events: &[&Event]) {
        let days_of = |event: &Event| {
            let sessions = self.sessions.get(&Some(event.id())).into_iter().flatten();
            let starts = sessions.filter_map(|session| session.start());
            starts.map(Moment::day).collect::<BTreeSet<NaiveDate>>()
        };
        let days: Vec<(&Event, BTreeSet<NaiveDate>)> = events
            .iter()
            .map(|event| (*event, days_of(event)))
            .collect();
        let links: usize = days.iter().map(|(_, days)| days.len().max(1)).sum();
        if links < 2 {
            return;
        }
        page.markup("<nav aria-label=\"");
        page.text(view.words().contents);
        page.markup("\"><ul class=\"share-contents\">\n");
        for (event, days) in days {
            page.markup("<li><a href=\"#");
            page.text(&anchor(Some(event.id()), None));
            page.markup("\">");
            page.text(view.best(&event.title()));
            page.markup("</a>");
            for day in days {
                page.markup(" <a href=\"#");
                page.text(&anchor(Some(event.id()), Some(day)));
                page.markup("\">");
                page.text(&dates::day(view.language, day));
                page.markup("</a>");
            }
            page.markup("</li>\n");
        }
        page.markup("</ul></nav>\n");
    }

    fn event(&mut self, page: &mut Html, view: View<'_>, event: &Event) {
        let words = view.words();
        let is_cancelled = event.status() == EventStatus::Cancelled;
        page.markup("<section class=\"share-event\" id=\"");
        page.text(&anchor(Some(event.id()), None));
        page.markup("\"");
        page.markup(view.item(AN_EVENT));
        page.markup(">\n<h2>");
        page.markup(if is_cancelled { "<s>" } else { "" });
        say_as(page, view, &event.title(), view.item(NAME));
        page.markup(if is_cancelled { "</s>" } else { "" });
        if is_cancelled {
            cancelled(page, view);
        }
        sample(page, view, event.is_sample(fields::TITLE));
        page.markup("</h2>\n<div class=\"share-place\">\n");
        if let (Some(first), Some(last)) = (event.first_day(), event.last_day()) {
            page.markup("<p>");
            page.text(&dates::day_range(view.language, first, last));
            sample(page, view, event.is_sample(fields::FIRST_DAY));
            if event.status() == EventStatus::Announced {
                page.markup(" <span class=\"fallback-label\">");
                page.text(words.agenda_status_announced);
                page.markup("</span>");
            }
            meta(page, view, "startDate", &first.to_string());
            meta(page, view, "endDate", &last.to_string());
            page.markup("</p>\n");
        }
        let (city, venue) = (event.city(), event.venue());
        let place = (!city.is_empty() || !venue.is_empty()).then(|| event.id());
        if let Some(place) = place {
            page.markup("<p id=\"");
            page.text(&place_anchor(place));
            page.markup("\"");
            page.markup(
                view.item(" itemprop=\"location\" itemscope itemtype=\"https://schema.org/Place\""),
            );
            page.markup(">");
            let address = if venue.is_empty() {
                NAME
            } else {
                " itemprop=\"address\""
            };
            say_as(page, view, &city, view.item(address));
            if !city.is_empty() && !venue.is_empty() {
                page.markup(", ");
            }
            say_as(page, view, &venue, view.item(NAME));
            page.markup("</p>\n");
        }
        if self.sessions.contains_key(&Some(event.id())) {
            venue_time(page, view, event);
            calendar_link(page, view, event);
            // Conference apps know no session without a day.
            let sessions = self.sessions.get(&Some(event.id())).into_iter().flatten();
            if view.is_public() && sessions.clone().any(|session| session.start().is_some()) {
                schedule_links(page, view, event);
            }
        }
        if view.is_public() {
            page.markup("<p><a itemprop=\"url\" href=\"");
            page.text(&in_app(Some(event)));
            page.markup("\">");
            page.text(words.open_in_app);
            page.markup("</a></p>\n");
        }
        page.markup("</div>\n");
        self.days(page, view, Some(event.id()), place, "h3");
        page.markup("</section>\n");
    }

    /// The sessions of an event, day by day.
    fn days(
        &mut self,
        page: &mut Html,
        view: View<'_>,
        event: EventIdOrNone,
        place: Option<EventId>,
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
            page.markup(" class=\"share-day\" id=\"");
            page.text(&anchor(event, day));
            page.markup(if day.is_none() { "-\">" } else { "\">" });
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
                self.session(page, view, session, place);
            }
            page.markup("</ol>\n");
        }
    }

    /// One of them; `place` is that of its event.
    fn session(&self, page: &mut Html, view: View<'_>, session: &Session, place: Option<EventId>) {
        let kind = session.kind();
        let is_break = kind == SessionKind::Break;
        // Whoever lists events lists no pauses, and nothing without a day.
        let is_item = view.is_public() && !is_break && session.start().is_some();
        let item = |markup| if is_item { markup } else { "" };
        page.markup("<li id=\"");
        page.text(&session.id().to_string());
        page.markup(if is_break {
            "\" class=\"is-break\""
        } else {
            "\""
        });
        page.markup(item(A_PART));
        if let Some(place) = place.filter(|_| is_item) {
            page.markup(" itemref=\"");
            page.text(&place_anchor(place));
            page.markup("\"");
        }
        page.markup("><p class=\"share-time\">");
        if let Some(start) = session.start() {
            page.text(&times::times(start, session.end()));
            sample(page, view, session.is_sample(fields::START));
            if is_item {
                meta(page, view, "startDate", &iso(start));
                if let Some(end) = session.end().filter(|end| *end > start) {
                    meta(page, view, "endDate", &iso(end));
                }
            }
        }
        page.markup("</p><div><p class=\"share-title\">");
        let is_cancelled = session.is_cancelled();
        page.markup(if is_cancelled { "<s>" } else { "" });
        self.title(page, view, session, item(NAME));
        page.markup(if is_cancelled { "</s>" } else { "" });
        if is_cancelled {
            cancelled(page, view);
        }
        sample(page, view, session.is_sample(fields::TITLE));
        page.markup("</p>");
        let room = session.room();
        if !is_break || !room.is_empty() {
            page.markup("<p class=\"small quiet\">");
            if !is_break {
                page.text(view.words().session_kind(kind));
            }
            if !is_break && !room.is_empty() {
                page.markup(" · ");
            }
            say(page, view, &room);
            sample(page, view, session.is_sample(fields::ROOM));
            page.markup("</p>");
        }
        self.names(page, session, item(A_PERSON));
        page.markup("</div></li>\n");
    }

    /// What it is called, with the way to what is said of it in the app.
    fn title(&self, page: &mut Html, view: View<'_>, session: &Session, name: &'static str) {
        let leads_somewhere = view.is_public() && session.kind() != SessionKind::Break;
        if leads_somewhere {
            page.markup("<a href=\"/session/");
            page.text(&session.id().to_string());
            page.markup("\">");
        }
        say_as(page, view, &session.title(), name);
        if leads_somewhere {
            page.markup("</a>");
        }
    }

    /// Who speaks; `person` is what stands in the element around each.
    fn names(&self, page: &mut Html, session: &Session, person: &'static str) {
        let mut names: Vec<&str> = session
            .speakers()
            .filter_map(|id| self.speakers.get(&id)?.name())
            .collect();
        names.sort_unstable();
        if names.is_empty() {
            return;
        }
        page.markup("<p class=\"small\" dir=\"auto\">");
        for (number, name) in names.into_iter().enumerate() {
            page.markup(if number == 0 { "" } else { ", " });
            if person.is_empty() {
                page.text(name);
            } else {
                page.markup("<span");
                page.markup(person);
                page.markup("><span");
                page.markup(NAME);
                page.markup(">");
                page.text(name);
                page.markup("</span></span>");
            }
        }
        page.markup("</p>");
    }
}
