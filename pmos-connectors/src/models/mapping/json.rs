//! Looking into documents of others. What is missing and what is of another type look the same.

use serde_json::Value;

use super::Stop;

/// The document of a frame.
pub(super) fn document(frame: &str) -> Result<Value, Stop> {
    serde_json::from_str(frame).map_err(|_| Stop::garbage("a part of the answer is not JSON", frame))
}

/// A text that is not empty.
pub(super) fn text_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// A count; 0 where none is told.
pub(super) fn count_at(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// A list.
pub(super) fn list_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v [Value]> {
    value.pointer(pointer)?.as_array().map(Vec::as_slice)
}

/// The document itself when it tells of an error.
pub(super) fn failed(document: Value) -> Result<Value, Stop> {
    if document.get("error").is_some_and(|error| !error.is_null()) { Err(Stop::Failed(document)) } else { Ok(document) }
}
