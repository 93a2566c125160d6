//! The real program, its process killed at any moment and its disk failing at every call.

#![cfg(target_os = "linux")]

mod client;
mod disk;
mod io_faults;
mod joins;
mod killed;
mod program;
mod secrets;
mod tls;
mod uploads;
