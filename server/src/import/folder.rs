use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use keruen_formats::limits::MAX_COMPANION_BYTES;
use keruen_formats::{CompanionProblem, Companions};

/// The folder in which an imported file lies: the only place that its materials' files come from.
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder of this file.
    pub(super) fn beside(file: &Path) -> io::Result<Self> {
        let parent = file
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let root = fs::canonicalize(parent.unwrap_or(Path::new(".")))?;
        Ok(Self { root })
    }
}

impl Companions for Folder {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, CompanionProblem> {
        let problem = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => CompanionProblem::Missing,
            _ => CompanionProblem::Unreadable(error.to_string()),
        };
        let resolved = fs::canonicalize(self.root.join(path)).map_err(problem)?;
        // The path has no `..`, but a link in the folder may lead anywhere.
        if !resolved.starts_with(&self.root) {
            return Err(CompanionProblem::Outside);
        }
        // Not opened before: a pipe would wait for its writer.
        if !fs::metadata(&resolved).map_err(problem)?.is_file() {
            return Err(CompanionProblem::Missing);
        }
        let limit = u64::try_from(MAX_COMPANION_BYTES).unwrap_or(u64::MAX);
        let file = File::open(&resolved).map_err(problem)?;
        let mut bytes = Vec::new();
        let read = file.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(problem)?;
        if bytes.len() > MAX_COMPANION_BYTES {
            return Err(CompanionProblem::TooLarge);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_folder_are_read() {
        let outer = tempfile::tempdir().expect("a folder");
        let inner = outer.path().join("programme");
        fs::create_dir_all(inner.join("files")).expect("a folder");
        fs::write(outer.path().join("secret"), "s").expect("written");
        fs::write(inner.join("files/a.txt"), "a").expect("written");
        let mut folder = Folder::beside(&inner.join("programme.json")).expect("there");
        assert_eq!(folder.read("files/a.txt"), Ok(b"a".to_vec()));
        assert_eq!(folder.read("files/b.txt"), Err(CompanionProblem::Missing));
        assert_eq!(folder.read("files"), Err(CompanionProblem::Missing));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outer.path().join("secret"), inner.join("link"))
                .expect("linked");
            assert_eq!(folder.read("link"), Err(CompanionProblem::Outside));
        }
    }
}
