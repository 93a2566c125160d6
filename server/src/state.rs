//! What all requests share.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use keruen_domain::DeviceId;
use tokio::sync::watch;

use crate::auth::OrganiserToken;
use crate::bucket::Bucket;
use crate::config::Config;
use crate::files::Files;
use crate::forms::FilesCame;
use crate::limiter::Limiter;
use crate::live::{Live, Seats};
use crate::network::Network;
use crate::public::PublicPages;
use crate::readiness::Readiness;
use crate::schedules::Reader;
use crate::secrets::SecretHash;
use crate::seen::Seen;
use crate::shares::Shares;
use crate::store::{Store, StoreError};
use crate::uploads::Uploads;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Tells the time: milliseconds since 1970 (UTC).
pub type TellTime = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What the routes need.
#[derive(Clone)]
pub struct AppState {
    pub(crate) store: Arc<dyn Store>,
    /// Where files rest, if not in the store's folder.
    pub(crate) bucket: Option<Bucket>,
    pub(crate) organiser_token: Option<OrganiserToken>,
    pub(crate) client: Option<Arc<PathBuf>>,
    pub(crate) now_ms: TellTime,
    pub(crate) limits: Arc<Limits>,
    pub(crate) live: Arc<Live>,
    pub(crate) seats: Arc<Seats>,
    pub(crate) seen: Arc<Seen>,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) files: Arc<Files>,
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) files_came: Arc<FilesCame>,
    pub(crate) shares: Arc<Shares>,
    pub(crate) public: Arc<PublicPages>,
    pub(crate) schedules: Arc<Reader>,
    /// Whether the server itself speaks HTTPS.
    pub(crate) is_https: bool,
    /// For how long deletions are remembered, in milliseconds.
    pub(crate) kept_ms: u64,
    pub(crate) stopping: watch::Sender<bool>,
}

impl AppState {
    /// The same, with files that rest in a bucket.
    #[must_use]
    pub fn with_bucket(self, bucket: Option<Bucket>) -> Self {
        Self { bucket, ..self }
    }

    /// The state of a server with these settings on this store.
    pub fn new(config: &Config, store: Arc<dyn Store>, now_ms: TellTime) -> Self {
        Self {
            store,
            bucket: None,
            organiser_token: config.organiser_token,
            client: config.client.clone().map(Arc::new),
            now_ms,
            limits: Arc::new(Limits {
                devices: Limiter::new(config.device_rate),
                // A token is one device's.
                tokens: Limiter::new(config.device_rate),
                addresses: Limiter::new(config.address_rate),
                trusted_proxies: config.trusted_proxies.clone(),
            }),
            live: Arc::default(),
            seats: Arc::new(Seats::new(
                config.live_connections,
                config.live_address_connections,
            )),
            seen: Arc::default(),
            readiness: Arc::default(),
            files: Arc::default(),
            files_came: Arc::default(),
            uploads: Arc::new(Uploads::new(config.upload_limits)),
            shares: Arc::default(),
            public: Arc::default(),
            schedules: Arc::default(),
            is_https: config.certificate_files().is_some(),
            kept_ms: u64::from(config.kept_days) * DAY_MS,
            stopping: watch::Sender::new(false),
        }
    }

    /// Writes down when devices were last here.
    pub async fn write_seen_down(&self) -> Result<(), StoreError> {
        self.seen.write_down(&*self.store).await
    }

    /// Writes down how often shares were opened.
    pub async fn write_openings_down(&self) -> Result<(), StoreError> {
        self.shares.openings.write_down(&*self.store).await
    }

    /// Ends what would go on without end, so that the server can stop.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

/// Who may ask how often.
pub(crate) struct Limits {
    pub(crate) devices: Limiter<DeviceId>,
    pub(crate) tokens: Limiter<SecretHash>,
    pub(crate) addresses: Limiter<Network>,
    pub(crate) trusted_proxies: Vec<IpAddr>,
}
