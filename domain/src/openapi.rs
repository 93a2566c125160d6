//! How records look in the protocol's JSON Schema: as their sent form.

use std::borrow::Cow;

use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::record::{Record, RecordForm};

/// [`crate::Value`] under a name that the derive does not take for any JSON at all.
pub(crate) type FieldValue = crate::value::Value;

impl PartialSchema for Record {
    fn schema() -> RefOr<Schema> {
        RecordForm::schema()
    }
}

impl ToSchema for Record {
    fn name() -> Cow<'static, str> {
        RecordForm::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        RecordForm::schemas(schemas);
    }
}
