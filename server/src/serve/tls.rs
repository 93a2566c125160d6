//! TLS with a certificate that lies in files, and is looked at again now and then.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Where the certificate and its key lie, as PEM.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    /// The certificate, and those that lead from it to a root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error("cannot read {}", file.display())]
    Read {
        /// Which one.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The form of a file.
    #[error("{} holds no {wanted} as PEM", file.display())]
    Form {
        /// Which one.
        file: PathBuf,
        /// What it should hold.
        wanted: &'static str,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What the files hold.
    #[error("the certificate in {} cannot be used with the key in {}", certificate.display(), key.display())]
    Use {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// The bytes of the two files.
#[derive(PartialEq, Eq)]
struct Bytes {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// A certificate in use.
pub struct Certificate {
    files: CertificateFiles,
    acceptor: Mutex<TlsAcceptor>,
    looked_at: Mutex<Bytes>,
}

impl Certificate {
    /// Takes what lies there.
    pub async fn read(files: CertificateFiles) -> Result<Self, TlsError> {
        let bytes = files.read().await?;
        let acceptor = files.acceptor(&bytes)?;
        Ok(Self {
            files,
            acceptor: Mutex::new(acceptor),
            looked_at: Mutex::new(bytes),
        })
    }

    /// For the next connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let acceptor = self.acceptor.lock();
        acceptor.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes what lies there from then on, whenever it is another one, without end. What cannot be used is
    /// logged once and changes nothing: the next look may find the other file written too.
    pub(super) async fn keep_fresh(&self, period: Duration) {
        loop {
            tokio::time::sleep(period).await;
            let looked = match self.files.read().await {
                Ok(bytes) => self.look_at(bytes),
                Err(error) => Err(error),
            };
            match looked {
                Ok(false) => {}
                Ok(true) => tracing::info!("the certificate was renewed"),
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(%error, cause, "the earlier certificate is kept");
                }
            }
        }
    }

    /// Whether it is another one.
    fn look_at(&self, bytes: Bytes) -> Result<bool, TlsError> {
        let mut looked_at = self
            .looked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *looked_at == bytes {
            return Ok(false);
        }
        let read = self.files.acceptor(&bytes);
        *looked_at = bytes;
        *self.acceptor.lock().unwrap_or_else(PoisonError::into_inner) = read?;
        Ok(true)
    }
}

impl CertificateFiles {
    async fn read(&self) -> Result<Bytes, TlsError> {
        Ok(Bytes {
            certificate: read(&self.certificate).await?,
            key: read(&self.key).await?,
        })
    }

    fn acceptor(&self, bytes: &Bytes) -> Result<TlsAcceptor, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes.certificate).collect();
        let chain = chain
            .and_then(|chain| match chain.is_empty() {
                true => Err(pem::Error::NoItemsFound),
                false => Ok(chain),
            })
            .map_err(|error| form(&self.certificate, "certificate", error))?;
        let key = PrivateKeyDer::from_pem_slice(&bytes.key)
            .map_err(|error| form(&self.key, "private key", error))?;
        let config = config(chain, key).map_err(|source| TlsError::Use {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            source,
        })?;
        Ok(Arc::new(config).into())
    }
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Who comes back needs no whole handshake, however many others came meanwhile.
    config.ticketer = ring::Ticketer::new()?;
    Ok(config)
}

async fn read(file: &Path) -> Result<Vec<u8>, TlsError> {
    tokio::fs::read(file)
        .await
        .map_err(|source| TlsError::Read {
            file: file.to_owned(),
            source,
        })
}

fn form(file: &Path, wanted: &'static str, error: pem::Error) -> TlsError {
    TlsError::Form {
        file: file.to_owned(),
        wanted,
        source: error.into(),
    }
}
