//! Files in a bucket: where they rest, if the operator has one of a service that speaks S3.
//!
//! Files come into the data folder, are looked at, measured and made smaller there, and are acknowledged once they are on its
//! disk, whether the service answers or not. What has lain there for a while goes on into the bucket, and the folder forgets
//! it ([`moving`]). Who asks for a file gets it from where it is. Nothing here deletes in the bucket.

pub mod moving;
mod options;

use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{BoxStream, StreamExt as _};
use keruen_domain::ContentHash;
use keruen_domain::content::ContentHasher;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _,
    RetryConfig, WriteMultipart,
};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::runtime::Runtime;

pub use options::BucketOptions;

use crate::store::{Elsewhere, FileFolder, StoreError};

/// A file goes into the bucket in pieces of this length; the service wants 5 MiB or more of all but the last.
const PIECE_BYTES: usize = 8 * 1024 * 1024;
/// So many pieces may be on their way.
const PIECES_AT_ONCE: usize = 2;
/// An attempt that takes longer has failed. A piece of 8 MiB takes as long at half a megabit per second.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long one waits for a connection.
const CONNECTION_PATIENCE: Duration = Duration::from_secs(5);
/// How long it is tried again before whoever asked is told.
const RETRY_PATIENCE: Duration = Duration::from_secs(10);

/// Why the bucket did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// It has no such file, or one of another length.
    #[error("the bucket does not hold the file {0}")]
    Missing(ContentHash),
    /// What came is not what the name says.
    #[error("the file {0} is another one in the bucket")]
    Damaged(ContentHash),
    /// It cannot be reached, or refuses. Trying again may help.
    #[error("the bucket cannot be used")]
    Unusable(#[from] object_store::Error),
    /// A file beside it could not be read or written.
    #[error("a file could not be read or written")]
    File(#[from] io::Error),
}

/// A bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

/// Bytes of a file as they come.
pub type Bytes = BoxStream<'static, Result<axum::body::Bytes, BucketError>>;

impl Bucket {
    /// The bucket of these options; `None` if they name none. Nothing is asked of it yet.
    pub fn open(options: &BucketOptions) -> Result<Option<Self>, BucketError> {
        let Some(name) = &options.bucket else {
            return Ok(None);
        };
        choose_tls();
        let client = ClientOptions::new()
            .with_timeout(PATIENCE)
            .with_connect_timeout(CONNECTION_PATIENCE)
            .with_allow_http(options.is_in_clear());
        let retry = RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: 3,
            retry_timeout: RETRY_PATIENCE,
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(&options.bucket_region)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = &options.bucket_endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        builder = match options.keys()? {
            Some((id, secret)) => builder
                .with_access_key_id(id)
                .with_secret_access_key(secret),
            None => builder.with_skip_signature(true),
        };
        Ok(Some(Self {
            store: Arc::new(builder.build()?),
            prefix: Path::from(options.bucket_prefix.as_str()),
        }))
    }

    /// Where a file lies in it: `PREFIX/ab/cdef…`, as in the data folder.
    fn path(&self, sha256: &ContentHash) -> Path {
        let name = sha256.to_string();
        let (folder, rest) = name.split_at(2);
        self.prefix.clone().join(folder).join(rest)
    }

    /// Whether it holds the file with this content, of this length.
    pub async fn holds(&self, sha256: &ContentHash, size_bytes: u64) -> Result<bool, BucketError> {
        match self.store.head(&self.path(sha256)).await {
            Ok(found) => Ok(found.size == size_bytes),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts the file at this path into it, if that is still what its name says: then all of it is there, or nothing.
    /// Takes little memory whatever the file's length.
    pub async fn put(
        &self,
        sha256: &ContentHash,
        size_bytes: u64,
        file: &FilePath,
    ) -> Result<(), BucketError> {
        if self.holds(sha256, size_bytes).await? {
            return Ok(());
        }
        let path = self.path(sha256);
        let mut file = File::open(file).await?;
        let mut hasher = ContentHasher::default();
        if size_bytes <= PIECE_BYTES as u64 {
            let mut whole = Vec::new();
            file.read_to_end(&mut whole).await?;
            hasher.take(&whole);
            if hasher.finish() != *sha256 {
                return Err(BucketError::Damaged(*sha256));
            }
            self.store.put(&path, whole.into()).await?;
            return Ok(());
        }
        let upload = self.store.put_multipart(&path).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PIECE_BYTES);
        let mut piece = vec![0; 256 * 1024];
        let copied = loop {
            let length = match file.read(&mut piece).await {
                Ok(0) => break Ok(()),
                Ok(length) => length,
                Err(error) => break Err(error.into()),
            };
            if let Err(error) = upload.wait_for_capacity(PIECES_AT_ONCE).await {
                break Err(error.into());
            }
            hasher.take(&piece[..length]);
            upload.write(&piece[..length]);
        };
        let checked = copied.and_then(|()| match hasher.finish() == *sha256 {
            true => Ok(()),
            false => Err(BucketError::Damaged(*sha256)),
        });
        if let Err(error) = checked {
            // Else the service keeps the pieces, and counts them.
            let _ = upload.abort().await;
            return Err(error);
        }
        upload.finish().await?;
        Ok(())
    }

    /// The bytes of a file, or these of them, as they come.
    pub async fn get(
        &self,
        sha256: &ContentHash,
        range: Option<Range<u64>>,
    ) -> Result<Bytes, BucketError> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        match self.store.get_opts(&self.path(sha256), options).await {
            Ok(found) => {
                let pieces = found.into_stream();
                Ok(pieces.map(|piece| piece.map_err(BucketError::from)).boxed())
            }
            Err(object_store::Error::NotFound { .. }) => Err(BucketError::Missing(*sha256)),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the bytes of a file to where they are wanted.
    pub async fn copy_to(
        &self,
        sha256: &ContentHash,
        output: &mut (dyn Write + Send),
    ) -> Result<(), BucketError> {
        let mut pieces = self.get(sha256, None).await?;
        while let Some(piece) = pieces.next().await {
            output.write_all(&piece?)?;
        }
        Ok(())
    }
}

impl From<BucketError> for StoreError {
    fn from(error: BucketError) -> Self {
        Self::Elsewhere(Box::new(error))
    }
}

/// A bucket for commands that do one thing after the other.
pub struct BlockingBucket {
    bucket: Bucket,
    runtime: Runtime,
}

impl BlockingBucket {
    /// The bucket of these options; `None` if they name none.
    pub fn open(options: &BucketOptions) -> Result<Option<Self>, BucketError> {
        let Some(bucket) = Bucket::open(options)? else {
            return Ok(None);
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Some(Self { bucket, runtime }))
    }
}

impl Elsewhere for BlockingBucket {
    fn holds(&self, sha256: &ContentHash, size_bytes: u64) -> Result<bool, StoreError> {
        let held = self.bucket.holds(sha256, size_bytes);
        Ok(self.runtime.block_on(held)?)
    }

    fn fetch(
        &self,
        sha256: &ContentHash,
        output: &mut (dyn Write + Send),
    ) -> Result<(), StoreError> {
        let copied = self.bucket.copy_to(sha256, output);
        Ok(self.runtime.block_on(copied)?)
    }
}

/// Has all clients of this process use the one kind of cryptography that the server brings along. Once is enough.
pub fn choose_tls() {
    // That it was chosen already is as well.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
}

/// Sees to it that a file lies in the folder, where programs can read it as often as they like, and returns where.
pub async fn bring(
    bucket: Option<&Bucket>,
    folder: &FileFolder,
    sha256: ContentHash,
    size_bytes: u64,
) -> Result<PathBuf, StoreError> {
    let path = folder.path(&sha256);
    let Some(bucket) = bucket
        .cloned()
        .filter(|_| !folder.holds(&sha256, size_bytes))
    else {
        return Ok(path);
    };
    let (folder, runtime) = (folder.clone(), tokio::runtime::Handle::current());
    let brought = tokio::task::spawn_blocking(move || {
        folder.fill(&sha256, size_bytes, |output| {
            let copied = runtime.block_on(bucket.copy_to(&sha256, output));
            copied.map_err(io::Error::other)
        })
    });
    brought.await.map_err(|_| StoreError::Closed)??;
    Ok(path)
}
