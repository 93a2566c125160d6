//! Lengths of time, and how far off a time is.

use crate::i18n::Messages;

const MINUTES_OF_HOUR: u64 = 60;
const MINUTES_OF_DAY: u64 = 24 * MINUTES_OF_HOUR;
/// From here on nobody counts minutes.
const HOURS_EXACT: u64 = 4;

/// How long: `45 min`, `2 h`, `1 h 30 min`.
pub fn duration(messages: &Messages, minutes: u64) -> String {
    let (hours, rest) = (minutes / MINUTES_OF_HOUR, minutes % MINUTES_OF_HOUR);
    match (hours, rest) {
        (0, _) => messages.common_minutes(rest),
        (_, 0) => messages.common_hours(hours),
        _ => {
            let [hours, minutes] = [messages.common_hours(hours), messages.common_minutes(rest)];
            messages.common_hours_and_minutes(&hours, &minutes)
        }
    }
}

/// How far ahead: `in 25 min`, `in 1 h 30 min`, `in 9 hours`, `in 2 days`. Exact while somebody may
/// be waiting, later rounded to the nearest hour or day.
pub fn until(messages: &Messages, minutes: u64) -> String {
    let (hours, rest) = (minutes / MINUTES_OF_HOUR, minutes % MINUTES_OF_HOUR);
    if rest > 0 && (1..HOURS_EXACT).contains(&hours) {
        return messages.common_in_hours_and_minutes(&hours.to_string(), &rest.to_string());
    }
    match rounded(minutes) {
        Span::Minutes(count) => messages.common_in_minutes(count),
        Span::Hours(count) => messages.common_in_hours(count),
        Span::Days(count) => messages.common_in_days(count),
    }
}

/// How long ago: `just now`, `25 min ago`, `3 hours ago`, `2 days ago`.
pub fn elapsed(messages: &Messages, minutes: u64) -> String {
    match rounded(minutes) {
        Span::Minutes(0) => messages.common_just_now().to_owned(),
        Span::Minutes(count) => messages.common_minutes_ago(count),
        Span::Hours(count) => messages.common_hours_ago(count),
        Span::Days(count) => messages.common_days_ago(count),
    }
}

enum Span {
    Minutes(u64),
    Hours(u64),
    Days(u64),
}

fn rounded(minutes: u64) -> Span {
    let nearest = |unit: u64| minutes / unit + u64::from(minutes % unit * 2 >= unit);
    if minutes < MINUTES_OF_HOUR {
        Span::Minutes(minutes)
    } else if nearest(MINUTES_OF_HOUR) < 24 {
        Span::Hours(nearest(MINUTES_OF_HOUR))
    } else {
        Span::Days(nearest(MINUTES_OF_DAY))
    }
}

#[cfg(test)]
mod tests {
    use keruen_domain::Language;

    use super::*;

    #[test]
    fn spans_are_rounded_to_the_unit_that_tells_most() {
        let english = Messages::of(Language::English);
        assert_eq!(until(english, 25), "in 25 min");
        assert_eq!(until(english, 60), "in 1 hour");
        assert_eq!(until(english, 90), "in 1 h 30 min");
        assert_eq!(until(english, 120), "in 2 hours");
        assert_eq!(until(english, 4 * 60 + 30), "in 5 hours");
        assert_eq!(until(english, 23 * 60 + 29), "in 23 hours");
        assert_eq!(until(english, 23 * 60 + 30), "in 1 day");
        assert_eq!(elapsed(english, 0), "just now");
        assert_eq!(elapsed(english, 59), "59 min ago");
    }

    #[test]
    fn spans_follow_the_language() {
        let [russian, kazakh] = [Language::Russian, Language::Kazakh].map(Messages::of);
        assert_eq!(until(russian, 5 * 24 * 60), "через 5 дней");
        assert_eq!(elapsed(russian, 3 * 60), "3 часа назад");
        assert_eq!(until(kazakh, 25), "25 минуттан кейін");
    }

    #[test]
    fn lengths_leave_out_what_is_nothing() {
        let english = Messages::of(Language::English);
        assert_eq!(duration(english, 45), "45 min");
        assert_eq!(duration(english, 120), "2 h");
        assert_eq!(duration(english, 90), "1 h 30 min");
    }
}
