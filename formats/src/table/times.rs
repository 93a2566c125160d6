//! Dates and clocks as people and spreadsheets write them.

use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};
use keruen_domain::model::Moment;

use crate::problem::Reason;
use crate::text;
use crate::zone::{self, Doubt, Zone};

/// When a row's session is, and what is doubtful about it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Times {
    pub(crate) start: Moment,
    pub(crate) end: Option<Moment>,
    pub(crate) doubts: Vec<Reason>,
}

/// A written time: what the clocks show, perhaps on what day, perhaps with the offset that they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written {
    day: Option<NaiveDate>,
    clock: NaiveTime,
    offset: Option<FixedOffset>,
}

/// Reads a row's cells. `zone` is the venue's.
pub(crate) fn read(
    day: Option<NaiveDate>,
    start: &str,
    end: &str,
    zone: Option<Zone>,
) -> Result<Times, Reason> {
    let bad = |text: &str| Reason::BadTime(text::shown(text));
    let (start, end) = match range(start).filter(|_| end.trim().is_empty()) {
        Some((start, end)) => (start, end),
        None => (start.trim(), end.trim()),
    };
    if start.is_empty() {
        return Err(Reason::MissingStart);
    }
    let begins = parse(start)?.ok_or_else(|| bad(start))?;
    let first = begins.day.or(day).ok_or(Reason::MissingStart)?;
    let mut doubts = Vec::new();
    if zone.is_none() && begins.offset.is_none() {
        doubts.push(Reason::NoZone);
    }
    let in_zone = |written: &Written| {
        let own = written.offset.or(begins.offset).map(Zone::Fixed);
        own.or(zone).unwrap_or(Zone::UTC)
    };
    let wall = first.and_time(begins.clock);
    let start_at = at(in_zone(&begins), wall, &mut doubts).ok_or_else(|| bad(start))?;
    if end.is_empty() {
        return Ok(Times {
            start: start_at,
            end: None,
            doubts,
        });
    }
    let ends = parse(end)?.ok_or_else(|| bad(end))?;
    let mut wall_end = ends.day.unwrap_or(first).and_time(ends.clock);
    if ends.day.is_none() && wall_end < wall {
        // After midnight.
        wall_end += TimeDelta::days(1);
    }
    let end_at = at(in_zone(&ends), wall_end, &mut doubts).ok_or_else(|| bad(end))?;
    Ok(Times {
        start: start_at,
        end: Some(end_at),
        doubts,
    })
}

fn at(zone: Zone, wall: NaiveDateTime, doubts: &mut Vec<Reason>) -> Option<Moment> {
    let (moment, doubt) = zone.at(wall)?;
    let shown = || wall.format("%Y-%m-%d %H:%M").to_string();
    match doubt {
        Some(Doubt::Twice) => doubts.push(Reason::AmbiguousTime(shown())),
        Some(Doubt::Never) => doubts.push(Reason::SkippedTime(shown())),
        None => {}
    }
    Some(moment)
}

/// `09:00–10:30` in one cell.
fn range(written: &str) -> Option<(&str, &str)> {
    let (start, end) = written.trim().split_once(['–', '—', '-'])?;
    let (start, end) = (start.trim(), end.trim());
    (parse_clock(start).is_some() && parse_clock(end).is_some()).then_some((start, end))
}

/// `9:00`, `2025-05-12 09:00`, `12.05.2025 9:00`, each with `UTC+05:00` behind it if need be.
fn parse(written: &str) -> Result<Option<Written>, Reason> {
    if let Some(zone::Written::Instant(instant)) = zone::parse_iso(written) {
        let local = instant.naive_local();
        return Ok(Some(Written {
            day: Some(local.date()),
            clock: local.time(),
            offset: Some(*instant.offset()),
        }));
    }
    let (local, offset) = match written.split_once("UTC") {
        Some((local, offset)) => match zone::parse_offset(offset) {
            Some(offset) => (local.trim(), Some(offset)),
            None => return Ok(None),
        },
        None => (written, None),
    };
    let with_day = local.split_once([' ', 'T', '\u{a0}']);
    let parsed = match with_day {
        Some((day, clock)) if parse_clock(local).is_none() => {
            let clock = parse_clock(clock.trim());
            day_of(day)?
                .zip(clock)
                .map(|(day, clock)| (Some(day), clock))
        }
        _ => parse_clock(local).map(|clock| (None, clock)),
    };
    Ok(parsed.map(|(day, clock)| Written { day, clock, offset }))
}

/// `9:00`, `09:00:30.250`, `9.00`, `9:00 PM`.
fn parse_clock(written: &str) -> Option<NaiveTime> {
    let lower = written.trim().to_ascii_lowercase();
    let (clock, half) = if let Some(clock) = lower.strip_suffix("am") {
        (clock.trim(), Some(0))
    } else if let Some(clock) = lower.strip_suffix("pm") {
        (clock.trim(), Some(12))
    } else {
        (lower.as_str(), None)
    };
    let is_plain = |character: char| character.is_ascii_digit() || matches!(character, ':' | '.');
    if clock.len() > 12 || !clock.chars().all(is_plain) {
        return None;
    }
    let (clock, fraction) = match clock.matches(':').count() {
        2 => clock.split_once('.').unwrap_or((clock, "")),
        _ => (clock, ""),
    };
    let milliseconds = match fraction.len() {
        0 => 0,
        1..=3 => format!("{fraction:0<3}").parse().ok()?,
        _ => return None,
    };
    let parts: Vec<u32> = clock
        .split([':', '.'])
        .map(|part| part.parse().ok().filter(|_| part.len() <= 2))
        .collect::<Option<_>>()?;
    let (hour, minute, second) = match parts[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    NaiveTime::from_hms_milli_opt(hour, minute, second, milliseconds)
}

/// A day as `2025-05-12`, `12.05.2025` or, where it can only be one, `13/05/2025`.
pub(crate) fn day_of(written: &str) -> Result<Option<NaiveDate>, Reason> {
    let written = written.trim();
    // Spreadsheets put midnight behind a date.
    let written = match written.split_once(' ') {
        Some((day, "00:00" | "0:00" | "00:00:00" | "0:00:00")) => day,
        _ => written,
    };
    let separator = written.find(|character: char| !character.is_ascii_digit());
    let separator = separator.and_then(|at| written[at..].chars().next());
    let Some(separator @ ('-' | '.' | '/')) = separator else {
        return Ok(None);
    };
    let parts: Vec<&str> = written.split(separator).collect();
    let [first, second, third] = parts[..] else {
        return Ok(None);
    };
    let number = |part: &str| -> Option<u32> {
        let is_plain = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| is_plain)
    };
    let numbers = (number(first), number(second), number(third));
    let (Some(one), Some(two), Some(three)) = numbers else {
        return Ok(None);
    };
    let (year, month, day) = match (first.len(), third.len()) {
        (4, _) => (one, two, three),
        // Who writes it with strokes may mean either order.
        (_, 4) if separator == '/' && one <= 12 && two <= 12 && one != two => {
            return Err(Reason::AmbiguousDay(text::shown(written)));
        }
        (_, 4) if separator == '/' && one <= 12 => (three, one, two),
        (_, 4) => (three, two, one),
        _ => return Ok(None),
    };
    let day = i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    Ok(day.filter(|day| zone::parse_date(&day.to_string()).is_some()))
}

/// How start and end are written so that [`read`] reads just these; `None` if nothing does.
pub(crate) fn write(start: Moment, end: Option<Moment>, zone: Option<Zone>) -> Option<[String; 3]> {
    let day = start.day();
    let is_read = |start_cell: &str, end_cell: &str| {
        let read = read(Some(day), start_cell, end_cell, zone);
        read.is_ok_and(|times| {
            times.start == start
                && times.end.map(Moment::unix_ms) == end.map(Moment::unix_ms)
                && !times.doubts.contains(&Reason::NoZone)
        })
    };
    let offset = |moment: Moment| {
        let minutes = moment.offset_minutes();
        let sign = if minutes < 0 { '-' } else { '+' };
        format!(
            " UTC{sign}{:02}:{:02}",
            minutes.abs() / 60,
            minutes.abs() % 60
        )
    };
    let plain = clock(start);
    let with_offset = [plain.as_str(), &offset(start)].concat();
    let ends = end.map_or_else(
        || vec![String::new()],
        |end| {
            let dated = [&end.day().to_string(), " ", &clock(end)].concat();
            let exact = [dated.as_str(), &offset(end)].concat();
            vec![clock(end), dated, exact]
        },
    );
    for start_cell in [plain, with_offset] {
        for end_cell in &ends {
            if is_read(&start_cell, end_cell) {
                return Some([day.to_string(), start_cell, end_cell.clone()]);
            }
        }
    }
    None
}

fn clock(moment: Moment) -> String {
    let wall = moment.wall();
    let milliseconds = wall.and_utc().timestamp_subsec_millis();
    match (wall.second(), milliseconds) {
        (0, 0) => wall.format("%H:%M").to_string(),
        (_, 0) => wall.format("%H:%M:%S").to_string(),
        (_, milliseconds) => format!("{}.{milliseconds:03}", wall.format("%H:%M:%S")),
    }
}

#[cfg(all(test, feature = "zones"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn almaty() -> Option<Zone> {
        Zone::find("Asia/Almaty")
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        let day = NaiveDate::from_ymd_opt(2025, 5, 12);
        for written in [
            "2025-05-12",
            "12.05.2025",
            " 12.5.2025 ",
            "2025.05.12",
            "2025/05/12",
            "12.05.2025 00:00",
            "12-05-2025",
        ] {
            assert_eq!(day_of(written), Ok(day), "{written}");
        }
        let thirteenth = NaiveDate::from_ymd_opt(2025, 5, 13);
        assert_eq!(day_of("13/05/2025"), Ok(thirteenth));
        assert_eq!(day_of("5/13/2025"), Ok(thirteenth));
        assert_eq!(
            day_of("05/12/2025"),
            Err(Reason::AmbiguousDay("05/12/2025".to_owned()))
        );
        for bad in [
            "",
            "12.05",
            "12.05.25",
            "31.02.2025",
            "12 мая 2025",
            "0202-05-12",
            "12.05.2025.1",
            "45789",
        ] {
            assert_eq!(day_of(bad), Ok(None), "{bad}");
        }
    }

    #[test]
    fn clocks_are_read_as_people_write_them() {
        let nine = NaiveTime::from_hms_opt(9, 0, 0);
        for written in ["9:00", "09:00", "09:00:00", "9.00", "9:00 AM", " 09:00 "] {
            assert_eq!(parse_clock(written), nine, "{written}");
        }
        assert_eq!(parse_clock("12:30 pm"), NaiveTime::from_hms_opt(12, 30, 0));
        assert_eq!(parse_clock("12:30 am"), NaiveTime::from_hms_opt(0, 30, 0));
        for bad in [
            "",
            "9",
            "25:00",
            "9:60",
            "9:00 xm",
            "13:00 pm",
            "009:00",
            "9:00:00.1234",
        ] {
            assert_eq!(parse_clock(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_range_a_night_and_an_offset_are_understood() {
        let day = NaiveDate::from_ymd_opt(2025, 5, 12);
        let length = |start: &str, end: &str| {
            let times = read(day, start, end, almaty()).expect("readable");
            (times.end.expect("an end").unix_ms() - times.start.unix_ms()) / 60_000
        };
        assert_eq!(length("09:00–10:30", ""), 90);
        assert_eq!(length("9.00 - 10.30", ""), 90);
        assert_eq!(length("23:00", "01:00"), 120);
        assert_eq!(length("23:00", "2025-05-13 23:30"), 24 * 60 + 30);
        assert_eq!(length("09:00", "10:00 UTC+06:00"), 0);
        let times = read(None, "2025-05-12T09:00+06:00", "", almaty()).expect("readable");
        assert_eq!(times.start.offset_minutes(), 360);
        assert_eq!(
            read(None, "09:00", "", almaty()),
            Err(Reason::MissingStart),
            "no day"
        );
    }

    #[test]
    fn the_hour_that_came_twice_is_told_apart() {
        let second = Moment::new(1_709_231_400_000, 300).expect("a moment");
        let [day, start, end] = write(second, None, almaty()).expect("written");
        assert_eq!(
            [day.as_str(), &start, &end],
            ["2024-02-29", "23:30 UTC+05:00", ""]
        );
        let first = Moment::new(1_709_227_800_000, 360).expect("a moment");
        let [_, start, _] = write(first, None, almaty()).expect("written");
        assert_eq!(start, "23:30");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            start_ms in 1_600_000_000_000_i64..1_800_000_000_000,
            round in prop::sample::select(vec![1_i64, 1_000, 60_000, 1_800_000]),
            length_ms in prop::option::of(0_i64..300_000_000),
            offset in prop::sample::select(vec![300_i64, 360, 330, -210, 0]),
            zone in prop::sample::select(vec!["Asia/Almaty", "Europe/Berlin", "UTC", ""]),
        ) {
            let start_ms = start_ms / round * round;
            let start = Moment::new(start_ms, offset).expect("a moment");
            let end = length_ms.and_then(|length| Moment::new(start_ms + length / round * round, offset));
            let zone = Zone::find(zone);
            let [day, start_cell, end_cell] = write(start, end, zone).expect("written");
            let times = read(day_of(&day).expect("a day"), &start_cell, &end_cell, zone);
            let times = times.expect("readable");
            prop_assert_eq!(times.start, start);
            prop_assert_eq!(times.end.map(Moment::unix_ms), end.map(Moment::unix_ms));
        }
    }
}
