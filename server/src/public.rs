//! What anybody reads of public programmes without the app: their agendas as pages, as calendars and as
//! schedules.
//!
//! ```text
//!  address ──may?──► where the programme's history is ──kept?──► the bytes, in each form
//!                                                   └──no──► read, written, compressed: once
//! ```
//!
//! Who asks while something is being made waits for it, so that a hall may open it at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use keruen_domain::model::Event;
use keruen_domain::model::View as _;
use keruen_domain::protocol::shares::Shared;
use keruen_domain::protocol::v1::Cursor;
use keruen_domain::{
    Action, Collection, ContentHash, DeviceId, EventId, Language, ProgrammeId, RecordKey, ScopeId,
    may,
};
use keruen_formats::write::{Agenda, calendar, frab_json, frab_xml};
use tokio::sync::Semaphore;

use crate::content::{self, Encoding};
use crate::error::ApiError;
use crate::exchange::{Asker, some_record_of};
use crate::pages::{self, Content};
use crate::state::AppState;
use crate::store::{ReadTransaction, StoreError};

/// Bytes that are kept at most; then all is made anew when it is asked for.
const KEPT_BYTES: usize = 32 * 1_024 * 1_024;

/// What is read of a public programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Thing {
    /// Its agenda, as a page.
    Page,
    /// The agenda of one of its events, for other programs.
    Agenda(EventId, Form),
}

/// How other programs read the agenda of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// iCalendar.
    Calendar,
    /// A frab schedule as XML.
    FrabXml,
    /// The same as JSON.
    FrabJson,
}

type Key = (ProgrammeId, Thing, Language);

/// What was made for the programme as it stood at one moment.
#[derive(Debug)]
pub struct Made {
    cursor: Cursor,
    plain: Bytes,
    compressed: [(Encoding, Option<Bytes>); 2],
    hash: ContentHash,
}

impl Made {
    /// The form that was asked for, if there is one, with its entity tag.
    pub fn form(&self, accepted: Option<Encoding>) -> (Bytes, Option<Encoding>, String) {
        let found = self.compressed.iter().find_map(|(encoding, bytes)| {
            let bytes = bytes.as_ref().filter(|_| Some(*encoding) == accepted)?;
            Some((bytes.clone(), Some(*encoding)))
        });
        let (bytes, encoding) = found.unwrap_or_else(|| (self.plain.clone(), None));
        let form = encoding.map_or("plain", Encoding::name);
        (bytes, encoding, format!("\"{}-{form}\"", self.hash))
    }

    fn of(cursor: Cursor, text: String) -> Self {
        let plain = text.into_bytes();
        let compressed = [Encoding::Brotli, Encoding::Gzip].map(|encoding| {
            let (bytes, used) = content::compress(Some(encoding), plain.clone());
            (encoding, used.map(|_| bytes.into()))
        });
        Self {
            cursor,
            hash: ContentHash::of(&plain),
            plain: plain.into(),
            compressed,
        }
    }

    fn bytes(&self) -> usize {
        let compressed = self
            .compressed
            .iter()
            .filter_map(|(_, bytes)| bytes.as_ref());
        self.plain.len() + compressed.map(Bytes::len).sum::<usize>()
    }
}

/// What was made and is kept.
pub struct PublicPages {
    kept: Mutex<HashMap<Key, Arc<Made>>>,
    /// One is made at a time.
    making: Semaphore,
}

impl Default for PublicPages {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            making: Semaphore::new(1),
        }
    }
}

impl PublicPages {
    fn find(&self, key: &Key, cursor: Cursor) -> Option<Arc<Made>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|made| made.cursor == cursor).cloned()
    }

    fn keep(&self, key: Key, made: Arc<Made>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&key);
        let bytes: usize = kept.values().map(|made| made.bytes()).sum();
        if bytes + made.bytes() > KEPT_BYTES {
            kept.clear();
        }
        kept.insert(key, made);
    }
}

/// What is asked for, as the programme stands now. Programmes that are not public are answered as those
/// that are not there.
pub async fn find(
    state: &AppState,
    programme: ProgrammeId,
    thing: Thing,
    language: Language,
) -> Result<Arc<Made>, ApiError> {
    let key = (programme, thing, language);
    let look = || async {
        let cursor = state
            .store
            .read(move |read| standing(read, programme, thing));
        let cursor = cursor.await?.ok_or(ApiError::NotFound)?;
        Ok::<_, ApiError>(state.public.find(&key, cursor))
    };
    if let Some(made) = look().await? {
        return Ok(made);
    }
    let _turn = state.public.making.acquire().await;
    // Meanwhile somebody else may have had it made.
    if let Some(made) = look().await? {
        return Ok(made);
    }
    let read = state.store.read(move |read| {
        let Some(cursor) = standing(read, programme, thing)? else {
            return Ok(None);
        };
        let content = Content::read(read, programme, Shared::Agenda)?;
        Ok(content.map(|content| (cursor, content)))
    });
    let (cursor, content) = read.await?.ok_or(ApiError::NotFound)?;
    let make = move || {
        let text = text(programme, thing, language, &content)?;
        Some(Made::of(cursor, text))
    };
    let made = tokio::task::spawn_blocking(make).await;
    let made = made.map_err(|_| StoreError::Closed)?;
    let made = Arc::new(made.ok_or(ApiError::NotFound)?);
    state.public.keep(key, made.clone());
    Ok(made)
}

/// Where the history of a programme is that anybody may read, and that has this thing.
fn standing(
    read: &dyn ReadTransaction,
    programme: ProgrammeId,
    thing: Thing,
) -> Result<Option<Cursor>, StoreError> {
    let scope = ScopeId::Programme(programme);
    let anybody = Asker::visitor(DeviceId(0)).actor(read)?;
    if may(&anybody, Action::Read, &some_record_of(scope)).is_err() {
        return Ok(None);
    }
    if let Thing::Agenda(event, _) = thing {
        let key = RecordKey {
            scope,
            collection: Collection::EVENT,
            id: event.into(),
        };
        let row = read.row(&key)?;
        if row.is_none_or(|row| Event::of(&Arc::new(row.record)).is_none()) {
            return Ok(None);
        }
    }
    Ok(Some(Cursor {
        epoch: read.epoch()?,
        sequence: read.scope(scope)?.last_sequence,
    }))
}

fn text(
    programme: ProgrammeId,
    thing: Thing,
    language: Language,
    content: &Content,
) -> Option<String> {
    match thing {
        Thing::Page => Some(pages::programme_page(programme, language, content)),
        Thing::Agenda(event, form) => {
            let agenda = Agenda::of(&content.agenda_records(), event, language)?;
            let words = pages::words_for_files(language);
            let written = match form {
                Form::Calendar => Ok(calendar(&agenda, words.samples)),
                Form::FrabXml => frab_xml(&agenda, &words),
                Form::FrabJson => frab_json(&agenda, &words),
            };
            Some(written.ok()?.text)
        }
    }
}
