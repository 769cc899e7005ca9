//! How long it takes to show a workflow of 300 nodes, and to make one edit of it. The aim is 5 ms for each.
//!
//! ```text
//! cargo bench --bench mapping
//! ```

#![allow(clippy::unwrap_used, reason = "a bench fails by a panic")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use pmos::{
    connectors::n8n::N8nLens,
    core::flow::{Document, FlowEdit, FlowLens},
};
use serde_json::{Map, Value, json};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NODES: usize = 300;
const AIM: Duration = Duration::from_millis(5);

fn main() {
    let (lens, document) = (N8nLens::default(), workflow());
    println!("workflow of {NODES} nodes, {} KiB", document.text().len() / 1024);
    report("view", || {
        black_box(lens.view(&document).unwrap());
    });
    let edits = [
        (
            "change a setting",
            json!({"op": "update_step", "id": id(150), "set": {"settings": {"url": "https://y.example"}}}),
        ),
        ("rename a step", json!({"op": "update_step", "id": id(150), "set": {"name": "Another name"}})),
        (
            "insert a step",
            json!({"op": "add_step", "after": id(150), "step": {"piece": "n8n-nodes-base.noOp", "operation": "execute"}}),
        ),
        ("remove a step", json!({"op": "remove_step", "id": id(150)})),
    ];
    for (what, edit) in edits {
        let edit: FlowEdit = serde_json::from_value(edit).unwrap();
        report(&format!("expand and apply: {what}"), || {
            let explicit = lens.expand(&document, &edit).unwrap();
            black_box(lens.apply(&document, &explicit).unwrap());
        });
        report(&format!("edit in one pass: {what}"), || {
            black_box(lens.edit(&document, std::slice::from_ref(&edit)).unwrap());
        });
    }
    report("check", || {
        black_box(lens.check(&document));
    });
}

fn report(what: &str, work: impl Fn()) {
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    let verdict = if p50 <= AIM { "" } else { "  TOO SLOW" };
    println!("{what:<40} p50 {p50:>9.2?}  p99 {p99:>9.2?}{verdict}");
}

fn id(at: usize) -> String {
    format!("00000000-0000-4000-8000-{at:012}")
}

fn name(at: usize) -> String {
    format!("Step {at}")
}

/// A chain of calls, each using the one before by name.
fn workflow() -> Document {
    let nodes: Vec<Value> = (0..NODES)
        .map(|at| {
            let node_type = if at == 0 { "n8n-nodes-base.webhook" } else { "n8n-nodes-base.httpRequest" };
            let url = format!("=https://x.example/{at}?id={{{{ $('{}').item.json.id }}}}", name(at.saturating_sub(1)));
            json!({"id": id(at), "name": name(at), "type": node_type, "typeVersion": 4.2,
                "position": [220 * (at % 20), 160 * (at / 20)], "parameters": {
                    "url": url, "sendHeaders": true,
                    "headerParameters": {"parameters": [{"name": "X-Step", "value": at.to_string()}]},
                    "options": {"timeout": 3000, "response": {"response": {"fullResponse": true}}}}})
        })
        .collect();
    let connections: Map<String, Value> = (1..NODES)
        .map(|at| (name(at - 1), json!({"main": [[{"node": name(at), "type": "main", "index": 0}]]})))
        .collect();
    Document::write(&json!({"workflow": {"nodes": nodes, "connections": connections, "settings": {}}})).unwrap()
}
