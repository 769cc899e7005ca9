//! What a change takes away unseen, and how it comes back.
//!
//! One rule: what is shown again as it was becomes again what it was, to the letter. A step that was removed comes back
//! with its credentials, version, samples and place; a field that was changed in a way that loses something (a way out for
//! failures, the milliseconds of a retry, a credential that we do not know) as it was written; the connections of a step
//! in their order.

use std::collections::{BTreeMap, HashMap, HashSet};

use pmos_core::flow::{Edge, Graph, Step, StepId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    edge,
    group::{self, Membership},
    identity,
    names::{self, Outcomes},
};
use crate::n8n::{
    document::{N8nDocument, Workflow},
    node::{Node, place},
};

/// Parts of a document from before a change.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::n8n) struct Taken {
    /// Nodes, by the id under which they were shown.
    nodes: BTreeMap<String, KeptNode>,
    /// What stood under the names of steps in the connections, by id.
    connections: BTreeMap<StepId, Value>,
    /// What hung on names of no step, as others once left it.
    loose: BTreeMap<String, Loose>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Loose {
    connections: Option<Value>,
    held: Vec<Option<Value>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptNode {
    /// Its place among the nodes.
    at: usize,
    node: Map<String, Value>,
    /// What the workflow held by its name.
    held: Vec<Option<Value>>,
    groups: Vec<Membership>,
}

impl Taken {
    fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.connections.is_empty() && self.loose.is_empty()
    }

    /// The node as it was, under an id that is shown as this one.
    pub(super) fn node(&self, id: &str) -> Option<Node> {
        let mut node = Node::new(self.nodes.get(id)?.node.clone());
        if !identity::is_shown_as(&node, id) {
            node.put("id", Some(id.into()));
        }
        Some(node)
    }

    /// Where it stood; behind all others when that is not known.
    pub(super) fn place(&self, id: &str) -> usize {
        self.nodes.get(id).map_or(usize::MAX, |kept| kept.at)
    }

    /// Brings back what goes by names and ids, for steps that came back between the two graphs.
    pub(super) fn bring_back(&self, workflow: &mut Workflow, before: &Graph, after: &Graph) {
        if self.is_empty() {
            return;
        }
        for (id, kept) in &self.nodes {
            let step = |graph: &Graph| id.parse().ok().and_then(|id: StepId| graph.step(&id).cloned());
            let (then, now) = (step(before), step(after));
            let piece = Node::new(kept.node.clone()).node_type().to_owned();
            let is_back = |step: &Step| step.piece == piece;
            if let Some(now) = now.filter(is_back).filter(|_| !then.as_ref().is_some_and(is_back)) {
                names::put_back(workflow, &now.name, &kept.held);
            }
            let was_there = then.is_some() || before.notes.iter().any(|note| &note.id == id);
            let is_there = after.notes.iter().any(|note| &note.id == id) || step(after).is_some();
            if is_there && !was_there {
                group::rejoin(workflow, id, &kept.groups);
            }
        }
        let ids = identity::ids(&workflow.nodes);
        let owners = identity::owners(&workflow.nodes, &ids);
        let mut restored = Vec::new();
        for (id, kept) in &self.connections {
            let Some(step) = after.step(id) else { continue };
            let now: HashSet<&Edge> = after.edges.iter().filter(|edge| &edge.from == id).collect();
            let then = edge::leaving(id.as_str(), kept, &owners);
            if owners.get(step.name.as_str()) == Some(&id.as_str()) && now == then.iter().collect() {
                restored.push((step.name.clone(), kept.clone()));
            }
        }
        let loose: Vec<_> = self.loose.iter().filter(|(name, _)| !owners.contains_key(name.as_str())).collect();
        for (name, loose) in loose {
            restored.extend(loose.connections.clone().map(|kinds| (name.clone(), kinds)));
            names::put_back(workflow, name, &loose.held);
        }
        workflow.connections.extend(restored);
    }
}

/// What a change from one graph to the other would take from the document that shows the first.
pub(in crate::n8n) fn keep(document: &N8nDocument, before: &Graph, after: &Graph) -> Option<Taken> {
    let workflow = &document.workflow;
    let ids = identity::ids(&workflow.nodes);
    let owners = identity::owners(&workflow.nodes, &ids);
    let old: HashMap<&str, &Step> = before.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let new: HashMap<&str, &Step> = after.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let mut kept = Taken::default();
    for (at, (node, id)) in workflow.nodes.iter().zip(&ids).enumerate() {
        let loses = if node.is_note() {
            !after.notes.iter().any(|note| &note.id == id)
        } else {
            match (old.get(id.as_str()), new.get(id.as_str())) {
                (Some(old), Some(new)) => loses(node, old, new),
                _ => true,
            }
        };
        if loses {
            let held = if node.is_note() { Vec::new() } else { names::held(workflow, node.name()) };
            let (node, groups) = (node.object().clone(), group::of(workflow, id));
            kept.nodes.insert(id.clone(), KeptNode { at, node, held, groups });
        }
    }
    let outcomes = Outcomes::between(&owners, before, after);
    let (then, now): (HashSet<&Edge>, HashSet<&Edge>) = (before.edges.iter().collect(), after.edges.iter().collect());
    let sources: HashSet<&str> = then.symmetric_difference(&now).map(|edge| edge.from.as_str()).collect();
    for (name, kinds) in &workflow.connections {
        let loses = outcomes.drops(name) || edge::leads_to(kinds, &|name| outcomes.drops(name));
        match owners.get(name.as_str()) {
            Some(id) if loses || sources.contains(id) => {
                kept.connections.extend(id.parse().ok().map(|id| (id, kinds.clone())));
            }
            None if loses => {
                let loose = Loose { connections: Some(kinds.clone()), held: names::held(workflow, name) };
                kept.loose.insert(name.clone(), loose);
            }
            _ => {}
        }
    }
    for name in &outcomes.fresh {
        let held = names::held(workflow, name);
        if held.iter().any(Option::is_some) {
            kept.loose.entry((*name).to_owned()).or_insert(Loose { connections: None, held });
        }
    }
    (!kept.is_empty()).then_some(kept)
}

/// Whether a node loses something that the step does not show: how a field is written, or all of it.
fn loses(node: &Node, old: &Step, new: &Step) -> bool {
    let fields = |step: &Step| (step.piece.clone(), step.connection, step.skip, step.on_error, step.retry);
    let is_odd_place = || node.get("position") != old.position.map(place).as_ref();
    fields(old) != fields(new)
        || (old.position != new.position && is_odd_place())
        || (old.settings != new.settings && node.parameters().is_none())
}
