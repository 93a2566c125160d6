//! What happens in a history, told line by line while it is played, for whoever looks for the reason of
//! a failure.

use std::cell::Cell;

thread_local! {
    static IS_ON: Cell<bool> = const { Cell::new(false) };
}

/// From now on what happens on this thread is printed to standard error.
pub fn turn_on() {
    IS_ON.set(true);
}

/// Whether somebody wants to read it.
pub(crate) fn is_on() -> bool {
    IS_ON.get()
}

/// Tells a line, which is only put together if somebody reads it.
macro_rules! trace {
    ($($words:tt)*) => {
        if $crate::trace::is_on() {
            eprintln!($($words)*);
        }
    };
}

pub(crate) use trace;
