//! What columns are called.

use keruen_domain::Language;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    Programme,
    Event,
    City,
    Venue,
    Zone,
    Day,
    Start,
    End,
    Title,
    Kind,
    Room,
    Speakers,
    Track,
    Abstract,
    Status,
    Url,
    Language,
    Id,
    EventId,
    SpeakerIds,
}

/// A column and the language of what stands in it, if it says that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Heading {
    pub(crate) column: Column,
    pub(crate) language: Option<Language>,
}

/// In the order in which they are written.
pub(crate) const COLUMNS: [Column; 20] = [
    Column::Programme,
    Column::Event,
    Column::City,
    Column::Venue,
    Column::Zone,
    Column::Day,
    Column::Start,
    Column::End,
    Column::Title,
    Column::Kind,
    Column::Room,
    Column::Speakers,
    Column::Track,
    Column::Abstract,
    Column::Status,
    Column::Url,
    Column::Language,
    Column::Id,
    Column::EventId,
    Column::SpeakerIds,
];

/// The languages of a text, as they are written side by side.
pub(crate) const LANGUAGES: [Option<Language>; 4] = [
    Some(Language::Kazakh),
    Some(Language::Russian),
    Some(Language::English),
    None,
];

impl Column {
    /// Whether there may be one for each language.
    pub(crate) const fn is_translated(self) -> bool {
        matches!(
            self,
            Self::Programme
                | Self::Event
                | Self::City
                | Self::Venue
                | Self::Title
                | Self::Room
                | Self::Abstract
        )
    }

    /// What it is called, the written name of each language first: English, Russian, Kazakh.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Programme => &["programme", "программа", "бағдарлама", "program"],
            Self::Event => &["event", "мероприятие", "іс-шара", "событие"],
            Self::City => &["city", "город", "қала", "town"],
            Self::Venue => &[
                "venue",
                "место проведения",
                "өтетін орны",
                "place",
                "место",
                "орны",
            ],
            Self::Zone => &[
                "time zone",
                "часовой пояс",
                "уақыт белдеуі",
                "timezone",
                "zone",
                "tz",
            ],
            Self::Day => &["date", "дата", "күні", "day", "день", "күн"],
            Self::Start => &[
                "start",
                "начало",
                "басталуы",
                "begin",
                "begins",
                "from",
                "time",
                "start time",
                "время",
                "время начала",
                "уақыты",
                "басталу уақыты",
            ],
            Self::End => &[
                "end",
                "конец",
                "аяқталуы",
                "ends",
                "to",
                "end time",
                "окончание",
                "время окончания",
                "аяқталу уақыты",
            ],
            Self::Title => &[
                "title",
                "название",
                "атауы",
                "session",
                "сессия",
                "тема",
                "тақырыбы",
                "наименование",
            ],
            Self::Kind => &["kind", "вид", "түрі", "type", "тип", "format", "формат"],
            Self::Room => &[
                "room",
                "зал",
                "залы",
                "hall",
                "аудитория",
                "кабинет",
                "бөлме",
            ],
            Self::Speakers => &[
                "speakers",
                "спикеры",
                "спикерлер",
                "speaker",
                "спикер",
                "докладчик",
                "докладчики",
                "тренер",
                "тренеры",
                "тренерлер",
                "trainer",
                "trainers",
            ],
            Self::Track => &[
                "track",
                "направление",
                "бағыты",
                "трек",
                "бағыт",
                "секция",
                "section",
            ],
            Self::Abstract => &[
                "description",
                "описание",
                "сипаттамасы",
                "abstract",
                "аннотация",
                "содержание",
                "мазмұны",
                "сипаттама",
                "summary",
            ],
            Self::Status => &["status", "статус", "мәртебесі", "состояние", "күйі"],
            Self::Url => &["link", "ссылка", "сілтеме", "url", "address", "адрес"],
            Self::Language => &["language", "язык", "тілі", "тіл"],
            Self::Id => &["id", "идентификатор", "сәйкестендіргіш", "uid", "guid"],
            Self::EventId => &["event id", "id мероприятия", "іс-шара id"],
            Self::SpeakerIds => &["speaker ids", "id спикеров", "спикерлер id"],
        }
    }
}

impl Heading {
    pub(crate) const fn plain(column: Column) -> Self {
        Self {
            column,
            language: None,
        }
    }

    pub(crate) const fn new(column: Column, language: Option<Language>) -> Self {
        Self { column, language }
    }

    /// What is written for it to readers of this language.
    pub(crate) fn name(self, reader: Language) -> String {
        let names = self.column.names();
        let name = match (self.column, reader) {
            (Column::Id, _) => "ID".to_owned(),
            (Column::EventId, Language::English) => "Event ID".to_owned(),
            (Column::EventId, Language::Russian) => "ID мероприятия".to_owned(),
            (Column::EventId, Language::Kazakh) => "Іс-шара ID".to_owned(),
            (Column::SpeakerIds, Language::English) => "Speaker IDs".to_owned(),
            (Column::SpeakerIds, Language::Russian) => "ID спикеров".to_owned(),
            (Column::SpeakerIds, Language::Kazakh) => "Спикерлер ID".to_owned(),
            (_, Language::English) => capitalised(names[0]),
            (_, Language::Russian) => capitalised(names[1]),
            (_, Language::Kazakh) => capitalised(names[2]),
        };
        match self.language {
            Some(language) => [&name, " (", language.code(), ")"].concat(),
            None => name,
        }
    }

    /// The heading that is written so.
    pub(crate) fn find(written: &str) -> Option<Self> {
        // No heading is as long.
        if written.len() > 200 {
            return None;
        }
        let lower = written.to_lowercase();
        let separated = lower.replace(['_', '.', '*', ':', '(', ')', '[', ']', '/', ','], " ");
        let words: Vec<&str> = separated
            .split(|character: char| character.is_whitespace() || character == '\u{feff}')
            .filter(|word| !word.is_empty())
            .collect();
        let find = |words: &[&str]| {
            let name = words.join(" ");
            let is_it = |column: &&Column| column.names().contains(&name.as_str());
            COLUMNS.iter().find(is_it).copied()
        };
        if let Some(column) = find(&words) {
            return Some(Self::plain(column));
        }
        let (last, rest) = words.split_last()?;
        let rest = match rest.split_last() {
            Some((&("на" | "in"), rest)) => rest,
            _ => rest,
        };
        let last = last.split('-').next().unwrap_or(last);
        let language = language_of(last)?;
        let column = find(rest).filter(|column| column.is_translated())?;
        Some(Self::new(column, Some(language)))
    }
}

fn language_of(word: &str) -> Option<Language> {
    Some(match word {
        "kk" | "kz" | "kaz" | "kazakh" | "қаз" | "қазақша" | "каз" | "казахский" | "казахском" => {
            Language::Kazakh
        }
        "ru" | "rus" | "russian" | "рус" | "русский" | "русском" | "орыс" | "орысша" => {
            Language::Russian
        }
        "en" | "eng" | "english" | "англ" | "английский" | "английском" | "ағыл" | "ағылшынша" => {
            Language::English
        }
        _ => return None,
    })
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    [first.unwrap_or_default().as_str(), letters.as_str()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_found_in_each_language() {
        for column in COLUMNS {
            for language in LANGUAGES {
                if language.is_some() && !column.is_translated() {
                    continue;
                }
                let heading = Heading::new(column, language);
                for reader in [Language::English, Language::Russian, Language::Kazakh] {
                    let name = heading.name(reader);
                    assert_eq!(Heading::find(&name), Some(heading), "{name}");
                    assert_eq!(Heading::find(&name.to_uppercase()), Some(heading), "{name}");
                }
            }
        }
    }

    #[test]
    fn headings_are_found_as_people_write_them() {
        let title = |language| Some(Heading::new(Column::Title, Some(language)));
        for (written, heading) in [
            ("title_kk", title(Language::Kazakh)),
            ("Название на русском", title(Language::Russian)),
            ("Атауы (қазақша)", title(Language::Kazakh)),
            (" Title [EN-GB]:", title(Language::English)),
            ("Время начала *", Some(Heading::plain(Column::Start))),
            ("Start (en)", None),
            ("Budget", None),
            ("", None),
            ("(ru)", None),
        ] {
            assert_eq!(Heading::find(written), heading, "{written}");
        }
    }
}
