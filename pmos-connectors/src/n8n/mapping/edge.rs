//! Connections, which go by names, as edges, which go by ids.
//!
//! `{"A": {"main": [[{"node": "B", "type": "main", "index": 1}]]}}` is an edge from A by the port `main:0` to B, input
//! `main:1`. The first input of the port's own kind is the usual one and left out: an edge by `ai_tool:0` without an input
//! leads to `ai_tool:0`.

use std::collections::{HashMap, HashSet};

use pmos_core::flow::{Edge, Port};
use serde_json::{Map, Value, json};

/// How many ways out of one kind a node may have.
pub(super) const MAX_PORTS: usize = 1_000;

/// The edges between steps that are there. What leads nowhere is not shown.
pub(super) fn read(connections: &Map<String, Value>, owners: &HashMap<&str, &str>) -> Vec<Edge> {
    let mut seen = HashSet::new();
    let mut edges = Vec::new();
    for (from, kinds) in connections {
        let Some(from) = owners.get(from.as_str()) else { continue };
        for edge in leaving(from, kinds, owners) {
            if seen.insert(edge.clone()) {
                edges.push(edge);
            }
        }
    }
    edges
}

/// The edges that leave one step, from what is written under its name.
pub(super) fn leaving(from: &str, kinds: &Value, owners: &HashMap<&str, &str>) -> Vec<Edge> {
    let mut edges = Vec::new();
    let Ok(from) = from.parse::<pmos_core::flow::StepId>() else { return edges };
    for (kind, outputs) in kinds.as_object().into_iter().flatten() {
        for (index, entries) in outputs.as_array().into_iter().flatten().enumerate().take(MAX_PORTS) {
            let Ok(port) = format!("{kind}:{index}").parse::<Port>() else { continue };
            for entry in entries.as_array().into_iter().flatten() {
                let Some(to) = entry.get("node").and_then(Value::as_str).and_then(|name| owners.get(name)) else {
                    continue;
                };
                let Ok(to) = to.parse() else { continue };
                edges.push(Edge { from: from.clone(), port: port.clone(), to, input: input_of(entry, kind) });
            }
        }
    }
    edges
}

/// Whether what is written under a name leads to one of these.
pub(super) fn leads_to(kinds: &Value, is_one: &dyn Fn(&str) -> bool) -> bool {
    let outputs = kinds.as_object().into_iter().flat_map(Map::values).filter_map(Value::as_array).flatten();
    let mut entries = outputs.filter_map(Value::as_array).flatten();
    entries.any(|entry| entry.get("node").and_then(Value::as_str).is_some_and(is_one))
}

/// The input that an entry leads to, none for the usual one.
fn input_of(entry: &Value, kind: &str) -> Option<String> {
    let into = entry.get("type").and_then(Value::as_str).unwrap_or(kind);
    let index = entry.get("index").and_then(Value::as_u64).unwrap_or(0);
    (into != kind || index != 0).then(|| format!("{into}:{index}"))
}

/// Whether this input means the same as none.
pub(in crate::n8n) fn is_usual_input(port: &Port, input: &str) -> bool {
    input == "in" || port.numbered().is_some_and(|(kind, _)| input.strip_prefix(kind) == Some(":0"))
}

/// The edge in its short form.
pub(in crate::n8n) fn usual(mut edge: Edge) -> Edge {
    edge.input = edge.input.filter(|input| !is_usual_input(&edge.port, input));
    edge
}

/// The kind and index that a port or input names; none when it is not of that form.
pub(super) fn parts(text: &str) -> Option<(&str, usize)> {
    let (kind, digits) = text.rsplit_once(':')?;
    let index: usize = digits.parse().ok().filter(|index| *index < MAX_PORTS)?;
    (!kind.is_empty() && index.to_string() == digits).then_some((kind, index))
}

/// Where an edge leads, in the words of a connection.
fn ends(edge: &Edge) -> Option<(&str, usize, &str, usize)> {
    let (kind, output) = parts(edge.port.as_str())?;
    let (into, input) = match &edge.input {
        Some(input) => parts(input)?,
        None => (kind, 0),
    };
    Some((kind, output, into, input))
}

/// Writes an edge down.
pub(super) fn add(connections: &mut Map<String, Value>, edge: &Edge, from: &str, to: &str) {
    let Some((kind, output, into, input)) = ends(edge) else { return };
    let kinds = connections.entry(from).or_insert(Value::Null);
    if !kinds.is_object() {
        *kinds = Value::Object(Map::new());
    }
    let Some(kinds) = kinds.as_object_mut() else { return };
    let outputs = kinds.entry(kind).or_insert(Value::Null);
    if !outputs.is_array() {
        *outputs = Value::Array(Vec::new());
    }
    let Some(outputs) = outputs.as_array_mut() else { return };
    while outputs.len() <= output {
        outputs.push(Value::Array(Vec::new()));
    }
    if !outputs[output].is_array() {
        outputs[output] = Value::Array(Vec::new());
    }
    if let Some(entries) = outputs[output].as_array_mut() {
        entries.push(json!({"node": to, "type": into, "index": input}));
    }
}

/// Takes an edge out, however often it is written down.
pub(super) fn remove(connections: &mut Map<String, Value>, edge: &Edge, from: &str, to: &str) {
    let Some((kind, output, ..)) = ends(edge) else { return };
    let slot = connections.get_mut(from).and_then(|kinds| kinds.get_mut(kind)?.get_mut(output)?.as_array_mut());
    if let Some(entries) = slot {
        entries.retain(|entry| {
            let leads_there = entry.get("node").and_then(Value::as_str) == Some(to);
            !(leads_there && input_of(entry, kind) == edge.input)
        });
    }
}
