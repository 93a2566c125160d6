//! What people do with the whole system, with the real server and real browsers.
//!
//! Each journey has a server with the sample programmes, and browsers, of its own. All end with
//! [`steps::finish`], which asks the browsers what they complained about.

mod anonymous;
mod arrival;
mod attached;
mod attention;
mod backup;
mod broken_answers;
mod calendar;
mod chunks;
mod clock;
mod deletion;
mod downloads;
mod everybody;
mod filing;
mod first_visit;
mod groups;
mod importing;
mod joining;
mod kept_screen;
mod kills;
mod languages;
mod making;
mod memory;
mod note_files;
mod offline;
mod packs;
mod pictures;
mod readiness;
mod restored;
mod room;
mod search;
mod shares;
mod steps;
mod storage;
mod storage_full;
mod tabs;
mod two_devices;
mod update;
mod writing;
