//! Answers that are long: taken piece by piece, as they come, and broken off at will.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::fetch::{FetchError, StallWatch, open};

/// Breaks a request off, from wherever it is held.
#[derive(Clone)]
pub struct BreakOff(web_sys::AbortController);

impl BreakOff {
    /// Nothing more comes of the request.
    pub fn now(&self) {
        self.0.abort();
    }
}

/// The answer to a request, of which the body is still to come.
pub struct Body {
    response: web_sys::Response,
    reader: Option<web_sys::ReadableStreamDefaultReader>,
    watch: StallWatch,
}

impl Body {
    /// Asks, and waits for the beginning of the answer; gives up after `stall_ms` without any progress.
    /// `begun` gets what breaks the request off, before anything is sent.
    pub async fn ask(
        url: &str,
        headers: &[(&str, &str)],
        stall_ms: u64,
        begun: impl FnOnce(BreakOff),
    ) -> Result<Self, FetchError> {
        Self::send("GET", url, headers, None, stall_ms, begun).await
    }

    /// The same with another method, and with something to send: that has as much longer as [`fetch`](super::fetch)
    /// gives it.
    pub async fn send(
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        sent: Option<&[u8]>,
        stall_ms: u64,
        begun: impl FnOnce(BreakOff),
    ) -> Result<Self, FetchError> {
        let watch = StallWatch::start(stall_ms, sent.map_or(0, <[u8]>::len))?;
        begun(BreakOff(watch.controller()));
        let response = open(method, url, headers, sent, &watch).await;
        let response = response.map_err(|_: JsValue| watch.error())?;
        let reader = response.body().map(|stream| stream.get_reader());
        Ok(Self {
            reader: reader.and_then(|reader| reader.dyn_into().ok()),
            response,
            watch,
        })
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.response.status()
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<String> {
        self.response.headers().get(name).ok()?
    }

    /// The next piece; `None` at the end.
    pub async fn next(&self) -> Result<Option<Vec<u8>>, FetchError> {
        self.piece().await.map_err(|_: JsValue| self.watch.error())
    }

    async fn piece(&self) -> Result<Option<Vec<u8>>, JsValue> {
        let Some(reader) = &self.reader else {
            return Ok(None);
        };
        let chunk = JsFuture::from(reader.read()).await?;
        self.watch.progress();
        if Reflect::get(&chunk, &"done".into())?.is_truthy() {
            return Ok(None);
        }
        let bytes: Uint8Array = Reflect::get(&chunk, &"value".into())?.dyn_into()?;
        Ok(Some(bytes.to_vec()))
    }
}

impl Drop for Body {
    /// What is not wanted any more does not go on arriving.
    fn drop(&mut self) {
        self.watch.abort();
    }
}
