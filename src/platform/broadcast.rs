use js_sys::Uint8Array;
use wasm_bindgen::JsCast;

use super::listen::Listener;

/// Bytes to and from the other tabs of this app in this browser.
pub struct Channel {
    // Absent in browsers without it: tabs then learn of each other at their next start.
    channel: Option<web_sys::BroadcastChannel>,
    _listener: Option<Listener>,
}

impl Channel {
    /// Joins the channel of this name; `handler` gets what other tabs send.
    pub fn join(name: &str, mut handler: impl FnMut(Vec<u8>) + 'static) -> Self {
        let channel = web_sys::BroadcastChannel::new(name).ok();
        let listener = channel.as_ref().map(|channel| {
            Listener::new(channel, "message", move |event| {
                let message = event.unchecked_into::<web_sys::MessageEvent>().data();
                if let Ok(bytes) = message.dyn_into::<Uint8Array>() {
                    handler(bytes.to_vec());
                }
            })
        });
        Self {
            channel,
            _listener: listener,
        }
    }

    /// Sends to all other tabs.
    pub fn send(&self, bytes: &[u8]) {
        if let Some(channel) = &self.channel {
            // Only a closed channel refuses, and this one closes when it is dropped.
            let _ = channel.post_message(&Uint8Array::from(bytes));
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}
