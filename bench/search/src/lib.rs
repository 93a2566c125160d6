//! `keruen-search` for a page, as the client uses it: the index lives in wasm, keys come out.

use keruen_search::{Document, Index, Options};
use wasm_bindgen::prelude::wasm_bindgen;

/// An index that a page can hold.
#[wasm_bindgen]
pub struct Subject {
    index: Index,
}

#[wasm_bindgen]
impl Subject {
    /// Empty.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::new_without_default, reason = "a page constructs it")]
    pub fn new() -> Self {
        Self {
            index: Index::new(),
        }
    }

    /// What `seal` made; nothing, if the bytes are damaged.
    pub fn open(bytes: Vec<u8>) -> Option<Subject> {
        let index = Index::open(bytes).ok()?;
        Some(Self { index })
    }

    /// Adds or replaces a document.
    pub fn put(&mut self, key: &str, title: &str, names: &str, tags: &str, body: &str) {
        self.index.put(&Document {
            key: key.as_bytes(),
            title,
            names,
            tags,
            body,
            ..Document::default()
        });
    }

    /// The bytes to be kept.
    pub fn seal(&mut self) -> Vec<u8> {
        self.index.seal().to_vec()
    }

    /// The bytes to be kept after an edit.
    pub fn seal_changes(&self) -> Vec<u8> {
        self.index.seal_changes()
    }

    /// The keys of what is found, a line for each.
    pub fn search(&self, query: &str, limit: usize) -> String {
        let options = Options {
            limit,
            ..Options::default()
        };
        let results = self.index.search(query, &options);
        let keys = results
            .hits
            .iter()
            .map(|hit| String::from_utf8_lossy(&hit.key));
        keys.collect::<Vec<_>>().join("\n")
    }
}
