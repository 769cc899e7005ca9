//! From path, query and body to one typed input.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    Error, Kind, Result, content,
    json::{self, Unread},
};

/// What a text in a path or query means, by the schema of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Integer,
    Number,
    Boolean,
    Text,
}

/// The scalar type of each field of an input schema.
pub(super) fn scalars(schema: &Value) -> HashMap<String, Scalar> {
    let properties = schema["properties"].as_object();
    properties.into_iter().flatten().map(|(name, field)| (name.clone(), scalar(field))).collect()
}

fn scalar(field: &Value) -> Scalar {
    let is = |name: &str| match &field["type"] {
        Value::String(one) => one == name,
        Value::Array(several) => several.iter().any(|one| one == name),
        _ => false,
    };
    if is("integer") {
        Scalar::Integer
    } else if is("number") {
        Scalar::Number
    } else if is("boolean") {
        Scalar::Boolean
    } else {
        Scalar::Text
    }
}

impl Scalar {
    fn read(self, field: &str, text: &str) -> Result<Value> {
        let refused = |wanted: &str| Error::invalid(field, format!("expected {wanted}, found {text:?}"));
        Ok(match self {
            Self::Integer => text.parse::<i64>().map_err(|_| refused("a whole number"))?.into(),
            Self::Number => text
                .parse::<f64>()
                .ok()
                .and_then(serde_json::Number::from_f64)
                .ok_or_else(|| refused("a number"))?
                .into(),
            Self::Boolean => text.parse::<bool>().map_err(|_| refused("true or false"))?.into(),
            Self::Text => text.into(),
        })
    }
}

/// Puts path, query and body together; each field may come from one place only.
pub(super) fn merge(
    scalars: &HashMap<String, Scalar>,
    path: &[(&str, &str)],
    query: Option<&str>,
    body: &[u8],
) -> Result<Value> {
    let mut input = read_object(body)?;
    let query = content::query(query.unwrap_or_default()).map_err(|unread| {
        Error::new(Kind::Malformed, "malformed", format!("The query of the address cannot be read: {unread}."))
    })?;
    let path = path.iter().map(|&(name, text)| (name.to_owned(), text.to_owned()));
    for (name, text) in path.chain(query) {
        let value = scalars.get(&*name).copied().unwrap_or(Scalar::Text).read(&name, &text)?;
        if input.insert(name.clone(), value).is_some() {
            return Err(Error::invalid(name, "is given twice; send it once"));
        }
    }
    Ok(Value::Object(input))
}

fn read_object(body: &[u8]) -> Result<Map<String, Value>> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let malformed = |detail: String| Error::new(Kind::Malformed, "malformed", detail);
    match json::read(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(malformed("The body must be a JSON object.".to_owned())),
        Err(Unread::Garbled(cause)) => Err(malformed(format!("The body is not JSON: {cause}."))),
        Err(other) => Err(malformed(format!("The body cannot be taken: {other}."))),
    }
}

/// Reads an input as its type; the error names the field.
pub(super) fn parse<A: DeserializeOwned>(input: Value) -> Result<A> {
    serde_path_to_error::deserialize(input).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        let field = if path == "." { named_in(&message).unwrap_or("body").to_owned() } else { path };
        Error::invalid(field, message)
    })
}

/// The field that serde names in "missing field `x`" or "unknown field `x`".
fn named_in(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> HashMap<String, Scalar> {
        scalars(&json!({"properties": {
            "limit": {"type": ["integer", "null"]}, "enabled": {"type": "boolean"}, "q": {"type": "string"}
        }}))
    }

    #[test]
    fn texts_take_the_type_of_their_field() {
        let input = merge(&fields(), &[("q", "7")], Some("limit=20&enabled=true"), b"").unwrap();
        assert_eq!(input, json!({"q": "7", "limit": 20, "enabled": true}));
    }

    #[test]
    fn a_field_given_twice_is_refused_by_name() {
        for (query, body) in [("q=1&q=2", ""), ("q=1", r#"{"q":"2"}"#)] {
            let error = merge(&fields(), &[], Some(query), body.as_bytes()).unwrap_err();
            assert_eq!(error.fields()[0].field, "q");
        }
    }

    #[test]
    fn a_body_that_is_too_deep_or_no_object_is_malformed() {
        let deep = format!(r#"{{"q":{}{}}}"#, "[".repeat(64), "]".repeat(64));
        for body in [deep.as_str(), "[]", "{", "\"\u{0}\""] {
            assert_eq!(merge(&fields(), &[], None, body.as_bytes()).unwrap_err().kind(), Kind::Malformed, "{body}");
        }
    }
}
