use std::fmt;

use crate::record::Record;
use crate::text;

super::words! {
    /// A language of the interface and of content.
    Language {
        /// Kazakh, in Cyrillic script.
        Kazakh = "kk",
        /// Russian.
        Russian = "ru",
        /// English.
        English = "en",
    } fallback Russian
}

impl Language {
    /// ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        self.word()
    }

    /// The language of this code or tag, such as `kk` or `ru-KZ`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        Self::from_word(&primary.to_ascii_lowercase())
    }

    /// In which order texts are looked for by somebody who reads this language: most readers of
    /// Kazakh here read Russian, and the other way round more than English.
    pub const fn preference(self) -> [Self; 3] {
        match self {
            Self::Kazakh => [Self::Kazakh, Self::Russian, Self::English],
            Self::Russian => [Self::Russian, Self::Kazakh, Self::English],
            Self::English => [Self::English, Self::Russian, Self::Kazakh],
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

/// A text in several languages.
///
/// Text whose language is not known, as imports often bring it, stands in the plain register
/// without a language and is the last resort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translated {
    texts: [Option<Box<str>>; 3],
    unknown: Option<Box<str>>,
}

impl Translated {
    /// Reads the registers `name:kk`, `name:ru`, `name:en` and `name`.
    pub fn read(record: &Record, name: &str) -> Self {
        Self::by_language(name, |key| record.value(key).as_text().map(Box::from))
    }

    /// The same for long texts.
    pub fn read_long(record: &Record, name: &str) -> Self {
        Self::by_language(name, |key| Some(text::read(record, key).into()))
    }

    fn by_language(name: &str, read: impl Fn(&str) -> Option<Box<str>>) -> Self {
        let read = |key: &str| read(key).filter(|text| !text.is_empty());
        Self {
            texts: [Language::Kazakh, Language::Russian, Language::English]
                .map(|language| read(&[name, ":", language.code()].concat())),
            unknown: read(name),
        }
    }

    /// What stands in Kazakh, Russian, English and without a language; empty texts are none.
    pub fn of([kazakh, russian, english, unknown]: [String; 4]) -> Self {
        let text = |text: String| (!text.is_empty()).then(|| text.into_boxed_str());
        Self {
            texts: [text(kazakh), text(russian), text(english)],
            unknown: text(unknown),
        }
    }

    /// What stands in Kazakh, Russian, English and without a language, as [`Translated::of`] takes it.
    pub fn registers(&self) -> impl Iterator<Item = Option<&str>> {
        self.texts
            .iter()
            .chain([&self.unknown])
            .map(Option::as_deref)
    }

    /// All texts there are, in whatever language.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.registers().flatten()
    }

    /// The same with each text made into another.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        let changed = |text: &Option<Box<str>>| text.as_deref().map(|text| change(text).into());
        Self {
            texts: self.texts.each_ref().map(&changed),
            unknown: changed(&self.unknown),
        }
    }

    /// The text in exactly this language.
    pub fn exactly(&self, language: Language) -> Option<&str> {
        self.texts[language as usize].as_deref()
    }

    /// The text whose language is not known.
    pub fn without_language(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    /// The best text for somebody who reads `wanted`, and the language it is in where that is
    /// known; show it when it is not the wanted one.
    pub fn best(&self, wanted: Language) -> Option<(&str, Option<Language>)> {
        let known = wanted
            .preference()
            .into_iter()
            .find_map(|language| Some((self.exactly(language)?, Some(language))));
        known.or_else(|| Some((self.unknown.as_deref()?, None)))
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.unknown.is_none() && self.texts.iter().all(Option::is_none)
    }
}
