//! What was written into a form and not saved yet is on this phone all the same, and there again when the form
//! is opened next.

use std::collections::BTreeMap;
use std::sync::Arc;

use gloo_timers::callback::Timeout;
use keruen_domain::{FieldKey, Record, Value};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::Edits;
use crate::state::{AppState, FormDraft};

/// The pause in writing after which it is kept.
const PAUSE_MS: u32 = 200;

/// Where what is written into a form is kept.
#[derive(Clone, Copy)]
pub(in crate::pages) struct Draft {
    state: AppState,
    form: StoredValue<String>,
    pause: StoredValue<Option<Timeout>, LocalStorage>,
    is_over: StoredValue<bool>,
}

impl Draft {
    /// That of a form, by its address.
    pub(in crate::pages) fn of(state: AppState, form: String) -> Self {
        Self {
            state,
            form: StoredValue::new(form),
            pause: StoredValue::new_local(None),
            is_over: StoredValue::new(false),
        }
    }

    /// What was written before and not saved, if anything was.
    pub(in crate::pages) async fn written_before(self) -> Option<FormDraft> {
        self.state.form_draft(&self.form.get_value()).await
    }

    /// The edits of the form: those that were kept, or none but these.
    pub(in crate::pages) fn edits(
        self,
        kept: Option<FormDraft>,
        seen: Option<Arc<Record>>,
        begun: BTreeMap<FieldKey, Value>,
    ) -> Edits {
        // Who wrote had in front of them what was there then.
        let (seen, fields) = match kept {
            Some(FormDraft { seen, fields }) => (seen.map(Arc::new), fields.into_iter().collect()),
            None => (seen, begun),
        };
        Edits {
            seen: StoredValue::new(seen),
            fields: RwSignal::new(fields),
            draft: Some(self),
        }
    }

    /// Something was written: it is kept at the next pause.
    pub(super) fn written(self, edits: Edits) {
        let keep = move || self.keep(edits);
        self.pause.set_value(Some(Timeout::new(PAUSE_MS, keep)));
    }

    fn keep(self, edits: Edits) {
        if self.is_over.try_get_value() != Some(false) {
            return;
        }
        let fields = edits.fields.get_untracked();
        let draft = FormDraft {
            seen: edits.seen.with_value(|seen| seen.as_deref().cloned()),
            fields: fields.into_iter().collect(),
        };
        let (state, form) = (self.state, self.form.get_value());
        spawn_local(async move { state.keep_form_draft(&form, &draft).await });
    }

    /// It was saved, or is not wanted: nothing of it is kept any more.
    pub(in crate::pages) async fn end(self) {
        self.is_over.set_value(true);
        self.pause.set_value(None);
        self.state.drop_form_draft(&self.form.get_value()).await;
    }

    /// What was kept is not wanted, and something else may be written.
    pub(in crate::pages) async fn forget(self) {
        self.pause.set_value(None);
        self.state.drop_form_draft(&self.form.get_value()).await;
    }
}
