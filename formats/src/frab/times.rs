//! When a session of a frab schedule is. Three things may say it, and not all programs write all:
//! `date` with its own offset, `start` by the venue's clocks, and the conference's time zone.

use chrono::{DateTime, FixedOffset, NaiveTime, TimeDelta};

use super::{Day, Entry};
use keruen_domain::model::Moment;

use crate::problem::{Notices, Reason};
use crate::zone::{self, Doubt, Span, Written, Zone};

/// From when until when the session is.
pub(super) fn span(
    entry: &Entry,
    day: &Day,
    zone: Option<Zone>,
    notices: &mut Notices,
) -> Result<Span, Reason> {
    let clock = zone::parse_clock(&entry.start);
    let start = match zone::parse_iso(&entry.date) {
        Some(Written::Instant(instant)) => shown(instant, clock, zone, entry, notices),
        Some(Written::Wall(wall)) => at_wall(wall, day, zone, entry, notices),
        None => from_day(day, clock, zone, entry, notices)?,
    };
    let start = start.ok_or_else(|| bad_time(entry))?;
    let length = match entry.duration.trim() {
        "" => TimeDelta::zero(),
        text => duration(text).ok_or_else(|| Reason::BadTime(crate::text::shown(text)))?,
    };
    Ok(Span {
        start,
        end_ms: start.unix_ms() + length.num_milliseconds(),
    })
}

fn bad_time(entry: &Entry) -> Reason {
    let written = if entry.date.is_empty() {
        &entry.start
    } else {
        &entry.date
    };
    Reason::BadTime(crate::text::shown(written))
}

/// The instant is certain; the offset is that with which the venue's clocks show `start`.
fn shown(
    instant: DateTime<FixedOffset>,
    clock: Option<NaiveTime>,
    zone: Option<Zone>,
    entry: &Entry,
    notices: &mut Notices,
) -> Option<Moment> {
    let own = Zone::Fixed(*instant.offset()).show(instant);
    let in_zone = zone.and_then(|zone| zone.show(instant));
    let agrees = |moment: &Moment| clock.is_none_or(|clock| moment.wall().time() == clock);
    if let Some(moment) = in_zone.filter(agrees) {
        return Some(moment);
    }
    if zone.is_some() {
        notices.warn_once(&entry.place, &entry.title, Reason::OffsetDisagrees);
    }
    own.filter(agrees).or(in_zone).or(own)
}

fn at_wall(
    wall: chrono::NaiveDateTime,
    day: &Day,
    zone: Option<Zone>,
    entry: &Entry,
    notices: &mut Notices,
) -> Option<Moment> {
    let of_day = || match zone::parse_iso(&day.start) {
        Some(Written::Instant(start)) => Some(Zone::Fixed(*start.offset())),
        Some(Written::Wall(_)) | None => None,
    };
    let zone = zone.or_else(of_day).unwrap_or_else(|| {
        notices.warn_once(&entry.place, &entry.title, Reason::NoZone);
        Zone::UTC
    });
    let (moment, doubt) = zone.at(wall)?;
    let text = || wall.format("%Y-%m-%d %H:%M").to_string();
    match doubt {
        Some(Doubt::Twice) => {
            notices.warn(&entry.place, &entry.title, Reason::AmbiguousTime(text()));
        }
        Some(Doubt::Never) => {
            notices.warn(&entry.place, &entry.title, Reason::SkippedTime(text()));
        }
        None => {}
    }
    Some(moment)
}

/// Without a `date`, the day's date and `start` say it. A start before the day's own beginning is
/// after midnight: conference days end late.
fn from_day(
    day: &Day,
    clock: Option<NaiveTime>,
    zone: Option<Zone>,
    entry: &Entry,
    notices: &mut Notices,
) -> Result<Option<Moment>, Reason> {
    if !entry.date.trim().is_empty() {
        return Err(bad_time(entry));
    }
    let (Some(date), Some(clock)) = (zone::parse_date(&day.date), clock) else {
        return Err(Reason::MissingStart);
    };
    let begins = match zone::parse_iso(&day.start) {
        Some(Written::Instant(start)) => Some(start.naive_local()),
        Some(Written::Wall(start)) => Some(start),
        None => None,
    };
    let wall = date.and_time(clock);
    let is_after_midnight = begins.is_some_and(|begins| begins.date() == date && wall < begins);
    let wall = if is_after_midnight {
        wall + TimeDelta::days(1)
    } else {
        wall
    };
    Ok(at_wall(wall, day, zone, entry, notices))
}

/// Reads `0:45`, `01:30`, `01:30:00` and `1:00:00:00` (days first), or minutes alone.
pub(super) fn duration(text: &str) -> Option<TimeDelta> {
    let parts: Vec<i64> = text
        .split(':')
        .map(|part| {
            part.parse()
                .ok()
                .filter(|number| (0..100_000).contains(number))
        })
        .collect::<Option<_>>()?;
    let minutes = match parts[..] {
        [minutes] => minutes,
        [hours, minutes] => hours * 60 + minutes,
        [hours, minutes, _seconds] => hours * 60 + minutes,
        [days, hours, minutes, _seconds] => (days * 24 + hours) * 60 + minutes,
        _ => return None,
    };
    TimeDelta::try_minutes(minutes)
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn lengths_are_read() {
        let minutes = |text| duration(text).map(|length| length.num_minutes());
        assert_eq!(minutes("00:45"), Some(45));
        assert_eq!(minutes("1:30"), Some(90));
        assert_eq!(minutes("01:30:00"), Some(90));
        assert_eq!(minutes("1:00:00:00"), Some(24 * 60));
        assert_eq!(minutes("90"), Some(90));
        for bad in [
            "",
            ":",
            "-1:00",
            "a",
            "1:2:3:4:5",
            "99999999999999999999:00",
        ] {
            assert_eq!(minutes(bad), None, "{bad}");
        }
    }
}
