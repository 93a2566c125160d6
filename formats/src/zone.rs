//! Time zones: wall times to instants, with the offset that the venue's clocks had.
//!
//! The zones' history is compiled in, because phones' tables may be years old: Kazakhstan's changed
//! in 2018 and 2024. Without the feature `zones` only UTC and fixed offsets are known.

use chrono::{
    DateTime, Datelike, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    TimeDelta, TimeZone,
};
use keruen_domain::model::Moment;

#[cfg(feature = "zones")]
type Named = chrono_tz::Tz;
#[cfg(not(feature = "zones"))]
type Named = chrono::Utc;

/// A zone whose offsets are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Zone {
    Named(Named),
    Fixed(FixedOffset),
}

/// What is doubtful about a wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The clocks showed it twice.
    Twice,
    /// The clocks jumped over it.
    Never,
}

/// From when until when something lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: Moment,
    pub(crate) end_ms: i64,
}

impl Zone {
    pub(crate) const UTC: Self = Self::Fixed(match FixedOffset::east_opt(0) {
        Some(utc) => utc,
        None => panic!("zero is an offset"),
    });

    /// The zone of this IANA name, of one of the names that Windows uses, or with such a name at
    /// its end, as some programs write it (`/example.org/Asia/Almaty`).
    pub(crate) fn find(name: &str) -> Option<Self> {
        let name = name.trim().trim_matches('"');
        if matches!(name, "UTC" | "Z" | "GMT" | "Etc/UTC") {
            return Some(Self::UTC);
        }
        if let Some(known) = named(name) {
            return Some(Self::Named(known));
        }
        if let Some((_, iana)) = WINDOWS.iter().find(|(windows, _)| *windows == name) {
            return named(iana).map(Self::Named);
        }
        let mut parts = name.rsplit('/');
        let (city, area) = (parts.next()?, parts.next()?);
        named(&[area, "/", city].concat()).map(Self::Named)
    }

    /// The IANA name, or `+05:00`.
    pub(crate) fn name(self) -> String {
        match self {
            Self::UTC => "UTC".to_owned(),
            Self::Named(zone) => zone.to_string(),
            Self::Fixed(offset) => offset.to_string(),
        }
    }

    /// The instant when the zone's clocks show `wall`, with what is doubtful about it.
    pub(crate) fn at(self, wall: NaiveDateTime) -> Option<(Moment, Option<Doubt>)> {
        let found = match self {
            Self::Named(zone) => resolve(&zone, wall),
            Self::Fixed(zone) => resolve(&zone, wall),
        };
        let (instant, doubt) = found?;
        Some((moment(instant)?, doubt))
    }

    /// The instant with the offset that the zone has then.
    pub(crate) fn show(self, instant: DateTime<FixedOffset>) -> Option<Moment> {
        moment(match self {
            Self::Named(zone) => {
                let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
                instant.with_timezone(&offset)
            }
            Self::Fixed(zone) => instant.with_timezone(&zone),
        })
    }
}

#[cfg(feature = "zones")]
fn named(name: &str) -> Option<Named> {
    // `UTC` and other short names are handled before; abbreviations such as `EST` are no places.
    name.contains('/').then(|| name.parse().ok()).flatten()
}

#[cfg(not(feature = "zones"))]
fn named(_name: &str) -> Option<Named> {
    None
}

/// Names that Windows and Outlook use, as far as they are likely in this part of the world.
const WINDOWS: [(&str, &str); 18] = [
    ("Central Asia Standard Time", "Asia/Almaty"),
    ("Qyzylorda Standard Time", "Asia/Qyzylorda"),
    ("West Asia Standard Time", "Asia/Tashkent"),
    ("Russian Standard Time", "Europe/Moscow"),
    ("Ekaterinburg Standard Time", "Asia/Yekaterinburg"),
    ("N. Central Asia Standard Time", "Asia/Novosibirsk"),
    ("Omsk Standard Time", "Asia/Omsk"),
    ("Georgian Standard Time", "Asia/Tbilisi"),
    ("Azerbaijan Standard Time", "Asia/Baku"),
    ("Caucasus Standard Time", "Asia/Yerevan"),
    ("China Standard Time", "Asia/Shanghai"),
    ("Ulaanbaatar Standard Time", "Asia/Ulaanbaatar"),
    ("Turkey Standard Time", "Europe/Istanbul"),
    ("W. Europe Standard Time", "Europe/Berlin"),
    ("Romance Standard Time", "Europe/Paris"),
    ("Central European Standard Time", "Europe/Warsaw"),
    ("GMT Standard Time", "Europe/London"),
    ("Eastern Standard Time", "America/New_York"),
];

/// Years in which schedules are taken: outside, a date is a slip of the pen, and offsets may have
/// had seconds.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

/// Whether the year is one in which schedules are taken.
pub(crate) fn is_of_these_times(moment: Moment) -> bool {
    YEARS.contains(&moment.wall().year())
}

fn resolve<Z: TimeZone>(
    zone: &Z,
    wall: NaiveDateTime,
) -> Option<(DateTime<FixedOffset>, Option<Doubt>)> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(instant) => Some((instant.fixed_offset(), None)),
        LocalResult::Ambiguous(first, _) => Some((first.fixed_offset(), Some(Doubt::Twice))),
        LocalResult::None => {
            // The clocks were put forward: the offset from before the jump leads past it.
            let before = wall.checked_sub_signed(TimeDelta::try_hours(24)?)?;
            let offset = zone.from_local_datetime(&before).earliest()?.offset().fix();
            let instant = offset.from_local_datetime(&wall).earliest()?;
            let shown = instant.with_timezone(zone).fixed_offset();
            Some((shown, Some(Doubt::Never)))
        }
    }
}

fn moment(instant: DateTime<FixedOffset>) -> Option<Moment> {
    let minutes = instant.offset().local_minus_utc().div_euclid(60);
    let sane = YEARS.contains(&instant.year());
    Moment::new(instant.timestamp_millis(), i64::from(minutes)).filter(|_| sane)
}

/// A written time: with an offset or by the venue's clocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Written {
    Instant(DateTime<FixedOffset>),
    Wall(NaiveDateTime),
}

/// Reads `2025-05-12T09:00`, with or without seconds, with `Z`, `+05:00`, `+0500` or nothing behind.
pub(crate) fn parse_iso(text: &str) -> Option<Written> {
    let text = text.trim();
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    let position = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, offset) = time.split_at(position);
    let wall = date.and_time(parse_clock(clock)?);
    if offset.is_empty() {
        return Some(Written::Wall(wall));
    }
    let instant = parse_offset(offset)?.from_local_datetime(&wall).single()?;
    Some(Written::Instant(instant))
}

/// Reads `9:00`, `09:00` or `09:00:00` with parts of seconds.
pub(crate) fn parse_clock(text: &str) -> Option<NaiveTime> {
    let mut parts = text.trim().split(':');
    let hours = parts.next()?.parse().ok()?;
    let minutes = parts.next()?.parse().ok()?;
    let seconds = match parts.next() {
        Some(seconds) => seconds.split('.').next()?.parse().ok()?,
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_opt(hours, minutes, seconds)
}

/// Reads `Z`, `+05:00`, `+0500` or `+05`.
pub(crate) fn parse_offset(text: &str) -> Option<FixedOffset> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("z") {
        return FixedOffset::east_opt(0);
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|digit| *digit != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = match digits.len() {
        2 => (digits.parse().ok()?, 0),
        4 | 6 => (digits[..2].parse().ok()?, digits[2..4].parse().ok()?),
        _ => return None,
    };
    FixedOffset::east_opt(sign * (hours * 60 + minutes) * 60)
}

/// Reads a date, alone or before a time.
pub(crate) fn parse_date(text: &str) -> Option<NaiveDate> {
    let date = text.trim().get(..10)?;
    NaiveDate::parse_from_str(date, "%Y-%m-%d")
        .ok()
        .filter(|date| YEARS.contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> NaiveDateTime {
        match parse_iso(text) {
            Some(Written::Wall(wall)) => wall,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn utc(moment: Moment) -> String {
        DateTime::from_timestamp_millis(moment.unix_ms())
            .expect("in range")
            .format("%Y-%m-%dT%H:%MZ")
            .to_string()
    }

    #[cfg(feature = "zones")]
    fn at(zone: &str, text: &str) -> (String, i32, Option<Doubt>) {
        let (moment, doubt) = Zone::find(zone)
            .expect("known")
            .at(wall(text))
            .expect("in range");
        (utc(moment), moment.offset_minutes(), doubt)
    }

    #[cfg(feature = "zones")]
    #[test]
    fn venues_had_these_offsets() {
        for (zone, local, expected, offset_minutes) in [
            ("Asia/Aqtau", "2016-10-19T09:00", "2016-10-19T04:00Z", 300),
            (
                "Asia/Qyzylorda",
                "2018-12-20T09:00",
                "2018-12-20T03:00Z",
                360,
            ),
            (
                "Asia/Qyzylorda",
                "2018-12-22T09:00",
                "2018-12-22T04:00Z",
                300,
            ),
            (
                "Asia/Qyzylorda",
                "2023-11-13T09:00",
                "2023-11-13T04:00Z",
                300,
            ),
            ("Asia/Almaty", "2023-11-21T09:00", "2023-11-21T03:00Z", 360),
            ("Asia/Almaty", "2023-11-24T09:00", "2023-11-24T03:00Z", 360),
            ("Asia/Almaty", "2023-12-05T09:00", "2023-12-05T03:00Z", 360),
            ("Asia/Almaty", "2025-05-12T09:00", "2025-05-12T04:00Z", 300),
            (
                "Asia/Qostanay",
                "2024-03-02T09:00",
                "2024-03-02T04:00Z",
                300,
            ),
            ("Asia/Aqtobe", "2023-11-13T09:00", "2023-11-13T04:00Z", 300),
            ("Asia/Bishkek", "2025-05-12T09:00", "2025-05-12T03:00Z", 360),
            (
                "Asia/Dushanbe",
                "2025-05-12T09:00",
                "2025-05-12T04:00Z",
                300,
            ),
            (
                "Asia/Tashkent",
                "2025-05-12T09:00",
                "2025-05-12T04:00Z",
                300,
            ),
        ] {
            assert_eq!(
                at(zone, local),
                (expected.to_owned(), offset_minutes, None),
                "{zone} {local}"
            );
        }
    }

    #[cfg(feature = "zones")]
    #[test]
    fn an_hour_that_came_twice_is_the_first_of_both() {
        assert_eq!(
            at("Asia/Almaty", "2024-02-29T23:30"),
            ("2024-02-29T17:30Z".to_owned(), 360, Some(Doubt::Twice))
        );
    }

    #[cfg(feature = "zones")]
    #[test]
    fn an_hour_that_never_came_is_the_one_after_the_jump() {
        assert_eq!(
            at("Europe/Berlin", "2025-03-30T02:30"),
            ("2025-03-30T01:30Z".to_owned(), 120, Some(Doubt::Never))
        );
    }

    #[cfg(feature = "zones")]
    #[test]
    fn zones_are_found_under_their_many_names() {
        let almaty = Zone::find("Asia/Almaty");
        assert!(almaty.is_some());
        assert_eq!(Zone::find("Central Asia Standard Time"), almaty);
        assert_eq!(
            Zone::find("/freeassociation.sourceforge.net/Tzfile/Asia/Almaty"),
            almaty
        );
        assert_eq!(Zone::find("\"Asia/Almaty\""), almaty);
        for unknown in ["", "Almaty", "Asia/Nowhere", "EST", "/", "x/y/z"] {
            assert_eq!(Zone::find(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn written_times_are_read() {
        assert_eq!(
            parse_iso("2025-05-12T09:00:00Z"),
            parse_iso("2025-05-12T14:00:00.000+05:00").map(|written| match written {
                Written::Instant(instant) => Written::Instant(
                    instant.with_timezone(&FixedOffset::east_opt(0).expect("zero"))
                ),
                wall => wall,
            })
        );
        assert!(matches!(
            parse_iso("2025-05-12 9:00"),
            Some(Written::Wall(_))
        ));
        for bad in [
            "",
            "2025-05-12",
            "2025-13-12T09:00",
            "2025-05-12T25:00",
            "T09:00",
            "2025-05-12T09:00+99:99",
            "ә2025-05-12T09:00",
        ] {
            assert_eq!(parse_iso(bad), None, "{bad}");
        }
    }

    #[test]
    fn slips_of_the_pen_are_no_dates() {
        assert_eq!(parse_date("0202-05-12"), None);
        assert_eq!(parse_date("12 May 2025"), None);
        assert!(Zone::UTC.at(wall("1066-10-14T09:00")).is_none());
    }
}
