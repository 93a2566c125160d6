//! What is done now and then, beside all requests.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::live::Live;
use crate::snapshot::{self, Rules};
use crate::state::{AppState, TellTime};
use crate::store::Store;

/// How often snapshots are looked after. An import may run beside the server.
const SNAPSHOT_PERIOD: Duration = Duration::from_secs(30);

/// The tasks of upkeep; they end when this is dropped.
#[must_use = "upkeep ends when this is dropped"]
pub struct Upkeep {
    _tasks: JoinSet<()>,
}

/// Begins the upkeep of a server with this state.
pub fn start(state: &AppState) -> Upkeep {
    let mut tasks = JoinSet::new();
    tasks.spawn(renew_snapshots(state.store.clone(), state.now_ms.clone()));
    tasks.spawn(watch(state.store.clone(), state.live.clone()));
    Upkeep { _tasks: tasks }
}

async fn watch(store: Arc<dyn Store>, live: Arc<Live>) {
    live.watch(&*store).await;
}

async fn renew_snapshots(store: Arc<dyn Store>, now_ms: TellTime) {
    let rules = Rules::default();
    let mut period = interval(SNAPSHOT_PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        if let Err(error) = snapshot::renew(&*store, &rules, now_ms()).await {
            tracing::error!(%error, cause = ?error, "snapshots were not looked after");
        }
    }
}
