//! Numbers, dates, times and amounts of data as each language writes them.
//!
//! The tables are our own: `Intl` differs between phones, and treats Kazakh unevenly. Those of dates are the
//! domain's, since the server writes them too.

mod amount;
mod span;

pub use amount::{number, size};
pub use keruen_domain::dates::{
    day, day_range, day_with_year, month, month_of_day, time, time_range, weekday, weekday_and_day,
    whole_weekday,
};
pub use span::{duration, elapsed, until};
