//! The page that the harness of `bench/peers/` calls: the product's store on IndexedDB and its sync
//! driver, without a view. What it offers is described in `bench/peers/README.md`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{JSON, Object, Promise, Reflect};
use keruen_app::platform::now_ms;
use keruen_app::store::{Store, StoreError, Write, open_in_browser};
use keruen_app::sync::Driver;
use keruen_bench_records::{Revision, TOKEN, digest as digest_of, key_of};
use keruen_domain::model::{Material, View as _};
use keruen_domain::sync::{Phase, SyncStatus};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

/// Records that fill a phone's screen several times.
const SCREEN: usize = 50;

/// What lives as long as the page.
#[derive(Default)]
struct Page {
    store: RefCell<Option<Rc<Store>>>,
    driver: RefCell<Option<Rc<Driver>>>,
    /// Ends the exchange that is waited for.
    on_status: RefCell<Option<OnStatus>>,
}

type OnStatus = Box<dyn Fn(SyncStatus)>;

thread_local! {
    static PAGE: Page = Page::default();
}

type Outcome<T> = Result<T, JsError>;

fn failed(what: impl std::fmt::Display) -> JsError {
    JsError::new(&what.to_string())
}

/// The store, opened by the first who needs it.
async fn store() -> Outcome<Rc<Store>> {
    if let Some(store) = PAGE.with(|page| page.store.borrow().clone()) {
        return Ok(store);
    }
    let opened = open_in_browser().await.map_err(failed)?;
    if !opened.store.is_lasting() {
        return Err(failed(StoreError::Absent));
    }
    PAGE.with(|page| page.store.replace(Some(opened.store.clone())));
    Ok(opened.store)
}

/// One exchange, to its end: until nothing is left to send and to fetch.
async fn exchange(store: &Rc<Store>) -> Outcome<()> {
    let ended = Promise::new(&mut |fulfil, refuse| {
        let on_status = move |status: SyncStatus| {
            // A promise's own functions do not throw.
            let _ = match status.phase {
                Phase::Following | Phase::Exchanging => return,
                Phase::Resting => fulfil.call0(&JsValue::NULL),
                Phase::Waiting => refuse.call1(&JsValue::NULL, &"out of reach".into()),
                Phase::NotAuthorised => refuse.call1(&JsValue::NULL, &"not authorised".into()),
                Phase::VersionNotSupported => {
                    refuse.call1(&JsValue::NULL, &"another version".into())
                }
                Phase::CannotSave | Phase::StorageFull => {
                    refuse.call1(&JsValue::NULL, &"not saved".into())
                }
            };
        };
        PAGE.with(|page| page.on_status.replace(Some(Box::new(on_status))));
    });
    begin_exchange(store);
    match JsFuture::from(ended).await {
        Ok(_) => Ok(()),
        Err(why) => Err(failed(why.as_string().unwrap_or_default())),
    }
}

fn begin_exchange(store: &Rc<Store>) {
    let driver = PAGE.with(|page| page.driver.borrow().clone());
    match driver {
        Some(driver) => driver.sync_now(),
        None => {
            let driver = Driver::new(store.clone(), |status| {
                PAGE.with(|page| {
                    if let Some(on_status) = &*page.on_status.borrow() {
                        on_status(status);
                    }
                });
            });
            driver.begin();
            PAGE.with(|page| page.driver.replace(Some(driver)));
        }
    }
}

fn revisions(given: &JsValue) -> Outcome<Vec<Revision>> {
    let json = JSON::stringify(given).map_err(|_| failed("not to be read"))?;
    serde_json::from_str(&String::from(json)).map_err(failed)
}

/// All `count` records are fetched and stored. Says after how many milliseconds there were enough
/// for a screen.
#[wasm_bindgen]
pub async fn initial(count: usize) -> Outcome<Object> {
    let began_ms = now_ms();
    let store = store().await?;
    store
        .set_token(Some(TOKEN.to_owned()))
        .await
        .map_err(failed)?;
    let useful_ms = Rc::new(Cell::new(None));
    store.subscribe({
        let (useful_ms, store) = (useful_ms.clone(), Rc::downgrade(&store));
        move |_| {
            if useful_ms.get().is_none()
                && let Some(store) = store.upgrade()
                && store.replica().all::<Material>().take(SCREEN).count() == SCREEN
            {
                useful_ms.set(Some(now_ms().saturating_sub(began_ms)));
            }
        }
    });
    exchange(&store).await?;
    // The programme is one of them.
    let found = store.replica().len();
    if found != count + 1 {
        return Err(failed(format!("{found} records came, not {count}")));
    }
    let useful_ms = useful_ms.get().map(|useful_ms| useful_ms as f64);
    object([("usefulMs", useful_ms.into())])
}

fn object<const LENGTH: usize>(members: [(&str, JsValue); LENGTH]) -> Outcome<Object> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &name.into(), &value).map_err(|_| failed(name))?;
    }
    Ok(object)
}

/// Every stored record has been a value in memory. The app itself reads a record when something first
/// looks at it, so this is more than it does.
#[wasm_bindgen]
pub async fn restart() -> Outcome<()> {
    let store = store().await?;
    let replica = store.replica();
    replica.records(Material::COLLECTION).for_each(|record| {
        std::hint::black_box(record);
    });
    Ok(())
}

/// What was found by `restart`.
#[wasm_bindgen]
pub async fn digest() -> Outcome<Object> {
    let store = store().await?;
    let replica = store.replica();
    let materials = replica.records(Material::COLLECTION);
    let digest = digest_of(materials.filter(|material| !material.is_deleted()));
    object([
        ("records", digest.records.into()),
        ("checksum", digest.checksum.into()),
    ])
}

/// One exchange; its news is stored, and these changes are among it.
#[wasm_bindgen]
pub async fn pull(changes: JsValue) -> Outcome<()> {
    let changes = revisions(&changes)?;
    let store = store().await?;
    exchange(&store).await?;
    let replica = store.replica();
    let has = |revision: &Revision| {
        let record = key_of(&revision.id).and_then(|key| replica.get(&key));
        record.is_some_and(|record| revision.is_in(&record))
    };
    if changes.iter().all(has) {
        Ok(())
    } else {
        Err(failed("a change did not come"))
    }
}

/// These edits are stored as a person's own, to be sent later.
#[wasm_bindgen]
pub async fn edit(edits: JsValue) -> Outcome<()> {
    let edits = revisions(&edits)?;
    let store = store().await?;
    let writes: Option<Vec<Write>> = edits
        .into_iter()
        .map(|revision| {
            let key = key_of(&revision.id)?;
            Some(Write::new(key, move |edit| revision.write(edit)))
        })
        .collect();
    let writes = writes.ok_or_else(|| failed("an identifier is no ULID"))?;
    store.commit(writes, now_ms()).await.map_err(failed)?;
    Ok(())
}

/// The edits stored before are on their way. Where they are is seen at the server; what this device
/// writes down once it has the answer is not waited for.
#[wasm_bindgen]
pub async fn push() -> Outcome<()> {
    let store = store().await?;
    begin_exchange(&store);
    Ok(())
}
