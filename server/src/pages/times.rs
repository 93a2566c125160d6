//! Days and times of sessions. They are the venue's; zones are dealt with before.

use chrono::NaiveDate;
use keruen_domain::model::Moment;
use keruen_domain::{Language, dates};

/// A day with its year and day of the week: `Monday, 12 May 2025`, `12 мая 2025 г., понедельник`.
pub(super) fn day(language: Language, date: NaiveDate) -> String {
    let weekday = dates::whole_weekday(language, date);
    let day = dates::day_with_year(language, date);
    match language {
        Language::English => format!("{weekday}, {day}"),
        Language::Russian | Language::Kazakh => format!("{day}, {weekday}"),
    }
}

/// From when to when: `09:05–10:00`; the beginning alone where no end is known.
pub(super) fn times(start: Moment, end: Option<Moment>) -> String {
    let clock = |moment: Moment| moment.wall().time();
    match end.filter(|end| *end > start) {
        Some(end) => dates::time_range(clock(start), clock(end)),
        None => dates::time(clock(start)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_each_language_does() {
        let date = NaiveDate::from_ymd_opt(2025, 5, 12).unwrap();
        assert_eq!(day(Language::English, date), "Monday, 12 May 2025");
        assert_eq!(
            day(Language::Russian, date),
            "12 мая 2025\u{a0}г., понедельник"
        );
        assert_eq!(
            day(Language::Kazakh, date),
            "2025\u{a0}ж. 12 мамыр, дүйсенбі"
        );
    }

    #[test]
    fn times_are_the_venues() {
        let at = |minutes: i64| Moment::new(minutes * 60_000, 300).unwrap();
        assert_eq!(times(at(245), Some(at(300))), "09:05–10:00");
        assert_eq!(times(at(245), Some(at(245))), "09:05");
        assert_eq!(times(at(245), None), "09:05");
    }
}
