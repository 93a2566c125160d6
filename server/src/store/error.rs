use std::path::PathBuf;

/// Why the store could not do what it was asked. Nothing of the work was done.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    /// A file or folder could not be read or written.
    #[error("cannot read or write {}", path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in the database is not what was written there.
    #[error("{what} in the database is damaged")]
    Damaged {
        /// What is.
        what: &'static str,
    },
    /// A newer version of the program has written this database.
    #[error("the database is of version {found}; this program knows up to {newest}")]
    TooNew {
        /// The database's version.
        found: usize,
        /// The newest that this program knows.
        newest: usize,
    },
    /// A file lies outside the folder, and did not come from there.
    #[error("a file did not come from where it lies")]
    Elsewhere(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store was closed, or the work ended abnormally.
    #[error("the store is closed")]
    Closed,
}
