//! Thin, typed covers over browser APIs. They know nothing of Keruen.

mod base64;
mod body;
mod broadcast;
mod bytes;
mod caches;
mod chosen;
mod clipboard;
mod clock;
mod compression;
mod connection;
mod digest;
mod download;
mod drawing;
mod fetch;
mod file;
mod listen;
mod locks;
mod navigation;
mod page;
mod random;
mod share_sheet;
mod storage;
mod stream;
mod values;
mod worker;
mod zones;

pub use base64::base64;
pub use body::{Body, BreakOff};
pub use broadcast::Channel;
pub use bytes::{lent, taken};
pub use caches::delete_cache;
pub use chosen::{ChosenFile, chosen_files, dropped_files, insert_text, pasted_files};
pub use clipboard::copy_text;
pub use clock::{now_ms, sleep_ms};
pub use compression::gzip;
pub use connection::{NetworkConnection, network_connection, on_connection_change};
pub use digest::sha256_hex;
pub use download::{ObjectUrl, Pieces};
pub use drawing::after_drawing;
pub use fetch::{FetchError, Reply, fetch};
pub use file::{chosen_file_name, save_file, save_object, take_chosen_file};
pub use listen::{Listener, on_document, on_window};
pub use locks::{Claim, Lease, lead};
pub use navigation::{current_path, go, on_navigation};
pub use page::{
    forget_kept_screens, is_installed, is_visible, language_tags, load, origin, print,
    query_parameter, reload, scroll_to, set_theme, take_fragment_parameter, user_agent,
};
pub use random::{random_bytes, random_u32};
pub use share_sheet::{
    FileToHandOn, HandOnFailure, can_hand_on, can_hand_on_file, hand_on, hand_on_text,
};
pub use storage::{StorageUse, ask_to_persist, storage_use};
pub use stream::Stream;
pub use values::{Area, read_value, remove_value, value_names, write_value};
pub use worker::{Update, register_worker, worker_answers};
pub use zones::{phone_zone, zone_offset_minutes};
