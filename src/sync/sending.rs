//! Sends one file to the server: by tus 1.0.0, in pieces, each of which counts as far as it came
//! (`docs/files.md`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use keruen_domain::ScopeId;
use keruen_domain::parts::Division;
use keruen_domain::protocol::PROBLEM_HEADER;
use keruen_domain::protocol::files::upload;
use keruen_domain::uploads::{Pace, Refused, Verdict, verdict};

use super::transport::{Identity, STALL_MS};
use crate::platform::{Body, BreakOff, base64, now_ms, origin};
use crate::store::{FileForm, Store, StoreError, Upload, UploadFailure};

/// So often a file is announced, or is asked how far it is, before the server is left in peace for a while.
const MOST_TURNS: u32 = 4;

/// Why a file was not sent, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// [`Sending::stop`] was called.
    Stopped,
    /// It is not among those that are to go any more.
    CalledOff,
    /// The server cannot be reached, cannot take it now, or the way to it broke; so many bytes had gone.
    Broken {
        /// Since this began.
        sent_bytes: u64,
    },
    /// The server does not know this device's owner any more.
    NotAuthorised,
    /// It will not go before somebody asks anew.
    Failed(UploadFailure),
    /// The device could not read or keep something.
    Store(StoreError),
}

/// One file at a time.
#[derive(Default)]
pub struct Sending {
    is_stopped: Cell<bool>,
    break_off: RefCell<Option<BreakOff>>,
    sent_bytes: Cell<u64>,
    pace: Cell<Pace>,
}

/// The server's answer, without a body.
struct Answer {
    verdict: Verdict,
    offset: Option<u64>,
    location: Option<String>,
    media_type: Option<String>,
}

impl Sending {
    /// Ends what is under way, at once.
    pub fn stop(&self) {
        self.is_stopped.set(true);
        if let Some(break_off) = self.break_off.take() {
            break_off.now();
        }
    }

    /// Sends a file, or what the server lacks of it. `progress` is told how much the server has. Returns what
    /// the server says that the file is.
    pub async fn send(
        &self,
        store: &Rc<Store>,
        upload: Upload,
        progress: impl Fn(u64),
    ) -> Result<Option<String>, NotSent> {
        self.is_stopped.set(false);
        self.sent_bytes.set(0);
        let mut location = upload.location.clone();
        let mut turns = 0;
        loop {
            turns += 1;
            if turns > MOST_TURNS {
                return Err(self.broken());
            }
            let standing = match &location {
                None => self.announce(store, &upload).await?,
                Some(location) => self.ask("HEAD", location, store, &[], None).await?,
            };
            match standing.verdict {
                Verdict::Done => {}
                Verdict::Announce if location.is_some() => {
                    location = None;
                    continue;
                }
                // Nobody but members hears of a programme.
                Verdict::Announce => return Err(NotSent::Failed(UploadFailure::NotAllowed)),
                other => return Err(self.not_now(other)),
            }
            if location.is_none() {
                let told = standing.location.as_deref().and_then(own_address);
                location = Some(told.ok_or_else(|| self.broken())?);
            }
            let mut offset = standing.offset.ok_or_else(|| self.broken())?;
            let known = location.clone();
            let noted = store.change_upload(&upload.sha256, upload.scope, |upload| {
                upload.location = known;
                upload.sent_bytes = offset;
            });
            if !noted.await.map_err(NotSent::Store)? {
                return Err(NotSent::CalledOff);
            }
            progress(offset);
            let mut media_type = standing.media_type;
            let Some(location) = &location else {
                return Err(self.broken());
            };
            let is_whole = loop {
                if offset >= upload.size_bytes {
                    break true;
                }
                let piece = self.piece(store, &upload, offset).await?;
                let answer = self.send_piece(store, location, offset, &piece).await?;
                match (answer.verdict, answer.offset) {
                    (Verdict::Done, Some(now)) if now > offset => {
                        self.sent_bytes.set(self.sent_bytes.get() + (now - offset));
                        offset = now;
                        media_type = answer.media_type;
                        // One who is killed asks the server anyway.
                        progress(offset);
                        turns = 0;
                    }
                    (Verdict::Done | Verdict::AskAgain | Verdict::Announce, _) => break false,
                    (other, _) => return Err(self.not_now(other)),
                }
            };
            if is_whole {
                return Ok(media_type);
            }
        }
    }

    /// Tells the server that nothing more comes of a file. If it does not hear it, it forgets the file by itself.
    pub async fn withdraw(&self, store: &Rc<Store>, location: &str) {
        if let Some(location) = own_address(location) {
            let _ = self.ask("DELETE", &location, store, &[], None).await;
        }
    }

    async fn announce(&self, store: &Rc<Store>, upload: &Upload) -> Result<Answer, NotSent> {
        let of_scope = match upload.scope {
            ScopeId::Programme(programme) => (upload::PROGRAMME, programme.to_string()),
            ScopeId::Group(group) => (upload::GROUP, group.to_string()),
            ScopeId::Person(_) => (upload::OWN, String::new()),
        };
        let metadata: Vec<String> = [
            of_scope,
            (upload::SHA256, upload.sha256.to_string()),
            (upload::FILENAME, upload.name.clone()),
        ]
        .into_iter()
        .map(|(name, value)| match &*value {
            "" => name.to_owned(),
            value => [name, " ", &base64(value.as_bytes())].concat(),
        })
        .collect();
        let (metadata, length) = (metadata.join(","), upload.size_bytes.to_string());
        let headers = [
            (upload::LENGTH_HEADER, length.as_str()),
            (upload::METADATA_HEADER, metadata.as_str()),
        ];
        self.ask("POST", upload::ADDRESS, store, &headers, None)
            .await
    }

    /// Some bytes of the file from here on; no more than the end of the part that they lie in.
    async fn piece(
        &self,
        store: &Rc<Store>,
        upload: &Upload,
        offset: u64,
    ) -> Result<Vec<u8>, NotSent> {
        let damaged = NotSent::Failed(UploadFailure::Damaged);
        let sha256 = upload.sha256.to_string();
        let form = store.file_form(&sha256).await.map_err(NotSent::Store)?;
        let (bytes, begin) = match form.ok_or(damaged.clone())? {
            FileForm::Whole(bytes) => (bytes, 0),
            FileForm::InParts(held) => {
                let parts = Division::new(held.size_bytes, held.part_bytes);
                let parts = parts.ok_or(damaged.clone())?;
                let part = offset / u64::from(parts.part_bytes());
                let part = u32::try_from(part).map_err(|_| damaged.clone())?;
                let bytes = store.file_part(&sha256, part).await;
                let bytes = bytes.map_err(NotSent::Store)?.ok_or(damaged.clone())?;
                (bytes, parts.start(part))
            }
        };
        let from = usize::try_from(offset - begin).unwrap_or(usize::MAX);
        let most = usize::try_from(self.pace.get().piece_bytes()).unwrap_or(usize::MAX);
        let piece = bytes.get(from..).filter(|piece| !piece.is_empty());
        let piece = piece.ok_or(damaged)?;
        Ok(piece[..piece.len().min(most)].to_vec())
    }

    async fn send_piece(
        &self,
        store: &Rc<Store>,
        location: &str,
        offset: u64,
        piece: &[u8],
    ) -> Result<Answer, NotSent> {
        let at = offset.to_string();
        let headers = [
            ("content-type", upload::PIECE_MEDIA_TYPE),
            (upload::OFFSET_HEADER, at.as_str()),
        ];
        let begun_ms = now_ms();
        let answer = self.ask("PATCH", location, store, &headers, Some(piece));
        let answer = answer.await;
        let mut pace = self.pace.get();
        match &answer {
            Ok(_) => pace.took(piece.len() as u64, now_ms().saturating_sub(begun_ms)),
            Err(NotSent::Broken { .. }) => pace.broke(),
            Err(_) => {}
        }
        self.pace.set(pace);
        answer
    }

    async fn ask(
        &self,
        method: &str,
        address: &str,
        store: &Rc<Store>,
        more: &[(&str, &str)],
        sent: Option<&[u8]>,
    ) -> Result<Answer, NotSent> {
        let identity = Identity::of(store);
        let mut headers = identity.headers();
        headers.push((upload::TUS_HEADER, upload::TUS_VERSION));
        headers.extend_from_slice(more);
        let begun = |break_off| drop(self.break_off.replace(Some(break_off)));
        let body = Body::send(method, address, &headers, sent, STALL_MS, begun).await;
        if self.is_stopped.get() {
            return Err(NotSent::Stopped);
        }
        let body = body.map_err(|_| self.broken())?;
        let number = |name| body.header(name).and_then(|value| value.parse().ok());
        // What does not speak tus is a sign-in page or a proxy.
        let is_it = body.header(upload::TUS_HEADER).is_some() || body.status() >= 400;
        if !is_it {
            return Err(self.broken());
        }
        Ok(Answer {
            verdict: verdict(body.status(), body.header(PROBLEM_HEADER).as_deref()),
            offset: number(upload::OFFSET_HEADER),
            location: body.header("location"),
            media_type: body.header(upload::MEDIA_TYPE_HEADER),
        })
    }

    const fn broken(&self) -> NotSent {
        NotSent::Broken {
            sent_bytes: self.sent_bytes.get(),
        }
    }

    fn not_now(&self, verdict: Verdict) -> NotSent {
        match verdict {
            Verdict::NotAuthorised => NotSent::NotAuthorised,
            Verdict::Refused(why) => NotSent::Failed(match why {
                Refused::NotAllowed => UploadFailure::NotAllowed,
                Refused::TooLarge => UploadFailure::TooLarge,
                Refused::WrongType => UploadFailure::WrongType,
                Refused::WrongContent => UploadFailure::Damaged,
                Refused::ScopeFull => UploadFailure::ScopeFull,
            }),
            Verdict::Done | Verdict::AskAgain | Verdict::Announce | Verdict::Later => self.broken(),
        }
    }
}

/// The path of an address that the server told, if it is below where files are sent: the token goes nowhere else.
fn own_address(told: &str) -> Option<String> {
    let below = told.find(upload::ADDRESS)?;
    let path = &told[below..];
    let is_own = below == 0 || told[..below] == *origin();
    let rest = path.strip_prefix(upload::ADDRESS)?.strip_prefix('/')?;
    let is_name = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_own && is_name).then(|| path.to_owned())
}
