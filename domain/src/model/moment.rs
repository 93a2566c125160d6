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

/// A date such as `2025-05-12`.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}
