//! Answers that never end: read piece by piece, as they come.

use wasm_bindgen::JsValue;

use super::fetch::{FetchError, StallWatch, open, read};

/// A request whose answer is listened to.
pub struct Stream {
    watch: StallWatch,
}

impl Stream {
    /// A stream that gives up after `stall_ms` of silence.
    pub fn new(stall_ms: u64) -> Result<Self, FetchError> {
        let watch = StallWatch::start(stall_ms, 0)?;
        Ok(Self { watch })
    }

    /// Asks, and gives every piece of the answer to `take`, the first time with nothing in it as
    /// soon as the answer begins. Returns the status when the answer ends; one that is not 200 is not
    /// read.
    pub async fn listen(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        mut take: impl FnMut(&[u8]),
    ) -> Result<u16, FetchError> {
        let listened = async {
            let response = open("GET", url, headers, None, &self.watch).await?;
            let status = response.status();
            if status == 200 {
                take(&[]);
                read(&response, &self.watch, take).await?;
            }
            Ok(status)
        };
        listened.await.map_err(|_: JsValue| self.watch.error())
    }

    /// Breaks it off.
    pub fn stop(&self) {
        self.watch.abort();
    }
}
