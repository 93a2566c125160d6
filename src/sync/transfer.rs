//! Brings one file: part by part, each verified before it is kept, and the whole at the end.
//!
//! One request asks for some megabytes of parts in a row that are missing. While one part is compared with its hash and
//! stored, the next is read, so that of a body that breaks off nearly nothing is lost: what came of a part
//! stays in memory, and the next request goes on behind it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use js_sys::Promise;
use keruen_domain::ContentHash;
use keruen_domain::content::ContentHasher;
use keruen_domain::encoding::decode;
use keruen_domain::parts::{Division, USUAL_PART_BYTES, read_content_range};
use keruen_domain::protocol::BINARY_MEDIA_TYPE;
use keruen_domain::protocol::files::{Parts as FileParts, address, parts_address};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::chunks::sha256;
use super::transport::{Identity, STALL_MS};
use crate::platform::{Body, BreakOff, FetchError, fetch};
use crate::store::{Download, DownloadFailure, HeldFile, PartList, Queued, Store, StoreError};

/// So many parts may be other than they should before it is the server's fault.
const MOST_DAMAGED: u32 = 4;

/// So much is asked for at once, in bytes, or one part if that is longer. What comes quicker than it can be compared and
/// stored the browser holds in memory: more than this it never can. On links so quick that another question would be felt it
/// comes within a second.
const MOST_AT_ONCE_BYTES: u32 = 8 << 20;

/// Why a transfer ended without the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// [`Transfer::stop`] was called.
    Stopped,
    /// The file is not in the queue any more.
    CalledOff,
    /// The server cannot be reached, or the way to it broke; so many bytes had come.
    Broken {
        /// Since this transfer began.
        came_bytes: u64,
    },
    /// It will not come before somebody asks anew.
    Failed(DownloadFailure),
    /// The device could not keep it. What had been kept is still there.
    Store(StoreError),
}

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// An answer begins.
    Begins,
    /// So many bytes came just now; of the file so many are here.
    Came {
        /// Just now.
        bytes: u64,
        /// Of the file.
        here_bytes: u64,
    },
    /// All parts are here and are compared with the whole.
    Checking,
}

/// What came of a part before its body broke off.
#[derive(Default)]
struct Rest {
    sha256: String,
    part: u32,
    bytes: Vec<u8>,
}

/// One transfer at a time.
#[derive(Default)]
pub struct Transfer {
    is_stopped: Cell<bool>,
    break_off: RefCell<Option<BreakOff>>,
    rest: RefCell<Rest>,
    came_bytes: Cell<u64>,
}

/// A file that is being brought.
struct File<'a> {
    store: &'a Rc<Store>,
    sha256: String,
    url: String,
    parts: Division,
    hashes: Vec<ContentHash>,
    begun: Rc<RefCell<Begun>>,
}

/// The hash of the first parts, as far as they came in their order: these need not be read again for the whole's.
#[derive(Clone, Default)]
struct Begun {
    hasher: ContentHasher,
    parts: u32,
}

impl Begun {
    fn take(&mut self, part: u32, bytes: &[u8]) {
        if part == self.parts {
            self.hasher.take(bytes);
            self.parts += 1;
        }
    }
}

impl Transfer {
    /// Ends the transfer that is under way, at once.
    pub fn stop(&self) {
        self.is_stopped.set(true);
        if let Some(break_off) = self.break_off.take() {
            break_off.now();
        }
    }

    /// Brings a file of the queue, or what is missing of it.
    pub async fn bring(
        &self,
        store: &Rc<Store>,
        queued: Queued,
        progress: impl Fn(Progress),
    ) -> Result<(), Ended> {
        self.is_stopped.set(false);
        self.came_bytes.set(0);
        let Queued {
            mut download,
            mut kept,
        } = queued;
        let name = download.sha256.to_string();
        let url = download.from.clone();
        let url = url.unwrap_or_else(|| address(&download.sha256));
        let list = match download.parts.take() {
            Some(list) => list,
            None => {
                let list = match download.from {
                    None => self.ask_parts(store, &download).await?,
                    Some(_) => untold(),
                };
                let divided = store.divide_download(&name, list.clone()).await;
                if !divided.map_err(Ended::Store)? {
                    return Err(Ended::CalledOff);
                }
                kept.clear();
                list
            }
        };
        let parts = Division::new(download.size_bytes, list.part_bytes);
        let parts = parts.ok_or(Ended::Failed(DownloadFailure::Damaged))?;
        let file = File {
            store,
            sha256: name,
            url,
            parts,
            hashes: list.hashes,
            begun: Rc::default(),
        };
        let mut damaged = 0;
        loop {
            while let Some(missing) = parts.missing(&kept) {
                let most = (MOST_AT_ONCE_BYTES / parts.part_bytes()).max(1);
                let missing = missing.start..missing.end.min(missing.start + most);
                self.bring_run(&file, missing, &mut kept, &mut damaged, &progress)
                    .await?;
            }
            progress(Progress::Checking);
            if self.is_whole(&file, download.sha256, &mut kept).await? {
                break;
            }
            damaged += 1;
            if damaged >= MOST_DAMAGED || kept.is_empty() {
                return Err(Ended::Failed(DownloadFailure::Damaged));
            }
        }
        let held = HeldFile {
            size_bytes: download.size_bytes,
            part_bytes: parts.part_bytes(),
            media_type: download.media_type,
            is_usual: download.from.is_none(),
        };
        match store.complete_download(&file.sha256, &held).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Ended::CalledOff),
            Err(error) => Err(Ended::Store(error)),
        }
    }

    /// How the server divides the file.
    async fn ask_parts(&self, store: &Store, download: &Download) -> Result<PartList, Ended> {
        let identity = Identity::of(store);
        let mut headers = identity.headers();
        headers.push(("accept", BINARY_MEDIA_TYPE));
        let url = parts_address(&download.sha256);
        let reply = fetch("GET", &url, &headers, None, STALL_MS).await;
        let reply = reply.map_err(|_: FetchError| self.broken())?;
        match reply.status {
            200 => {}
            // Whether the file itself is there, asking for it will tell.
            401 | 403 | 404 | 405 | 410 => return Ok(untold()),
            _ => return Err(self.broken()),
        }
        // A hotel's sign-in page says 200 to everything.
        let told: FileParts = decode(&reply.body).map_err(|_| self.broken())?;
        let fits = told.size_bytes == download.size_bytes && told.are_whole();
        fits.then_some(PartList {
            part_bytes: told.part_bytes,
            hashes: told.sha256,
        })
        .ok_or(Ended::Failed(DownloadFailure::Damaged))
    }

    /// Asks for parts in a row, and keeps what comes of them.
    async fn bring_run(
        &self,
        file: &File<'_>,
        missing: Range<u32>,
        kept: &mut BTreeSet<u32>,
        damaged: &mut u32,
        progress: &impl Fn(Progress),
    ) -> Result<(), Ended> {
        let parts = &file.parts;
        let mut part = missing.start;
        let mut bytes = self.take_rest(file, part);
        let begin = parts.start(part) + bytes.len() as u64;
        let body = self.ask(file, begin..parts.start(missing.end)).await?;
        progress(Progress::Begins);
        let here_bytes = |kept: &BTreeSet<u32>, unkept: u64| parts.bytes_of(kept) + unkept;
        let mut storing: Option<Storing> = None;
        let ended = loop {
            if self.is_stopped.get() {
                break Err(Ended::Stopped);
            }
            let piece = match body.next().await {
                Ok(Some(piece)) => piece,
                Ok(None) => break Ok(()),
                Err(_) => break Err(self.broken()),
            };
            self.came_bytes
                .set(self.came_bytes.get() + piece.len() as u64);
            let mut piece = piece.as_slice();
            let came = piece.len() as u64;
            // More than was asked for is nothing to us.
            while !piece.is_empty() && part < missing.end {
                let length = parts.length(part) as usize;
                bytes.reserve_exact(length - bytes.len());
                let (taken, left) = piece.split_at(piece.len().min(length - bytes.len()));
                bytes.extend_from_slice(taken);
                piece = left;
                if bytes.len() == length {
                    if let Some(storing) = storing.take() {
                        settle(storing, kept, damaged).await?;
                    }
                    storing = Some(Storing::begin(file, part, std::mem::take(&mut bytes)));
                    part += 1;
                }
            }
            let unkept = storing.as_ref().map_or(0, |storing| storing.length) + bytes.len() as u64;
            progress(Progress::Came {
                bytes: came,
                here_bytes: here_bytes(kept, unkept),
            });
        };
        if !bytes.is_empty() {
            self.rest.replace(Rest {
                sha256: file.sha256.clone(),
                part,
                bytes,
            });
        }
        if let Some(storing) = storing {
            settle(storing, kept, damaged).await?;
        }
        if self.is_stopped.get() {
            return Err(Ended::Stopped);
        }
        ended?;
        // It ended too early, as if that were all.
        if part < missing.end {
            return Err(self.broken());
        }
        Ok(())
    }

    /// Asks for some bytes; the answer is about to bring just these.
    async fn ask(&self, file: &File<'_>, range: Range<u64>) -> Result<Body, Ended> {
        let asked = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
        let identity = Identity::of(file.store);
        let mut headers = identity.headers();
        headers.push(("range", asked.as_str()));
        let begun = |break_off| drop(self.break_off.replace(Some(break_off)));
        let body = Body::ask(&file.url, &headers, STALL_MS, begun).await;
        if self.is_stopped.get() {
            return Err(Ended::Stopped);
        }
        let body = body.map_err(|_| self.broken())?;
        let size_bytes = file.parts.size_bytes();
        match body.status() {
            206 => {
                let given = body.header("content-range");
                let given = given.as_deref().and_then(read_content_range);
                let Some((given, whole)) = given else {
                    return Err(self.broken());
                };
                if whole != size_bytes {
                    Err(Ended::Failed(DownloadFailure::Damaged))
                } else if given.start == range.start {
                    Ok(body)
                } else {
                    Err(self.broken())
                }
            }
            // All of it, from something between that knows no parts. A sign-in page has another length.
            200 => {
                let length = body.header("content-length");
                let is_whole = length.is_some_and(|length| length == size_bytes.to_string());
                if is_whole && range.start == 0 {
                    Ok(body)
                } else {
                    Err(self.broken())
                }
            }
            401 | 403 | 404 | 410 => Err(Ended::Failed(DownloadFailure::NotThere)),
            416 => Err(Ended::Failed(DownloadFailure::Damaged)),
            _ => Err(self.broken()),
        }
    }

    /// Whether the parts are the file; if not, those that are to blame are dropped.
    async fn is_whole(
        &self,
        file: &File<'_>,
        expected: ContentHash,
        kept: &mut BTreeSet<u32>,
    ) -> Result<bool, Ended> {
        let Begun {
            mut hasher,
            parts: hashed,
        } = file.begun.take();
        let mut wrong = Vec::new();
        for part in hashed..file.parts.count() {
            if self.is_stopped.get() {
                return Err(Ended::Stopped);
            }
            let bytes = file.store.file_part(&file.sha256, part).await;
            match bytes.map_err(Ended::Store)? {
                Some(bytes) if bytes.len() == file.parts.length(part) as usize => {
                    hasher.take(&bytes);
                }
                _ => wrong.push(part),
            }
        }
        if wrong.is_empty() {
            if hasher.finish() == expected {
                return Ok(true);
            }
            for (part, hash) in (0..).zip(&file.hashes) {
                let bytes = file.store.file_part(&file.sha256, part).await;
                let bytes = bytes.map_err(Ended::Store)?.unwrap_or_default();
                if hash_of(&bytes).await != *hash {
                    wrong.push(part);
                }
            }
        }
        if wrong.is_empty() {
            // Each part is what it was said to be, and together they are something else.
            wrong = (0..file.parts.count()).collect();
        }
        let dropped = file.store.drop_parts(&file.sha256, &wrong).await;
        dropped.map_err(Ended::Store)?;
        kept.retain(|part| !wrong.contains(part));
        Ok(false)
    }

    fn take_rest(&self, file: &File<'_>, part: u32) -> Vec<u8> {
        let rest = self.rest.take();
        // The division may be another one by now.
        let is_shorter = rest.bytes.len() < file.parts.length(part) as usize;
        let is_of_it = rest.sha256 == file.sha256 && rest.part == part && is_shorter;
        if is_of_it { rest.bytes } else { Vec::new() }
    }

    fn broken(&self) -> Ended {
        Ended::Broken {
            came_bytes: self.came_bytes.get(),
        }
    }
}

/// Where the server does not tell, parts have the usual length, and only the whole is verified.
const fn untold() -> PartList {
    PartList {
        part_bytes: USUAL_PART_BYTES,
        hashes: Vec::new(),
    }
}

/// What became of a part.
enum Stored {
    Kept,
    Damaged,
    NotWanted,
    Failed(StoreError),
}

/// A part that is being compared and kept while the next one comes.
struct Storing {
    part: u32,
    length: u64,
    done: Promise,
    stored: Rc<RefCell<Option<Stored>>>,
}

impl Storing {
    fn begin(file: &File<'_>, part: u32, bytes: Vec<u8>) -> Self {
        let stored = Rc::new(RefCell::new(None));
        let (store, sha256) = (file.store.clone(), file.sha256.clone());
        let begun = file.begun.clone();
        let expected = file.hashes.get(part as usize).copied();
        let outcome = stored.clone();
        let length = bytes.len() as u64;
        let done = future_to_promise(async move {
            let is_it = match expected {
                Some(expected) => hash_of(&bytes).await == expected,
                None => true,
            };
            let stored = if is_it {
                match store.keep_part(&sha256, part, &bytes).await {
                    Ok(true) => {
                        begun.borrow_mut().take(part, &bytes);
                        Stored::Kept
                    }
                    Ok(false) => Stored::NotWanted,
                    Err(error) => Stored::Failed(error),
                }
            } else {
                Stored::Damaged
            };
            outcome.replace(Some(stored));
            Ok(JsValue::UNDEFINED)
        });
        Self {
            part,
            length,
            done,
            stored,
        }
    }
}

/// Waits until a part is stored.
async fn settle(
    storing: Storing,
    kept: &mut BTreeSet<u32>,
    damaged: &mut u32,
) -> Result<(), Ended> {
    // It never fails; what became of it is beside it.
    let _ = JsFuture::from(storing.done).await;
    match storing.stored.take() {
        Some(Stored::Kept) => drop(kept.insert(storing.part)),
        // It is fetched again, behind the others.
        Some(Stored::Damaged) => {
            *damaged += 1;
            if *damaged >= MOST_DAMAGED {
                return Err(Ended::Failed(DownloadFailure::Damaged));
            }
        }
        Some(Stored::Failed(error)) => return Err(Ended::Store(error)),
        Some(Stored::NotWanted) | None => return Err(Ended::CalledOff),
    }
    Ok(())
}

/// By the browser where it can, else by ourselves.
async fn hash_of(bytes: &[u8]) -> ContentHash {
    match sha256(bytes).await {
        Some(hash) => hash,
        None => ContentHash::of(bytes),
    }
}
