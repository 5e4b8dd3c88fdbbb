//! Whether a value obeys a JSON Schema, as far as the schemas of the tools go.

use serde_json::Value;

/// Keywords that ask nothing of a value.
const ANNOTATIONS: [&str; 6] = ["$schema", "$defs", "title", "description", "default", "format"];

#[track_caller]
pub(crate) fn validate(schema: &Value, value: &Value) {
    if let Err(wrong) = check(schema, schema, value, "$") {
        panic!("{wrong} in {value:#}");
    }
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Some(keywords) = schema.as_object() else { return Ok(()) };
    for (keyword, wanted) in keywords {
        let holds = match keyword.as_str() {
            "type" => match wanted {
                Value::Array(types) => types.iter().any(|one| is_of(one, value)),
                one => is_of(one, value),
            },
            "properties" | "required" | "additionalProperties" if !value.is_object() => true,
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        check(root, schema, value, &format!("{at}.{name}"))?;
                    }
                }
                // An answer has nothing that its schema does not name, unless any name is allowed.
                let named = |name: &String| wanted.get(name).is_some();
                keywords.contains_key("additionalProperties") || value.as_object().unwrap().keys().all(named)
            }
            "additionalProperties" => {
                for (name, value) in value.as_object().unwrap() {
                    let named =
                        keywords.get("properties").is_some_and(|properties| properties.get(name).is_some());
                    if !named {
                        check(root, wanted, value, &format!("{at}.{name}"))?;
                    }
                }
                true
            }
            "required" => {
                wanted.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())
            }
            "items" => {
                for (place, value) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, wanted, value, &format!("{at}[{place}]"))?;
                }
                true
            }
            "minimum" => value.as_f64().is_none_or(|value| value >= wanted.as_f64().unwrap()),
            "$ref" => {
                let definition = root.pointer(wanted.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
                check(root, definition, value, at)?;
                true
            }
            other => {
                assert!(ANNOTATIONS.contains(&other), "the check does not know `{other}`");
                true
            }
        };
        if !holds {
            return Err(format!("{at} breaks {keyword}: {wanted}"));
        }
    }
    Ok(())
}

fn is_of(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        other => panic!("the check does not know the type {other}"),
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    use serde_json::json;
    let schema = json!({
        "type": "object",
        "required": ["name", "sizes"],
        "properties": {"name": {"type": "string"}, "sizes": {"type": "array", "items": {"$ref": "#/$defs/Size"}}},
        "$defs": {"Size": {"type": "integer", "minimum": 0}},
    });
    validate(&schema, &json!({"name": "a", "sizes": [0, 7]}));
    for wrong in [
        json!([]),
        json!({"name": "a"}),
        json!({"name": null, "sizes": []}),
        json!({"name": "a", "sizes": [7, -1]}),
        json!({"name": "a", "sizes": ["7"]}),
        json!({"name": "a", "sizes": [], "more": 1}),
    ] {
        assert!(check(&schema, &schema, &wrong, "$").is_err(), "{wrong}");
    }
}
