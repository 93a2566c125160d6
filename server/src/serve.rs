//! From settings to a running server, and to its end.

mod asked;
mod connections;
mod doors;
mod patience;
mod tls;
mod turns;

use std::net::SocketAddr;
use std::sync::Arc;

use crate::administration::first_start;
use crate::bucket::{Bucket, BucketError};
use crate::config::Config;
use crate::machine::{self, NoRandomBits};
use crate::state::AppState;
use crate::store::{SqliteStore, Store, StoreError};
use crate::upkeep;

pub use asked::TooSlow;
pub use connections::Listening;
pub use doors::Doors;
pub use patience::Patience;
pub use tls::{Certificate, CertificateFiles, TlsError};

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error("cannot open the data folder")]
    Store(#[from] StoreError),
    /// The machine's random bits.
    #[error(transparent)]
    Random(#[from] NoRandomBits),
    /// The address.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The bucket's options.
    #[error("the bucket cannot be used as it is described")]
    Bucket(#[from] BucketError),
    /// Signals of the system.
    #[error("cannot learn when to stop")]
    Signals(#[source] std::io::Error),
}

/// Runs until the system asks the process to stop.
pub async fn serve(config: &Config) -> Result<(), StartError> {
    let mut stop = StopSignals::new().map_err(StartError::Signals)?;
    let certificate = match config.certificate_files() {
        Some(files) => Some(Certificate::read(files).await?),
        None => None,
    };
    let is_https = certificate.is_some();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(
        &config.data.path,
        machine::fresh_identity()?,
    )?);
    let bucket = Bucket::open(&config.bucket)?;
    let state =
        AppState::new(config, store.clone(), Arc::new(machine::unix_ms)).with_bucket(bucket);
    let _upkeep = upkeep::start(&state);
    let doors = Doors::new(
        config.connections,
        config.address_connections,
        &config.trusted_proxies,
    );
    let mut listening = Listening::at(config.address).await?.with_doors(doors);
    if let Some(certificate) = certificate {
        listening = listening.with_certificate(certificate);
    }
    let address = listening.address;
    tracing::info!(%address, is_https, data = %config.data.path.display(), "listening");
    if config.organiser_token.is_none() {
        first_start::invite(&*store, address, is_https).await?;
    }
    let router = crate::router(state.clone());
    let stopping = state.clone();
    let asked = async move { stop.asked().await };
    listening
        .serve(router, asked, move || stopping.stop())
        .await;
    state.write_seen_down().await?;
    state.write_openings_down().await?;
    Ok(())
}

/// How the system asks the process to stop.
#[cfg(unix)]
pub struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    /// From now on, asking does not end the process by itself.
    pub fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits until it does.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// How the system asks the process to stop.
#[cfg(not(unix))]
pub struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    /// From now on, asking does not end the process by itself.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Waits until it does.
    pub async fn asked(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
