//! Requests with a stall timeout: what counts is silence, not how long a slow link takes.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Interval;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::bytes::lent;
use super::clock::now_ms;

/// An answer, whole.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// No network, no server, or the connection broke off.
    Unreachable,
    /// Nothing arrived for too long.
    Stalled,
}

/// Sends a request and reads the whole answer; gives up after `stall_ms` without any progress.
/// A body's way up cannot be watched, so the first sign has as long again per 8 kB of it.
pub async fn fetch(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
    stall_ms: u64,
) -> Result<Reply, FetchError> {
    let watch = StallWatch::start(stall_ms, body.map_or(0, <[u8]>::len))?;
    let exchanged = async {
        let response = open(method, url, headers, body, &watch).await?;
        let mut received = Vec::new();
        read(&response, &watch, |bytes| received.extend_from_slice(bytes)).await?;
        Ok(Reply {
            status: response.status(),
            body: received,
        })
    };
    exchanged.await.map_err(|_: JsValue| watch.error())
}

/// Sends a request and waits for the beginning of its answer.
pub(super) async fn open(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
    watch: &StallWatch,
) -> Result<web_sys::Response, JsValue> {
    let options = web_sys::RequestInit::new();
    options.set_method(method);
    options.set_cache(web_sys::RequestCache::NoStore);
    options.set_signal(Some(&watch.abort.signal()));
    let request = || web_sys::Request::new_with_str_and_init(url, &options);
    let request = match body {
        Some(body) => lent(body, |body| {
            options.set_body(body);
            request()
        }),
        None => request(),
    }?;
    for (name, value) in headers {
        request.headers().set(name, value)?;
    }
    let response = JsFuture::from(gloo_utils::window().fetch_with_request(&request)).await?;
    watch.progress();
    response.dyn_into()
}

/// Gives every piece of an answer's body to `take`, until it ends.
pub(super) async fn read(
    response: &web_sys::Response,
    watch: &StallWatch,
    mut take: impl FnMut(&[u8]),
) -> Result<(), JsValue> {
    let Some(stream) = response.body() else {
        return Ok(());
    };
    let reader: web_sys::ReadableStreamDefaultReader = stream.get_reader().dyn_into()?;
    loop {
        let chunk = JsFuture::from(reader.read()).await?;
        watch.progress();
        if Reflect::get(&chunk, &"done".into())?.is_truthy() {
            return Ok(());
        }
        let bytes: Uint8Array = Reflect::get(&chunk, &"value".into())?.dyn_into()?;
        take(&bytes.to_vec());
    }
}

pub(super) struct StallWatch {
    abort: web_sys::AbortController,
    deadline_ms: Rc<Cell<u64>>,
    stall_ms: u64,
    stalled: Rc<Cell<bool>>,
    _timer: Interval,
}

impl StallWatch {
    pub(super) fn start(stall_ms: u64, body_bytes: usize) -> Result<Self, FetchError> {
        const BYTES_PER_STALL: usize = 8 * 1024;
        const LOOK_EVERY_MS: u32 = 1_000;
        let abort = web_sys::AbortController::new().map_err(|_| FetchError::Unreachable)?;
        let first_ms = stall_ms * (1 + (body_bytes / BYTES_PER_STALL) as u64);
        let deadline_ms = Rc::new(Cell::new(now_ms() + first_ms));
        let stalled = Rc::new(Cell::new(false));
        let timer = Interval::new(LOOK_EVERY_MS, {
            let (abort, deadline_ms, stalled) =
                (abort.clone(), deadline_ms.clone(), stalled.clone());
            move || {
                if now_ms() > deadline_ms.get() {
                    stalled.set(true);
                    abort.abort();
                }
            }
        });
        Ok(Self {
            abort,
            deadline_ms,
            stall_ms,
            stalled,
            _timer: timer,
        })
    }

    pub(super) fn abort(&self) {
        self.abort.abort();
    }

    /// Why there was no answer, or only half of one.
    pub(super) fn error(&self) -> FetchError {
        if self.stalled.get() {
            FetchError::Stalled
        } else {
            FetchError::Unreachable
        }
    }

    pub(super) fn controller(&self) -> web_sys::AbortController {
        self.abort.clone()
    }

    pub(super) fn progress(&self) {
        self.deadline_ms.set(now_ms() + self.stall_ms);
    }
}
