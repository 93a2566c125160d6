//! The words of the pages, and amounts of data in them. `build.rs` writes the table.

use keruen_domain::Language;
use keruen_domain::model::{MaterialKind, SessionKind};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The words of this language.
pub(crate) const fn of(language: Language) -> &'static Words {
    match language {
        Language::Kazakh => &KK,
        Language::Russian => &RU,
        Language::English => &EN,
    }
}

/// What a language is called by those who speak it.
pub(super) const fn own_name(language: Language) -> &'static str {
    match language {
        Language::Kazakh => "Қазақша",
        Language::Russian => "Русский",
        Language::English => "English",
    }
}

impl Words {
    pub(super) const fn session_kind(&self, kind: SessionKind) -> &'static str {
        match kind {
            SessionKind::Opening => self.agenda_kind_opening,
            SessionKind::StrategicSession => self.agenda_kind_strategic_session,
            SessionKind::Lecture => self.agenda_kind_lecture,
            SessionKind::Workshop => self.agenda_kind_workshop,
            SessionKind::ProjectWork => self.agenda_kind_project_work,
            SessionKind::GroupWork => self.agenda_kind_group_work,
            SessionKind::Discussion => self.agenda_kind_discussion,
            SessionKind::KnowledgeSharing => self.agenda_kind_knowledge_sharing,
            SessionKind::SiteVisit => self.agenda_kind_site_visit,
            SessionKind::Exhibition => self.agenda_kind_exhibition,
            SessionKind::Assessment => self.agenda_kind_assessment,
            SessionKind::Break => self.agenda_kind_break,
            SessionKind::Closing => self.agenda_kind_closing,
        }
    }

    pub(super) const fn material_kind(&self, kind: MaterialKind) -> &'static str {
        match kind {
            MaterialKind::Text => self.materials_kind_text,
            MaterialKind::File => self.materials_kind_file,
            MaterialKind::Picture => self.materials_kind_picture,
            MaterialKind::Audio => self.materials_kind_audio,
            MaterialKind::Video => self.materials_kind_video,
            MaterialKind::Link => self.materials_kind_link,
        }
    }

    /// An amount of data, with two digits that matter: `48 KB`, `1.2 MB`.
    pub(super) fn size(&self, language: Language, size_bytes: u64) -> String {
        let (unit, words) = match size_bytes {
            0..1_000 => (1, self.common_size_bytes),
            1_000..999_500 => (1_000, self.common_size_kilobytes),
            999_500..999_500_000 => (1_000_000, self.common_size_megabytes),
            _ => (1_000_000_000, self.common_size_gigabytes),
        };
        let tenths = (u128::from(size_bytes) * 10 + unit / 2) / unit;
        let number = if unit == 1 || tenths >= 100 || tenths % 10 == 0 {
            ((u128::from(size_bytes) + unit / 2) / unit).to_string()
        } else {
            let mark = if language == Language::English {
                '.'
            } else {
                ','
            };
            format!("{}{mark}{}", tenths / 10, tenths % 10)
        };
        words.replace("{number}", &number).replace(' ', "\u{a0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_digits_that_matter() {
        let size = |size_bytes| of(Language::English).size(Language::English, size_bytes);
        assert_eq!(size(0), "0\u{a0}B");
        assert_eq!(size(999), "999\u{a0}B");
        assert_eq!(size(1_000), "1\u{a0}KB");
        assert_eq!(size(1_249), "1.2\u{a0}KB");
        assert_eq!(size(48_213), "48\u{a0}KB");
        assert_eq!(size(999_500), "1\u{a0}MB");
        assert_eq!(size(2_500_000_000), "2.5\u{a0}GB");
        let russian = of(Language::Russian).size(Language::Russian, 1_249);
        assert_eq!(russian, "1,2\u{a0}КБ");
    }

    #[test]
    fn places_in_words_are_in_every_language() {
        for language in Language::ALL {
            let words = of(*language);
            for (text, place) in [
                (words.agenda_venue_time, "{city}"),
                (words.materials_download, "{size}"),
                (words.common_size_bytes, "{number}"),
            ] {
                assert_eq!(text.matches(place).count(), 1, "{text}");
            }
        }
    }
}
