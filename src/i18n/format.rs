//! Numbers, dates, times and amounts of data as each language writes them.
//!
//! The tables are our own: `Intl` differs between phones, and treats Kazakh unevenly.

mod amount;
mod date;
mod span;

pub use amount::{number, size};
pub use date::{
    day, day_range, day_with_year, month, month_of_day, time, time_range, weekday, weekday_and_day,
};
pub use span::{duration, elapsed, until};
