//! Files that somebody picked, dropped or pasted, read piece by piece; and writing into a text field so that
//! the browser can undo it.

use std::ops::Range;

use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, DragEvent, File, FileList, HtmlInputElement, HtmlTextAreaElement};

use super::bytes::taken;

/// A file of the person's. It is read where it lies, and may be gone or another one by then.
#[derive(Clone)]
pub struct ChosenFile(File);

impl ChosenFile {
    /// What it is called.
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Its length.
    pub fn size_bytes(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number of bytes"
        )]
        let size_bytes = self.0.size() as u64;
        size_bytes
    }

    /// A part of it as a file of its own, that is called so.
    pub fn part(&self, name: &str, range: Range<u64>) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "exact for 9,000 terabytes")]
        let (start, end) = (range.start as f64, range.end as f64);
        let piece = self.0.slice_with_f64_and_f64(start, end).ok()?;
        let file = File::new_with_blob_sequence(&Array::of1(&piece), name);
        file.ok().map(Self)
    }

    /// Some of its bytes; `None` if they cannot be read.
    pub async fn bytes(&self, range: Range<u64>) -> Option<Vec<u8>> {
        #[expect(clippy::cast_precision_loss, reason = "exact for 9,000 terabytes")]
        let (start, end) = (range.start as f64, range.end as f64);
        let piece = self.0.slice_with_f64_and_f64(start, end).ok()?;
        let bytes = JsFuture::from(piece.array_buffer()).await.ok()?;
        let bytes = taken(&Uint8Array::new(&bytes));
        (bytes.len() as u64 == range.end - range.start).then_some(bytes)
    }
}

/// The files that were chosen in a field, which forgets them, so that they may be chosen again.
pub fn chosen_files(field: &HtmlInputElement) -> Vec<ChosenFile> {
    let files = all(field.files());
    field.set_value("");
    files
}

/// The files that were dropped.
pub fn dropped_files(event: &DragEvent) -> Vec<ChosenFile> {
    all(event.data_transfer().and_then(|data| data.files()))
}

/// The files that were pasted: pictures, mostly.
pub fn pasted_files(event: &ClipboardEvent) -> Vec<ChosenFile> {
    all(event.clipboard_data().and_then(|data| data.files()))
}

fn all(files: Option<FileList>) -> Vec<ChosenFile> {
    let Some(files) = files else {
        return Vec::new();
    };
    let files = (0..files.length()).filter_map(|position| files.get(position));
    files.map(ChosenFile).collect()
}

/// Writes over what is selected in a field as if somebody typed it: the browser can undo it, and the field
/// says that it was written into.
pub fn insert_text(field: &HtmlTextAreaElement, text: &str) {
    let _ = field.focus();
    let document = JsValue::from(gloo_utils::document());
    // Old, and the only way that keeps what can be undone.
    let typed = Reflect::get(&document, &"execCommand".into())
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|command| {
            command.call3(&document, &"insertText".into(), &false.into(), &text.into())
        });
    if typed.is_ok_and(|typed| typed.is_truthy()) {
        return;
    }
    let _ = field.set_range_text(text);
    if let Ok(event) = web_sys::Event::new("input") {
        let _ = field.dispatch_event(&event);
    }
}
