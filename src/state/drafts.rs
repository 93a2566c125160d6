//! What was written into forms and is not saved yet.

use keruen_domain::{FieldKey, Record, Value, encoding};
use serde::{Deserialize, Serialize};

use super::AppState;

/// What was written into a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormDraft {
    /// What the writer had in front of them; `None` of something new.
    pub seen: Option<Record>,
    /// What they wrote.
    pub fields: Vec<(FieldKey, Value)>,
}

impl FormDraft {
    /// A text that stands in a field, in whatever language.
    pub fn text(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields.find_map(|(key, value)| {
            let is_it = key.as_str().split(':').next() == Some(name);
            value.as_text().filter(|text| is_it && !text.is_empty())
        })
    }
}

impl AppState {
    /// What was written into forms and not saved, by the forms' addresses.
    pub async fn form_drafts(&self) -> Vec<(String, FormDraft)> {
        let mut drafts = Vec::new();
        for form in self.store().drafts().await.unwrap_or_default() {
            if let Some(draft) = self.form_draft(&form).await {
                drafts.push((form, draft));
            }
        }
        drafts
    }

    /// What was written into a form before, if that can be read.
    pub async fn form_draft(&self, form: &str) -> Option<FormDraft> {
        let bytes = self.store().draft(form).await.ok()??;
        encoding::decode(&bytes).ok()
    }

    /// Keeps what is written into a form; if that fails, it says so.
    pub async fn keep_form_draft(&self, form: &str, draft: &FormDraft) {
        let content = encoding::encode(draft);
        if let Err(error) = self.store().keep_draft(form, &content).await {
            self.not_saved(&error);
        }
    }

    /// Forgets what was written into a form.
    pub async fn drop_form_draft(&self, form: &str) {
        if let Err(error) = self.store().drop_draft(form).await {
            self.not_saved(&error);
        }
    }
}
