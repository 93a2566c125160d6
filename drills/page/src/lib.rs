//! The page that the power is cut under: the product's store on IndexedDB, without a view and
//! without an exchange, so that all that is written waits in the outbox.

use std::cell::RefCell;
use std::rc::Rc;

use keruen_app::platform::now_ms;
use keruen_app::store::{Store, StoreError, Write, open_in_browser};
use keruen_domain::model::fields;
use keruen_domain::{Collection, RecordId, RecordKey, ScopeId, text};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// So many words go into a note, each saved by itself.
const WORDS: u32 = 4;

thread_local! {
    static STORE: RefCell<Option<Rc<Store>>> = const { RefCell::new(None) };
}

fn failed(what: impl std::fmt::Display) -> JsError {
    JsError::new(&what.to_string())
}

/// The store, opened by the first who needs it.
async fn store() -> Result<Rc<Store>, JsError> {
    if let Some(store) = STORE.with_borrow(Clone::clone) {
        return Ok(store);
    }
    let opened = loop {
        match open_in_browser().await {
            // A slow machine takes its time; a person would try again.
            Err(StoreError::Blocked) => {}
            opened => break opened.map_err(failed)?,
        }
    };
    if !opened.store.is_lasting() {
        return Err(failed(StoreError::Absent));
    }
    STORE.set(Some(opened.store.clone()));
    Ok(opened.store)
}

/// The note that this word goes into.
fn key_of(number: u32) -> RecordKey {
    let mut bits = [0; 10];
    bits[..4].copy_from_slice(&((number - 1) / WORDS).to_be_bytes());
    RecordKey {
        scope: ScopeId::OWN,
        collection: Collection::NOTE,
        id: RecordId::new(1, bits),
    }
}

/// What the note reads once this word is in it.
fn text_until(number: u32) -> String {
    let first = number - (number - 1) % WORDS;
    (first..=number)
        .map(|word| format!("word {word}, "))
        .collect()
}

/// Saves word number `number`, from 1, as the editor saves what is typed into a note. Returns when a
/// person would be told so.
#[wasm_bindgen]
pub async fn write(number: u32) -> Result<(), JsError> {
    let store = store().await?;
    let text = text_until(number);
    let write = Write::new(key_of(number), move |edit| {
        edit.write_text(fields::BODY, &text);
    });
    let saved = store.commit(vec![write], now_ms()).await;
    saved.map(drop).map_err(failed)
}

/// The greatest number for which all words up to it are there and wait to be sent.
#[wasm_bindgen]
pub async fn count() -> Result<u32, JsError> {
    let store = store().await?;
    let replica = store.replica();
    let is_there = |number: &u32| {
        let key = key_of(*number);
        replica.get(&key).is_some_and(|record| {
            let note = text::read(&record, fields::BODY);
            note.starts_with(&text_until(*number)) && replica.is_waiting(&key)
        })
    };
    Ok((1..).take_while(is_there).count() as u32)
}
