//! Dates and times of day as each language writes them, in the app and on the pages that the server makes.
//!
//! Everything here takes what the venue's clocks and calendars show; zones are dealt with before.

use crate::model::Language;
use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

/// Names of the months as they stand in a date (in Russian, the genitive).
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

/// Names of the months standing alone, where Russian has another form.
#[rustfmt::skip]
const RUSSIAN_MONTHS_ALONE: [&str; 12] = [
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
];

/// Days of the week from Monday, whole.
#[rustfmt::skip]
const fn weekdays(language: Language) -> &'static [&'static str; 7] {
    match language {
        Language::English => &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        Language::Russian => &["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"],
        Language::Kazakh => &["дүйсенбі", "сейсенбі", "сәрсенбі", "бейсенбі", "жұма", "сенбі", "жексенбі"],
    }
}

/// Days of the week from Monday, short.
const fn short_weekdays(language: Language) -> &'static [&'static str; 7] {
    match language {
        Language::English => &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        Language::Russian => &["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
        Language::Kazakh => &["дс", "сс", "ср", "бс", "жм", "сб", "жс"],
    }
}

/// The short day of the week: `Mon`, `пн`, `дс`.
pub fn weekday(language: Language, date: NaiveDate) -> &'static str {
    short_weekdays(language)[date.weekday().num_days_from_monday() as usize]
}

/// The whole day of the week: `Monday`, `понедельник`, `дүйсенбі`.
pub fn whole_weekday(language: Language, date: NaiveDate) -> &'static str {
    weekdays(language)[date.weekday().num_days_from_monday() as usize]
}

/// The month as it stands after a day: `May`, `мая`, `мамыр`.
pub fn month_of_day(language: Language, date: NaiveDate) -> &'static str {
    months(language)[date.month0() as usize]
}

/// A day without its year: `12 May`, `12 мая`, `12 мамыр`.
pub fn day(language: Language, date: NaiveDate) -> String {
    let month = month_of_day(language, date);
    [&date.day().to_string(), " ", month].concat()
}

/// A day with its day of the week: `Monday, 12 May`, `12 мая, понедельник`, `12 мамыр, дүйсенбі`.
pub fn weekday_and_day(language: Language, date: NaiveDate) -> String {
    let weekday = whole_weekday(language, date);
    let day = day(language, date);
    match language {
        Language::English => [weekday, ", ", &day].concat(),
        Language::Russian | Language::Kazakh => [&day, ", ", weekday].concat(),
    }
}

/// A day with its year: `12 May 2025`, `12 мая 2025 г.`, `2025 ж. 12 мамыр`.
pub fn day_with_year(language: Language, date: NaiveDate) -> String {
    with_year(language, date.year(), &day(language, date))
}

/// The days of an event: `12–14 May 2025`, `30 ноября – 2 декабря 2023 г.`, `2016 ж. 19–20 қазан`.
pub fn day_range(language: Language, first: NaiveDate, last: NaiveDate) -> String {
    if first >= last {
        return day_with_year(language, first);
    }
    if first.year() != last.year() {
        let [first, last] = [first, last].map(|date| day_with_year(language, date));
        return [&first, " – ", &last].concat();
    }
    let last_day = day(language, last);
    let days = if first.month() == last.month() {
        [&first.day().to_string(), "–", &last_day].concat()
    } else {
        [&day(language, first), " – ", &last_day].concat()
    };
    with_year(language, first.year(), &days)
}

/// A month: `May 2025`, `май 2025 г.`, `2025 ж. мамыр`.
pub fn month(language: Language, date: NaiveDate) -> String {
    let names = match language {
        Language::Russian => &RUSSIAN_MONTHS_ALONE,
        Language::Kazakh | Language::English => months(language),
    };
    with_year(language, date.year(), names[date.month0() as usize])
}

fn with_year(language: Language, year: i32, rest: &str) -> String {
    let year = year.to_string();
    match language {
        Language::English => [rest, " ", &year].concat(),
        Language::Russian => [rest, " ", &year, "\u{a0}г."].concat(),
        Language::Kazakh => [&year, "\u{a0}ж. ", rest].concat(),
    }
}

/// A time of day on the 24-hour clock: `09:05`.
pub fn time(time: NaiveTime) -> String {
    let mut written = String::with_capacity(5);
    for (number, after) in [(time.hour(), ":"), (time.minute(), "")] {
        if number < 10 {
            written.push('0');
        }
        written.push_str(&number.to_string());
        written.push_str(after);
    }
    written
}

/// From a time to a time: `09:00–10:30`.
pub fn time_range(start: NaiveTime, end: NaiveTime) -> String {
    [&time(start), "–", &time(end)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 3] = [Language::English, Language::Russian, Language::Kazakh];

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date that exists")
    }

    /// In all languages, with plain spaces for those that do not break.
    fn written(write: impl Fn(Language) -> String) -> [String; 3] {
        LANGUAGES.map(|language| write(language).replace('\u{a0}', " "))
    }

    #[test]
    fn a_day_is_written_as_its_language_does() {
        let monday = date(2025, 5, 12);
        assert_eq!(
            written(|language| weekday_and_day(language, monday)),
            [
                "Monday, 12 May",
                "12 мая, понедельник",
                "12 мамыр, дүйсенбі"
            ]
        );
        assert_eq!(
            written(|language| day_with_year(language, monday)),
            ["12 May 2025", "12 мая 2025 г.", "2025 ж. 12 мамыр"]
        );
        assert_eq!(
            written(|language| month(language, monday)),
            ["May 2025", "май 2025 г.", "2025 ж. мамыр"]
        );
        assert_eq!(
            written(|language| weekday(language, date(2025, 5, 18)).to_owned()),
            ["Sun", "вс", "жс"]
        );
    }

    #[test]
    fn a_range_of_days_says_nothing_twice() {
        let range = |first, last| written(|language| day_range(language, first, last));
        assert_eq!(
            range(date(2025, 5, 12), date(2025, 5, 14)),
            ["12–14 May 2025", "12–14 мая 2025 г.", "2025 ж. 12–14 мамыр"]
        );
        assert_eq!(
            range(date(2023, 11, 30), date(2023, 12, 2)),
            [
                "30 November – 2 December 2023",
                "30 ноября – 2 декабря 2023 г.",
                "2023 ж. 30 қараша – 2 желтоқсан",
            ]
        );
        assert_eq!(
            range(date(2023, 12, 31), date(2024, 1, 1))[0],
            "31 December 2023 – 1 January 2024"
        );
        assert_eq!(
            range(date(2023, 11, 13), date(2023, 11, 13))[0],
            "13 November 2023"
        );
    }

    #[test]
    fn times_have_four_digits() {
        let at =
            |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).expect("a time that exists");
        assert_eq!(time(at(9, 5)), "09:05");
        assert_eq!(time_range(at(0, 0), at(23, 59)), "00:00–23:59");
    }
}
