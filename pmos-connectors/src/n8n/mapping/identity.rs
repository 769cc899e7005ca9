//! The ids under which nodes are shown.

use std::collections::{HashMap, HashSet};

use pmos_core::flow::StepId;

use crate::n8n::node::Node;

/// The id of each node, in order.
///
/// It is the node's own wherever that can be an id: plain characters, and not the id of a node before. Otherwise it is
/// made of the node's own id, or, where it has none, of its name; the first edit of a flow writes ids that would not stay
/// the same by themselves into their nodes ([`pin`]).
pub(in crate::n8n) fn ids(nodes: &[Node]) -> Vec<String> {
    let mut taken = HashSet::new();
    let own: Vec<Option<String>> =
        nodes.iter().map(|node| own_id(node).filter(|id| taken.insert(*id)).map(str::to_owned)).collect();
    let mut taken: HashSet<String> = taken.into_iter().map(str::to_owned).collect();
    let made = nodes.iter().zip(own).map(|(node, own)| {
        own.unwrap_or_else(|| {
            let plain = made_id(node);
            let id = std::iter::once(plain.clone())
                .chain((2..u64::MAX).map(|number| format!("{plain}_{number}")))
                .find(|id| !taken.contains(id))
                .unwrap_or(plain);
            taken.insert(id.clone());
            id
        })
    });
    made.collect()
}

/// The node's own id, if it can be shown as it is.
fn own_id(node: &Node) -> Option<&str> {
    let id = Some(node.id()).filter(|id| !id.is_empty())?;
    let fits = if node.is_note() { id.chars().count() <= 64 } else { id.parse::<StepId>().is_ok() };
    fits.then_some(id)
}

/// An id for a node that has none that could be shown.
fn made_id(node: &Node) -> String {
    let source = if node.id().is_empty() { node.name() } else { node.id() };
    let what = if node.is_note() { "note" } else { "node" };
    format!("{what}_{:016x}", fingerprint(source))
}

/// Whether a node is shown under this id for what its own id is.
pub(super) fn is_shown_as(node: &Node, id: &str) -> bool {
    own_id(node).map_or_else(|| !node.id().is_empty() && made_id(node) == id, |own| own == id)
}

/// Writes the shown id into every node that has none of its own, or one that another has too: what such an id is made of
/// may change.
pub(super) fn pin(nodes: &mut [Node], ids: &[String]) {
    let mut seen: HashSet<String> = HashSet::new();
    for (node, id) in nodes.iter_mut().zip(ids) {
        let own = node.id().to_owned();
        if own.is_empty() || !seen.insert(own) {
            node.put("id", Some(id.as_str().into()));
        }
    }
}

/// The steps by name. Connections and expressions mean the first of a name.
pub(in crate::n8n) fn owners<'a>(nodes: &'a [Node], ids: &'a [String]) -> HashMap<&'a str, &'a str> {
    let mut owners = HashMap::with_capacity(nodes.len());
    for (node, id) in nodes.iter().zip(ids).filter(|(node, _)| !node.is_note()) {
        owners.entry(node.name()).or_insert(id.as_str());
    }
    owners
}

/// FNV-1a: the same on every machine and in every version, and nothing is gained by finding two texts with the same.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
