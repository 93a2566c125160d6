//! The true clocks of Kazakhstan, Kyrgyzstan, Tajikistan and Uzbekistan.
//!
//! Phones carry tables of their own, some of them years old: Kyzylorda moved in 2018 and most of
//! Kazakhstan in 2024. What is needed here is little, so the app brings it along. Source: the IANA time zone
//! database, release 2024a; for the last change the government's decree of January 2024.

use chrono::NaiveDateTime;

use crate::model::Moment;

/// The rules hold from here on, 1 January 2006 (UTC) in milliseconds since 1970: before, some of these
/// countries changed their clocks twice a year.
pub const SINCE_MS: i64 = 1_136_073_600_000;

const FIVE_HOURS: i32 = 300;
const SIX_HOURS: i32 = 360;
/// 20 December 2018, 18:00 UTC.
const QYZYLORDA_MOVED_MS: i64 = 1_545_328_800_000;
/// 29 February 2024, 18:00 UTC.
const ALMATY_MOVED_MS: i64 = 1_709_229_600_000;

/// What is doubtful about a wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The clocks showed it twice; the first time is meant.
    Twice,
    /// The clocks jumped over it.
    Never,
}

/// How far the clocks of a zone, by its IANA name, are ahead of UTC at an instant, in minutes; `None` for
/// zones and times that are not known here.
pub fn offset_minutes(zone: &str, unix_ms: i64) -> Option<i32> {
    if unix_ms < SINCE_MS {
        return None;
    }
    let moved_ms = match zone.strip_prefix("Asia/")? {
        "Almaty" | "Qostanay" => ALMATY_MOVED_MS,
        "Qyzylorda" => QYZYLORDA_MOVED_MS,
        "Bishkek" => i64::MAX,
        "Aqtau" | "Aqtobe" | "Atyrau" | "Oral" | "Dushanbe" | "Tashkent" | "Samarkand" => SINCE_MS,
        _ => return None,
    };
    Some(if unix_ms < moved_ms {
        SIX_HOURS
    } else {
        FIVE_HOURS
    })
}

/// The instant when clocks show `wall` where `offset_minutes` tells how far they are ahead of UTC at an instant,
/// with what is doubtful about it. `None` if the offset is not known or there is no such date.
pub fn instant_of(
    wall: NaiveDateTime,
    offset_minutes: impl Fn(i64) -> Option<i32>,
) -> Option<(Moment, Option<Doubt>)> {
    const MINUTE_MS: i64 = 60_000;
    const DAY_MS: i64 = 1_440 * MINUTE_MS;
    let wall_ms = wall.and_utc().timestamp_millis();
    // No clock was ever moved by a day, so the offsets of the days around hold whatever counts.
    let [before, after] = [wall_ms - DAY_MS, wall_ms + DAY_MS].map(&offset_minutes);
    let (before, after) = (before?, after?);
    let by = |offset: i32| {
        let unix_ms = wall_ms - i64::from(offset) * MINUTE_MS;
        let holds = offset_minutes(unix_ms) == Some(offset);
        (unix_ms, holds)
    };
    let ((first_ms, first_holds), (second_ms, second_holds)) = (by(before), by(after));
    let (unix_ms, doubt) = match (first_holds, second_holds) {
        (true, true) if first_ms != second_ms => (first_ms.min(second_ms), Some(Doubt::Twice)),
        (true, _) => (first_ms, None),
        (false, true) => (second_ms, None),
        (false, false) => (first_ms, Some(Doubt::Never)),
    };
    let offset = offset_minutes(unix_ms)?;
    Some((Moment::new(unix_ms, i64::from(offset))?, doubt))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Offset, TimeZone};
    use chrono_tz::Tz;

    use super::*;
    use crate::model::parse_wall;

    const ZONES: [&str; 11] = [
        "Asia/Almaty",
        "Asia/Qostanay",
        "Asia/Qyzylorda",
        "Asia/Aqtau",
        "Asia/Aqtobe",
        "Asia/Atyrau",
        "Asia/Oral",
        "Asia/Bishkek",
        "Asia/Dushanbe",
        "Asia/Tashkent",
        "Asia/Samarkand",
    ];

    #[test]
    fn the_rules_are_those_of_the_time_zone_database() {
        const HOUR_MS: i64 = 3_600_000;
        let until_ms = SINCE_MS + 30 * 366 * 24 * HOUR_MS;
        for name in ZONES {
            let zone: Tz = name.parse().expect("a zone");
            let mut unix_ms = SINCE_MS;
            while unix_ms < until_ms {
                let instant = DateTime::from_timestamp_millis(unix_ms).expect("an instant");
                let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
                let known = offset_minutes(name, unix_ms).map(|minutes| minutes * 60);
                assert_eq!(known, Some(offset.local_minus_utc()), "{name} at {instant}");
                unix_ms += HOUR_MS;
            }
        }
    }

    fn at(zone: &str, wall: &str) -> (String, Option<Doubt>) {
        let wall = parse_wall(wall).expect("a time");
        let (moment, doubt) =
            instant_of(wall, |unix_ms| offset_minutes(zone, unix_ms)).expect("a known zone");
        assert!(moment.wall() == wall || doubt == Some(Doubt::Never));
        let instant = DateTime::from_timestamp_millis(moment.unix_ms()).expect("an instant");
        (instant.naive_utc().to_string(), doubt)
    }

    #[test]
    fn nine_in_the_morning_is_when_it_was() {
        for (zone, wall, utc) in [
            ("Asia/Aqtau", "2016-10-19T09:00", "2016-10-19 04:00:00"),
            ("Asia/Qyzylorda", "2023-11-13T09:00", "2023-11-13 04:00:00"),
            ("Asia/Almaty", "2023-11-21T09:00", "2023-11-21 03:00:00"),
            ("Asia/Almaty", "2023-11-24T09:00", "2023-11-24 03:00:00"),
            ("Asia/Almaty", "2023-12-05T09:00", "2023-12-05 03:00:00"),
            ("Asia/Almaty", "2025-05-12T09:00", "2025-05-12 04:00:00"),
        ] {
            assert_eq!(at(zone, wall), (utc.to_owned(), None));
        }
    }

    #[test]
    fn the_hour_that_came_twice_is_meant_the_first_time() {
        let twice = Some(Doubt::Twice);
        for (wall, utc, doubt) in [
            ("2024-02-29T22:59", "2024-02-29 16:59:00", None),
            ("2024-02-29T23:00", "2024-02-29 17:00:00", twice),
            ("2024-02-29T23:59", "2024-02-29 17:59:00", twice),
            ("2024-03-01T00:00", "2024-02-29 19:00:00", None),
        ] {
            assert_eq!(at("Asia/Almaty", wall), (utc.to_owned(), doubt), "{wall}");
        }
    }

    #[test]
    fn an_hour_that_was_jumped_over_is_taken_by_the_clocks_before() {
        // As in Berlin on 31 March 2024, when 02:00 became 03:00 at 01:00 UTC.
        let berlin = |unix_ms: i64| Some(if unix_ms < 1_711_846_800_000 { 60 } else { 120 });
        let wall = parse_wall("2024-03-31T02:30").expect("a time");
        let (moment, doubt) = instant_of(wall, berlin).expect("an offset");
        assert_eq!(doubt, Some(Doubt::Never));
        assert_eq!(
            moment.wall(),
            parse_wall("2024-03-31T03:30").expect("a time")
        );
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        assert_eq!(offset_minutes("Europe/Berlin", SINCE_MS), None);
        assert_eq!(offset_minutes("Asia/Almaty", SINCE_MS - 1), None);
        assert_eq!(offset_minutes("Almaty", SINCE_MS), None);
    }
}
