//! Dates, times, durations and zones of iCalendar.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use keruen_domain::model::Moment;

use super::lines::{Component, Property};
use super::own;
use crate::problem::{Notices, Place, Reason};
use crate::text;
use crate::zone::{self, Doubt, Zone};

/// The zones that a file's times may be in.
pub(super) struct Zones {
    /// By the names that the file itself defines.
    defined: HashMap<String, Zone>,
    /// Of the whole calendar.
    pub(super) default: Option<Zone>,
}

impl Zones {
    pub(super) fn of(calendars: &[Component], otherwise: Option<Zone>) -> Self {
        let default = calendars
            .iter()
            .find_map(|calendar| Zone::find(&calendar.get("X-WR-TIMEZONE")?.text()))
            .or(otherwise);
        let definitions = calendars
            .iter()
            .flat_map(|calendar| &calendar.children)
            .filter(|component| component.name == "VTIMEZONE");
        let defined = definitions
            .filter_map(|definition| {
                let name = definition.get("TZID")?.text().trim().to_owned();
                Some((name, defined_zone(definition)?))
            })
            .collect();
        Self { defined, default }
    }

    /// The zone that a property names.
    fn named(&self, name: &str) -> Option<Zone> {
        Zone::find(name).or_else(|| self.defined.get(name.trim().trim_matches('"')).copied())
    }
}

/// A definition whose name nobody knows: by the place it mentions, or by its offset if it has only
/// one. Rules of summer time that stand in files are not computed.
fn defined_zone(definition: &Component) -> Option<Zone> {
    let place = definition.get("X-LIC-LOCATION").map(Property::text);
    if let Some(zone) = place.and_then(|place| Zone::find(&place)) {
        return Some(zone);
    }
    let mut offsets = definition
        .children
        .iter()
        .filter_map(|part| zone::parse_offset(&part.get("TZOFFSETTO")?.text()));
    let first = offsets.next()?;
    offsets
        .all(|offset| offset == first)
        .then_some(Zone::Fixed(first))
}

/// When an entry is.
pub(super) struct Times {
    pub(super) start: Moment,
    pub(super) end_ms: i64,
    /// The zone in which the start is written, unless that is UTC.
    pub(super) zone: Option<Zone>,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Day(NaiveDate),
    Wall(NaiveDateTime),
    Utc(DateTime<FixedOffset>),
}

pub(super) fn read(
    entry: &Component,
    label: &str,
    zones: &Zones,
    notices: &mut Notices,
) -> Result<Times, Reason> {
    let property = entry.get("DTSTART").ok_or(Reason::MissingStart)?;
    let place = Place::Line(property.line);
    let value = value_of(property)?;
    let whole_days = matches!(value, Value::Day(_));
    if whole_days {
        notices.warn(&place, label, Reason::WholeDays);
    }
    let (start, zone) = moment(property, &value, label, zones, notices)?;
    let end_ms = match (entry.get("DTEND"), entry.get("DURATION")) {
        (Some(end), _) => {
            let value = value_of(end)?;
            moment(end, &value, label, zones, notices)?.0.unix_ms()
        }
        (None, Some(duration)) => {
            let text = duration.text();
            let length =
                parse_duration(&text).ok_or_else(|| Reason::BadTime(text::shown(&text)))?;
            start.unix_ms() + length.num_milliseconds()
        }
        (None, None) if whole_days => start.unix_ms() + TimeDelta::days(1).num_milliseconds(),
        (None, None) => start.unix_ms(),
    };
    Ok(Times {
        start,
        end_ms,
        zone,
    })
}

/// When another occurrence of the same entry is, which begins then.
pub(super) fn again(
    entry: &Component,
    begins: &Value,
    first: &Times,
    label: &str,
    zones: &Zones,
    notices: &mut Notices,
) -> Result<Times, Reason> {
    let property = entry.get("DTSTART").ok_or(Reason::MissingStart)?;
    let (start, zone) = moment(property, begins, label, zones, notices)?;
    let length_ms = first.end_ms - first.start.unix_ms();
    Ok(Times {
        start,
        end_ms: start.unix_ms() + length_ms,
        zone,
    })
}

fn value_of(property: &Property) -> Result<Value, Reason> {
    parse(&property.raw).ok_or_else(|| Reason::BadTime(text::shown(&property.raw)))
}

/// Reads `20250512`, `20250512T090000`, `20250512T090000Z` and the same with dashes and colons.
pub(super) fn parse(written: &str) -> Option<Value> {
    let compact: String = written
        .trim()
        .chars()
        .filter(|character| !matches!(character, '-' | ':'))
        .collect();
    let compact = compact.to_ascii_uppercase();
    let Some((date, time)) = compact.split_once('T') else {
        return parse_day(&compact).map(Value::Day);
    };
    let date = parse_day(date)?;
    let (time, is_utc) = match time.strip_suffix('Z') {
        Some(time) => (time, true),
        None => (time, false),
    };
    let digits = |from: usize, to: usize| -> Option<u32> {
        let digits = time.get(from..to)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let seconds = match time.len() {
        4 => 0,
        6 => digits(4, 6)?,
        _ => return None,
    };
    // A leap second is the last one before it.
    let time = NaiveTime::from_hms_opt(digits(0, 2)?, digits(2, 4)?, seconds.min(59))?;
    let wall = date.and_time(time);
    if is_utc {
        let utc = FixedOffset::east_opt(0)?
            .from_local_datetime(&wall)
            .single()?;
        return Some(Value::Utc(utc));
    }
    Some(Value::Wall(wall))
}

fn parse_day(text: &str) -> Option<NaiveDate> {
    let well_formed = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let with_dashes =
        well_formed.then(|| [&text[..4], "-", &text[4..6], "-", &text[6..]].concat())?;
    zone::parse_date(&with_dashes)
}

pub(super) fn moment(
    property: &Property,
    value: &Value,
    label: &str,
    zones: &Zones,
    notices: &mut Notices,
) -> Result<(Moment, Option<Zone>), Reason> {
    let place = Place::Line(property.line);
    let bad = || Reason::BadTime(text::shown(&property.raw));
    let wall = match value {
        Value::Utc(instant) => {
            let minutes = property.parameter(own::OFFSET_MINUTES);
            if let Some(minutes) = minutes.and_then(|text| text.parse().ok())
                && let Some(moment) = Moment::new(instant.timestamp_millis(), minutes)
            {
                return Ok((moment, zones.default));
            }
            let zone = zones.default.unwrap_or(Zone::UTC);
            return Ok((zone.show(*instant).ok_or_else(bad)?, zones.default));
        }
        Value::Day(day) => day.and_time(NaiveTime::MIN),
        Value::Wall(wall) => *wall,
    };
    let zone = match property.parameter("TZID") {
        Some(name) => Some(
            zones
                .named(name)
                .or(zones.default)
                .ok_or_else(|| Reason::UnknownZone(text::shown(name)))?,
        ),
        None => zones.default,
    };
    if zone.is_none() {
        notices.warn_once(&place, label, Reason::NoZone);
    }
    let (moment, doubt) = zone.unwrap_or(Zone::UTC).at(wall).ok_or_else(bad)?;
    let shown = || wall.format("%Y-%m-%d %H:%M").to_string();
    match doubt {
        Some(Doubt::Twice) => notices.warn(&place, label, Reason::AmbiguousTime(shown())),
        Some(Doubt::Never) => notices.warn(&place, label, Reason::SkippedTime(shown())),
        None => {}
    }
    Ok((moment, zone))
}

/// Reads `PT45M`, `P1DT2H`, `P1W`. Negative ones mean nothing here.
fn parse_duration(text: &str) -> Option<TimeDelta> {
    let rest = text.trim().trim_start_matches('+').strip_prefix('P')?;
    let mut seconds: i64 = 0;
    let mut number = String::new();
    let mut any = false;
    for character in rest.chars() {
        let unit: i64 = match character {
            '0'..='9' if number.len() < 9 => {
                number.push(character);
                continue;
            }
            'T' if number.is_empty() => continue,
            'W' => 7 * 24 * 3600,
            'D' => 24 * 3600,
            'H' => 3600,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        let amount: i64 = number.parse().ok()?;
        seconds = seconds.checked_add(amount.checked_mul(unit)?)?;
        number.clear();
        any = true;
    }
    let whole = any && number.is_empty();
    whole.then(|| TimeDelta::try_seconds(seconds))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        let minutes = |text| parse_duration(text).map(|length| length.num_minutes());
        assert_eq!(minutes("PT45M"), Some(45));
        assert_eq!(minutes("P1DT2H"), Some(26 * 60));
        assert_eq!(minutes("+P1W"), Some(7 * 24 * 60));
        for bad in ["", "P", "PT", "-PT5M", "PT5", "P99999999999999W", "5M"] {
            assert_eq!(minutes(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_and_times_are_read() {
        assert!(matches!(parse("20250512"), Some(Value::Day(_))));
        assert!(matches!(parse("20250512T0900"), Some(Value::Wall(_))));
        assert!(matches!(parse("2025-05-12T09:00:00Z"), Some(Value::Utc(_))));
        for bad in [
            "",
            "T",
            "2025",
            "20251312",
            "20250512T",
            "20250512T250000",
            "20250512T09000Ә",
            "қазір",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
