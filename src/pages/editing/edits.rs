//! What somebody has written into a form and not saved yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use keruen_domain::model::fields;
use keruen_domain::{FieldKey, Record, Value, text};
use leptos::prelude::*;

use super::draft::Draft;
use super::fields::keys;

/// What was written and is not saved yet.
#[derive(Clone, Copy)]
pub(in crate::pages) struct Edits {
    /// The record as it was when the page was opened; `None` of a new one.
    pub(in crate::pages) seen: StoredValue<Option<Arc<Record>>>,
    pub(in crate::pages) fields: RwSignal<BTreeMap<FieldKey, Value>>,
    /// Where it is kept meanwhile.
    pub(in crate::pages) draft: Option<Draft>,
}

impl Edits {
    /// What stands in a field: what was written, or what stood there.
    pub(in crate::pages) fn value(self, key: &FieldKey) -> Value {
        let written = self.fields.with(|fields| fields.get(key).cloned());
        written.unwrap_or_else(|| {
            self.seen.with_value(|seen| {
                let seen = seen.as_ref();
                seen.map_or(Value::Nothing, |seen| seen.value(key.as_str()).clone())
            })
        })
    }

    /// What stands in a field of text.
    pub(in crate::pages) fn text(self, key: &FieldKey) -> String {
        if is_long(key) && !self.fields.with(|fields| fields.contains_key(key)) {
            return self.seen.with_value(|seen| {
                let seen = seen.as_ref();
                seen.map_or_else(String::new, |seen| text::read(seen, key.as_str()).into())
            });
        }
        self.value(key).as_text().unwrap_or_default().to_owned()
    }

    /// Writes into a field.
    pub(in crate::pages) fn write(self, key: FieldKey, value: Value) {
        self.fields.update(|fields| {
            fields.insert(key, value);
        });
        if let Some(draft) = self.draft {
            draft.written(self);
        }
    }

    /// The members of a set.
    pub(in crate::pages) fn members(self, set: &str) -> Vec<String> {
        let mut members: Vec<String> = self.seen.with_value(|seen| {
            let members = seen.iter().flat_map(|seen| seen.members(set));
            members.map(str::to_owned).collect()
        });
        self.fields.with(|fields| {
            for (key, value) in fields {
                if let Some(member) = key.as_str().strip_prefix(set)
                    && let Some(member) = member.strip_prefix('/')
                {
                    members.retain(|known| known != member);
                    if value.is_set() {
                        members.push(member.to_owned());
                    }
                }
            }
        });
        members
    }

    /// Whether a translated text stands in some language.
    pub(in crate::pages) fn has_text(self, name: &str) -> bool {
        !self.texts(name).is_empty()
    }

    /// A translated text in all its languages.
    pub(in crate::pages) fn texts(self, name: &str) -> Vec<String> {
        let keys = keys(name);
        let texts = keys.map(|(_, key)| self.text(&key));
        texts
            .into_iter()
            .filter(|text| !text.trim().is_empty())
            .collect()
    }
}

/// Whether a field holds a long text, which is made of pieces.
fn is_long(key: &FieldKey) -> bool {
    key.as_str().split(':').next() == Some(fields::BODY)
}
