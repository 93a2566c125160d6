use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use gloo_timers::callback::Interval;
use keruen_domain::model::{Moment, parse_wall};
use leptos::prelude::*;
use leptos::reactive::graph::Observer;

use crate::platform::{
    Area, now_ms, phone_zone, query_parameter, read_value, remove_value, write_value,
};
use crate::store::Replica;

/// Where a demonstration's beginning is kept, as long as the tab: the time at the venue that was
/// asked for, and the phone's clock when it was.
const DEMO: &str = "keruen.demo";
/// How often the present is looked at; views change with the minute.
const TICK_MS: u32 = 5_000;
const MINUTE_MS: i64 = 60_000;
/// All of Kazakhstan since March 2024.
const DEFAULT_OFFSET_MINUTES: i64 = 300;

/// The present, as a signal that changes with each minute.
///
/// Past programmes can be tried with `?now=2025-05-12T10:15`, a time at the venue: from then on the
/// clock runs from there, in this tab.
#[derive(Clone, Copy)]
pub struct Time {
    now_ms: RwSignal<i64>,
    demo: RwSignal<Option<Demo>>,
}

/// A clock that was set to another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Demo {
    /// The time at the venue that was asked for.
    wall: NaiveDateTime,
    /// The phone's clock when it was asked for.
    begun_ms: i64,
    /// What to add to the phone's clock.
    offset_ms: i64,
}

impl Demo {
    fn read(text: &str) -> Option<Self> {
        let (wall, begun) = text.split_once(' ')?;
        let (wall, begun_ms) = (parse_wall(wall)?, begun.parse().ok()?);
        Some(Self {
            wall,
            begun_ms,
            offset_ms: 0,
        })
    }

    /// The same demonstration by what is now known of the venues' zones.
    fn by(self, replica: &Replica) -> Self {
        let offset_ms = instant_of(self.wall, replica).saturating_sub(self.begun_ms);
        Self { offset_ms, ..self }
    }
}

impl Time {
    /// Begins to tick.
    pub(super) fn start(replica: &Replica) -> Self {
        if let Some(wall) = query_parameter("now").filter(|text| parse_wall(text).is_some()) {
            write_value(
                Area::Tab,
                DEMO,
                &[wall.as_str(), " ", &phone_ms().to_string()].concat(),
            );
        }
        let demo = read_value(Area::Tab, DEMO).and_then(|text| Demo::read(&text));
        let demo = demo.map(|demo| demo.by(replica));
        let time = Self {
            now_ms: RwSignal::new(0),
            demo: RwSignal::new(demo),
        };
        time.tick();
        Interval::new(TICK_MS, move || time.tick()).forget();
        time
    }

    /// Takes note of sessions that have just arrived: they tell the venue's zone.
    pub(super) fn look_at(self, replica: &Replica) {
        if let Some(demo) = self.demo.get_untracked() {
            let known = demo.by(replica);
            if known != demo {
                self.demo.set(Some(known));
                self.tick();
            }
        }
    }

    fn tick(self) {
        let offset_ms = self.demo.get_untracked().map_or(0, |demo| demo.offset_ms);
        let now_ms = phone_ms().saturating_add(offset_ms);
        let minute = now_ms - now_ms.rem_euclid(MINUTE_MS);
        if self.now_ms.get_untracked() != minute {
            self.now_ms.set(minute);
        }
    }

    /// The present minute, in milliseconds since 1970 (UTC).
    pub fn now_ms(self) -> i64 {
        if Observer::get().is_some() {
            self.now_ms.get()
        } else {
            self.now_ms.get_untracked()
        }
    }

    /// Whether the clock is set for a demonstration.
    pub fn is_demo(self) -> bool {
        self.demo.with(Option::is_some)
    }

    /// Goes back to the real present.
    pub fn leave_demo(self) {
        remove_value(Area::Tab, DEMO);
        self.demo.set(None);
        self.tick();
    }

    /// The phone's own present, in milliseconds since 1970 (UTC), whatever the demonstration says.
    pub fn phone_now_ms() -> u64 {
        now_ms()
    }

    /// An instant on the clock of whoever holds the phone, by the phone's own zone.
    pub fn phone_clock(unix_ms: u64) -> NaiveTime {
        #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
        let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(unix_ms as f64));
        NaiveTime::from_hms_opt(date.get_hours(), date.get_minutes(), 0).unwrap_or_default()
    }

    /// An instant on the phone's calendar and clock.
    pub fn phone_wall(unix_ms: u64) -> NaiveDateTime {
        let unix_ms = i64::try_from(unix_ms).unwrap_or(i64::MAX);
        Moment::new(unix_ms, i64::from(Self::phone_offset_minutes(unix_ms)))
            .map(Moment::wall)
            .unwrap_or_default()
    }

    /// How far the phone's clock is ahead of UTC at an instant, in minutes, by its own tables.
    pub fn phone_offset_minutes(unix_ms: i64) -> i32 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "minutes of a day"
        )]
        let behind_minutes = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(unix_ms as f64))
            .get_timezone_offset() as i32;
        -behind_minutes
    }

    /// The IANA name of the zone that the phone believes to be in.
    pub fn phone_zone() -> Option<String> {
        phone_zone()
    }
}

fn phone_ms() -> i64 {
    i64::try_from(now_ms()).unwrap_or(i64::MAX)
}

/// The instant at which a venue's clocks show this: at the venue whose sessions are nearest to it.
fn instant_of(wall: NaiveDateTime, replica: &Replica) -> i64 {
    let mut nearest: Option<(u64, Moment)> = None;
    replica.each_slot(|slot| {
        if let Some(start) = slot.outline.start {
            let distance = (start.wall() - wall).num_milliseconds().unsigned_abs();
            if nearest.is_none_or(|(least, _)| distance < least) {
                nearest = Some((distance, start));
            }
        }
    });
    let offset_minutes = nearest.map_or(DEFAULT_OFFSET_MINUTES, |(_, start)| {
        i64::from(start.offset_minutes())
    });
    (wall - TimeDelta::minutes(offset_minutes))
        .and_utc()
        .timestamp_millis()
}
