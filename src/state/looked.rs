//! What changed in an agenda since somebody last looked at it on this phone: it remembers what stood
//! there then, outside the database, since it is nobody else's business and may be lost without harm.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use keruen_domain::model::{Moment, Session, Translated};
use keruen_domain::sync::Phase;
use keruen_domain::{EventId, SessionId};
use leptos::prelude::*;

use super::{AppState, follow, touch};
use crate::platform::{Area, forget_kept_screens, read_value, write_value};

/// A value of this name for each event.
const LOOKED: &str = "keruen.looked.";

/// All sessions of an event as they were then.
type Agenda = Rc<BTreeMap<SessionId, Looked>>;

thread_local! {
    /// What was read: each card asks.
    static READ: RefCell<HashMap<EventId, Option<Agenda>>> = RefCell::default();
}

/// What stood in a session when somebody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// From when until when it was.
    pub times: Option<(Moment, Moment)>,
    /// Whether it was called off.
    pub is_cancelled: bool,
    /// What it was called.
    pub title: Translated,
    /// In which room.
    pub room: Translated,
}

/// What changed.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// It was not there.
    Added(Session),
    /// It is otherwise now.
    Changed(Session, Looked),
    /// It is not there any more.
    Removed(SessionId, Looked),
}

impl Looked {
    fn at(session: &Session) -> Self {
        Self {
            times: session.start().zip(session.end()),
            is_cancelled: session.is_cancelled(),
            title: on_one_line(&session.title()),
            room: on_one_line(&session.room()),
        }
    }

    /// Whether the session was at another time.
    pub fn was_moved(&self, session: &Session) -> bool {
        self.times != session.start().zip(session.end())
    }

    /// Whether the session was somewhere else.
    pub fn was_elsewhere(&self, session: &Session) -> bool {
        self.room != on_one_line(&session.room())
    }

    fn line(&self, id: SessionId) -> String {
        let (start, end) = match self.times {
            Some((start, end)) => (start.unix_ms(), end.unix_ms()),
            None => (0, 0),
        };
        let offset = self.times.map_or(0, |(start, _)| start.offset_minutes());
        let mut line = format!(
            "{id}\t{start}\t{end}\t{offset}\t{}",
            u8::from(self.is_cancelled)
        );
        for text in self.title.registers().chain(self.room.registers()) {
            line.push('\t');
            line.push_str(text.unwrap_or_default());
        }
        line
    }

    fn read(line: &str) -> Option<(SessionId, Self)> {
        let mut parts = line.split('\t');
        let id = parts.next()?.parse().ok()?;
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (start, end, offset, cancelled) = (number()?, number()?, number()?, number()?);
        let times = Moment::new(start, offset).zip(Moment::new(end, offset));
        let mut text = || parts.next().map(str::to_owned);
        let mut four = || Some(Translated::of([text()?, text()?, text()?, text()?]));
        Some((
            id,
            Self {
                times: times.filter(|_| end != 0),
                is_cancelled: cancelled == 1,
                title: four()?,
                room: four()?,
            },
        ))
    }
}

impl AppState {
    /// What changed in the agenda of an event since somebody last looked, by when it is now. An event that nobody
    /// has looked at is looked at now, once all of it is here.
    pub fn news_of(&self, event: EventId) -> Vec<News> {
        follow(self.looked_changed);
        let sessions = self.sessions_of(event, |_| true);
        let Some(before) = looked(event) else {
            if self.has_everything() {
                remember(event, &sessions);
            }
            return Vec::new();
        };
        let mut news = Vec::new();
        for session in &sessions {
            match before.get(&session.id()) {
                None => news.push(News::Added(session.clone())),
                Some(looked) if is_news(looked, session) => {
                    news.push(News::Changed(session.clone(), looked.clone()));
                }
                Some(_) => {}
            }
        }
        let there: BTreeSet<SessionId> = sessions.iter().map(Session::id).collect();
        let gone = before.iter().filter(|(id, _)| !there.contains(id));
        news.extend(gone.map(|(id, looked)| News::Removed(*id, looked.clone())));
        news
    }

    /// What changed in one session since somebody last looked at its event.
    pub fn news_of_session(&self, session: &Session) -> Option<News> {
        follow(self.looked_changed);
        let before = looked(session.event()?)?;
        match before.get(&session.id()) {
            None => Some(News::Added(session.clone())),
            Some(looked) => {
                is_news(looked, session).then(|| News::Changed(session.clone(), looked.clone()))
            }
        }
    }

    /// Somebody has seen what changed.
    pub fn look_at(&self, event: EventId) {
        remember(event, &untrack(|| self.sessions_of(event, |_| true)));
        self.looked_again();
    }

    /// What somebody writes themselves is no news to them.
    pub(super) fn look_at_own(&self, event: EventId, sessions: &[SessionId]) {
        let Some(before) = looked(event) else {
            return;
        };
        let mut now = BTreeMap::clone(&before);
        for id in sessions {
            match untrack(|| self.session(*id)) {
                Some(session) => now.insert(*id, Looked::at(&session)),
                None => now.remove(id),
            };
        }
        write(event, now);
        self.looked_again();
    }

    fn looked_again(&self) {
        forget_kept_screens();
        touch(self.looked_changed);
    }

    /// Whether the server said that there is nothing more.
    pub fn has_everything(&self) -> bool {
        let status = self.status.get();
        let is_quiet = matches!(status.phase, Phase::Resting | Phase::Following);
        is_quiet && status.last_contact_ms.is_some() && !status.lacks_chunks
    }
}

/// Whether it is worth a word: when, where, whether at all.
fn is_news(looked: &Looked, session: &Session) -> bool {
    looked.was_moved(session)
        || looked.was_elsewhere(session)
        || looked.is_cancelled != session.is_cancelled()
}

fn looked(event: EventId) -> Option<Agenda> {
    let read = || {
        let text = read_value(Area::Lasting, &[LOOKED, &event.to_string()].concat())?;
        Some(Rc::new(text.lines().filter_map(Looked::read).collect()))
    };
    READ.with_borrow_mut(|known| known.entry(event).or_insert_with(read).clone())
}

fn remember(event: EventId, sessions: &[Session]) {
    let sessions = sessions
        .iter()
        .map(|session| (session.id(), Looked::at(session)));
    write(event, sessions.collect());
}

/// If the browser does not take it, nothing is ever said to have changed.
fn write(event: EventId, looked: BTreeMap<SessionId, Looked>) {
    let lines: Vec<String> = looked.iter().map(|(id, looked)| looked.line(*id)).collect();
    let name = [LOOKED, &event.to_string()].concat();
    write_value(Area::Lasting, &name, &lines.join("\n"));
    READ.with_borrow_mut(|known| known.insert(event, Some(Rc::new(looked))));
}

/// A text of which each language stands on one line.
fn on_one_line(text: &Translated) -> Translated {
    text.map(|text| text.replace(['\t', '\n', '\r'], " "))
}
