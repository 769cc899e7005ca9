//! A document as people see it.

use std::collections::BTreeMap;

use pmos_core::flow::{Graph, Note, StepId};
use serde_json::{Map, Value};

use super::{edge, identity, step};
use crate::n8n::{catalog, document::N8nDocument, node::Node};

/// The graph of a document, steps in the order of their nodes.
pub(in crate::n8n) fn view(document: &N8nDocument) -> Graph {
    let settings = document.workflow.nodes.iter().map(|node| node.parameters().cloned()).collect();
    shown(document, settings)
}

/// The graph of a document that is not needed any more, which saves copying the settings.
pub(in crate::n8n) fn into_view(mut document: N8nDocument) -> Graph {
    let nodes = document.workflow.nodes.iter_mut();
    let settings = nodes.map(|node| if node.is_note() { None } else { node.take_parameters() }).collect();
    shown(&document, settings)
}

fn shown(document: &N8nDocument, settings: Vec<Option<Map<String, Value>>>) -> Graph {
    let nodes = &document.workflow.nodes;
    let ids = identity::ids(nodes);
    let shelf = step::Shelf::of(document);
    let (mut steps, mut notes) = (Vec::with_capacity(nodes.len()), Vec::new());
    for ((node, id), settings) in nodes.iter().zip(&ids).zip(settings) {
        if node.is_note() {
            notes.push(note(node, id));
        } else if let Ok(id) = id.parse() {
            steps.push(step::show(node, settings.unwrap_or_default(), id, &shelf));
        }
    }
    let edges = edge::read(&document.workflow.connections, &identity::owners(nodes, &ids));
    Graph { steps, edges, notes }
}

/// The names of the pieces that describe the steps: of the version that each node is of. Which version is the newest each
/// server says for itself, so every version is named; a node that says none is of the newest, as n8n takes it.
pub(in crate::n8n) fn forms(document: &N8nDocument) -> BTreeMap<StepId, String> {
    let nodes = &document.workflow.nodes;
    let steps = nodes.iter().zip(identity::ids(nodes)).filter(|(node, _)| !node.is_note());
    let named = steps.filter_map(|(node, id)| {
        let version = node.get("typeVersion")?.as_f64()?;
        Some((id.parse().ok()?, catalog::name_of(node.node_type(), version)))
    });
    named.collect()
}

pub(super) fn note(node: &Node, id: &str) -> Note {
    let text = node.parameters().and_then(|parameters| parameters.get("content")).and_then(Value::as_str);
    Note { id: id.to_owned(), text: text.unwrap_or_default().to_owned(), position: node.position() }
}
