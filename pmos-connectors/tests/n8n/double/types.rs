//! What the double can do, described as n8n describes it: a node of two generations, and credentials.

use serde_json::{Value, json};

/// `/types/nodes.json`: what the node takes looks quite different since version 3.
pub(super) fn nodes() -> Value {
    let set = |versions: Value, properties: Value| {
        json!({
            "name": "n8n-nodes-base.set", "displayName": "Edit Fields", "description": "Changes what flows through",
            "group": ["input"], "version": versions, "defaultVersion": 3.4, "inputs": ["main"], "outputs": ["main"],
            "properties": properties,
        })
    };
    let field = |name: &str, shown: Value| json!({"name": name, "displayName": name, "type": "string", "default": "", "displayOptions": {"show": shown}});
    json!([
        set(json!([1, 2]), json!([field("values", json!({})), field("dots", json!({"@version": [2]}))])),
        set(json!([3, 3.4]), json!([field("assignments", json!({}))])),
    ])
}

/// `/types/credentials.json`.
pub(super) fn credentials() -> Value {
    json!([{"name": "httpHeaderAuth", "displayName": "Header Auth", "properties": [
        {"name": "name", "displayName": "Name", "type": "string", "default": ""},
        {"name": "value", "displayName": "Value", "type": "string", "typeOptions": {"password": true}, "default": ""},
    ]}])
}
