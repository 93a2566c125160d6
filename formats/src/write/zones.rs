//! A zone's rules for the span of a calendar (RFC 5545, section 3.6.5).
//!
//! Each change of the clocks in that span is written by itself, from the history that is compiled in:
//! a rule of repetition would say for ever what a government may end next year.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
#[cfg(feature = "zones")]
use chrono::{Offset as _, TimeZone as _};

use super::lines::Lines;
use crate::zone::Zone;

/// How long before the first and after the last entry changes are written, in days: reminders and
/// entries that people move themselves need them too.
const MARGIN_DAYS: i64 = 366;

/// Clocks do not change more often than this.
const STEP_HOURS: i64 = 24;

/// What clocks show from an instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Observance {
    offset_seconds: i32,
    is_summer_time: bool,
}

/// Writes the zone's rules for entries between these instants. Nothing for a zone that is only an offset.
pub(super) fn write(lines: &mut Lines, zone: Zone, first: DateTime<Utc>, last: DateTime<Utc>) {
    let margin = TimeDelta::days(MARGIN_DAYS);
    let (Some(from), Some(until)) = (
        first.checked_sub_signed(margin),
        last.checked_add_signed(margin),
    ) else {
        return;
    };
    let Some(mut before) = observance(zone, from) else {
        return;
    };
    lines.begin("VTIMEZONE");
    lines.text("TZID", &[], &zone.name());
    write_observance(lines, &before, &before, DateTime::UNIX_EPOCH.naive_utc());
    let mut at = from;
    while at < until {
        let next = at + TimeDelta::hours(STEP_HOURS);
        let Some(after) = observance(zone, next) else {
            break;
        };
        if after != before {
            let change = first_instant_of(zone, &after, at, next);
            let wall = change.naive_utc() + TimeDelta::seconds(before.offset_seconds.into());
            write_observance(lines, &before, &after, wall);
            before = after;
        }
        at = next;
    }
    lines.end("VTIMEZONE");
}

/// `since`: when, by the clocks of before.
fn write_observance(
    lines: &mut Lines,
    before: &Observance,
    after: &Observance,
    since: NaiveDateTime,
) {
    let kind = if after.is_summer_time {
        "DAYLIGHT"
    } else {
        "STANDARD"
    };
    lines.begin(kind);
    lines.raw("DTSTART", &[], &super::calendar::wall_text(since));
    lines.raw("TZOFFSETFROM", &[], &offset_text(before.offset_seconds));
    lines.raw("TZOFFSETTO", &[], &offset_text(after.offset_seconds));
    lines.end(kind);
}

fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}

/// The first instant in `(from, until]` at which the clocks show `wanted`, to the second.
fn first_instant_of(
    zone: Zone,
    wanted: &Observance,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> DateTime<Utc> {
    let (mut before, mut after) = (from, until);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if observance(zone, middle).as_ref() == Some(wanted) {
            after = middle;
        } else {
            before = middle;
        }
    }
    after
}

#[cfg(feature = "zones")]
fn observance(zone: Zone, at: DateTime<Utc>) -> Option<Observance> {
    use chrono_tz::OffsetComponents as _;

    let Zone::Named(named) = zone else {
        return None;
    };
    let offset = named.offset_from_utc_datetime(&at.naive_utc());
    Some(Observance {
        offset_seconds: offset.fix().local_minus_utc(),
        is_summer_time: !offset.dst_offset().is_zero(),
    })
}

#[cfg(not(feature = "zones"))]
fn observance(_zone: Zone, _at: DateTime<Utc>) -> Option<Observance> {
    None
}

#[cfg(all(test, feature = "zones"))]
mod tests {
    use super::*;

    fn written(zone: &str, first: &str, last: &str) -> String {
        let instant = |text: &str| {
            let instant = DateTime::parse_from_rfc3339(text);
            instant.expect("an instant").with_timezone(&Utc)
        };
        let mut lines = Lines::default();
        let zone = Zone::find(zone).expect("a zone");
        write(&mut lines, zone, instant(first), instant(last));
        lines.into_text().replace("\r\n", "\n")
    }

    #[test]
    fn almaty_went_back_an_hour_in_2024() {
        assert_eq!(
            written(
                "Asia/Almaty",
                "2023-11-21T03:00:00Z",
                "2024-05-13T04:00:00Z"
            ),
            "BEGIN:VTIMEZONE\nTZID:Asia/Almaty\n\
             BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0600\nTZOFFSETTO:+0600\nEND:STANDARD\n\
             BEGIN:STANDARD\nDTSTART:20240301T000000\nTZOFFSETFROM:+0600\nTZOFFSETTO:+0500\nEND:STANDARD\n\
             END:VTIMEZONE\n"
        );
    }

    #[test]
    fn summer_time_is_written_for_the_years_around() {
        let text = written(
            "Europe/Berlin",
            "2025-05-12T09:00:00Z",
            "2025-05-12T09:00:00Z",
        );
        assert_eq!(text.matches("BEGIN:DAYLIGHT").count(), 3, "{text}");
        assert!(
            text.contains("DTSTART:20250330T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"),
            "{text}"
        );
    }

    #[test]
    fn an_offset_has_no_rules() {
        assert_eq!(
            written("UTC", "2025-05-12T09:00:00Z", "2025-05-12T09:00:00Z"),
            ""
        );
    }
}
