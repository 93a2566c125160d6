//! Files under the hash of their content: `files/ab/cdef…`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use keruen_domain::ContentHash;
use keruen_domain::content::ContentHasher;

use super::StoreError;

/// The folder with the bytes of files.
#[derive(Clone, Debug)]
pub struct FileFolder {
    root: PathBuf,
}

/// Where files lie that are not in the folder.
pub trait Elsewhere {
    /// Whether it holds the file with this content, of this length.
    fn holds(&self, sha256: &ContentHash, size_bytes: u64) -> Result<bool, StoreError>;

    /// Writes the bytes of a file to where they are wanted.
    fn fetch(
        &self,
        sha256: &ContentHash,
        output: &mut (dyn io::Write + Send),
    ) -> Result<(), StoreError>;
}

/// A file that lies in the folder, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalFile {
    /// What its name says that its content is.
    pub sha256: ContentHash,
    /// Its length.
    pub size_bytes: u64,
    /// When it came.
    pub came: SystemTime,
}

impl FileFolder {
    /// The folder at this path, which is made once something is put into it.
    pub const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where a file lies, or would lie.
    pub fn path(&self, sha256: &ContentHash) -> PathBuf {
        let name = sha256.to_string();
        let (folder, rest) = name.split_at(2);
        self.root.join(folder).join(rest)
    }

    /// Whether the file with this content lies here, in its full length.
    pub fn holds(&self, sha256: &ContentHash, size_bytes: u64) -> bool {
        let held = fs::metadata(self.path(sha256));
        held.is_ok_and(|metadata| metadata.len() == size_bytes)
    }

    /// The files that lie here whole.
    pub fn whole_files(&self) -> Result<Vec<LocalFile>, StoreError> {
        let mut found = Vec::new();
        for folder in entries(&self.root)? {
            for path in entries(&folder)? {
                let names = [&folder, &path].map(|path| path.file_name()?.to_str());
                let [Some(begin), Some(rest)] = names else {
                    continue;
                };
                // What is being written has another name.
                let Ok(sha256) = [begin, rest].concat().parse() else {
                    continue;
                };
                let metadata = fs::metadata(&path);
                let looked =
                    metadata.and_then(|metadata| Ok((metadata.len(), metadata.modified()?)));
                match looked {
                    Ok((size_bytes, came)) => found.push(LocalFile {
                        sha256,
                        size_bytes,
                        came,
                    }),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(source) => return Err(StoreError::Folder { path, source }),
                }
            }
        }
        Ok(found)
    }

    /// Forgets a file that lies elsewhere as well.
    pub fn remove(&self, sha256: &ContentHash) -> Result<(), StoreError> {
        let path = self.path(sha256);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::Folder { path, source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Writes the bytes so that the file is whole or absent, even after a power cut.
    pub(super) fn put(&self, sha256: &ContentHash, bytes: &[u8]) -> Result<(), StoreError> {
        if self.holds(sha256, bytes.len() as u64) {
            return Ok(());
        }
        self.replace(sha256, bytes)
    }

    /// Makes the bytes of this file, which are of this length and what the hash says, those of the content,
    /// whole or not at all. The file itself stays.
    pub(super) fn adopt(
        &self,
        sha256: &ContentHash,
        size_bytes: u64,
        file: &Path,
    ) -> Result<(), StoreError> {
        if self.holds(sha256, size_bytes) {
            return Ok(());
        }
        let path = self.path(sha256);
        link_durably(file, &path).map_err(|source| StoreError::Folder { path, source })
    }

    /// Writes the bytes also where a file lies already.
    pub(super) fn replace(&self, sha256: &ContentHash, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(sha256, |file| file.write_all(bytes))
    }

    /// Writes what `fill` writes, if that is what the hash says: then it is whole or absent, even after a power cut.
    pub fn fill(
        &self,
        sha256: &ContentHash,
        size_bytes: u64,
        fill: impl FnOnce(&mut (dyn io::Write + Send)) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        if self.holds(sha256, size_bytes) {
            return Ok(());
        }
        self.write(sha256, |file| {
            let mut measured = Measured::new(file);
            fill(&mut measured)?;
            measured.compare(sha256)
        })
    }

    fn write(
        &self,
        sha256: &ContentHash,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let path = self.path(sha256);
        write_durably(&path, fill).map_err(|source| StoreError::Folder { path, source })
    }
}

/// What lies in a folder; nothing in one that is not there.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let listed = fs::read_dir(folder).and_then(|entries| {
        let paths = entries.map(|entry| Ok(entry?.path()));
        paths.collect::<io::Result<Vec<_>>>()
    });
    match listed {
        Ok(paths) => Ok(paths),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(Vec::new())
        }
        Err(source) => {
            let path = folder.to_owned();
            Err(StoreError::Folder { path, source })
        }
    }
}

/// A file whose content is hashed as it is written.
struct Measured<'a> {
    file: &'a mut File,
    hasher: ContentHasher,
}

impl<'a> Measured<'a> {
    fn new(file: &'a mut File) -> Self {
        let hasher = ContentHasher::default();
        Self { file, hasher }
    }

    fn compare(self, expected: &ContentHash) -> io::Result<()> {
        if self.hasher.finish() == *expected {
            return Ok(());
        }
        let other = "the content became another while it was copied";
        Err(io::Error::new(io::ErrorKind::InvalidData, other))
    }
}

impl io::Write for Measured<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.take(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn write_durably(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Two processes may write the same content; each has a name of its own until it is whole.
    let unfinished = path.with_extension(format!("part-{}", std::process::id()));
    let mut file = File::create(&unfinished)?;
    let written = fill(&mut file).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Nobody would look for the rest.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    rename_durably(&unfinished, path)
}

/// Gives the file another name beside its own. Where the file system knows no second names, it is copied.
fn link_durably(file: &Path, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let unfinished = path.with_extension(format!("part-{}", std::process::id()));
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    if fs::hard_link(file, &unfinished).is_err() {
        fs::copy(file, &unfinished)?;
    }
    File::open(&unfinished)?.sync_all()?;
    rename_durably(&unfinished, path)
}

fn rename_durably(unfinished: &Path, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::rename(unfinished, path)?;
    File::open(folder)?.sync_all()?;
    // A folder made just now is an entry of the folder above.
    folder
        .parent()
        .map_or(Ok(()), |above| File::open(above)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lies_under_its_hash_and_leaves_nothing_unfinished() {
        let folder = tempfile::tempdir().unwrap();
        let files = FileFolder::new(folder.path().join("files"));
        let hash = ContentHash::of(b"caravan");
        for _ in 0..2 {
            files.put(&hash, b"caravan").unwrap();
        }
        assert_eq!(fs::read(files.path(&hash)).unwrap(), b"caravan");
        let beside = fs::read_dir(files.path(&hash).parent().unwrap()).unwrap();
        assert_eq!(beside.count(), 1);
    }
}
