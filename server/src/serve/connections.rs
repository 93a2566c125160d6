//! A port, and the connections that come to it.
//!
//! ```text
//!  accept ──room?──► TLS, if there is a certificate ──► hyper ──► the router
//!                    └─ within a time ─┘              └─ ended when it is the peer's turn for too long
//! ```
//!
//! `axum::serve` waits for a header, a handshake or the taking of an answer without end, and counts
//! nobody; hence hyper itself, which it is made of too.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tower::ServiceExt as _;

use super::StartError;
use super::asked::Asked;
use super::doors::{Doors, Guest};
use super::patience::Patience;
use super::tls::Certificate;
use super::turns::{Answer, Noted, Turn, Turns};

/// How long requests under way may take once the server has been asked to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait when the system has no connection to give, such as for want of files.
const PAUSE: Duration = Duration::from_secs(1);
/// What waits of an answer for a slow peer before more of it is read, and the longest head of a request.
const BUFFER_BYTES: usize = 64 * 1024;
/// Requests at once on one connection of HTTP/2.
const STREAMS: u32 = 100;

/// A port of this process, not answered on yet.
pub struct Listening {
    listener: TcpListener,
    /// Where it is.
    pub address: SocketAddr,
    patience: Patience,
    doors: Arc<Doors>,
    certificate: Option<Certificate>,
}

impl Listening {
    /// Takes the port; port 0 takes a free one. Plain HTTP, to as many as come.
    pub async fn at(address: SocketAddr) -> Result<Self, StartError> {
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Self {
            listener,
            address,
            patience: Patience::USUAL,
            doors: Doors::new(usize::MAX, usize::MAX, &[]),
            certificate: None,
        })
    }

    /// Lets in only so many.
    pub fn with_doors(self, doors: Arc<Doors>) -> Self {
        Self { doors, ..self }
    }

    /// Speaks HTTPS and nothing else.
    pub fn with_certificate(self, certificate: Certificate) -> Self {
        let certificate = Some(certificate);
        Self {
            certificate,
            ..self
        }
    }

    /// Waits as long as this.
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Answers with the router's routes until asked to stop. `end_streams` ends answers that have no
    /// end of their own.
    pub async fn serve(
        self,
        router: Router,
        asked_to_stop: impl Future<Output = ()>,
        end_streams: impl FnOnce(),
    ) {
        let stopping = watch::Sender::new(false);
        let under_way = watch::Sender::new(());
        let accept = async {
            loop {
                let (stream, peer) = self.accept().await;
                let Some(guest) = self.doors.enter(peer.ip()) else {
                    tracing::debug!("a connection more than there is room for");
                    continue;
                };
                let connection = Connection {
                    peer,
                    router: router.clone(),
                    patience: self.patience,
                    stopping: stopping.subscribe(),
                    _under_way: under_way.subscribe(),
                    _guest: guest,
                };
                let acceptor = self.certificate.as_ref().map(Certificate::acceptor);
                tokio::spawn(async move {
                    match acceptor {
                        None => connection.serve(stream).await,
                        Some(acceptor) => {
                            let shaken =
                                timeout(connection.patience.handshake, acceptor.accept(stream));
                            match shaken.await {
                                Ok(Ok(stream)) => connection.serve(stream).await,
                                Ok(Err(error)) => tracing::debug!(%error, "no handshake"),
                                Err(_) => tracing::debug!("no handshake in time"),
                            }
                        }
                    }
                });
            }
        };
        let keep_fresh = async {
            match &self.certificate {
                Some(certificate) => certificate.keep_fresh(self.patience.certificate).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = asked_to_stop => {}
            () = keep_fresh => {}
            () = accept => {}
        }
        tracing::info!("stopping");
        drop(self.listener);
        end_streams();
        stopping.send_replace(true);
        if timeout(GRACE, under_way.closed()).await.is_err() {
            tracing::warn!("stopped with requests under way");
        }
        tracing::info!("stopped");
    }

    async fn accept(&self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    // Small answers must not wait for the acknowledgement of earlier ones.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection keeps small answers back");
                    }
                    return (stream, peer);
                }
                Err(error) if is_of_peer(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot take a connection");
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Whether a connection ended before it was taken, which is nobody's trouble.
fn is_of_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// What is known of one connection.
struct Connection {
    peer: SocketAddr,
    router: Router,
    patience: Patience,
    stopping: watch::Receiver<bool>,
    _under_way: watch::Receiver<()>,
    _guest: Guest,
}

impl Connection {
    async fn serve(mut self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let patience = self.patience;
        let turns = Turns::begin();
        let noted = Noted {
            connection: stream,
            turns: turns.clone(),
        };
        let service =
            service_fn(|request| answer(&self.router, self.peer, patience, &turns, request));
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .max_buf_size(BUFFER_BYTES)
            .header_read_timeout(patience.header);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(noted), service));
        tokio::select! {
            ended = connection.as_mut() => return note_end(ended),
            () = too_long(&turns, &patience) => {}
            _ = self.stopping.wait_for(|is_stopping| *is_stopping) => {}
        }
        connection.as_mut().graceful_shutdown();
        // What is under way may end as ever, and what is not is cut off.
        let farewell = Patience {
            header: patience.farewell,
            ..patience
        };
        tokio::select! {
            ended = connection.as_mut() => note_end(ended),
            () = async {
                sleep(patience.farewell).await;
                too_long(&turns, &farewell).await;
            } => tracing::debug!("cut off"),
        }
    }
}

fn note_end(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = ended {
        tracing::debug!(error, "a connection broke");
    }
}

/// Waits until the peer has taken longer for its turn than it may.
async fn too_long(turns: &Turns, patience: &Patience) {
    loop {
        let now = Instant::now();
        // Whose turn it is changes without a word: not sooner than this can it be over that is not known now.
        let look = now + patience.header.min(patience.answer);
        match turns.deadline(patience) {
            Some(deadline) if deadline <= now => return,
            Some(deadline) => sleep_until(deadline.min(look)).await,
            None => sleep_until(look).await,
        }
    }
}

fn answer(
    router: &Router,
    peer: SocketAddr,
    patience: Patience,
    turns: &Arc<Turns>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<axum::response::Response<Answer>, Infallible>> + use<> {
    let turn = Turn::begin(turns);
    let mut request = request.map(|body| Body::new(Asked::new(body, patience)));
    request.extensions_mut().insert(ConnectInfo(peer));
    let answered = router.clone().oneshot(request);
    async move { Ok(answered.await?.map(|body| Answer::new(body, turn))) }
}
