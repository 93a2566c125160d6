//! Kinds and states in words, as the app says them.

use keruen_domain::Language;
use keruen_domain::model::{SessionKind, SessionStatus};

/// In English, Russian and Kazakh.
const fn kind_names(kind: SessionKind) -> [&'static str; 3] {
    match kind {
        SessionKind::Opening => ["Opening", "Открытие", "Ашылуы"],
        SessionKind::StrategicSession => [
            "Strategic session",
            "Стратегическая сессия",
            "Стратегиялық сессия",
        ],
        SessionKind::Lecture => ["Lecture", "Лекция", "Дәріс"],
        SessionKind::Workshop => ["Workshop", "Практикум", "Практикум"],
        SessionKind::ProjectWork => ["Project work", "Работа над проектом", "Жобамен жұмыс"],
        SessionKind::GroupWork => ["Group work", "Работа в группах", "Топтық жұмыс"],
        SessionKind::Discussion => ["Discussion", "Обсуждение", "Талқылау"],
        SessionKind::KnowledgeSharing => ["Knowledge sharing", "Обмен опытом", "Тәжірибе алмасу"],
        SessionKind::SiteVisit => ["Site visit", "Ознакомительный визит", "Танысу сапары"],
        SessionKind::Exhibition => ["Exhibition", "Выставка", "Көрме"],
        SessionKind::Assessment => ["Assessment", "Проверка знаний", "Білімді тексеру"],
        SessionKind::Break => ["Break", "Перерыв", "Үзіліс"],
        SessionKind::Closing => ["Closing", "Закрытие", "Жабылуы"],
    }
}

const fn status_names(status: SessionStatus) -> [&'static str; 3] {
    match status {
        SessionStatus::Planned => ["planned", "состоится", "өтеді"],
        SessionStatus::Cancelled => ["cancelled", "отменено", "болмайды"],
    }
}

const fn in_language(names: [&'static str; 3], language: Language) -> &'static str {
    match language {
        Language::English => names[0],
        Language::Russian => names[1],
        Language::Kazakh => names[2],
    }
}

/// A stored kind for readers of this language; one that is not known stays as it is.
pub(crate) fn kind(word: &str, language: Language) -> &str {
    let known = SessionKind::from_word(word);
    known.map_or(word, |kind| in_language(kind_names(kind), language))
}

/// A stored state, likewise.
pub(crate) fn status(word: &str, language: Language) -> &str {
    let known = SessionStatus::from_word(word);
    known.map_or(word, |status| in_language(status_names(status), language))
}

/// The kind that is called so in one of the languages, or what that most likely means.
pub(crate) fn find_kind(written: &str) -> Option<SessionKind> {
    let lower = written.trim().to_lowercase();
    let is_called_so = |kind: &&SessionKind| {
        let mut names = kind_names(**kind).into_iter();
        names.any(|name| name.to_lowercase() == lower)
    };
    let named = SessionKind::ALL.iter().find(is_called_so).copied();
    named.or_else(|| crate::frab::kind_of(written))
}

/// The state that is called so in one of the languages.
pub(crate) fn find_status(written: &str) -> Option<SessionStatus> {
    let lower = written.trim().to_lowercase();
    let is_called_so = |status: &&SessionStatus| {
        status.word() == lower || status_names(**status).contains(&lower.as_str())
    };
    let named = SessionStatus::ALL.iter().find(is_called_so).copied();
    let begins_so = ["cancel", "отмен"]
        .iter()
        .any(|begin| lower.starts_with(begin));
    named.or(begins_so.then_some(SessionStatus::Cancelled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_again_in_each_language() {
        for language in [Language::English, Language::Russian, Language::Kazakh] {
            for kind in SessionKind::ALL {
                let written = super::kind(kind.word(), language);
                assert_eq!(find_kind(written), Some(*kind), "{written}");
            }
            for status in SessionStatus::ALL {
                let written = super::status(status.word(), language);
                assert_eq!(find_status(written), Some(*status), "{written}");
            }
        }
        assert_eq!(find_status("Отменена"), Some(SessionStatus::Cancelled));
        assert_eq!(find_status("may be"), None);
        assert_eq!(find_kind("Panel"), Some(SessionKind::Discussion));
        assert_eq!(kind("poetry", Language::Russian), "poetry");
    }
}
