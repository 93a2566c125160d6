//! What is done now and then, beside all requests.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::bucket::Bucket;
use crate::bucket::moving::{self, Moved};
use crate::files::Unnamed;
use crate::forms::Maker;
use crate::live::Live;
use crate::pruning::{self, Pruned};
use crate::shares;
use crate::snapshot::{self, Rules};
use crate::state::{AppState, TellTime};
use crate::store::Store;
use crate::uploads;

/// How often snapshots are looked after. An import may run beside the server.
const SNAPSHOT_PERIOD: Duration = Duration::from_secs(30);

/// How often old deletions are looked for.
const PRUNING_PERIOD: Duration = Duration::from_secs(60 * 60);

/// How often pictures without smaller forms are looked for.
const FORMS_PERIOD: Duration = Duration::from_secs(10);

/// How often files are looked for that were sent in part only.
const SWEEPING_PERIOD: Duration = Duration::from_secs(10 * 60);

/// How often files of notes are looked for that no note bears any more.
const UNNAMED_PERIOD: Duration = Duration::from_secs(60 * 60);

/// How often it is looked which files are to go into the bucket.
const MOVING_PERIOD: Duration = Duration::from_secs(60);

/// How often it is written down when devices were here.
const SEEN_PERIOD: Duration = Duration::from_secs(60);

/// The tasks of upkeep; they end when this is dropped.
#[must_use = "upkeep ends when this is dropped"]
pub struct Upkeep {
    _tasks: JoinSet<()>,
}

/// Begins the upkeep of a server with this state.
pub fn start(state: &AppState) -> Upkeep {
    let mut tasks = JoinSet::new();
    tasks.spawn(renew_snapshots(state.store.clone(), state.now_ms.clone()));
    tasks.spawn(prune(state.clone()));
    tasks.spawn(sweep_uploads(state.clone()));
    tasks.spawn(forget_unnamed(state.clone()));
    tasks.spawn(make_forms(state.clone()));
    tasks.spawn(write_seen_down(state.clone()));
    if let Some(bucket) = state.bucket.clone() {
        tasks.spawn(move_files(bucket, state.store.clone()));
    }
    tasks.spawn(write_openings_down(state.clone()));
    tasks.spawn(watch(state.store.clone(), state.live.clone()));
    Upkeep { _tasks: tasks }
}

async fn prune(state: AppState) {
    let mut period = interval(PRUNING_PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        let now_ms = (state.now_ms)();
        match pruning::prune(&*state.store, state.kept_ms, now_ms).await {
            Ok(pruned) if pruned == Pruned::default() => {}
            Ok(pruned) => tracing::info!(?pruned, "forgot what is old"),
            Err(error) => {
                tracing::error!(%error, cause = ?error, "what is old was not forgotten");
            }
        }
    }
}

async fn make_forms(state: AppState) {
    let mut maker = match Maker::new() {
        Ok(maker) => maker,
        Err(error) => return tracing::error!(%error, "no smaller forms of pictures are made"),
    };
    loop {
        if let Err(error) = maker.make_missing(&state).await {
            tracing::error!(%error, cause = ?error, "smaller forms of pictures were not made");
        }
        // Told or not: an import may run beside the server.
        let _ = timeout(FORMS_PERIOD, state.files_came.wait()).await;
    }
}

async fn sweep_uploads(state: AppState) {
    let mut period = interval(SWEEPING_PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        match uploads::sweep(&state).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "removed what was sent in part only"),
            Err(error) => {
                tracing::error!(%error, cause = ?error, "what was sent in part only stays");
            }
        }
    }
}

async fn forget_unnamed(state: AppState) {
    let mut unnamed = Unnamed::default();
    let mut period = interval(UNNAMED_PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        match unnamed.sweep(&state).await {
            Ok(0) => {}
            Ok(forgotten) => tracing::info!(forgotten, "files that no note bears were forgotten"),
            Err(error) => {
                tracing::error!(%error, cause = ?error, "files that no note bears stay");
            }
        }
    }
}

async fn move_files(bucket: Bucket, store: Arc<dyn Store>) {
    let mut period = interval(MOVING_PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        let Some(came_before) = SystemTime::now().checked_sub(moving::REST) else {
            continue;
        };
        match moving::move_files(&bucket, store.file_folder(), came_before).await {
            Ok(moved) if moved == Moved::default() => {}
            Ok(moved) => tracing::info!(?moved, "files went into the bucket"),
            Err(error) => tracing::error!(%error, cause = ?error, "files stay in the folder"),
        }
    }
}

async fn write_seen_down(state: AppState) {
    let mut period = interval(SEEN_PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        if let Err(error) = state.write_seen_down().await {
            tracing::error!(%error, cause = ?error, "when devices were here was not written down");
        }
    }
}

async fn write_openings_down(state: AppState) {
    let mut period = interval(shares::WRITING_PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        if let Err(error) = state.write_openings_down().await {
            tracing::error!(%error, cause = ?error, "openings of shares were not written down");
        }
    }
}

async fn watch(store: Arc<dyn Store>, live: Arc<Live>) {
    live.watch(&*store).await;
}

async fn renew_snapshots(store: Arc<dyn Store>, now_ms: TellTime) {
    let rules = Rules::default();
    if let Err(error) = snapshot::remove_damaged(&*store).await {
        tracing::error!(%error, cause = ?error, "snapshots were not looked through");
    }
    let mut period = interval(SNAPSHOT_PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        if let Err(error) = snapshot::renew(&*store, &rules, now_ms()).await {
            tracing::error!(%error, cause = ?error, "snapshots were not looked after");
        }
    }
}
