//! Files under the hash of their content: `files/ab/cdef…`.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::Digest as _;

use super::StoreError;

/// A SHA-256, 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A text is not 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct ParseSha256Error;

impl FromStr for Sha256 {
    type Err = ParseSha256Error;

    fn from_str(text: &str) -> Result<Self, ParseSha256Error> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(ParseSha256Error),
        };
        let mut bytes = [0; 32];
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(ParseSha256Error);
        };
        if pairs.len() != bytes.len() {
            return Err(ParseSha256Error);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

/// The folder with the bytes of all files.
#[derive(Clone, Debug)]
pub(super) struct FileFolder {
    root: PathBuf,
}

impl FileFolder {
    pub(super) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) fn path(&self, sha256: &Sha256) -> PathBuf {
        let name = sha256.to_string();
        let (folder, rest) = name.split_at(2);
        self.root.join(folder).join(rest)
    }

    /// Writes the bytes so that the file is whole or absent, even after a power cut.
    pub(super) fn put(&self, sha256: &Sha256, bytes: &[u8]) -> Result<(), StoreError> {
        let held = fs::metadata(self.path(sha256));
        if held.is_ok_and(|metadata| metadata.len() == bytes.len() as u64) {
            return Ok(());
        }
        self.replace(sha256, bytes)
    }

    /// The same, also where a file lies already.
    pub(super) fn replace(&self, sha256: &Sha256, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(sha256);
        write_durably(&path, bytes).map_err(|source| StoreError::Folder { path, source })
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Two processes may write the same content; each has a name of its own until it is whole.
    let unfinished = path.with_extension(format!("part-{}", std::process::id()));
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
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
    fn text_form_round_trips_and_rejects_other_text() {
        let hash = Sha256::of(b"caravan");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for wrong in ["", "ab", &"g".repeat(64), &"A".repeat(64), &"a".repeat(66)] {
            assert_eq!(wrong.parse::<Sha256>(), Err(ParseSha256Error));
        }
    }

    #[test]
    fn a_file_lies_under_its_hash_and_leaves_nothing_unfinished() {
        let folder = tempfile::tempdir().unwrap();
        let files = FileFolder::new(folder.path().join("files"));
        let hash = Sha256::of(b"caravan");
        for _ in 0..2 {
            files.put(&hash, b"caravan").unwrap();
        }
        assert_eq!(fs::read(files.path(&hash)).unwrap(), b"caravan");
        let beside = fs::read_dir(files.path(&hash).parent().unwrap()).unwrap();
        assert_eq!(beside.count(), 1);
    }
}
