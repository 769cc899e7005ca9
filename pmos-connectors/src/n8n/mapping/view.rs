//! A document as people see it.

use pmos_core::flow::{Graph, Note, Step};
use serde_json::Value;

use super::{edge, identity, step};
use crate::n8n::{document::N8nDocument, node::Node};

/// The graph of a document, steps in the order of their nodes.
pub(in crate::n8n) fn view(document: &N8nDocument) -> Graph {
    let nodes = &document.workflow.nodes;
    let ids = identity::ids(nodes);
    let shelf = step::Shelf::of(document);
    let shown = || nodes.iter().zip(&ids);
    let steps: Vec<Step> = shown()
        .filter(|(node, _)| !node.is_note())
        .filter_map(|(node, id)| Some(step::read(node, id.parse().ok()?, &shelf)))
        .collect();
    let notes = shown().filter(|(node, _)| node.is_note()).map(|(node, id)| note(node, id)).collect();
    let edges = edge::read(&document.workflow.connections, &identity::owners(nodes, &ids));
    Graph { steps, edges, notes }
}

pub(super) fn note(node: &Node, id: &str) -> Note {
    let text = node.parameters().and_then(|parameters| parameters.get("content")).and_then(Value::as_str);
    Note { id: id.to_owned(), text: text.unwrap_or_default().to_owned(), position: node.position() }
}
