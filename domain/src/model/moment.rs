use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta};

/// An instant together with what the venue's clocks show then.
///
/// The offset is stored with each session: phones' zone tables may be years old, and Kazakhstan's
/// changed in 2018 and 2024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    unix_ms: i64,
    offset_minutes: i32,
}

impl Moment {
    /// The most that a zone has ever been from UTC, in minutes.
    const MAX_OFFSET_MINUTES: i64 = 18 * 60;

    /// The instant `unix_ms` (milliseconds since 1970, UTC) at a venue whose clocks are
    /// `offset_minutes` ahead of UTC; `None` if there is no such date or offset.
    pub fn new(unix_ms: i64, offset_minutes: i64) -> Option<Self> {
        let sane = offset_minutes.abs() <= Self::MAX_OFFSET_MINUTES;
        let offset_minutes = i32::try_from(offset_minutes).ok().filter(|_| sane)?;
        let moment = Self {
            unix_ms,
            offset_minutes,
        };
        moment.local().map(|_| moment)
    }

    /// Milliseconds since 1970 (UTC).
    pub const fn unix_ms(self) -> i64 {
        self.unix_ms
    }

    /// Minutes that the venue's clocks are ahead of UTC.
    pub const fn offset_minutes(self) -> i32 {
        self.offset_minutes
    }

    fn local(self) -> Option<NaiveDateTime> {
        let offset = TimeDelta::try_minutes(i64::from(self.offset_minutes))?;
        DateTime::from_timestamp_millis(self.unix_ms)?
            .naive_utc()
            .checked_add_signed(offset)
    }

    /// What the venue's clocks and calendars show.
    pub fn wall(self) -> NaiveDateTime {
        self.local().unwrap_or_default()
    }

    /// The venue's date.
    pub fn day(self) -> NaiveDate {
        self.wall().date()
    }

    /// The instant with its offset.
    pub fn with_offset(self) -> Option<DateTime<FixedOffset>> {
        let offset = FixedOffset::east_opt(self.offset_minutes * 60)?;
        Some(DateTime::from_timestamp_millis(self.unix_ms)?.with_timezone(&offset))
    }
}

/// A date such as `2025-05-12`, exactly so.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    NaiveDate::from_ymd_opt(
        digits(year, 4)?.try_into().ok()?,
        digits(month, 2)?,
        digits(day, 2)?,
    )
}

/// A time at some venue such as `2025-05-12T10:15`, with or without seconds.
pub fn parse_wall(text: &str) -> Option<NaiveDateTime> {
    let (day, time) = text.split_once('T')?;
    let mut parts = time.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |second| digits(second, 2))?;
    if parts.next().is_some() {
        return None;
    }
    parse_day(day)?.and_hms_opt(hour, minute, second)
}

/// A number of exactly so many digits. By hand, because chrono's parser of formats would be ten
/// times the code on every phone.
fn digits(text: &str, count: usize) -> Option<u32> {
    let well_formed = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if well_formed { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_exactly_or_not_at_all() {
        assert_eq!(
            parse_day("2025-05-12"),
            NaiveDate::from_ymd_opt(2025, 5, 12)
        );
        for wrong in [
            "2025-5-12",
            "2025-02-30",
            "+025-05-12",
            "2025-05-12 ",
            "",
            "12.05.2025",
        ] {
            assert_eq!(parse_day(wrong), None, "{wrong}");
        }
        let morning =
            NaiveDate::from_ymd_opt(2025, 5, 12).and_then(|day| day.and_hms_opt(10, 15, 0));
        assert_eq!(parse_wall("2025-05-12T10:15"), morning);
        assert_eq!(parse_wall("2025-05-12T10:15:00"), morning);
        for wrong in [
            "2025-05-12",
            "2025-05-12T10",
            "2025-05-12T24:00",
            "2025-05-12T10:15:00:00",
        ] {
            assert_eq!(parse_wall(wrong), None, "{wrong}");
        }
    }
}
