//! Whether this phone has what the next days need: told to the server, which tells trainers and organisers how
//! many phones have.

use std::collections::BTreeMap;

use chrono::{DateTime, Days};
use keruen_domain::ProgrammeId;
use keruen_domain::protocol::people::OfProgramme;
use keruen_domain::protocol::readiness::{PhonesReady, TellReady, Told, paths};
use keruen_domain::sync::{Connection, Phase};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Answer, AppState, Downloads, FileStand};
use crate::platform::{Area, now_ms, read_value, write_value};
use crate::sync::{AskFailure, ask};

/// What was told last, and when.
const TOLD: &str = "keruen.told_ready";
/// So many days from today count.
const DAYS: u64 = 3;
/// Begins to tell, as long as the page lives.
pub(super) fn start(state: AppState) {
    let stands = Memo::new(move |_| state.readiness());
    let may_tell = Memo::new(move |_| {
        let status = state.status.get();
        let is_quiet = !matches!(
            status.phase,
            Phase::Following | Phase::Exchanging | Phase::NotAuthorised
        );
        is_quiet && status.connection == Connection::Reached && !status.lacks_chunks
    });
    Effect::new(move || {
        if may_tell.get() {
            let stands = stands.get();
            spawn_local(async move { tell(state, stands).await });
        }
    });
}

async fn tell(state: AppState, stands: Vec<TellReady>) {
    let mut told = read_told();
    let now_ms = now_ms();
    told.retain(|_, told| told.until_ms > now_ms);
    for stand in stands {
        if !stand.is_due(told.get(&stand.programme), now_ms) {
            continue;
        }
        // Where it fails, the next time that the server is reached will do. The operator's token is no phone's.
        let noted: Answer<()> = ask(&state.store(), paths::TELL, &stand).await;
        if matches!(noted, Ok(()) | Err(AskFailure::NotAllowed)) {
            let is = Told {
                is_ready: stand.is_ready,
                until_ms: stand.until_ms,
                told_ms: now_ms,
            };
            told.insert(stand.programme, is);
        }
    }
    write_told(&told);
}

fn read_told() -> BTreeMap<ProgrammeId, Told> {
    let text = read_value(Area::Lasting, TOLD).unwrap_or_default();
    let read = |line: &str| {
        let mut words = line.split(' ');
        let programme = words.next()?.parse().ok()?;
        let told = Told {
            is_ready: words.next()? == "ready",
            until_ms: words.next()?.parse().ok()?,
            told_ms: words.next()?.parse().ok()?,
        };
        Some((programme, told))
    };
    text.lines().filter_map(read).collect()
}

fn write_told(told: &BTreeMap<ProgrammeId, Told>) {
    let lines = told.iter().map(|(programme, told)| {
        let word = if told.is_ready { "ready" } else { "not" };
        format!("{programme} {word} {} {}", told.until_ms, told.told_ms)
    });
    write_value(Area::Lasting, TOLD, &lines.collect::<Vec<_>>().join("\n"));
}

impl AppState {
    /// Whether everything for the next days is here, by programme; of those that this device's owner belongs
    /// to, and only where those days need something.
    pub fn readiness(&self) -> Vec<TellReady> {
        if !self.is_connected() {
            return Vec::new();
        }
        let downloads: Downloads = self.downloads();
        let joined = self.joined_programmes();
        let today = DateTime::from_timestamp_millis(self.time.now_ms()).map(|now| now.date_naive());
        let Some(end) = today.and_then(|today| today.checked_add_days(Days::new(DAYS))) else {
            return Vec::new();
        };
        let mut stands: BTreeMap<ProgrammeId, TellReady> = BTreeMap::new();
        for day in self.road().into_iter().filter(|of| of.day < end) {
            let Some(programme) = day.event.programme() else {
                continue;
            };
            if !joined.iter().any(|(id, _)| *id == programme) {
                continue;
            }
            // The last minute of a day in the westernmost zone.
            let over = day
                .day
                .and_hms_opt(0, 0, 0)
                .and_then(|day| day.checked_add_days(Days::new(2)));
            let until_ms = over.map_or(0, |over| over.and_utc().timestamp_millis());
            let until_ms = u64::try_from(until_ms).unwrap_or_default();
            let mut files = day.files.iter();
            let is_ready = files.all(|file| downloads.stand_of(&file.sha256) == FileStand::Here);
            let stand = stands.entry(programme).or_insert(TellReady {
                programme,
                is_ready: true,
                until_ms,
            });
            stand.is_ready &= is_ready;
            stand.until_ms = stand.until_ms.max(until_ms);
        }
        stands.into_values().collect()
    }

    /// How many phones of a programme have told, and how many of them are ready.
    pub async fn phones_ready(&self, programme: ProgrammeId) -> Answer<PhonesReady> {
        ask(&self.store(), paths::COUNT, &OfProgramme { programme }).await
    }
}
