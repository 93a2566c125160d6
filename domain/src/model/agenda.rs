use super::{Moment, Translated, View, fields};
use crate::id::{EventId, MaterialId, PersonId};

super::words! {
    /// What happens in a session.
    SessionKind {
        /// Opening.
        Opening = "opening",
        /// Strategic session.
        StrategicSession = "strategic-session",
        /// Lecture.
        Lecture = "lecture",
        /// Workshop.
        Workshop = "workshop",
        /// Project work.
        ProjectWork = "project-work",
        /// Group work.
        GroupWork = "group-work",
        /// Discussion.
        Discussion = "discussion",
        /// Knowledge sharing.
        KnowledgeSharing = "knowledge-sharing",
        /// Site visit.
        SiteVisit = "site-visit",
        /// Exhibition.
        Exhibition = "exhibition",
        /// Assessment.
        Assessment = "assessment",
        /// A pause: coffee, lunch.
        Break = "break",
        /// Closing.
        Closing = "closing",
    } fallback Lecture
}

super::view! {
    /// One item of an event's agenda.
    Session, SessionId, SESSION
}

impl Session {
    /// The event it is part of.
    pub fn event(&self) -> Option<EventId> {
        self.0
            .value(fields::EVENT)
            .as_reference()
            .map(EventId::from)
    }

    /// What happens in it.
    pub fn kind(&self) -> SessionKind {
        SessionKind::from_word_or_fallback(self.text(fields::KIND))
    }

    /// What it is called.
    pub fn title(&self) -> Translated {
        self.translated(fields::TITLE)
    }

    /// What it is about.
    pub fn summary(&self) -> Translated {
        self.translated(fields::ABSTRACT)
    }

    /// Where in the venue.
    pub fn room(&self) -> Translated {
        self.translated(fields::ROOM)
    }

    /// When it begins.
    pub fn start(&self) -> Option<Moment> {
        self.moment(fields::START)
    }

    /// When it ends; not before it begins.
    pub fn end(&self) -> Option<Moment> {
        self.moment(fields::END).max(self.start())
    }

    fn moment(&self, field: &str) -> Option<Moment> {
        let offset_minutes = self
            .0
            .value(fields::OFFSET_MINUTES)
            .as_number()
            .unwrap_or(0);
        Moment::new(self.0.value(field).as_number()?, offset_minutes)
    }

    /// Who speaks.
    pub fn speakers(&self) -> impl Iterator<Item = PersonId> {
        self.0
            .members(fields::SPEAKERS)
            .filter_map(|member| member.parse().ok())
    }

    /// What belongs to it.
    pub fn materials(&self) -> impl Iterator<Item = MaterialId> {
        self.0
            .members(fields::MATERIALS)
            .filter_map(|member| member.parse().ok())
    }
}
