//! What many routes share in their description, told once.

use std::collections::BTreeMap;

use keruen_domain::protocol::DEVICE_HEADER;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Required, Response, ResponseBuilder, Schema, SchemaFormat,
    Type,
};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

/// Bytes that are not text: the protocol's binary form, or a file.
pub(in crate::routes) struct BinaryMessage;

impl PartialSchema for BinaryMessage {
    fn schema() -> RefOr<Schema> {
        let bytes = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        bytes.into()
    }
}

impl ToSchema for BinaryMessage {}

/// A question that says nothing, or an answer that says only that it is done.
pub(in crate::routes) struct Nothing;

impl PartialSchema for Nothing {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Null).into()
    }
}

impl ToSchema for Nothing {}

/// The device that asks: which one it is decides nothing but its limit.
pub(in crate::routes) enum AskingDevice {}

/// The device that asks, where its name is needed.
pub(in crate::routes) enum NamedDevice {}

impl IntoParams for AskingDevice {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![device(Required::False)]
    }
}

impl IntoParams for NamedDevice {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![device(Required::True)]
    }
}

/// In which language the reader is answered.
pub(in crate::routes) enum ReaderLanguage {}

impl IntoParams for ReaderLanguage {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let chosen = ParameterBuilder::new()
            .name("lang")
            .parameter_in(ParameterIn::Query)
            .description(Some(
                "In which language: `kk`, `ru` or `en`; anything else counts as nothing.",
            ));
        let preferred = ParameterBuilder::new()
            .name("accept-language")
            .parameter_in(ParameterIn::Header)
            .description(Some("Which languages the reader prefers."))
            .example(Some("kk, ru;q=0.8".into()));
        [chosen, preferred]
            .map(|parameter| {
                let text = ObjectBuilder::new().schema_type(Type::String);
                let parameter = parameter.required(Required::False);
                parameter.schema(Some(text)).build()
            })
            .into()
    }
}

fn device(required: Required) -> Parameter {
    let digits = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[0-9a-fA-F]{16}$"));
    ParameterBuilder::new()
        .name(DEVICE_HEADER)
        .parameter_in(ParameterIn::Header)
        .description(Some("The device: sixteen hexadecimal digits."))
        .required(required)
        .schema(Some(digits))
        .example(Some("9f86d081884c7d65".into()))
        .build()
}

/// Why a question of anybody's may get no answer, whatever it is.
pub(in crate::routes) enum Problems {}

/// Why a question of somebody known may get none.
pub(in crate::routes) enum KnownProblems {}

/// Why what has an address may not be given.
pub(in crate::routes) enum AddressProblems {}

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let own = [
            (400, "The question is not what the protocol says."),
            (408, "The question came too slowly."),
            (413, "Too many bytes."),
            (
                415,
                "The body is of a kind, or compressed in a way, that is not read here.",
            ),
        ];
        let mut all = AddressProblems::responses();
        all.extend(own.map(|(status, why)| problem(status, why)));
        all
    }
}

impl IntoResponses for KnownProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = Problems::responses();
        let why = "The token is missing, not known, or was taken back.";
        all.extend([problem(401, why)]);
        all
    }
}

impl IntoResponses for AddressProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let all = [
            (429, "Too many requests."),
            (503, "The server could not do its part."),
        ];
        all.map(|(status, why)| problem(status, why)).into()
    }
}

/// What its body and headers are, is told at the end, see [`super::finish`].
fn problem(status: u16, why: &str) -> (String, RefOr<Response>) {
    let response = ResponseBuilder::new().description(why).build();
    (status.to_string(), response.into())
}
