//! Smaller forms of pictures: a light one of a few KB that devices fetch by themselves, and a medium one for a
//! screen. Made beside the requests, one after the other, of files that nobody trusts; kept as files of the
//! same scope, and told in the material's record as the server's own words.
//!
//! PDF has none: its readers for pages are large programs in themselves, and their time cannot be bounded
//! within a process.

mod picture;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use keruen_domain::model::{Material, View as _, fields};
use keruen_domain::{
    Author, Clock, Collection, ContentHash, DeviceId, Edit, FieldKey, Hlc, Record, RecordKey,
    ScopeId,
};
use tokio::sync::Notify;

pub use picture::{NoForms, PictureFile, make};

use crate::files::bring;
use crate::machine::{self, NoRandomBits};
use crate::state::AppState;
use crate::store::{ReadTransaction, StoreError, WriteTransaction, merge};

/// Materials whose file is not here yet that are remembered. Others are found when they change again, or at
/// the next start.
const WAITING: usize = 10_000;

/// Tells whoever makes forms that a file has come.
#[derive(Debug, Default)]
pub struct FilesCame(Notify);

impl FilesCame {
    /// A file has come.
    pub fn tell(&self) {
        self.0.notify_one();
    }

    /// Waits until one has.
    pub async fn wait(&self) {
        self.0.notified().await;
    }
}

/// Makes the forms that are missing: what it has looked through, and what it could not do.
#[derive(Debug)]
pub struct Maker {
    device: DeviceId,
    /// How far it has read each scope.
    read: BTreeMap<ScopeId, u64>,
    /// Materials whose file was not here.
    waiting: BTreeSet<RecordKey>,
    /// Files of which none can be made: tried once for each start.
    impossible: BTreeSet<ContentHash>,
}

/// A picture without its forms.
struct Wanted {
    key: RecordKey,
    sha256: ContentHash,
    size_bytes: u64,
    name: String,
}

impl Maker {
    /// One that has read nothing yet.
    pub fn new() -> Result<Self, NoRandomBits> {
        Ok(Self {
            device: DeviceId(u64::from_be_bytes(machine::random_bytes()?)),
            read: BTreeMap::new(),
            waiting: BTreeSet::new(),
            impossible: BTreeSet::new(),
        })
    }

    /// Makes what is missing now, and returns of how many pictures.
    pub async fn make_missing(&mut self, state: &AppState) -> Result<usize, StoreError> {
        let mut made = 0;
        for wanted in self.look(state).await? {
            if self.impossible.contains(&wanted.sha256) {
                continue;
            }
            let path = match bring(state, wanted.sha256, wanted.size_bytes).await {
                Ok(path) => path,
                Err(error @ StoreError::Elsewhere(_)) => {
                    tracing::error!(file = %wanted.sha256, %error, cause = ?error, "no smaller forms of a file yet");
                    self.waiting.insert(wanted.key);
                    continue;
                }
                Err(error) => return Err(error),
            };
            // A panic in a reader of pictures ends there.
            let forms = tokio::task::spawn_blocking(move || make(&path)).await;
            let forms = forms.unwrap_or_else(|_| Err(NoForms::Damaged("the reader broke".into())));
            match forms {
                Ok(forms) => {
                    let (device, now_ms) = (self.device, (state.now_ms)());
                    let written = state
                        .store
                        .write(move |write| keep(write, &wanted, forms, device, now_ms));
                    made += usize::from(written.await?);
                    state.live.wake();
                }
                Err(why) => {
                    tracing::info!(file = %wanted.sha256, %why, "no smaller forms of a file");
                    self.impossible.insert(wanted.sha256);
                }
            }
        }
        Ok(made)
    }

    /// Looks through what changed since the last time.
    async fn look(&mut self, state: &AppState) -> Result<Vec<Wanted>, StoreError> {
        let (read, waiting) = (self.read.clone(), std::mem::take(&mut self.waiting));
        let looked = state.store.read(move |transaction| {
            let mut reached = read;
            let mut keys = waiting;
            for (scope, standing) in transaction.scopes()? {
                let from = reached.insert(scope, standing.last_sequence).unwrap_or(0);
                // A database that was put back goes on from an earlier number.
                let from = if from > standing.last_sequence {
                    0
                } else {
                    from
                };
                if from == standing.last_sequence {
                    continue;
                }
                transaction.rows_after(scope, from, &mut |row| {
                    if row.record.key.collection == Collection::MATERIAL {
                        keys.insert(row.record.key);
                    }
                    ControlFlow::Continue(())
                })?;
            }
            let mut wanted = Vec::new();
            let mut waiting = BTreeSet::new();
            for key in keys {
                match look_at(transaction, key)? {
                    Looked::Wanted(picture) => wanted.push(picture),
                    Looked::FileIsMissing if waiting.len() < WAITING => {
                        waiting.insert(key);
                    }
                    Looked::FileIsMissing | Looked::NothingToDo => {}
                }
            }
            Ok((reached, waiting, wanted))
        });
        let (reached, waiting, wanted) = looked.await?;
        (self.read, self.waiting) = (reached, waiting);
        Ok(wanted)
    }
}

enum Looked {
    Wanted(Wanted),
    FileIsMissing,
    NothingToDo,
}

fn look_at(transaction: &dyn ReadTransaction, key: RecordKey) -> Result<Looked, StoreError> {
    let material = transaction.row(&key)?;
    let material = material.and_then(|row| Material::of(&Arc::new(row.record)));
    let Some((material, file)) = material.and_then(|of| of.file().map(|file| (of, file))) else {
        return Ok(Looked::NothingToDo);
    };
    let Ok(sha256) = file.sha256.parse::<ContentHash>() else {
        return Ok(Looked::NothingToDo);
    };
    if material.forms().is_some() {
        return Ok(Looked::NothingToDo);
    }
    let held = transaction.files(&sha256)?;
    let Some(held) = held.into_iter().find(|held| held.scope == key.scope) else {
        return Ok(Looked::FileIsMissing);
    };
    // What the server found it to be, not what the record says.
    if !picture::MEDIA_TYPES.contains(&&*held.media_type) {
        return Ok(Looked::NothingToDo);
    }
    Ok(Looked::Wanted(Wanted {
        key,
        sha256,
        size_bytes: held.size_bytes,
        name: held.name,
    }))
}

/// Keeps the forms and tells them in the record, if that still has this file.
fn keep(
    write: &mut dyn WriteTransaction,
    wanted: &Wanted,
    forms: PictureFile,
    device: DeviceId,
    now_ms: u64,
) -> Result<bool, StoreError> {
    let Some(row) = write.row(&wanted.key)? else {
        return Ok(false);
    };
    let record = row.record.clone();
    let name = wanted.sha256.to_string();
    let is_same = record.value(fields::FILE_SHA256).as_text() == Some(&*name);
    if record.is_deleted() || !is_same {
        return Ok(false);
    }
    let save_as = stem(&wanted.name).to_owned() + "." + picture::ENDING;
    let mut put = |bytes: &[u8]| {
        let sha256 = ContentHash::of(bytes);
        let scope = wanted.key.scope;
        write.put_file(scope, bytes, &sha256, picture::MEDIA_TYPE, &save_as)?;
        Ok::<_, StoreError>((sha256.to_string(), bytes.len()))
    };
    let light = put(&forms.light)?;
    let medium = forms.medium.as_deref().map(put).transpose()?;
    let delta = tell(&record, &name, &forms, light, medium, device, now_ms);
    if let Some(delta) = delta {
        merge(write, Some(row), delta, now_ms)?;
    }
    Ok(true)
}

/// The change that tells the forms.
fn tell(
    record: &Record,
    of: &str,
    forms: &PictureFile,
    light: (String, usize),
    medium: Option<(String, usize)>,
    device: DeviceId,
    now_ms: u64,
) -> Option<Record> {
    let mut clock = Clock::new(device, Hlc::default(), 0);
    clock.observe(record.latest_reading(device));
    let stamp = clock.stamp(now_ms);
    let mut edit = Edit::new(record.key, Some(record), stamp, Author::Machine);
    let mut number = |name: &'static str, value: u64| {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        edit.set(FieldKey::register(name), value);
    };
    number(fields::WIDTH_PIXELS, forms.width_pixels.into());
    number(fields::HEIGHT_PIXELS, forms.height_pixels.into());
    number(fields::LIGHT_SIZE_BYTES, light.1 as u64);
    if let Some((_, size_bytes)) = &medium {
        number(fields::MEDIUM_SIZE_BYTES, *size_bytes as u64);
    }
    // Of another picture that was here before there may have been one.
    let medium = medium.map(|(sha256, _)| sha256).unwrap_or_default();
    for (name, text) in [
        (fields::FORMS_OF, of),
        (fields::FORMS_TYPE, picture::MEDIA_TYPE),
        (fields::LIGHT_SHA256, &*light.0),
        (fields::MEDIUM_SHA256, &*medium),
    ] {
        edit.set(FieldKey::register(name), text);
    }
    edit.finish()
}

/// A name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
