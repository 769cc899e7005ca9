//! Bytes that are no text, as a value.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value};

/// Bytes as a value of an automation: `{"binary": true, "name"?, "type", "size", "base64"}`.
///
/// The mark is what makes it one: a step that hands it on sends the bytes, and text that happens to be base64 stays text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// The media type without parameters, as `image/png`.
    pub media_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl Binary {
    /// The bytes that a value is marked to be; none for every other value.
    ///
    /// # Errors
    /// What is wrong with a marked value, so that it cannot be sent.
    pub fn of(value: &Value) -> Result<Option<Self>, &'static str> {
        let Some(map) = value.as_object().filter(|map| map.get("binary") == Some(&Value::Bool(true))) else {
            return Ok(None);
        };
        let text = |name: &str| map.get(name).and_then(Value::as_str);
        let (Some(media_type), Some(base64)) = (text("type"), text("base64")) else {
            return Err("is marked as binary and has no type or no base64");
        };
        let bytes = BASE64_STANDARD.decode(base64).map_err(|_| "is marked as binary and its base64 cannot be read")?;
        Ok(Some(Self { media_type: media_type.to_owned(), bytes: bytes.into() }))
    }
}

/// The value of these bytes.
pub fn binary(media_type: &str, name: Option<&str>, bytes: &[u8]) -> Value {
    let mut map = Map::new();
    map.insert("binary".to_owned(), true.into());
    if let Some(name) = name {
        map.insert("name".to_owned(), name.into());
    }
    map.insert("type".to_owned(), media_type.into());
    map.insert("size".to_owned(), bytes.len().into());
    map.insert("base64".to_owned(), BASE64_STANDARD.encode(bytes).into());
    Value::Object(map)
}
