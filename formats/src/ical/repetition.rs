//! Entries that repeat (RFC 5545, sections 3.3.10 and 3.8.5): every so many days or weeks, on days of the
//! week, until a day or so many times, with days left out and added.
//!
//! By hand, because a crate for all rules would bring the zones of the world and regular expressions along,
//! and events of some days have no rule by months or years: such rules are refused with words.

use std::collections::HashSet;

use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, Weekday};

use super::lines::{Component, Property};
use super::times::{self, Value, Zones};
use crate::problem::{Notices, Place, Reason};
use crate::text;

/// More of one entry are not imported.
const MOST: usize = 500;
/// Later ones are not looked for, in days.
const LONGEST: u64 = 3_660;

/// How an entry goes on after its first occurrence.
pub(super) struct Repetition {
    /// The first one takes place.
    pub(super) has_first: bool,
    /// The others, as the calendar would write them.
    pub(super) others: Vec<Value>,
}

/// Occurrences that stand in entries of their own.
#[derive(Default)]
pub(super) struct Exceptions {
    instants: HashSet<(String, i64)>,
    /// Without a zone: by what the clocks show.
    walls: HashSet<(String, NaiveDateTime)>,
}

impl Exceptions {
    pub(super) fn of(calendars: &[Component], zones: &Zones) -> Self {
        let mut exceptions = Self::default();
        for entry in calendars.iter().flat_map(|calendar| &calendar.children) {
            let (Some(uid), Some(property)) =
                (super::text_of(entry, "UID"), entry.get("RECURRENCE-ID"))
            else {
                continue;
            };
            let Some(value) = times::parse(&property.raw) else {
                continue;
            };
            if let (Value::Wall(wall), None) = (&value, property.parameter("TZID")) {
                exceptions.walls.insert((uid, *wall));
            } else if let Some(at_ms) = instant(property, &value, zones) {
                exceptions.instants.insert((uid, at_ms));
            }
        }
        exceptions
    }

    fn holds(&self, uid: &str, value: &Value, at_ms: i64) -> bool {
        let wall = match value {
            Value::Wall(wall) => Some(*wall),
            Value::Day(_) | Value::Utc(_) => None,
        };
        self.instants.contains(&(uid.to_owned(), at_ms))
            || wall.is_some_and(|wall| self.walls.contains(&(uid.to_owned(), wall)))
    }
}

fn instant(property: &Property, value: &Value, zones: &Zones) -> Option<i64> {
    // What is doubtful about it is said where the session is read.
    let mut unheard = Notices::default();
    let found = times::moment(property, value, "", zones, &mut unheard);
    found.ok().map(|(moment, _)| moment.unix_ms())
}

/// The last day of entries that do not repeat: until then go those that never end.
pub(super) fn last_day(calendars: &[Component]) -> Option<NaiveDate> {
    let entries = calendars.iter().flat_map(|calendar| &calendar.children);
    let once = entries.filter(|entry| entry.name == "VEVENT" && entry.get("RRULE").is_none());
    once.filter_map(|entry| Some(day_of(&times::parse(&entry.get("DTSTART")?.raw)?)))
        .max()
}

/// All occurrences of an entry that repeats.
pub(super) fn read(
    entry: &Component,
    label: &str,
    zones: &Zones,
    exceptions: &Exceptions,
    last_day: Option<NaiveDate>,
    notices: &mut Notices,
) -> Repetition {
    let only_first = || Repetition {
        has_first: true,
        others: Vec::new(),
    };
    let start = entry.get("DTSTART");
    let Some((start, first)) = start.and_then(|it| Some((it, times::parse(&it.raw)?))) else {
        return only_first();
    };
    let mut values = vec![first.clone()];
    for property in entry.all("RRULE") {
        let place = Place::Line(property.line);
        let refused = || Reason::RepetitionNotRead(text::shown(&property.raw));
        match Rule::parse(&property.raw) {
            Some(rule) => match rule.days(day_of(&first), last_day) {
                Ok((days, remark)) => {
                    let of_rule = days.into_iter().map(|day| first.on(day));
                    values.extend(of_rule.filter(|value| rule.is_within(start, value, zones)));
                    if let Some(remark) = remark {
                        notices.warn(&place, label, remark);
                    }
                }
                Err(reason) => notices.warn(&place, label, reason),
            },
            None => notices.warn(&place, label, refused()),
        }
    }
    for property in entry.all("RDATE") {
        for raw in property.raw.split(',').take(MOST) {
            match times::parse(raw) {
                // A day alone has the entry's hour.
                Some(Value::Day(day)) => values.push(first.on(day)),
                Some(value) if property.parameter("TZID") == start.parameter("TZID") => {
                    values.push(value);
                }
                Some(_) | None => {
                    let reason = Reason::RepetitionNotRead(text::shown(raw));
                    notices.warn(&Place::Line(property.line), label, reason);
                }
            }
        }
    }
    let left_out = left_out(entry, zones);
    let uid = super::text_of(entry, "UID").unwrap_or_default();
    let mut seen = HashSet::new();
    let mut kept = values.into_iter().enumerate().filter(|(_, value)| {
        let Some(at_ms) = instant(start, value, zones) else {
            return false;
        };
        let is_out = left_out.0.contains(&at_ms) || left_out.1.contains(&day_of(value));
        seen.insert(at_ms) && !is_out && !exceptions.holds(&uid, value, at_ms)
    });
    let mut others: Vec<Value> = Vec::new();
    let mut has_first = false;
    for (index, value) in kept.by_ref() {
        if index == 0 {
            has_first = true;
        } else {
            others.push(value);
        }
    }
    if others.len() > MOST {
        others.truncate(MOST);
        let reason = Reason::RepetitionsCut { most: MOST };
        notices.warn(&Place::Line(entry.line), label, reason);
    }
    Repetition { has_first, others }
}

/// What `EXDATE` takes away: instants, and whole days.
fn left_out(entry: &Component, zones: &Zones) -> (HashSet<i64>, HashSet<NaiveDate>) {
    let mut instants = HashSet::new();
    let mut days = HashSet::new();
    for property in entry.all("EXDATE") {
        for value in property.raw.split(',').filter_map(times::parse) {
            match &value {
                Value::Day(day) => {
                    days.insert(*day);
                }
                Value::Wall(_) | Value::Utc(_) => {
                    instants.extend(instant(property, &value, zones));
                }
            }
        }
    }
    (instants, days)
}

fn day_of(value: &Value) -> NaiveDate {
    match value {
        Value::Day(day) => *day,
        Value::Wall(wall) => wall.date(),
        Value::Utc(instant) => instant.date_naive(),
    }
}

/// A rule by days or weeks.
struct Rule {
    is_weekly: bool,
    interval: u64,
    count: Option<usize>,
    until: Option<Value>,
    /// On these days of the week; on all if empty.
    days: Vec<Weekday>,
    week_begins: Weekday,
}

impl Rule {
    /// `None` for one that is not read, or is none.
    fn parse(written: &str) -> Option<Self> {
        let mut rule = Self {
            is_weekly: false,
            interval: 1,
            count: None,
            until: None,
            days: Vec::new(),
            week_begins: Weekday::Mon,
        };
        let mut has_frequency = false;
        for part in written.trim().to_ascii_uppercase().split(';') {
            let (name, value) = part.split_once('=')?;
            match name.trim() {
                "FREQ" => {
                    has_frequency = true;
                    rule.is_weekly = match value {
                        "WEEKLY" => true,
                        "DAILY" => false,
                        _ => return None,
                    };
                }
                "INTERVAL" => {
                    rule.interval = value.parse().ok().filter(|interval| *interval > 0)?;
                }
                "COUNT" => rule.count = Some(value.parse().ok().filter(|count| *count > 0)?),
                "UNTIL" => rule.until = Some(times::parse(value)?),
                "BYDAY" => rule.days = value.split(',').map(weekday).collect::<Option<_>>()?,
                "WKST" => rule.week_begins = weekday(value)?,
                _ => return None,
            }
        }
        has_frequency.then_some(rule)
    }

    /// The days after the first, and what is to be said about where they end.
    fn days(
        &self,
        first: NaiveDate,
        last_day: Option<NaiveDate>,
    ) -> Result<(Vec<NaiveDate>, Option<Reason>), Reason> {
        let is_endless = self.count.is_none() && self.until.is_none();
        let end = match (
            is_endless,
            last_day.filter(|last| *last > first),
            &self.until,
        ) {
            (true, None, _) => return Err(Reason::EndlessRepetition),
            (true, Some(last), _) => Some(last),
            // By the clocks of the venue it may be a day later than in UTC.
            (false, _, Some(until)) => day_of(until).succ_opt(),
            (false, _, None) => None,
        };
        let remark = is_endless.then_some(end).flatten();
        let remark = remark.map(|last| Reason::RepetitionsUntil(last.to_string()));
        let wanted = self.count.map_or(MOST + 1, |count| count.min(MOST + 2) - 1);
        let days = (1..=LONGEST)
            .map_while(|number| first.checked_add_days(Days::new(number)))
            .take_while(|day| end.is_none_or(|end| *day <= end))
            .filter(|day| self.is_on(first, *day))
            .take(wanted);
        Ok((days.collect(), remark))
    }

    fn is_on(&self, first: NaiveDate, day: NaiveDate) -> bool {
        let distance = if self.is_weekly {
            let week = |day: NaiveDate| day.week(self.week_begins).first_day();
            (week(day) - week(first)).num_days() / 7
        } else {
            (day - first).num_days()
        };
        let is_turn = u64::try_from(distance).is_ok_and(|it| it.is_multiple_of(self.interval));
        let is_weekday = match (self.days.is_empty(), self.is_weekly) {
            (true, true) => day.weekday() == first.weekday(),
            (true, false) => true,
            (false, _) => self.days.contains(&day.weekday()),
        };
        is_turn && is_weekday
    }

    /// Whether an occurrence is not after the last.
    fn is_within(&self, start: &Property, value: &Value, zones: &Zones) -> bool {
        match &self.until {
            None => true,
            Some(Value::Day(last)) => day_of(value) <= *last,
            Some(Value::Wall(last)) => match value {
                Value::Wall(wall) => wall <= last,
                Value::Day(_) | Value::Utc(_) => day_of(value) <= last.date(),
            },
            Some(Value::Utc(last)) => {
                instant(start, value, zones).is_some_and(|at_ms| at_ms <= last.timestamp_millis())
            }
        }
    }
}

fn weekday(written: &str) -> Option<Weekday> {
    Some(match written.trim() {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

impl Value {
    /// At the same hour on this day.
    fn on(&self, day: NaiveDate) -> Self {
        match self {
            Self::Day(_) => Self::Day(day),
            Self::Wall(wall) => Self::Wall(day.and_time(wall.time())),
            Self::Utc(instant) => {
                let moved = day - instant.date_naive();
                Self::Utc(*instant + moved)
            }
        }
    }

    /// As `RECURRENCE-ID` names it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Day(day) => day.format("%Y%m%d").to_string(),
            Self::Wall(wall) => wall.format("%Y%m%dT%H%M%S").to_string(),
            Self::Utc(instant) => instant.format("%Y%m%dT%H%M%SZ").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(rule: &str, first: &str, last: Option<&str>) -> Vec<String> {
        let date = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let rule = Rule::parse(rule).expect("a rule");
        let found = rule.days(date(first), last.map(date));
        let (days, _) = found.expect("an end");
        days.iter()
            .map(|day| day.format("%m-%d").to_string())
            .collect()
    }

    #[test]
    fn rules_by_days_and_weeks_are_expanded() {
        // 12 May 2025 was a Monday.
        assert_eq!(
            days("FREQ=DAILY;COUNT=3", "2025-05-12", None),
            ["05-13", "05-14"]
        );
        assert_eq!(
            days("FREQ=DAILY;INTERVAL=2", "2025-05-12", Some("2025-05-17")),
            ["05-14", "05-16"]
        );
        assert_eq!(
            days("FREQ=DAILY;BYDAY=MO,FR;COUNT=4", "2025-05-12", None),
            ["05-16", "05-19", "05-23"]
        );
        assert_eq!(
            days("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4", "2025-05-13", None),
            ["05-15", "05-20", "05-22"]
        );
        // The example of the RFC for the beginning of the week.
        let rule = "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=";
        let monday = [rule, "MO"].concat();
        assert_eq!(
            days(&monday, "1997-08-05", None),
            ["08-10", "08-19", "08-24"]
        );
        let sunday = [rule, "SU"].concat();
        assert_eq!(
            days(&sunday, "1997-08-05", None),
            ["08-17", "08-19", "08-31"]
        );
        assert_eq!(days("FREQ=DAILY;COUNT=1", "2025-05-12", None), [""; 0]);
    }

    #[test]
    fn other_rules_are_refused() {
        for rule in [
            "",
            "FREQ=MONTHLY",
            "FREQ=YEARLY;COUNT=2",
            "FREQ=WEEKLY;BYDAY=1MO",
            "FREQ=DAILY;BYHOUR=9",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=-1",
            "FREQ=DAILY;UNTIL=soon",
            "INTERVAL=2",
            "X",
        ] {
            assert!(Rule::parse(rule).is_none(), "{rule}");
        }
    }

    #[test]
    fn no_rule_is_expanded_without_end() {
        let rule = Rule::parse("FREQ=DAILY").expect("a rule");
        let first = NaiveDate::from_ymd_opt(2025, 5, 12).expect("a day");
        assert_eq!(rule.days(first, None), Err(Reason::EndlessRepetition));
        let many = Rule::parse("FREQ=DAILY;COUNT=999999999").expect("a rule");
        assert_eq!(many.days(first, None).expect("days").0.len(), MOST + 1);
        let rare = Rule::parse("FREQ=WEEKLY;INTERVAL=99999999999;COUNT=9").expect("a rule");
        assert!(rare.days(first, None).expect("days").0.is_empty());
    }
}
