//! The words of one language: a typed function for every key of `locales/`.
//!
//! `build.rs` writes the functions. A key that is missing somewhere, has other arguments or the
//! wrong plural forms does not compile.

use std::sync::OnceLock;

use keruen_domain::Language;

use super::{format, plural};

/// All messages of one language. There is one of these per language, forever.
#[derive(Debug)]
pub struct Messages {
    language: Language,
    first: Texts,
}

/// Texts of one language.
#[derive(Debug)]
struct Texts {
    /// All of them, one per line.
    text: &'static str,
    /// The lines, cut apart at the first use.
    slots: OnceLock<Box<[&'static str]>>,
}

impl Texts {
    const fn new(text: &'static str) -> Self {
        Self {
            text,
            slots: OnceLock::new(),
        }
    }

    fn slots(&self) -> &[&'static str] {
        self.slots.get_or_init(|| self.text.split('\n').collect())
    }

    fn slot(&self, slot: usize) -> &'static str {
        self.slots().get(slot).copied().unwrap_or_default()
    }
}

impl Messages {
    const fn new(language: Language, first: &'static str) -> Self {
        Self {
            language,
            first: Texts::new(first),
        }
    }

    /// What the first part of the program says.
    const fn first(&self) -> &Texts {
        &self.first
    }

    /// What only the second part says. Called from there alone, or the words would not be in it.
    const fn later(&self) -> &'static Texts {
        match self.language {
            Language::English => &EN_LATER,
            Language::Russian => &RU_LATER,
            Language::Kazakh => &KK_LATER,
        }
    }

    /// The messages of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &EN,
            Language::Russian => &RU,
            Language::Kazakh => &KK,
        }
    }

    /// Which language these are.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The plural form for `count`, with the number as its first argument. Four slots belong to a plural.
    fn plural(&self, texts: &Texts, first_slot: usize, count: u64, values: &[&str]) -> String {
        let number = format::number(self.language, count);
        let values = [&[number.as_str()], values].concat();
        let form = plural::form(self.language, count);
        fill(texts.slot(first_slot + form as usize), &values)
    }
}

/// Puts the values in the places `{0}`, `{1}` …; a value is never looked into for places.
fn fill(template: &str, values: &[&str]) -> String {
    let mut parts = template.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // The build has made sure that every brace belongs to a place.
        if let Some((place, after)) = part.split_once('}') {
            let position = place.bytes().fold(0, |sum, digit| {
                sum * 10 + usize::from(digit.wrapping_sub(b'0'))
            });
            filled.push_str(values.get(position).copied().unwrap_or_default());
            filled.push_str(after);
        }
    }
    filled
}

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_slots() {
        let texts = |messages: &Messages| {
            [messages.first(), messages.later()].map(|texts| texts.slots().len())
        };
        let counts = [&EN, &RU, &KK].map(texts);
        assert!(counts[0].iter().all(|count| *count > 0), "{counts:?}");
        assert_eq!(counts, [counts[0]; 3]);
    }

    #[test]
    fn the_first_and_the_last_message_are_where_they_belong() {
        for messages in [&EN, &RU, &KK] {
            let slots = messages.first().slots();
            assert_eq!(slots.first(), Some(&messages.agenda_about()));
            assert_eq!(slots.last(), Some(&messages.today_write_note()));
        }
    }

    #[test]
    fn a_plain_text_is_found_in_each_language() {
        assert_eq!(Messages::of(Language::English).common_nav_today(), "Today");
        assert_eq!(
            Messages::of(Language::Russian).common_nav_today(),
            "Сегодня"
        );
        assert_eq!(Messages::of(Language::Kazakh).common_nav_today(), "Бүгін");
    }

    #[test]
    fn plural_forms_follow_the_language() {
        let russian = Messages::of(Language::Russian);
        assert_eq!(russian.notes_count(1), "1 заметка");
        assert_eq!(russian.notes_count(3), "3 заметки");
        assert_eq!(russian.notes_count(11), "11 заметок");
        assert_eq!(russian.notes_count(21), "21 заметка");
        assert_eq!(Messages::of(Language::English).notes_count(1), "1 note");
        assert_eq!(Messages::of(Language::Kazakh).notes_count(5), "5 жазба");
    }

    #[test]
    fn arguments_are_put_in_by_name_whatever_their_order() {
        assert_eq!(
            Messages::of(Language::English).today_day_of_event("2", "3"),
            "Day 2 of 3"
        );
        assert_eq!(
            Messages::of(Language::Kazakh).today_day_of_event("2", "3"),
            "3 күннің 2-күні"
        );
        assert_eq!(
            Messages::of(Language::Russian).downloads_road_missing(2, "1,2 МБ"),
            "На телефоне ещё нет 2 файлов на сегодня и завтра (1,2 МБ)."
        );
    }

    #[test]
    fn a_value_that_looks_like_a_place_stays_as_it_was_typed() {
        assert_eq!(
            Messages::of(Language::English).notes_about("{0} {1}"),
            "About: {0} {1}"
        );
    }
}
