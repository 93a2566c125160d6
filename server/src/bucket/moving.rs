//! What has lain in the data folder for a while goes into the bucket.

use std::time::{Duration, SystemTime};

use super::{Bucket, BucketError};
use crate::store::{FileFolder, LocalFile, StoreError};

/// Files that came less than this ago stay: they are still being measured and made smaller, or are being read.
pub const REST: Duration = Duration::from_secs(10 * 60);

/// What was done with the files that were to move.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// So many are in the bucket and not in the folder any more.
    pub files: usize,
    /// So many stay in the folder, since the bucket did not take them.
    pub left: usize,
}

/// Moves the files that came before this time. One that the bucket does not take stays where it is; after one that
/// cannot be sent at all, the rest waits for the next time.
pub async fn move_files(
    bucket: &Bucket,
    folder: &FileFolder,
    came_before: SystemTime,
) -> Result<Moved, StoreError> {
    let listed = folder.clone();
    let files = tokio::task::spawn_blocking(move || listed.whole_files());
    let files = files.await.map_err(|_| StoreError::Closed)??;
    let mut moved = Moved::default();
    let mut files = files.into_iter().filter(|file| file.came < came_before);
    while let Some(file) = files.next() {
        let LocalFile {
            sha256, size_bytes, ..
        } = file;
        match put(bucket, folder, &file).await {
            Ok(()) => {
                folder.remove(&sha256)?;
                moved.files += 1;
            }
            Err(error @ BucketError::Unusable(_)) => {
                tracing::error!(file = %sha256, size_bytes, %error, cause = ?error, "a file is not in the bucket yet");
                moved.left += 1 + files.count();
                break;
            }
            Err(error) => {
                tracing::error!(file = %sha256, size_bytes, %error, cause = ?error, "a file stays in the folder");
                moved.left += 1;
            }
        }
    }
    Ok(moved)
}

/// Puts it, and looks whether it is there: only then may the folder forget it.
async fn put(bucket: &Bucket, folder: &FileFolder, file: &LocalFile) -> Result<(), BucketError> {
    let path = folder.path(&file.sha256);
    bucket.put(&file.sha256, file.size_bytes, &path).await?;
    if bucket.holds(&file.sha256, file.size_bytes).await? {
        Ok(())
    } else {
        Err(BucketError::Missing(file.sha256))
    }
}
