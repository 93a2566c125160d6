//! Files on their way here: what is announced of each, and the bytes that have come.
//!
//! ```text
//! unfinished/<name>.json    what is announced, and what became of it
//! unfinished/<name>.part    the bytes so far, until it is known what they are
//! ```
//!
//! All is in files, so that a start finds what there was when the server ended, however it ended. Nothing of
//! it is copied by a backup: whoever sends a file asks how much of it is here.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use keruen_domain::{ContentHash, GroupId, PersonId, ProgrammeId, ScopeId};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::files::FileFolder;

/// The name of a file on its way: random bits, in hexadecimal digits as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(pub [u8; 16]);

impl fmt::Display for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.0.iter();
        bytes.try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// A text is no name of a file on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoUploadId;

impl FromStr for UploadId {
    type Err = NoUploadId;

    fn from_str(text: &str) -> Result<Self, NoUploadId> {
        let digits = b"0123456789abcdef";
        let digit = |byte: &u8| digits.iter().position(|digit| digit == byte);
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(NoUploadId);
        };
        let bytes: Option<Vec<u8>> = pairs
            .iter()
            .map(|[high, low]| u8::try_from(digit(high)? << 4 | digit(low)?).ok())
            .collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(NoUploadId)
    }
}

/// What is announced of a file, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// Who sends it.
    pub person: PersonId,
    /// Which scope is to have it.
    #[serde(flatten, with = "ScopeName")]
    pub scope: ScopeId,
    /// The SHA-256 of its content.
    pub sha256: ContentHash,
    /// Its length.
    pub size_bytes: u64,
    /// Under which name to save it.
    pub name: String,
    /// When it is forgotten, in milliseconds since 1970 (UTC).
    pub expires_ms: u64,
    /// What became of it.
    pub state: UploadState,
}

/// A scope as it is written beside what is announced: `"programme": "…"`.
#[derive(Serialize, Deserialize)]
#[serde(remote = "ScopeId", rename_all = "kebab-case")]
enum ScopeName {
    Programme(ProgrammeId),
    Group(GroupId),
    /// Beside who sends it, who is called `person`.
    #[serde(rename = "own")]
    Person(PersonId),
}

/// What became of a file on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UploadState {
    /// Not all of it is here, or nobody has looked yet at what came.
    Coming,
    /// The scope has it.
    Stored {
        /// What it is.
        media_type: String,
    },
    /// The bytes are not those that were announced.
    WrongContent,
    /// They are not what the name says.
    WrongType,
}

impl Unfinished {
    /// Whether it is still to come or to be looked at.
    pub fn is_coming(&self) -> bool {
        self.state == UploadState::Coming
    }
}

const ABOUT: &str = "json";
const PART: &str = "part";

/// The folder of files on their way, beside those that are whole.
#[derive(Clone, Debug)]
pub struct UnfinishedFolder {
    root: PathBuf,
    files: FileFolder,
}

impl UnfinishedFolder {
    pub(super) const fn new(root: PathBuf, files: FileFolder) -> Self {
        Self { root, files }
    }

    /// Where the bytes of one are.
    pub fn part(&self, id: UploadId) -> PathBuf {
        self.root.join(format!("{id}.{PART}"))
    }

    fn about(&self, id: UploadId) -> PathBuf {
        self.root.join(format!("{id}.{ABOUT}"))
    }

    /// Keeps what is announced of a file, with a place for its bytes if they are to come.
    pub fn add(&self, id: UploadId, announced: &Unfinished) -> Result<(), StoreError> {
        at(&self.root, fs::create_dir_all(&self.root))?;
        if announced.is_coming() {
            let part = self.part(id);
            at(&part, File::create(&part).and_then(|file| file.sync_all()))?;
        }
        self.note(id, announced)
    }

    /// Keeps what became of it.
    pub fn note(&self, id: UploadId, now: &Unfinished) -> Result<(), StoreError> {
        let (path, beside) = (self.about(id), self.root.join(format!("{id}.new")));
        let written = || {
            let text = serde_json::to_vec(now)?;
            let mut file = File::create(&beside)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.root)?.sync_all()
        };
        at(&path, written())
    }

    /// What is known of one; `None` if nothing is, or nothing that can be read.
    pub fn get(&self, id: UploadId) -> Result<Option<Unfinished>, StoreError> {
        let path = self.about(id);
        let Some(text) = at(&path, unless_missing(fs::read(&path)))? else {
            return Ok(None);
        };
        let read = serde_json::from_slice(&text);
        if let Err(error) = &read {
            tracing::error!(%id, %error, "what was announced of a file cannot be read");
        }
        Ok(read.ok())
    }

    /// All of them.
    pub fn all(&self) -> Result<Vec<(UploadId, Unfinished)>, StoreError> {
        let mut all = Vec::new();
        for (path, id) in self.names()? {
            if path.extension().is_some_and(|ending| ending == ABOUT)
                && let Some(id) = id
                && let Some(known) = self.get(id)?
            {
                all.push((id, known));
            }
        }
        Ok(all)
    }

    /// How many files lie in it.
    pub fn count(&self) -> Result<usize, StoreError> {
        Ok(self.names()?.len())
    }

    fn names(&self) -> Result<Vec<(PathBuf, Option<UploadId>)>, StoreError> {
        let Some(entries) = at(&self.root, unless_missing(fs::read_dir(&self.root)))? else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = at(&self.root, entry)?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let id = stem.and_then(|stem| stem.parse().ok());
            names.push((path, id));
        }
        Ok(names)
    }

    /// How many bytes of one are here to stay, whatever happens to the machine.
    pub fn durable_bytes(&self, id: UploadId) -> Result<u64, StoreError> {
        let path = self.part(id);
        let length = || {
            let file = OpenOptions::new().append(true).open(&path)?;
            // What a server that was killed had written is in the memory of the system only.
            file.sync_all()?;
            Ok(file.metadata()?.len())
        };
        at(&path, length())
    }

    /// The file to which the bytes of one are appended.
    pub fn open(&self, id: UploadId) -> Result<File, StoreError> {
        let path = self.part(id);
        at(&path, OpenOptions::new().append(true).open(&path))
    }

    /// Puts the bytes of one with those of the files that are whole. They are its content's, that was looked at.
    pub fn keep(&self, id: UploadId, announced: &Unfinished) -> Result<(), StoreError> {
        let part = self.part(id);
        self.files
            .adopt(&announced.sha256, announced.size_bytes, &part)
    }

    /// Removes the bytes of one.
    pub fn remove_bytes(&self, id: UploadId) -> Result<(), StoreError> {
        let part = self.part(id);
        at(&part, unless_missing(fs::remove_file(&part))).map(drop)
    }

    /// Removes one with all that is known of it.
    pub fn remove(&self, id: UploadId) -> Result<(), StoreError> {
        let about = self.about(id);
        // First what names it: bytes alone are swept.
        at(&about, unless_missing(fs::remove_file(&about)))?;
        self.remove_bytes(id)
    }

    /// Removes what has expired at this time (milliseconds since 1970, UTC), and what belongs to nothing.
    /// Nobody may be adding anything meanwhile. Returns how many files it removed.
    pub fn sweep(&self, now_ms: u64) -> Result<usize, StoreError> {
        let mut removed = 0;
        for (path, id) in self.names()? {
            let known = id.map_or(Ok(None), |id| self.get(id))?;
            let is_wanted = known.is_some_and(|known| {
                let ending = path.extension().and_then(|ending| ending.to_str());
                known.expires_ms > now_ms
                    && (ending == Some(ABOUT) || ending == Some(PART) && known.is_coming())
            });
            if !is_wanted {
                at(&path, unless_missing(fs::remove_file(&path)))?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, StoreError> {
    result.map_err(|source| StoreError::Folder {
        path: path.to_owned(),
        source,
    })
}

fn unless_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(bytes: &[u8], expires_ms: u64) -> Unfinished {
        Unfinished {
            person: PersonId::new(1, [1; 10]),
            scope: ScopeId::Programme(ProgrammeId::new(1, [1; 10])),
            sha256: ContentHash::of(bytes),
            size_bytes: bytes.len() as u64,
            name: "a.bin".to_owned(),
            expires_ms,
            state: UploadState::Coming,
        }
    }

    fn folder(root: &Path) -> UnfinishedFolder {
        UnfinishedFolder::new(root.join("unfinished"), FileFolder::new(root.join("files")))
    }

    #[test]
    fn what_an_earlier_version_began_goes_on() {
        let mut known = announced(b"a", 9);
        let text = serde_json::to_value(&known).unwrap();
        let programme = ProgrammeId::new(1, [1; 10]).to_string();
        assert_eq!(text["programme"], programme.as_str());
        for scope in [
            ScopeId::Group(GroupId::new(1, [2; 10])),
            ScopeId::Person(PersonId::new(1, [3; 10])),
            known.scope,
        ] {
            known.scope = scope;
            let text = serde_json::to_vec(&known).unwrap();
            assert_eq!(serde_json::from_slice::<Unfinished>(&text).unwrap(), known);
        }
    }

    #[test]
    fn names_are_digits_and_nothing_else() {
        let id = UploadId([0xa7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "a7", "../a", &"A7".repeat(16), &"a7".repeat(17)] {
            assert_eq!(wrong.parse::<UploadId>(), Err(NoUploadId));
        }
    }

    #[test]
    fn what_came_is_there_after_opening_again_and_becomes_a_file() {
        let root = tempfile::tempdir().unwrap();
        let (id, file) = (UploadId([1; 16]), announced(b"caravan", 9));
        let unfinished = folder(root.path());
        assert!(unfinished.all().unwrap().is_empty());
        unfinished.add(id, &file).unwrap();
        unfinished.open(id).unwrap().write_all(b"cara").unwrap();

        let unfinished = folder(root.path());
        assert_eq!(unfinished.all().unwrap(), [(id, file.clone())]);
        assert_eq!(unfinished.durable_bytes(id).unwrap(), 4);
        unfinished.open(id).unwrap().write_all(b"van").unwrap();
        for _ in 0..2 {
            unfinished.keep(id, &file).unwrap();
        }
        unfinished.remove(id).unwrap();
        let path = FileFolder::new(root.path().join("files")).path(&file.sha256);
        assert_eq!(fs::read(path).unwrap(), b"caravan");
        assert_eq!(unfinished.get(id).unwrap(), None);
        unfinished.remove(id).unwrap();
    }

    #[test]
    fn what_expired_and_what_belongs_to_nothing_is_swept() {
        let root = tempfile::tempdir().unwrap();
        let unfinished = folder(root.path());
        let [old, young, stored] = [1, 2, 3].map(|number| UploadId([number; 16]));
        unfinished.add(old, &announced(b"old", 10)).unwrap();
        unfinished.add(young, &announced(b"young", 11)).unwrap();
        let mut file = announced(b"stored", 11);
        unfinished.add(stored, &file).unwrap();
        file.state = UploadState::Stored {
            media_type: "text/plain".to_owned(),
        };
        unfinished.note(stored, &file).unwrap();
        fs::write(unfinished.part(UploadId([4; 16])), b"alone").unwrap();
        fs::write(unfinished.about(UploadId([5; 16])), b"not JSON").unwrap();
        // Two of the old one, the stored one's bytes, what is alone, what cannot be read.
        assert_eq!(unfinished.sweep(10).unwrap(), 5);
        let mut left: Vec<_> = unfinished
            .all()
            .unwrap()
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        left.sort();
        assert_eq!(left, [young, stored]);
        assert_eq!(unfinished.durable_bytes(young).unwrap(), 0);
        assert_eq!(unfinished.sweep(10).unwrap(), 0);
    }
}
