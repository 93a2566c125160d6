//! What was chosen and measured on this phone: small values outside the database.

use std::collections::BTreeSet;

use keruen_domain::downloads::{Speed, Thrift};

use crate::platform::{Area, read_value, write_value};

const SPEED: &str = "keruen.speed";
const ONLY_FREE: &str = "keruen.only_wifi";
const SAVES_DATA: &str = "keruen.saves_data";
const FULL_PICTURES: &str = "keruen.full_pictures";
const MAKES_ROOM: &str = "keruen.makes_room";
const PINNED: &str = "keruen.pinned";
const MADE_ROOM: &str = "keruen.made_room";
const YES: &str = "yes";
const NO: &str = "no";

pub(super) fn read_speed() -> Speed {
    let noted = read_value(Area::Lasting, SPEED).and_then(|text| text.parse().ok());
    Speed::of(noted.unwrap_or_default())
}

pub(super) fn write_speed(speed: Speed) {
    if let Some(bytes_per_second) = speed.bytes_per_second() {
        write_value(Area::Lasting, SPEED, &bytes_per_second.to_string());
    }
}

pub(super) fn read_thrift() -> Thrift {
    let chosen = |name| read_value(Area::Lasting, name).map(|value| value == YES);
    Thrift {
        only_free: chosen(ONLY_FREE).unwrap_or_default(),
        saves_data: chosen(SAVES_DATA),
    }
}

pub(super) fn write_thrift(thrift: Thrift) {
    let word = |is_so| if is_so { YES } else { NO };
    write_value(Area::Lasting, ONLY_FREE, word(thrift.only_free));
    if let Some(saves_data) = thrift.saves_data {
        write_value(Area::Lasting, SAVES_DATA, word(saves_data));
    }
}

pub(super) fn read_full_pictures() -> bool {
    read_value(Area::Lasting, FULL_PICTURES).is_some_and(|value| value == YES)
}

pub(super) fn write_full_pictures(full: bool) {
    write_value(Area::Lasting, FULL_PICTURES, if full { YES } else { NO });
}

pub(super) fn read_makes_room() -> bool {
    read_value(Area::Lasting, MAKES_ROOM).is_some_and(|value| value == YES)
}

pub(super) fn write_makes_room(makes_room: bool) {
    write_value(Area::Lasting, MAKES_ROOM, if makes_room { YES } else { NO });
}

/// The files that the person wants to stay, by their SHA-256.
pub(super) fn read_pinned() -> BTreeSet<String> {
    read_names(PINNED)
}

pub(super) fn write_pinned(pinned: &BTreeSet<String>) {
    write_names(PINNED, pinned);
}

/// The files that went by themselves, until the person has seen it.
pub(super) fn read_made_room() -> BTreeSet<String> {
    read_names(MADE_ROOM)
}

pub(super) fn write_made_room(gone: &BTreeSet<String>) {
    write_names(MADE_ROOM, gone);
}

fn read_names(name: &str) -> BTreeSet<String> {
    let names = read_value(Area::Lasting, name).unwrap_or_default();
    names.split_ascii_whitespace().map(str::to_owned).collect()
}

fn write_names(name: &str, names: &BTreeSet<String>) {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    write_value(Area::Lasting, name, &names.join(" "));
}
