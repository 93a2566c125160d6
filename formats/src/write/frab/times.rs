//! Days, dates and clocks of a schedule.

use chrono::{
    DateTime, FixedOffset, NaiveDate, NaiveTime, Offset as _, SecondsFormat, TimeDelta,
    Timelike as _, Utc,
};
use keruen_domain::model::Moment;

use super::{Day, Rooms};
use crate::zone::Zone;

/// What dates in XML may be ahead of UTC at most, in minutes.
const MAX_OFFSET_MINUTES: i32 = 14 * 60;

/// From midnight to midnight. `offset_minutes` is for events whose zone is not known.
pub(super) fn day(zone: Option<Zone>, date: NaiveDate, rooms: Rooms, offset_minutes: i32) -> Day {
    let fixed = Zone::Fixed(offset_of(offset_minutes));
    let midnight = |date: NaiveDate| {
        let wall = date.and_time(NaiveTime::MIN);
        let at = |zone: Zone| zone.at(wall).map(|(moment, _)| moment);
        let moment = zone.and_then(at).or_else(|| at(fixed));
        moment.and_then(written).unwrap_or_default()
    };
    let next = midnight(date.succ_opt().unwrap_or(date));
    let end = next - TimeDelta::seconds(1);
    let end = zone
        .and_then(|zone| zone.show(end))
        .and_then(written)
        .unwrap_or(end);
    Day {
        date,
        start: midnight(date),
        end,
        rooms,
    }
}

fn offset_of(minutes: i32) -> FixedOffset {
    let minutes = if minutes.abs() > MAX_OFFSET_MINUTES {
        0
    } else {
        minutes
    };
    FixedOffset::east_opt(minutes * 60).unwrap_or(Utc.fix())
}

/// To the second, with the offset that it has there if a date may have it.
pub(super) fn written(moment: Moment) -> Option<DateTime<FixedOffset>> {
    let instant = DateTime::from_timestamp_millis(moment.unix_ms())?.with_nanosecond(0)?;
    Some(instant.with_timezone(&offset_of(moment.offset_minutes())))
}

/// `01:30`.
pub(super) fn duration(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// With seconds, and `+05:00` or `Z`.
pub(super) fn date_time(time: DateTime<FixedOffset>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What the clocks show.
pub(super) fn clock(time: DateTime<FixedOffset>) -> String {
    time.format("%H:%M").to_string()
}
