//! Days and times as each language writes them. They are the venue's; zones are dealt with before.

use chrono::{Datelike as _, NaiveDate, Timelike as _};
use keruen_domain::Language;
use keruen_domain::model::Moment;

/// Names of the months as they stand in a date.
#[rustfmt::skip]
const fn months(language: Language) -> &'static [&'static str; 12] {
    match language {
        Language::English => &[
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ],
        Language::Russian => &[
            "января", "февраля", "марта", "апреля", "мая", "июня",
            "июля", "августа", "сентября", "октября", "ноября", "декабря",
        ],
        Language::Kazakh => &[
            "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым",
            "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан",
        ],
    }
}

/// Days of the week from Monday.
#[rustfmt::skip]
const fn weekdays(language: Language) -> &'static [&'static str; 7] {
    match language {
        Language::English => &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        Language::Russian => &["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"],
        Language::Kazakh => &["дүйсенбі", "сейсенбі", "сәрсенбі", "бейсенбі", "жұма", "сенбі", "жексенбі"],
    }
}

/// `12 May 2025`, `12 мая 2025 г.`, `2025 ж. 12 мамыр`.
pub(super) fn day(language: Language, date: NaiveDate) -> String {
    let month = months(language)[date.month0() as usize];
    let (day, year) = (date.day(), date.year());
    match language {
        Language::English => format!("{day} {month} {year}"),
        Language::Russian => format!("{day} {month} {year}\u{a0}г."),
        Language::Kazakh => format!("{year}\u{a0}ж. {day} {month}"),
    }
}

/// The same with the day of the week: `Monday, 12 May 2025`, `12 мая 2025 г., понедельник`.
pub(super) fn weekday(language: Language, date: NaiveDate) -> String {
    let weekday = weekdays(language)[date.weekday().num_days_from_monday() as usize];
    let day = day(language, date);
    match language {
        Language::English => format!("{weekday}, {day}"),
        Language::Russian | Language::Kazakh => format!("{day}, {weekday}"),
    }
}

/// The days of an event.
pub(super) fn days(language: Language, first: NaiveDate, last: NaiveDate) -> String {
    if first >= last {
        return day(language, first);
    }
    if (first.year(), first.month()) != (last.year(), last.month()) {
        return format!("{} – {}", day(language, first), day(language, last));
    }
    let month = months(language)[first.month0() as usize];
    let (from, to, year) = (first.day(), last.day(), first.year());
    match language {
        Language::English => format!("{from}–{to} {month} {year}"),
        Language::Russian => format!("{from}–{to} {month} {year}\u{a0}г."),
        Language::Kazakh => format!("{year}\u{a0}ж. {from}–{to} {month}"),
    }
}

/// What the venue's clocks show: `09:05`.
pub(super) fn time(moment: Moment) -> String {
    let time = moment.wall().time();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// From when to when: `09:05–10:00`; the beginning alone where no end is known.
pub(super) fn times(start: Moment, end: Option<Moment>) -> String {
    let start_time = time(start);
    match end.filter(|end| *end > start) {
        Some(end) => format!("{start_time}–{}", time(end)),
        None => start_time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_each_language_does() {
        let date = |month, day| NaiveDate::from_ymd_opt(2025, month, day).unwrap();
        let first = date(5, 12);
        assert_eq!(weekday(Language::English, first), "Monday, 12 May 2025");
        assert_eq!(
            weekday(Language::Russian, first),
            "12 мая 2025\u{a0}г., понедельник"
        );
        assert_eq!(
            weekday(Language::Kazakh, first),
            "2025\u{a0}ж. 12 мамыр, дүйсенбі"
        );
        assert_eq!(days(Language::English, first, first), "12 May 2025");
        assert_eq!(
            days(Language::Kazakh, first, date(5, 14)),
            "2025\u{a0}ж. 12–14 мамыр"
        );
        assert_eq!(
            days(Language::English, first, date(6, 1)),
            "12 May 2025 – 1 June 2025"
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
