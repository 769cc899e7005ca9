//! The ways in and out of a node.
//!
//! n8n connects nodes by typed outlets: `main` carries data, the `ai_…` ones join a model, a memory or a tool with the
//! agent that uses it. Edges name them by type and number, as `main:0` and `ai_tool:0`.

use pmos_core::flow::{Inlet, Port};
use serde_json::Value;

use super::descriptor::{plain, text};

/// The ways out.
pub(super) fn outputs(of: &Value) -> Vec<Port> {
    outlets(of).into_iter().filter_map(|outlet| outlet.name.parse().ok()).collect()
}

/// The ways in, unless there is just the usual one.
pub(super) fn inputs(of: &Value) -> Option<Vec<Inlet>> {
    let outlets = outlets(of);
    match outlets.as_slice() {
        [only] if only.name == "main:0" => None,
        _ => Some(outlets),
    }
}

/// Outlets are a list of types, or of objects that name one, or an expression over the settings of the node. Such an
/// expression is not evaluated: all types that it mentions may be there.
fn outlets(of: &Value) -> Vec<Inlet> {
    let mut outlets: Vec<Inlet> = Vec::new();
    let mut add = |kind: &str, title: String, required: bool| {
        let same = outlets.iter().filter(|outlet| outlet.name.split(':').next() == Some(kind)).count();
        let title = match title.as_str() {
            "" => title_of(kind),
            _ => title,
        };
        outlets.push(Inlet { name: format!("{kind}:{same}"), title, required });
    };
    match of {
        Value::Array(entries) => {
            for entry in entries {
                if let Some(kind) = entry.as_str() {
                    add(kind, String::new(), false);
                } else {
                    let required = entry["required"].as_bool() == Some(true);
                    add(text(entry, "type"), plain(text(entry, "displayName")), required);
                }
            }
        }
        Value::String(expression) => {
            let mut kinds: Vec<&str> = Vec::new();
            for word in expression.split(['"', '\'', '`']).filter(|word| is_type(word)) {
                if !kinds.contains(&word) {
                    kinds.push(word);
                }
            }
            if kinds.is_empty() {
                kinds.push("main");
            }
            for kind in kinds {
                add(kind, String::new(), false);
            }
        }
        _ => {}
    }
    outlets.retain(|outlet| outlet.name.parse::<Port>().is_ok() && !outlet.name.starts_with(':'));
    outlets
}

fn is_type(word: &str) -> bool {
    let named = word.strip_prefix("ai_").is_some_and(|kind| !kind.is_empty());
    word == "main" || named && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `ai_languageModel` reads "language model".
fn title_of(kind: &str) -> String {
    let name = kind.strip_prefix("ai_").unwrap_or(kind);
    let mut title = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            title.push(' ');
        }
        title.push(character.to_ascii_lowercase());
    }
    title
}
