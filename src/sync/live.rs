//! Listens to what the server says by itself, as long as somebody looks at the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use keruen_domain::protocol::live::{Hints, KEEP_ALIVE_MS, PATH};
use keruen_domain::sync::{Backoff, Event};
use wasm_bindgen_futures::spawn_local;

use super::transport::Identity;
use crate::platform::{Stream, random_u32, sleep_ms};
use crate::store::Store;

/// Two missed signs of life and some patience.
const STALL_MS: u64 = 2 * KEEP_ALIVE_MS + 10_000;
/// Before a server is asked again that has no seat left.
const BUSY_MS: u32 = 60_000;
/// Before a server that gives no hints, or none to this device, is asked again.
const UNKNOWN_MS: u32 = 10 * 60_000;

/// Hints come in as long as this is held.
pub(super) struct Live {
    is_over: Rc<Cell<bool>>,
    stream: Rc<RefCell<Option<Rc<Stream>>>>,
}

impl Live {
    /// Begins to listen; `tell` gets [`Event::Live`] and [`Event::Hint`].
    pub(super) fn start(store: Rc<Store>, tell: impl Fn(Event) + 'static) -> Self {
        let live = Self {
            is_over: Rc::default(),
            stream: Rc::default(),
        };
        let (is_over, held) = (live.is_over.clone(), live.stream.clone());
        spawn_local(async move {
            // What the exchange has brought is shown first.
            sleep_ms(0).await;
            let mut backoff = Backoff::default();
            while !is_over.get() {
                let identity = Identity::of(&store);
                let Ok(stream) = Stream::new(STALL_MS).map(Rc::new) else {
                    return;
                };
                held.replace(Some(stream.clone()));
                let mut hints = Hints::default();
                let is_open = Cell::new(false);
                let headers = identity.headers();
                let listened = stream.listen(PATH, &headers, |piece| {
                    if is_over.get() {
                        return;
                    }
                    if !is_open.replace(true) {
                        tell(Event::Live(true));
                    }
                    let hints = hints.take(piece);
                    if !hints.is_empty() {
                        tell(Event::Hint(hints));
                    }
                });
                let status = listened.await;
                if is_over.get() {
                    return;
                }
                if is_open.get() {
                    backoff.reset();
                    tell(Event::Live(false));
                }
                let pause_ms = backoff.pause_ms(random_u32());
                let pause_ms = match status {
                    Ok(429) => BUSY_MS + pause_ms,
                    Ok(400..500) => UNKNOWN_MS,
                    _ => pause_ms,
                };
                sleep_ms(pause_ms).await;
            }
        });
        live
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.is_over.set(true);
        if let Some(stream) = self.stream.take() {
            stream.stop();
        }
    }
}
