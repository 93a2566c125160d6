//! Answers that are long: taken piece by piece, as they come, and broken off at will.

use std::cell::RefCell;

use js_sys::{ArrayBuffer, Function, Reflect, Uint8Array};
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
    reader: Reader,
    watch: StallWatch,
}

/// What reads a body.
enum Reader {
    /// There is nothing to read.
    Nothing,
    /// Into this buffer, again and again: whatever comes, the browser needs no other memory for it.
    Into(
        web_sys::ReadableStreamByobReader,
        RefCell<Option<ArrayBuffer>>,
    ),
    /// In browsers that do not know that way: each piece is clutter, which they clear up in their own time.
    Pieces(web_sys::ReadableStreamDefaultReader),
}

/// As much is read at once at most, in bytes.
const PIECE_BYTES: u32 = 128 * 1024;

impl Reader {
    fn of(response: &web_sys::Response) -> Self {
        let Some(stream) = response.body() else {
            return Self::Nothing;
        };
        let options = web_sys::ReadableStreamGetReaderOptions::new();
        options.set_mode(web_sys::ReadableStreamReaderMode::Byob);
        // It throws where the body is no stream of bytes.
        let get_reader = Reflect::get(&stream, &"getReader".into());
        let get_reader: Option<Function> = get_reader.ok().and_then(|it| it.dyn_into().ok());
        let reader = get_reader.and_then(|it| it.call1(&stream, &options).ok());
        if let Some(reader) = reader.and_then(|reader| reader.dyn_into().ok()) {
            return Self::Into(reader, RefCell::new(Some(ArrayBuffer::new(PIECE_BYTES))));
        }
        match stream.get_reader().dyn_into() {
            Ok(reader) => Self::Pieces(reader),
            Err(_) => Self::Nothing,
        }
    }

    async fn next(&self) -> Result<Option<Vec<u8>>, JsValue> {
        let reading = match self {
            Self::Nothing => return Ok(None),
            Self::Into(reader, buffer) => {
                let buffer = buffer.take();
                let buffer = buffer.unwrap_or_else(|| ArrayBuffer::new(PIECE_BYTES));
                reader.read_with_array_buffer_view(&Uint8Array::new(&buffer))
            }
            Self::Pieces(reader) => reader.read(),
        };
        let piece = JsFuture::from(reading).await?;
        let is_end = Reflect::get(&piece, &"done".into())?.is_truthy();
        if is_end {
            return Ok(None);
        }
        let bytes: Uint8Array = Reflect::get(&piece, &"value".into())?.dyn_into()?;
        let read = bytes.to_vec();
        if let Self::Into(_, buffer) = self {
            buffer.replace(Some(bytes.buffer()));
        }
        Ok(Some(read))
    }
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
        Ok(Self {
            reader: Reader::of(&response),
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
        let piece = self.reader.next().await;
        self.watch.progress();
        piece.map_err(|_: JsValue| self.watch.error())
    }
}

impl Drop for Body {
    /// What is not wanted any more does not go on arriving.
    fn drop(&mut self) {
        self.watch.abort();
    }
}
