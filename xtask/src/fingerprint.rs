//! One hash over files and folders, so that unchanged work is skipped.
//!
//! Contents count, not times: a checkout that touches every file changes nothing here.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Hashes words and files; two equal fingerprints mean equal inputs in equal order.
#[derive(Debug, Default)]
pub(crate) struct Fingerprint {
    hash: Sha256,
}

impl Fingerprint {
    /// Adds a word, such as the name of a profile.
    pub(crate) fn word(&mut self, word: &str) {
        self.part(word.as_bytes());
    }

    /// Adds a file, or a folder with all that is in it; a path that is not there counts as that.
    pub(crate) fn path(&mut self, root: &Path, relative: &str) -> Result<()> {
        self.word(relative);
        let path = root.join(relative);
        if path.is_dir() {
            let mut names = Vec::new();
            let entries =
                fs::read_dir(&path).with_context(|| format!("cannot list {}", path.display()))?;
            for entry in entries {
                names.push(entry?.file_name().to_string_lossy().into_owned());
            }
            names.sort();
            for name in names {
                self.path(root, &format!("{relative}/{name}"))?;
            }
        } else if path.is_file() {
            let content =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            self.part(&content);
        } else {
            self.word("absent");
        }
        Ok(())
    }

    /// The fingerprint as text.
    pub(crate) fn finish(self) -> String {
        hex(&self.hash.finalize())
    }

    /// The length goes first, so that no two series of parts run together.
    fn part(&mut self, bytes: &[u8]) {
        self.hash.update((bytes.len() as u64).to_le_bytes());
        self.hash.update(bytes);
    }
}

/// The SHA-256 of bytes as lower-case hexadecimal digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Fingerprint, sha256_hex};

    fn of(root: &std::path::Path) -> String {
        let mut fingerprint = Fingerprint::default();
        fingerprint.path(root, "folder").unwrap();
        fingerprint.finish()
    }

    #[test]
    fn the_hash_is_the_standard_one() {
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn contents_and_names_count_and_times_do_not() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("folder");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a"), "one").unwrap();
        let first = of(root.path());

        fs::write(folder.join("a"), "one").unwrap();
        assert_eq!(of(root.path()), first, "written again");
        fs::write(folder.join("a"), "two").unwrap();
        assert_ne!(of(root.path()), first, "other content");
        fs::write(folder.join("a"), "one").unwrap();
        fs::rename(folder.join("a"), folder.join("b")).unwrap();
        assert_ne!(of(root.path()), first, "other name");
    }
}
