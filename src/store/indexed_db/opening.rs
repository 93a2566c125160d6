//! Opening the browser's database, bringing it up to date, and not waiting for ever.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use indexed_db_futures::database::{Database, VersionChangeEvent};
use indexed_db_futures::error::OpenDbError;
use indexed_db_futures::internals::SystemRepr;
use indexed_db_futures::prelude::*;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::of_request;
use crate::platform::{Listener, sleep_ms};
use crate::store::StoreError;
use crate::store::schema::{REMOVED, STEPS};

/// How long an opening may take, in milliseconds. Another tab that holds an older version, or a
/// deletion that waits for another tab, would hold it up for ever.
pub(super) const PATIENCE_MS: u32 = 10_000;

/// The open database, and whether there was none before.
pub(super) async fn open(
    name: &str,
    version: Option<u32>,
    patience_ms: u32,
) -> Result<(&'static Database, bool), StoreError> {
    // Absent where it is switched off, whatever the bindings believe.
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into());
    if !factory.is_ok_and(|factory| factory.is_object()) {
        return Err(StoreError::Absent);
    }
    let ended = Signal::new();
    let outcome = Rc::new(RefCell::new(None));
    let is_given_up = Rc::new(Cell::new(false));
    // In a task of its own: the browser goes on with an opening that nobody waits for any more, and
    // a database without tables would be there for ever.
    let (name, signal) = (name.to_owned(), ended.clone());
    let (result, is_late) = (outcome.clone(), is_given_up.clone());
    spawn_local(async move {
        let opened = request(&name, version, &signal).await;
        match opened {
            Ok((database, _)) if is_late.get() => database.close(),
            opened => drop(result.replace(Some(opened))),
        }
        signal.give();
    });
    let given_up = sleep_ms(patience_ms);
    futures_lite::future::or(ended.wait(), given_up).await;
    let Some(opened) = outcome.take() else {
        is_given_up.set(true);
        return Err(StoreError::Blocked);
    };
    let (database, is_new) = opened?;
    let database: &'static Database = Box::leak(Box::new(database));
    let raw: web_sys::IdbDatabase = JsValue::from(database.as_sys()).unchecked_into();
    let closing = raw.clone();
    std::mem::forget(Listener::new(&raw, "versionchange", move |_| {
        closing.close()
    }));
    Ok((database, is_new))
}

/// Deletes the database, if there is one.
pub(super) async fn delete(name: &str) -> Result<(), StoreError> {
    match Database::delete_by_name(name) {
        Ok(request) => request.await.map_err(|error| of_opening(error.into())),
        // Without databases there is none.
        Err(_) => Ok(()),
    }
}

async fn request(
    name: &str,
    version: Option<u32>,
    held_up: &Signal,
) -> Result<(Database, bool), StoreError> {
    let is_new = Rc::new(Cell::new(false));
    let made = is_new.clone();
    let on_upgrade = move |event: VersionChangeEvent, database: Database| {
        let done = steps_done(event.old_version());
        made.set(done == 0);
        for tables in &STEPS[done..] {
            for table in *tables {
                database.create_object_store(table.name()).build()?;
            }
        }
        let (removed, version) = REMOVED;
        if (1..version).contains(&done) {
            database.delete_object_store(removed)?;
        }
        Ok(())
    };
    let held_up = held_up.clone();
    let on_blocked = move |_: VersionChangeEvent| {
        held_up.give();
        Ok(())
    };
    let request = Database::open(name);
    let opened = match version {
        Some(version) => {
            let request = request.with_version(version).with_on_blocked(on_blocked);
            request.with_on_upgrade_needed(on_upgrade).await
        }
        None => request.await,
    };
    Ok((opened.map_err(of_opening)?, is_new.get()))
}

/// Something that one waits for and another says, once.
#[derive(Clone)]
struct Signal {
    promise: Promise,
    resolve: Function,
}

impl Signal {
    fn new() -> Self {
        let mut given = JsValue::UNDEFINED;
        let promise = Promise::new(&mut |resolve: Function, _: Function| given = resolve.into());
        let resolve = given.unchecked_into();
        Self { promise, resolve }
    }

    fn give(&self) {
        let _ = self.resolve.call0(&JsValue::NULL);
    }

    async fn wait(&self) {
        let _ = JsFuture::from(self.promise.clone()).await;
    }
}

fn steps_done(old_version: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "versions are small whole numbers"
    )]
    let done = old_version as usize;
    done.min(STEPS.len())
}

fn of_opening(error: OpenDbError) -> StoreError {
    match error {
        // No version is zero here: so it calls whatever is thrown at once, as where storage is denied.
        OpenDbError::UnsupportedEnvironment
        | OpenDbError::NullFactory
        | OpenDbError::VersionZero => StoreError::Absent,
        OpenDbError::Base(error) => match of_request(error) {
            // Firefox's private mode of old: a database that cannot be opened at all.
            StoreError::Closed => StoreError::Absent,
            other => other,
        },
    }
}
