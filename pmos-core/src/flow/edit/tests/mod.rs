//! What edits do, told on small flows.
//!
//! Flows are written as people would say them: `trigger a l [loop x y ] b` is a trigger followed by `a`, a step `l` with
//! `x` and `y` behind its port `loop`, and `b`.

mod apply;
mod check;
mod diff;
mod expand;
mod merge;

use serde_json::{Value, json};

use super::*;
use crate::flow::{Capabilities, Edge, FlowView, Graph, Issue, Port, Step, StepId};

const TREE: Capabilities = Capabilities { free_layout: false, multiple_triggers: false, ..NOTHING };
const FREE: Capabilities = Capabilities { free_layout: true, multiple_triggers: true, ..NOTHING };
const NOTHING: Capabilities = Capabilities {
    free_layout: false,
    multiple_triggers: false,
    drafts: false,
    versions: false,
    rollback: false,
    test_step: false,
    live_steps: false,
    cancel_running: false,
    retry_from_failed: false,
    start_with_input: false,
    error_ports: false,
    connections: false,
    dynamic_options: false,
    hard_isolation: false,
};

fn id(text: &str) -> StepId {
    text.parse().unwrap()
}

fn port(text: &str) -> Port {
    text.parse().unwrap()
}

fn step(name: &str) -> Step {
    let kind = if name.starts_with("trigger") { "trigger" } else { "action" };
    let operation = if name.starts_with("trigger") { "manual" } else { "set" };
    serde_json::from_value(
        json!({"id": name, "kind": kind, "name": name, "piece": "core", "operation": operation, "settings": {}}),
    )
    .unwrap()
}

fn flow(text: &str) -> Graph {
    let mut graph = Graph::default();
    let mut around: Vec<(StepId, Option<StepId>)> = Vec::new();
    let mut last: Option<StepId> = None;
    let mut at = Port::next();
    for word in text.split_whitespace() {
        if let Some(name) = word.strip_prefix('[') {
            around.push((last.clone().unwrap(), last.clone()));
            at = port(name);
        } else if word == "]" {
            last = around.pop().unwrap().1;
            at = Port::next();
        } else {
            graph.steps.push(step(word));
            if let Some(from) = last.replace(id(word)) {
                graph.edges.push(Edge {
                    from,
                    port: std::mem::replace(&mut at, Port::next()),
                    to: id(word),
                    input: None,
                });
            }
        }
    }
    graph.in_reading_order()
}

fn told(graph: &Graph) -> String {
    fn tell(graph: &Graph, at: &StepId, words: &mut Vec<String>) {
        words.push(at.to_string());
        let leaving: Vec<&Edge> = graph.edges.iter().filter(|edge| &edge.from == at).collect();
        for edge in leaving.iter().filter(|edge| !edge.port.is_next()) {
            words.push(format!("[{}", edge.port));
            tell(graph, &edge.to, words);
            words.push("]".to_owned());
        }
        for edge in leaving.iter().filter(|edge| edge.port.is_next()) {
            tell(graph, &edge.to, words);
        }
    }
    let mut words = Vec::new();
    if let Some(first) = graph.triggers().next() {
        tell(graph, &first.id, &mut words);
    }
    words.join(" ")
}

fn edits(value: &Value) -> Vec<FlowEdit> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Expanded and applied, as a person's edits are.
fn edited(graph: &Graph, engine: &Capabilities, value: &Value) -> Graph {
    let edits = graph.expand(&edits(value), engine, &PlainDialect).unwrap();
    graph.apply(&edits, engine).unwrap()
}

fn new_step(name: &str) -> Value {
    json!({"id": name, "name": name, "piece": "core", "operation": "set"})
}
