//! The texts in which JavaScript stands.

use serde_json::{Map, Value};

use super::{Found, Target, javascript, literal};

/// How JavaScript stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::n8n) enum Dress {
    /// The whole text.
    Code,
    /// In `{{ }}`, behind the `=` that begins a value to be computed.
    Value,
    /// In `{{ }}`, in a page that its node computes whatever it begins with.
    Page,
}

impl Dress {
    /// How JavaScript stands in the setting `key` of a node of this type; none when the text is plain.
    fn of(node_type: &str, key: &str, text: &str) -> Option<Self> {
        let is_code = match key {
            "jsCode" | "functionCode" => true,
            "code" => node_type == "@n8n/n8n-nodes-langchain.code",
            _ => false,
        };
        if is_code {
            Some(Self::Code)
        } else if text.starts_with('=') {
            Some(Self::Value)
        } else {
            (key == "html" && PAGES.contains(&node_type)).then_some(Self::Page)
        }
    }
}

/// Nodes that take a page of HTML and compute what stands in braces in it.
const PAGES: [&str; 3] = ["n8n-nodes-base.html", "n8n-nodes-base.form", "n8n-nodes-base.formTrigger"];

/// Calls `see` with the path of every text in the settings of a node in which JavaScript stands.
pub(in crate::n8n) fn visit(node_type: &str, settings: &Map<String, Value>, see: &mut dyn FnMut(&str, &str, Dress)) {
    let mut path = String::new();
    for (key, value) in settings {
        within(node_type, key, key, value, &mut path, see);
    }
}

fn within(
    node_type: &str,
    key: &str,
    place: &str,
    value: &Value,
    path: &mut String,
    see: &mut dyn FnMut(&str, &str, Dress),
) {
    let length = path.len();
    if !path.is_empty() && !place.starts_with('[') {
        path.push('.');
    }
    path.push_str(place);
    match value {
        Value::String(text) => {
            if let Some(dress) = Dress::of(node_type, key, text) {
                see(path, text, dress);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                within(node_type, key, &format!("[{at}]"), item, path, see);
            }
        }
        Value::Object(map) => map.iter().for_each(|(key, item)| within(node_type, key, key, item, path, see)),
        _ => {}
    }
    path.truncate(length);
}

/// The settings of a node with every reference rewritten whose node is called something else now; none when there is no
/// such reference.
pub(in crate::n8n) fn rewrite(
    node_type: &str,
    settings: &Map<String, Value>,
    new_name: &dyn Fn(&str) -> Option<String>,
) -> Option<Map<String, Value>> {
    let mut concerned = false;
    visit(node_type, settings, &mut |_, text, dress| {
        concerned = concerned || renamed(text, dress, new_name).is_some();
    });
    if !concerned {
        return None;
    }
    let mut rewritten = settings.clone();
    for (key, value) in &mut rewritten {
        rewrite_value(node_type, key, value, new_name);
    }
    Some(rewritten)
}

fn rewrite_value(node_type: &str, key: &str, value: &mut Value, new_name: &dyn Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(new) = Dress::of(node_type, key, text).and_then(|dress| renamed(text, dress, new_name)) {
                *text = new;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite_value(node_type, key, item, new_name)),
        Value::Object(map) => {
            map.iter_mut().for_each(|(key, item)| rewrite_value(node_type, key, item, new_name));
        }
        _ => {}
    }
}

/// The references in a text, from left to right.
pub(in crate::n8n) fn find(text: &str, dress: Dress) -> Vec<Found> {
    let mut found = Vec::new();
    // Most texts have none, and a look for the sign is cheap.
    if !text.contains('$') {
        return found;
    }
    match dress {
        Dress::Code => javascript::find(text, 0, text.len(), &mut found),
        Dress::Value | Dress::Page => {
            let mut at = usize::from(dress == Dress::Value);
            while let Some(open) = bracket(text, at, "{{")
                && let Some(close) = bracket(text, open, "}}")
            {
                javascript::find(text, open, close - 2, &mut found);
                at = close;
            }
        }
    }
    found
}

/// The place behind the next pair of braces that no backslash escapes.
fn bracket(text: &str, from: usize, pair: &str) -> Option<usize> {
    let mut at = from;
    loop {
        let place = at + text[at..].find(pair)?;
        if !text[..place].ends_with('\\') {
            return Some(place + pair.len());
        }
        at = place + pair.len();
    }
}

/// The text with every reference to a node rewritten that has a new name; none when there is none.
fn renamed(text: &str, dress: Dress, new_name: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut rewritten = String::new();
    let mut copied = 0;
    for found in find(text, dress) {
        let Target::Named { name, written } = found.target else { continue };
        let Some(new) = new_name(&name).filter(|new| *new != name) else { continue };
        rewritten.push_str(&text[copied..written.range.start]);
        match written.quote {
            Some(quote) => rewritten.push_str(&literal::write(&new, quote)),
            None if literal::is_identifier(&new) => rewritten.extend([".", &new]),
            None => rewritten.extend(["[", &literal::write(&new, '"'), "]"]),
        }
        copied = written.range.end;
    }
    if copied == 0 {
        return None;
    }
    rewritten.push_str(&text[copied..]);
    Some(rewritten)
}
