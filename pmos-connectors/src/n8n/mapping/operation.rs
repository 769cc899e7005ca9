//! `resource` and `operation` of a node as the operation of a step.
//!
//! | parameters have | operation of the step | left in the settings |
//! |---|---|---|
//! | both | `message:post` | neither |
//! | `operation` only | `post` | neither |
//! | `resource` only | `message:` | neither |
//! | none, or one that is computed | `execute` | all |
//!
//! A server keeps what differs from a default only; so `post` means the default resource, `message:` the default operation
//! of a resource, and `execute` the defaults of both.

use serde_json::{Map, Value};

/// What nodes do that have nothing to choose.
pub(in crate::n8n) const EXECUTE: &str = "execute";

const PARTS: [&str; 2] = ["resource", "operation"];

/// The operation and the settings that these parameters are shown as.
pub(super) fn split(mut parameters: Map<String, Value>) -> (String, Map<String, Value>) {
    let Some(operation) = shown(&parameters) else { return (EXECUTE.to_owned(), parameters) };
    parameters.retain(|key, _| !PARTS.contains(&key.as_str()));
    (operation, parameters)
}

fn shown(parameters: &Map<String, Value>) -> Option<String> {
    match PARTS.map(|part| parameters.get(part)) {
        [Some(resource), Some(operation)] => Some(format!("{}:{}", word(resource)?, word(operation)?)),
        [None, Some(operation)] => Some(word(operation)?.to_owned()).filter(|operation| operation != EXECUTE),
        [Some(resource), None] => Some(format!("{}:", word(resource)?)),
        [None, None] => None,
    }
}

/// A value that names something, rather than computing it.
fn word(value: &Value) -> Option<&str> {
    let text = value.as_str()?;
    let is_word =
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    is_word.then_some(text)
}

/// The parameters that are shown as this operation with these settings; none when no parameters are.
pub(super) fn join(operation: &str, settings: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut parameters = Map::with_capacity(settings.len() + 2);
    if operation != EXECUTE {
        let (resource, operation) = match operation.split_once(':') {
            Some((resource, operation)) => (Some(resource), Some(operation).filter(|text| !text.is_empty())),
            None => (None, Some(operation)),
        };
        for (part, value) in PARTS.into_iter().zip([resource, operation]) {
            if let Some(value) = value {
                parameters.insert(part.to_owned(), value.into());
            }
        }
        if PARTS.iter().any(|part| settings.contains_key(*part)) {
            return None;
        }
    }
    parameters.extend(settings.iter().map(|(key, value)| (key.clone(), value.clone())));
    let is_same = shown(&parameters).as_deref().unwrap_or(EXECUTE) == operation;
    is_same.then_some(parameters)
}
