//! What was chosen and measured on this phone: small values outside the database.

use keruen_domain::downloads::{Speed, Thrift};

use crate::platform::{Area, read_value, write_value};

const SPEED: &str = "keruen.speed";
const ONLY_FREE: &str = "keruen.only_wifi";
const SAVES_DATA: &str = "keruen.saves_data";
const FULL_PICTURES: &str = "keruen.full_pictures";
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
