//! Files that people send: who may, how much, and what becomes of what came.
//!
//! ```text
//!  announce ──may?──► known to be readable by the asker? ──► stored, no bytes needed
//!                     └─ else ──► coming ──receive…receive──► all here ──► looked at ──► stored
//!                                                                          └──────────► refused
//! ```
//!
//! Knowing the hash of a file gives nothing: a file that is here already needs no bytes only from those who
//! could read it anyway. Everybody else sends it, whether it is here or not, and learns no difference.

mod finish;
mod receive;
mod seats;

use std::sync::Arc;

use keruen_domain::{Action, ContentHash, PersonId, Record, Refusal, ScopeId, may};
use keruen_formats::MediaCheck;

pub use receive::receive;

use crate::config::UploadLimits;
use crate::error::ApiError;
use crate::exchange::Asker;
use crate::files::{self, Found, material_in};
use crate::limiter::Limiter;
use crate::machine;
use crate::people::valid_text;
use crate::state::AppState;
use crate::store::{
    ReadTransaction, Store, StoreError, Unfinished, UnfinishedFolder, UploadId, UploadState,
};
use seats::Seats;

/// Files that one person may announce in a second in the long run, and at once.
const ANNOUNCED_PER_SECOND: f64 = 1.0;
const ANNOUNCED_AT_ONCE: f64 = 200.0;
/// Files of one person of which is remembered what became of them; the oldest are forgotten for new ones.
const REMEMBERED: usize = 500;

/// What all uploads share.
pub struct Uploads {
    limits: UploadLimits,
    announced: Limiter<PersonId>,
    /// Held while the limits are looked at and a file is announced, and while there is swept.
    announcing: tokio::sync::Mutex<()>,
    seats: Seats,
}

impl Uploads {
    /// With these limits.
    pub fn new(limits: UploadLimits) -> Self {
        Self {
            limits,
            announced: Limiter::with_burst(ANNOUNCED_PER_SECOND, ANNOUNCED_AT_ONCE),
            announcing: tokio::sync::Mutex::default(),
            seats: Seats::default(),
        }
    }

    /// Bytes of a file, at most.
    pub const fn largest_bytes(&self) -> u64 {
        self.limits.file_bytes
    }

    /// Until when a file is waited for that somebody sends at this time.
    const fn expires_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add(self.limits.upload_hours as u64 * 60 * 60 * 1_000)
    }
}

/// A file that somebody would send.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// Which scope is to have it; [`ScopeId::OWN`] is the sender's.
    pub scope: ScopeId,
    /// The SHA-256 of its content.
    pub sha256: ContentHash,
    /// Its length.
    pub size_bytes: u64,
    /// Its name; the type is told by its end.
    pub name: String,
}

/// How far a file on its way is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Which one.
    pub id: UploadId,
    /// What is known of it.
    pub upload: Unfinished,
    /// The bytes that are here to stay.
    pub offset: u64,
}

/// Why a piece was not taken, or not all of it.
#[derive(Debug)]
pub enum Failed {
    /// It does not begin where the last one ended: here.
    WrongOffset(u64),
    /// Any other reason.
    Answered(ApiError),
}

impl<E: Into<ApiError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Answered(error.into())
    }
}

/// Takes note of a file that is to come. Announcing the same again is answered with the same.
pub async fn announce(
    state: &AppState,
    asker: Asker,
    announcement: Announcement,
) -> Result<Standing, ApiError> {
    let person = asker.person.ok_or(ApiError::NotAuthorised)?;
    let now_ms = (state.now_ms)();
    let uploads = &state.uploads;
    let announced = uploads.announced.check(person, now_ms);
    announced.map_err(|retry_after_ms| ApiError::TooMany { retry_after_ms })?;
    let Announcement {
        scope,
        sha256,
        size_bytes,
        name,
    } = announcement;
    let scope = match scope {
        ScopeId::OWN => ScopeId::Person(person),
        scope => scope,
    };
    let name = valid_text(&name).filter(|name| is_name(name));
    let name = name.ok_or(ApiError::Malformed)?;
    if size_bytes == 0 {
        return Err(ApiError::Malformed);
    }
    if size_bytes > uploads.limits.file_bytes {
        return Err(ApiError::TooLarge);
    }
    let found = state.store.read(move |read| {
        Ok(match may_send(read, &asker, scope, &sha256)? {
            Ok(()) => Ok((
                files::find_in(read, &asker, &sha256)?,
                private_bytes(read, scope, &sha256)?,
            )),
            Err(refusal) => Err(refusal),
        })
    });
    let (held, private_bytes) = found.await?.map_err(refused)?;
    if !uploads.limits.has_room(private_bytes, size_bytes) {
        return Err(ApiError::ScopeFull);
    }
    let held = held.filter(|found| found.file.size_bytes == size_bytes);

    let announced = Unfinished {
        person,
        scope,
        sha256,
        size_bytes,
        name,
        expires_ms: uploads.expires_ms(now_ms),
        state: UploadState::Coming,
    };
    let id = UploadId(machine::random_bytes()?);
    if let Some(found) = held {
        let upload = take_held(state, asker, announced, found).await?;
        let _announcing = uploads.announcing.lock().await;
        let all = aside(state, UnfinishedFolder::all).await?;
        return add(state, id, upload, &all).await;
    }
    let _announcing = uploads.announcing.lock().await;
    let all = aside(state, UnfinishedFolder::all).await?;
    let own = |upload: &&(UploadId, Unfinished)| upload.1.person == person;
    let same = all.iter().filter(own).find(|(_, upload)| {
        (upload.scope, upload.sha256, upload.size_bytes, &upload.name)
            == (scope, sha256, size_bytes, &announced.name)
            && upload.is_coming()
            && upload.expires_ms > now_ms
    });
    if let Some((id, _)) = same {
        return standing(state, asker, *id).await;
    }
    let coming = || all.iter().filter(|(_, upload)| upload.is_coming());
    if coming().filter(own).count() >= uploads.limits.uploads {
        return Err(ApiError::Conflict("too-many-uploads"));
    }
    let expected: u64 = coming().map(|(_, upload)| upload.size_bytes).sum();
    if expected.saturating_add(size_bytes) > uploads.limits.unfinished_bytes {
        return Err(ApiError::NoRoom);
    }
    let of_scope = coming().filter(|(_, upload)| upload.scope == scope);
    let of_scope: u64 = of_scope.map(|(_, upload)| upload.size_bytes).sum();
    let private_bytes = private_bytes.map(|bytes| bytes.saturating_add(of_scope));
    if !uploads.limits.has_room(private_bytes, size_bytes) {
        return Err(ApiError::ScopeFull);
    }
    tracing::info!(%id, size_bytes, "a file was announced");
    add(state, id, announced, &all).await
}

/// Keeps what is known of a file beside all others.
async fn add(
    state: &AppState,
    id: UploadId,
    upload: Unfinished,
    all: &[(UploadId, Unfinished)],
) -> Result<Standing, ApiError> {
    make_room(state, upload.person, all).await?;
    let known = upload.clone();
    aside(state, move |folder| folder.add(id, &known)).await?;
    let offset = if upload.is_coming() {
        0
    } else {
        upload.size_bytes
    };
    Ok(Standing { id, upload, offset })
}

/// What people may call a file: not what leads elsewhere.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '\\'])
}

/// Whether somebody may send a file for a material of this scope: as they may write one.
fn may_send(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    scope: ScopeId,
    sha256: &ContentHash,
) -> Result<Result<(), Refusal>, StoreError> {
    let key = material_in(scope, sha256);
    let material = Record::new(key);
    let write = Action::Write {
        before: None,
        change: &material,
    };
    Ok(may(&asker.actor(transaction)?, write, &key))
}

/// Bytes of the files that a person's or a group's notes have by now; `None` where this one is among them, and for
/// programmes, whose trainers answer for what they send.
fn private_bytes(
    transaction: &dyn ReadTransaction,
    scope: ScopeId,
    sha256: &ContentHash,
) -> Result<Option<u64>, StoreError> {
    let has_it = || {
        let files = transaction.files(sha256)?;
        Ok::<_, StoreError>(files.iter().any(|file| file.scope == scope))
    };
    if matches!(scope, ScopeId::Programme(_)) || has_it()? {
        return Ok(None);
    }
    let files = transaction.files_in(scope)?;
    Ok(Some(files.iter().map(|(_, size_bytes)| size_bytes).sum()))
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::NotJoined => ApiError::NotAuthorised,
        Refusal::NotAMember => ApiError::NotFound,
        Refusal::RoleDoesNotAllow | Refusal::TooLarge | Refusal::Malformed => ApiError::NotAllowed,
    }
}

/// Gives a scope a file that is here already.
async fn take_held(
    state: &AppState,
    asker: Asker,
    mut upload: Unfinished,
    found: Found,
) -> Result<Unfinished, ApiError> {
    let check = MediaCheck::of(&upload.name);
    let path = files::bring(state, found.file.sha256, found.file.size_bytes).await?;
    let (measured, media_type) = files::read_through(state, path, check).await?;
    if measured.sha256 != upload.sha256 {
        return Err(StoreError::Damaged { what: "a file" }.into());
    }
    let media_type = media_type.ok_or(ApiError::WrongType)?;
    finish::register(state, asker, &upload, media_type, measured.parts).await?;
    upload.state = UploadState::Stored {
        media_type: media_type.to_owned(),
    };
    Ok(upload)
}

/// Forgets what became of the oldest files of somebody who has sent very many.
async fn make_room(
    state: &AppState,
    person: PersonId,
    all: &[(UploadId, Unfinished)],
) -> Result<(), StoreError> {
    let own = all.iter().filter(|(_, upload)| upload.person == person);
    let excess = (own.clone().count() + 1).saturating_sub(REMEMBERED);
    let mut ended: Vec<_> = own
        .filter(|(_, upload)| !upload.is_coming())
        .map(|(id, upload)| (upload.expires_ms, *id))
        .collect();
    ended.sort_unstable();
    ended.truncate(excess);
    aside(state, move |folder| {
        ended.iter().try_for_each(|(_, id)| folder.remove(*id))
    })
    .await
}

/// How far a file is. Whoever is sending it at the moment is interrupted, so that this stays true until the
/// next piece.
pub async fn standing(state: &AppState, asker: Asker, id: UploadId) -> Result<Standing, ApiError> {
    own(state, asker, id).await?;
    let seat = state.uploads.seats.take(id).await;
    let upload = own(state, asker, id).await?;
    if upload.is_coming() {
        let offset = aside(state, move |folder| folder.durable_bytes(id)).await?;
        if offset < upload.size_bytes {
            return Ok(Standing { id, upload, offset });
        }
        // All was here when the server ended.
        let state = state.clone();
        let finishing = tokio::spawn(async move {
            let finished = finish::finish(&state, asker, id, upload).await;
            drop(seat);
            finished
        });
        return finishing.await.map_err(|_| StoreError::Closed)?;
    }
    ended(id, upload)
}

/// Ends an upload before its time, or forgets what became of it.
pub async fn end(state: &AppState, asker: Asker, id: UploadId) -> Result<(), ApiError> {
    own(state, asker, id).await?;
    let _seat = state.uploads.seats.take(id).await;
    Ok(aside(state, move |folder| folder.remove(id)).await?)
}

/// What is known of a file that the asker themselves sends, who still may.
async fn own(state: &AppState, asker: Asker, id: UploadId) -> Result<Unfinished, ApiError> {
    let now_ms = (state.now_ms)();
    let person = asker.person.ok_or(ApiError::NotAuthorised)?;
    let known = aside(state, move |folder| folder.get(id)).await?;
    let known = known.filter(|known| known.person == person && known.expires_ms > now_ms);
    let known = known.ok_or(ApiError::NotFound)?;
    let (scope, sha256) = (known.scope, known.sha256);
    let may = state
        .store
        .read(move |read| may_send(read, &asker, scope, &sha256));
    may.await?.map_err(refused)?;
    Ok(known)
}

/// What is said of a file that is not on its way any more.
fn ended(id: UploadId, upload: Unfinished) -> Result<Standing, ApiError> {
    match upload.state {
        UploadState::Stored { .. } | UploadState::Coming => Ok(Standing {
            id,
            offset: upload.size_bytes,
            upload,
        }),
        UploadState::WrongContent => Err(ApiError::WrongContent),
        UploadState::WrongType => Err(ApiError::WrongType),
    }
}

/// Removes what has expired and what people sent who were erased, and says how many files of ours that were.
pub async fn sweep(state: &AppState) -> Result<usize, StoreError> {
    let _announcing = state.uploads.announcing.lock().await;
    let now_ms = (state.now_ms)();
    let operator = state.store.identity().organiser;
    let all = aside(state, UnfinishedFolder::all).await?;
    let of_nobody = state.store.read(move |read| {
        let mut of_nobody = Vec::new();
        for (id, upload) in all {
            let is_known = upload.person == operator || read.person(upload.person)?.is_some();
            of_nobody.extend((!is_known).then_some(id));
        }
        Ok(of_nobody)
    });
    let of_nobody = of_nobody.await?;
    aside(state, move |folder| {
        let before = folder.count()?;
        of_nobody.iter().try_for_each(|id| folder.remove(*id))?;
        let removed = before.saturating_sub(folder.count()?);
        Ok(removed + folder.sweep(now_ms)?)
    })
    .await
}

/// Works on the folder of files on their way, not on the threads that talk.
async fn aside<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce(&UnfinishedFolder) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let store: Arc<dyn Store> = state.store.clone();
    let work = tokio::task::spawn_blocking(move || work(store.unfinished()));
    work.await.map_err(|_| StoreError::Closed)?
}
