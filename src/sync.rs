//! Performs what [`keruen_domain::sync::Engine`] decides: reads and saves through the store, sends
//! over the network, keeps time, and sees to it that one tab does so at a time.

mod ask;
mod chunks;
mod driver;
mod live;
mod perform;
mod sending;
mod small;
mod talk;
mod transfer;
mod transport;

pub use ask::{AskFailure, ask, ask_as_nobody, ask_with};
pub use driver::Driver;
pub use sending::{NotSent, Sending};
pub use transfer::{Ended, Progress, Transfer};
