//! What is put right in the whole description: what is the same everywhere, and what the types cannot say.

use keruen_domain::protocol::BINARY_MEDIA_TYPE;
use serde_json::{Map, Value, json};

use crate::content::JSON_MEDIA_TYPE;
use crate::error::CODE_HEADER;

/// Statuses whose answers have a body that names the problem; the others have none.
const WITH_PROBLEM: [&str; 6] = ["400", "401", "413", "415", "429", "503"];
/// How the description names whole numbers, how the registry of OpenAPI's formats does, and their bounds.
const INTEGERS: [(&str, &str, i64, u64); 5] = [
    ("u-int8", "uint8", 0, u8::MAX as u64),
    ("u-int16", "uint16", 0, u16::MAX as u64),
    ("u-int32", "uint32", 0, u32::MAX as u64),
    ("u-int64", "uint64", 0, u64::MAX),
    ("int64", "int64", i64::MIN, i64::MAX as u64),
];

/// Finishes the description.
pub(super) fn finish(description: &mut Value) {
    if let Some(paths) = description["paths"].as_object_mut() {
        for operations in paths.values_mut() {
            members_of(operations).for_each(|operation| {
                members(&mut operation["responses"]).for_each(|(status, response)| {
                    tell_problem(status, response);
                });
            });
        }
    }
    bound(description);
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

fn members_of(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    members(value).map(|(_, member)| member)
}

/// Headers and body of an answer that reports a problem.
fn tell_problem(status: &str, response: &mut Value) {
    if !status.starts_with(['4', '5']) {
        return;
    }
    let headers = &mut response["headers"];
    headers[CODE_HEADER] = header(
        "What the problem is, in a word that stays.",
        json!({"type": "string"}),
    );
    match status {
        "429" => {
            let seconds = json!({"type": "integer", "minimum": 0});
            headers["retry-after"] = header("When to ask again, in seconds.", seconds);
        }
        "401" => {
            let scheme = json!({"type": "string", "enum": ["Bearer"]});
            headers["www-authenticate"] = header("How to say who asks.", scheme);
        }
        _ => {}
    }
    if WITH_PROBLEM.contains(&status) && response["content"].is_null() {
        response["content"] = json!({
            JSON_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
            BINARY_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/BinaryMessage"}},
        });
    }
}

fn header(description: &str, schema: Value) -> Value {
    json!({"description": description, "schema": schema})
}

/// Gives whole numbers their bounds, and variants of enumerations no members beside their own.
fn bound(value: &mut Value) {
    match value {
        Value::Object(object) => {
            bound_integer(object);
            if let Some(Value::Array(variants)) = object.get_mut("oneOf") {
                variants.iter_mut().for_each(close_variant);
            }
            object.values_mut().for_each(bound);
        }
        Value::Array(items) => items.iter_mut().for_each(bound),
        _ => {}
    }
}

fn bound_integer(schema: &mut Map<String, Value>) {
    let format = schema.get("format").and_then(Value::as_str);
    let known = INTEGERS.iter().find(|known| Some(known.0) == format);
    if let Some((_, format, least, most)) = known {
        schema.insert("format".into(), json!(format));
        schema.entry("minimum").or_insert_with(|| json!(least));
        schema.entry("maximum").or_insert_with(|| json!(most));
    }
}

/// A variant with content is an object with its name as the only member.
fn close_variant(variant: &mut Value) {
    let members = variant["properties"].as_object().map_or(0, Map::len);
    if members == 1
        && variant["required"]
            .as_array()
            .is_some_and(|required| required.len() == 1)
    {
        variant["additionalProperties"] = json!(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_bounds_and_variants_one_member() {
        let mut description = json!({
            "paths": {},
            "one": {"type": "integer", "format": "u-int32", "minimum": 1},
            "of": {"oneOf": [{"properties": {"A": {}}, "required": ["A"]}]},
        });
        finish(&mut description);
        assert_eq!(
            description["one"],
            json!({"type": "integer", "format": "uint32", "minimum": 1, "maximum": u32::MAX})
        );
        assert_eq!(description["of"]["oneOf"][0]["additionalProperties"], false);
    }
}
