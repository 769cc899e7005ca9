//! How new nodes are named and references between nodes are written.

use pmos_core::flow::{Dialect, NewStep, Port, Renamed};
use serde_json::{Map, Value};

use super::{expression, node::short_type};

/// The dialect of this engine: names are unique, and references go by them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct N8nDialect;

impl Dialect for N8nDialect {
    fn id(&self, step: &NewStep) -> String {
        short_type(&step.piece).to_owned()
    }

    fn title(&self, step: &NewStep) -> String {
        words(short_type(&step.piece))
    }

    fn output(&self, step: &NewStep) -> Port {
        let kind = output_kind(&step.piece);
        format!("{kind}:0").parse().unwrap_or_else(|_| Port::next())
    }

    fn names_are_unique(&self) -> bool {
        true
    }

    fn rewrite(&self, piece: &str, settings: &Map<String, Value>, renamed: &Renamed) -> Option<Map<String, Value>> {
        expression::rewrite(piece, settings, &|name| renamed.names.get(name).cloned())
    }
}

/// What a node gives to others: data, or itself as a part of an AI step. The catalogue would know; the names say the same.
fn output_kind(node_type: &str) -> &'static str {
    const KINDS: [(&str, &str); 9] = [
        ("lm", "ai_languageModel"),
        ("memory", "ai_memory"),
        ("tool", "ai_tool"),
        ("outputParser", "ai_outputParser"),
        ("embeddings", "ai_embedding"),
        ("document", "ai_document"),
        ("textSplitter", "ai_textSplitter"),
        ("retriever", "ai_retriever"),
        ("reranker", "ai_reranker"),
    ];
    let name = short_type(node_type);
    if name.ends_with("Tool") {
        return "ai_tool";
    }
    let is_part = |(prefix, _): &&(&str, &str)| {
        let rest = name.strip_prefix(prefix).unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_uppercase())
    };
    // Other packages name their nodes as they like.
    let own = node_type.starts_with("@n8n/n8n-nodes-langchain.");
    KINDS.iter().find(is_part).filter(|_| own).map_or("main", |(_, kind)| kind)
}

/// `httpRequest` as people read it: `Http Request`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for (at, c) in name.chars().enumerate() {
        if at == 0 {
            words.extend(c.to_uppercase());
            continue;
        }
        if c.is_uppercase() {
            words.push(' ');
        }
        words.push(c);
    }
    words
}
