//! From a value to the bytes that go out, under the label they go with.

use bytes::Bytes;
use encoding_rs::UTF_8;
use serde_json::Value;

use super::{
    Binary,
    charset::encoded,
    media_type::{MediaType, Reading},
};

/// The content type under which a value goes out; none when there is nothing to send. What was chosen stays, and says its
/// charset where it is text; otherwise it is that of a [`Binary`], text or JSON.
///
/// # Errors
/// What is wrong, when the value cannot go out under the type that was chosen.
pub fn label(value: &Value, chosen: Option<&str>) -> Result<Option<String>, String> {
    let marked = Binary::of(value)?;
    let Some(chosen) = chosen else {
        return Ok(match value {
            Value::Null => None,
            Value::String(_) => Some("text/plain; charset=utf-8".to_owned()),
            _ => Some(marked.map_or_else(|| "application/json".to_owned(), |binary| binary.media_type)),
        });
    };
    let Some(kind) = MediaType::parse(chosen).filter(|_| marked.is_none() && !value.is_null()) else {
        return Ok(Some(chosen.to_owned()));
    };
    let is = |what: &str| Err(format!("is {what}, which {} is not", kind.essence()));
    match (kind.reading(), value) {
        _ if kind.is_media() => is("text or data"),
        (Reading::Multipart, _) => {
            Err("a form of several parts cannot be written; send a form without files".to_owned())
        }
        (Reading::Form, Value::Object(_) | Value::String(_)) | (_, Value::String(_)) => Ok(()),
        (Reading::Form, _) => Err("must be an object of names and values to be sent as a form".to_owned()),
        _ if kind.is_xml() => is("data"),
        _ => Ok(()),
    }?;
    match kind.charset().map_err(|unread| unread.to_string())? {
        None if kind.is_text() => return Ok(Some(format!("{}; charset=utf-8", chosen.trim().trim_end_matches(';')))),
        Some(charset) if charset != UTF_8 => drop(encoded(charset, &written(value))?),
        _ => {}
    }
    Ok(Some(chosen.to_owned()))
}

/// The bytes of a value that goes out under this content type: those that it is marked to be; a form where the type says so;
/// text as it is, in the charset of the type; anything else as JSON.
///
/// # Errors
/// What is wrong, when it cannot be written.
pub fn bytes_of(value: &Value, content_type: Option<&str>) -> Result<Bytes, String> {
    if let Some(binary) = Binary::of(value)? {
        return Ok(binary.bytes);
    }
    let kind = content_type.and_then(MediaType::parse);
    let text = match value {
        Value::Null => return Ok(Bytes::new()),
        Value::Object(map) if kind.as_ref().is_some_and(|kind| kind.reading() == Reading::Form) => form(map)?,
        value => written(value),
    };
    match kind.as_ref().map(MediaType::charset) {
        Some(Ok(Some(charset))) if charset != UTF_8 => encoded(charset, &text).map(|bytes| bytes.into_owned().into()),
        _ => Ok(text.into()),
    }
}

/// A text as it is, anything else as JSON.
fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Names with values; a list stands for several of the same name, null for none.
fn form(map: &serde_json::Map<String, Value>) -> Result<String, String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in map {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        for value in values {
            match value {
                Value::Null => {}
                Value::String(text) => drop(form.append_pair(name, text)),
                Value::Bool(_) | Value::Number(_) => drop(form.append_pair(name, &value.to_string())),
                Value::Array(_) | Value::Object(_) => {
                    return Err(format!(
                        "{name} is neither text, number, boolean nor a list of those; a form has no other"
                    ));
                }
            }
        }
    }
    Ok(form.finish())
}
