//! The words for what the domain tells apart.

use keruen_domain::Language;
use keruen_domain::model::{MaterialKind, SessionKind};

use super::Messages;

impl Messages {
    /// What happens in a session.
    pub fn session_kind(&self, kind: SessionKind) -> &'static str {
        match kind {
            SessionKind::Opening => self.agenda_kind_opening(),
            SessionKind::StrategicSession => self.agenda_kind_strategic_session(),
            SessionKind::Lecture => self.agenda_kind_lecture(),
            SessionKind::Workshop => self.agenda_kind_workshop(),
            SessionKind::ProjectWork => self.agenda_kind_project_work(),
            SessionKind::GroupWork => self.agenda_kind_group_work(),
            SessionKind::Discussion => self.agenda_kind_discussion(),
            SessionKind::KnowledgeSharing => self.agenda_kind_knowledge_sharing(),
            SessionKind::SiteVisit => self.agenda_kind_site_visit(),
            SessionKind::Exhibition => self.agenda_kind_exhibition(),
            SessionKind::Assessment => self.agenda_kind_assessment(),
            SessionKind::Break => self.agenda_kind_break(),
            SessionKind::Closing => self.agenda_kind_closing(),
        }
    }

    /// What a material is.
    pub fn material_kind(&self, kind: MaterialKind) -> &'static str {
        match kind {
            MaterialKind::Text => self.materials_kind_text(),
            MaterialKind::File => self.materials_kind_file(),
            MaterialKind::Picture => self.materials_kind_picture(),
            MaterialKind::Audio => self.materials_kind_audio(),
            MaterialKind::Video => self.materials_kind_video(),
            MaterialKind::Link => self.materials_kind_link(),
        }
    }

    /// The label of content in another language than the chosen one: “in Russian”.
    pub fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::Kazakh => self.common_in_kazakh(),
            Language::Russian => self.common_in_russian(),
            Language::English => self.common_in_english(),
        }
    }
}
