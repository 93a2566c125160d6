//! How records look in the protocol's JSON Schema: as their sent form. And the forms of texts that no type
//! tells.

use std::borrow::Cow;

use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::protocol::people::limits::MAX_CHARACTERS;
use crate::protocol::shares::limits::MIN_PASSPHRASE_CHARACTERS;
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

/// What is taken off both ends of a line: white space, as Unicode has it.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Characters that stand for no sign.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";

/// One line of text, which may be empty.
pub(crate) struct Line;

/// One line of text that says something.
pub(crate) struct Name;

impl PartialSchema for Line {
    fn schema() -> RefOr<Schema> {
        line(0, &format!("^[{SPACE}]*[^{CONTROL}]*[{SPACE}]*$"))
    }
}

impl ToSchema for Line {}

impl PartialSchema for Name {
    fn schema() -> RefOr<Schema> {
        line(
            1,
            &format!("^[{SPACE}]*[^{SPACE}{CONTROL}][^{CONTROL}]*[{SPACE}]*$"),
        )
    }
}

impl ToSchema for Name {}

/// A passphrase for others to type: none, or long enough without what is taken off its ends.
pub(crate) struct NewPassphrase;

impl PartialSchema for NewPassphrase {
    fn schema() -> RefOr<Schema> {
        let between = MIN_PASSPHRASE_CHARACTERS - 2;
        line(
            0,
            &format!("^[{SPACE}]*([^{SPACE}][\\s\\S]{{{between},}}[^{SPACE}][{SPACE}]*)?$"),
        )
    }
}

impl ToSchema for NewPassphrase {}

fn line(least: usize, pattern: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length((least > 0).then_some(least))
        .max_length(Some(MAX_CHARACTERS))
        .pattern(Some(pattern));
    text.into()
}
