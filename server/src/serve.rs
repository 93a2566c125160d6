//! From settings to a running server, and to its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::administration::first_start;
use crate::config::Config;
use crate::machine::{self, NoRandomBits};
use crate::state::AppState;
use crate::store::{SqliteStore, Store, StoreError};
use crate::upkeep;

/// How long requests under way may take once the server has been asked to stop.
const GRACE: Duration = Duration::from_secs(10);

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
    /// Signals of the system.
    #[error("cannot learn when to stop")]
    Signals(#[source] std::io::Error),
}

/// Runs until the system asks the process to stop.
pub async fn serve(config: &Config) -> Result<(), StartError> {
    let stop = StopSignals::new().map_err(StartError::Signals)?;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(
        &config.data.path,
        machine::fresh_identity()?,
    )?);
    let state = AppState::new(config, store.clone(), Arc::new(machine::unix_ms));
    let _upkeep = upkeep::start(&state);
    let listening = Listening::at(config.address).await?;
    let address = listening.address;
    tracing::info!(%address, data = %config.data.path.display(), "listening");
    if config.organiser_token.is_none() {
        first_start::invite(&*store, address).await?;
    }
    let router = crate::router(state.clone());
    let stopping = state.clone();
    let served = listening.serve(router, stop, move || stopping.stop()).await;
    state.write_seen_down().await?;
    state.write_openings_down().await?;
    served
}

/// A port of this process, not answered on yet.
pub struct Listening {
    listener: TcpListener,
    /// Where it is.
    pub address: SocketAddr,
}

impl Listening {
    /// Takes the port; port 0 takes a free one.
    pub async fn at(address: SocketAddr) -> Result<Self, StartError> {
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Self { listener, address })
    }

    /// Answers with the router's routes until asked to stop. `end_streams` ends answers that have no
    /// end of their own.
    pub async fn serve(
        self,
        router: Router,
        mut stop: StopSignals,
        end_streams: impl FnOnce() + Send + 'static,
    ) -> Result<(), StartError> {
        let address = self.address;
        // Small answers must not wait for the acknowledgement of earlier ones.
        let listener = self.listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection keeps small answers back");
            }
        });
        let (stopping, mut stopped) = watch::channel(false);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(async move {
            stop.wait().await;
            tracing::info!("stopping");
            end_streams();
            stopping.send_replace(true);
        });
        let deadline = async {
            // An error means that the server has ended already.
            let _ = stopped.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            ended = server => ended.map_err(|source| StartError::Listen { address, source })?,
            () = deadline => tracing::warn!("stopped with requests under way"),
        }
        tracing::info!("stopped");
        Ok(())
    }
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

    async fn wait(&mut self) {
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

    async fn wait(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
