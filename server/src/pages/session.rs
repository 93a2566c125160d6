//! One session: when, where, who speaks, what it is about, and its materials.

use keruen_domain::model::{Event, Person, Session, View as _, fields};

use super::{Content, Frame, Html, View, cancelled, markdown, material, sample, say, times};

/// The page of one.
pub(super) fn page(view: View<'_>, content: &Content, session: &Session) -> String {
    let words = view.words();
    let event = content.events.first();
    let (title, about) = (session.title(), session.summary());
    let when = session.start().map(|start| {
        let day = times::day(view.language, start.day());
        (day, times::times(start, session.end()))
    });
    let in_words = when
        .as_ref()
        .map(|(day, times)| [day, ", ", times].concat());
    let frame = Frame {
        title: view.best(&title),
        about: in_words.as_deref().unwrap_or_else(|| view.best(&about)),
        view: Some(view),
        rest: "",
        in_app: "",
        language: view.language,
    };
    frame.around(|page| {
        page.markup("<article class=\"share-thing\">\n<p class=\"share-kind\">");
        page.text(words.session_kind(session.kind()));
        page.markup("</p>\n<h1>");
        if session.is_cancelled() {
            page.markup("<s>");
            say(page, view, &title);
            page.markup("</s>");
            cancelled(page, view);
        } else {
            say(page, view, &title);
        }
        sample(page, view, session.is_sample(fields::TITLE));
        page.markup("</h1>\n<div class=\"share-place\">\n<p>");
        match &when {
            Some((day, times)) => {
                page.text(day);
                page.markup(", <span class=\"share-times\">");
                page.text(times);
                page.markup("</span>");
            }
            None => page.text(words.without_time),
        }
        sample(page, view, session.is_sample(fields::START));
        page.markup("</p>\n");
        if let Some(event) = event {
            venue_time(page, view, event);
        }
        place(page, view, session, event);
        if let Some(event) = event.filter(|_| when.is_some()) {
            calendar_link(page, view, event);
        }
        page.markup("</div>\n");
        if let Some((text, language)) = about.best(view.language) {
            markdown(page, view, text, language, 2);
            if session.is_sample(fields::ABSTRACT) {
                page.markup("<p>");
                sample(page, view, true);
                page.markup("</p>\n");
            }
        }
        speakers(page, view, &content.speakers);
        if !content.materials.is_empty() {
            page.markup("<h2>");
            page.text(words.agenda_materials);
            page.markup("</h2>\n");
            material::rows(page, view, &content.materials, "h3");
        }
        page.markup("</article>\n");
    })
}

/// Whose time it is that is written.
pub(super) fn venue_time(page: &mut Html, view: View<'_>, event: &Event) {
    let city = event.city();
    if !city.is_empty() {
        page.markup("<p class=\"small quiet\">");
        let words = view.words().agenda_venue_time;
        page.text(&words.replace("{city}", view.best(&city)));
        page.markup("</p>\n");
    }
}

/// What is written here, for the reader's own calendar.
pub(super) fn calendar_link(page: &mut Html, view: View<'_>, event: &Event) {
    page.markup("<p><a href=\"");
    page.text(&view.calendar_address(event.id()));
    page.markup("\" download>");
    page.text(view.words().calendar_file);
    page.markup("</a></p>\n");
}

fn place(page: &mut Html, view: View<'_>, session: &Session, event: Option<&Event>) {
    let (room, venue) = (session.room(), event.map(Event::venue).unwrap_or_default());
    if room.is_empty() && venue.is_empty() {
        return;
    }
    page.markup("<p>");
    say(page, view, &room);
    sample(page, view, session.is_sample(fields::ROOM));
    if !room.is_empty() && !venue.is_empty() {
        page.markup(" · ");
    }
    say(page, view, &venue);
    page.markup("</p>\n");
}

fn speakers(page: &mut Html, view: View<'_>, speakers: &[Person]) {
    let mut speakers: Vec<&Person> = speakers
        .iter()
        .filter(|person| person.name().is_some())
        .collect();
    if speakers.is_empty() {
        return;
    }
    speakers.sort_by_key(|person| person.name());
    page.markup("<h2>");
    page.text(view.words().agenda_speakers);
    page.markup("</h2>\n<ul class=\"share-speakers\">");
    for person in speakers {
        page.markup("<li><strong dir=\"auto\">");
        page.text(person.name().unwrap_or_default());
        page.markup("</strong>");
        sample(page, view, person.is_sample(fields::NAME));
        for fact in [person.post(), person.organisation()] {
            if !fact.is_empty() {
                page.markup("<span class=\"quiet\">");
                say(page, view, &fact);
                page.markup("</span>");
            }
        }
        page.markup("</li>\n");
    }
    page.markup("</ul>\n");
}
