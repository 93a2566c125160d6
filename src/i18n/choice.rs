//! Which language to begin with.

use keruen_domain::Language;

/// The saved choice; else the first language of the browser that the interface has; else Kazakh.
///
/// `browser_languages` are BCP 47 tags in the order of preference, as in `navigator.languages`.
pub fn choose<'a>(
    saved: Option<&str>,
    browser_languages: impl IntoIterator<Item = &'a str>,
) -> Language {
    saved
        .and_then(Language::from_tag)
        .or_else(|| browser_languages.into_iter().find_map(Language::from_tag))
        .unwrap_or(Language::Kazakh)
}

/// The name of a language as its own readers write it; never translated.
pub const fn own_name(language: Language) -> &'static str {
    match language {
        Language::Kazakh => "Қазақша",
        Language::Russian => "Русский",
        Language::English => "English",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_choice_wins_over_the_browser() {
        assert_eq!(choose(Some("kk"), ["ru-RU", "en"]), Language::Kazakh);
    }

    #[test]
    fn the_first_known_language_of_the_browser_is_taken() {
        let browser = ["de-DE", "ru-KZ", "en-US"];
        assert_eq!(choose(None, browser), Language::Russian);
    }

    #[test]
    fn without_any_hint_it_is_kazakh() {
        assert_eq!(choose(None, ["de"]), Language::Kazakh);
        assert_eq!(choose(Some("nonsense"), []), Language::Kazakh);
    }
}
