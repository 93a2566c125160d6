//! Sessions as a file for the phone's own calendar, with alarms: browsers have none that can be relied on. And the
//! address by which other programs follow one's own agenda.

use std::collections::BTreeMap;
use std::sync::Arc;

use keruen_domain::model::{Session, View};
use keruen_domain::protocol::calendar::{Feed, paths};
use keruen_domain::protocol::people::NewSecret;
use keruen_domain::{EventId, Language, Record};
use keruen_formats::write::{Agenda, reminders};
use leptos::prelude::untrack;

use super::{Answer, AppState};
use crate::platform::{origin, save_file};
use crate::sync::ask;

impl AppState {
    /// Hands the sessions out as a calendar file; each rings so many minutes before it begins. Whether the browser
    /// took the file.
    pub fn save_reminders(
        &self,
        sessions: &[Session],
        (name, about_samples): (&str, &str),
        language: Language,
        minutes_before: u32,
    ) -> bool {
        const MEDIA_TYPE: &str = "text/calendar;charset=utf-8";
        let mut by_event: BTreeMap<EventId, Vec<Arc<Record>>> = BTreeMap::new();
        for session in sessions.iter().filter(|session| !session.is_cancelled()) {
            if let Some(event) = session.event() {
                let records = by_event.entry(event).or_default();
                records.push(session.record().clone());
                let speakers = untrack(|| self.speakers_of(session));
                records.extend(speakers.iter().map(|person| person.record().clone()));
            }
        }
        let agendas = by_event.into_iter().filter_map(|(id, mut records)| {
            let event = untrack(|| self.event(id))?;
            let programme = untrack(|| self.programme(event.programme()?))?;
            records.extend([event.record().clone(), programme.record().clone()]);
            Agenda::of(&records, id, language)
        });
        let agendas: Vec<Agenda> = agendas.collect();
        let written = reminders(name, language, &agendas, about_samples, minutes_before);
        let file = [name, ".ics"].concat();
        save_file(&file, MEDIA_TYPE, written.text.as_bytes())
    }

    /// Whether one's own agenda has an address to subscribe to.
    pub async fn feed(&self) -> Answer<Option<Feed>> {
        ask(&self.store(), paths::FEED, &()).await
    }

    /// Makes that address, in the place of the one there was.
    pub async fn new_feed(&self) -> Answer<NewSecret> {
        ask(&self.store(), paths::NEW, &()).await
    }

    /// The address opens nothing any more.
    pub async fn revoke_feed(&self) -> Answer<()> {
        ask(&self.store(), paths::REVOKE, &()).await
    }

    /// The address of one's own agenda for calendar programs.
    pub fn feed_link(secret: &str) -> String {
        [&origin(), paths::ADDRESS, secret, paths::END].concat()
    }
}
