//! A document after its view changed: only what differs is written.

use std::collections::{BTreeMap, HashMap, HashSet};

use pmos_core::flow::{Edge, Graph, Note, Step, StepId};
use serde_json::{Value, json};

use super::{
    edge, group, identity,
    names::Outcomes,
    remains::Taken,
    step::{self, Chosen},
    view,
};
use crate::n8n::{
    document::{N8nDocument, Workflow},
    node::{NOTE_TYPE, Node, place},
    versions::TypeVersions,
};

/// Makes a document that shows `before` show `after`, which must [fit](super::fit()). What was taken away once and comes
/// back is taken from `kept`.
pub(in crate::n8n) fn change(
    document: &mut N8nDocument,
    before: &Graph,
    after: &Graph,
    versions: &dyn TypeVersions,
    kept: &Taken,
) {
    let ids = identity::ids(&document.workflow.nodes);
    identity::pin(&mut document.workflow.nodes, &ids);
    let nodes = std::mem::take(&mut document.workflow.nodes);
    let old: BTreeMap<&str, &Step> = before.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let new: BTreeMap<&str, &Step> = after.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let notes: BTreeMap<&str, &Note> = after.notes.iter().map(|note| (note.id.as_str(), note)).collect();

    let owners = identity::owners(&nodes, &ids);
    let outcomes = Outcomes::between(&owners, before, after);
    outcomes.settle(&mut document.workflow);
    let fresh: HashSet<String> = outcomes.fresh.iter().map(|name| (*name).to_owned()).collect();
    let stays = |node: &Node, id: &str| if node.is_note() { notes.contains_key(id) } else { new.contains_key(id) };
    let gone: HashSet<&str> =
        nodes.iter().zip(&ids).filter(|(node, id)| !stays(node, id)).map(|(_, id)| id.as_str()).collect();
    if !gone.is_empty() {
        group::leave(&mut document.workflow, &|id| gone.contains(id));
        document.pending.retain(|id, _| !gone.contains(id.as_str()));
    }
    drop(owners);

    let N8nDocument { workflow, links, pending, .. } = &mut *document;
    let mut chosen = Chosen { links, pending };
    let mut seen: HashSet<String> = HashSet::new();
    let wanted: HashSet<&str> = after
        .steps
        .iter()
        .filter(|step| old.get(step.id.as_str()).is_none_or(|old| old.piece != step.piece))
        .map(|step| step.piece.as_str())
        .collect();
    let versioned = nodes.iter().zip(&ids).filter(|(node, _)| wanted.contains(node.node_type()));
    let twins: Vec<(&Step, Value)> =
        versioned.filter_map(|(node, id)| Some((*old.get(id.as_str())?, node.get("typeVersion")?.clone()))).collect();
    let make = |step: &Step, chosen: &mut Chosen<'_>| renew(step, &twins, versions, chosen, kept);

    for (mut node, id) in nodes.into_iter().zip(&ids) {
        if gone.contains(id.as_str()) {
            continue;
        }
        seen.insert(id.clone());
        if node.is_note() {
            if let Some(note) = notes.get(id.as_str()) {
                write_note(&mut node, id, note);
            }
        } else if let (Some(old), Some(new)) = (old.get(id.as_str()), new.get(id.as_str()))
            && old != new
        {
            if old.piece == new.piece {
                step::write(&mut node, old, new, &mut chosen, kept.node(id).as_ref());
            } else {
                let own = node.get("id").cloned();
                node = make(new, &mut chosen);
                node.put("id", own);
            }
        }
        workflow.nodes.push(node);
    }
    let mut added: Vec<(usize, Node)> = Vec::new();
    for step in after.steps.iter().filter(|step| !seen.contains(step.id.as_str())) {
        added.push((kept.place(step.id.as_str()), make(step, &mut chosen)));
    }
    for note in after.notes.iter().filter(|note| !seen.contains(&note.id)) {
        let mut node = kept.node(&note.id).filter(Node::is_note).unwrap_or_else(|| blank_note(note));
        write_note(&mut node, &note.id, note);
        added.push((kept.place(&note.id), node));
    }
    // Those that come back go where they were; the others to the end, in their order.
    added.sort_by_key(|(at, _)| *at);
    for (at, node) in added {
        let at = at.min(workflow.nodes.len());
        workflow.nodes.insert(at, node);
    }
    name_notes(&mut workflow.nodes, |node| !ids.iter().any(|id| id == node.id()) || fresh.contains(node.name()));
    connect(workflow, before, after, &new);
    kept.bring_back(workflow, before, after);
}

/// The node of a step that is new, or became another one.
fn renew(
    step: &Step,
    twins: &[(&Step, Value)],
    versions: &dyn TypeVersions,
    chosen: &mut Chosen<'_>,
    kept: &Taken,
) -> Node {
    if let Some(memory) = kept.node(step.id.as_str()).filter(|node| node.node_type() == step.piece) {
        let mut node = memory.clone();
        let then = step::read(&memory, step.id.clone(), &chosen.shelf());
        step::write(&mut node, &then, step, chosen, Some(&memory));
        return node;
    }
    let is_twin = |(other, _): &&(&Step, Value)| {
        (&other.piece, &other.operation, &other.settings) == (&step.piece, &step.operation, &step.settings)
    };
    let mut node = step::blank(step, twins.iter().find(is_twin).map(|(_, version)| version.clone()), versions);
    let bare = Step {
        connection: None,
        skip: false,
        on_error: pmos_core::flow::OnError::Stop,
        retry: None,
        timeout_s: None,
        ..step.clone()
    };
    step::write(&mut node, &bare, step, chosen, None);
    if step.connection.is_none() {
        chosen.pending.remove(step.id.as_str());
    }
    node
}

fn blank_note(note: &Note) -> Node {
    let mut node = Node::default();
    node.put("id", Some(note.id.as_str().into()));
    node.put("name", Some("Sticky Note".into()));
    node.put("type", Some(NOTE_TYPE.into()));
    node.put("typeVersion", Some(1.into()));
    node.put("position", note.position.map(place));
    node.put("parameters", Some(json!({"content": note.text})));
    node
}

fn write_note(node: &mut Node, id: &str, note: &Note) {
    let old = view::note(node, id);
    if old.text != note.text
        && let Some(parameters) = node.parameters_mut()
    {
        parameters.insert("content".to_owned(), note.text.as_str().into());
    }
    if old.position != note.position {
        node.put("position", note.position.map(place));
    }
}

/// The server keeps nodes by name, remarks among them: a remark gives way to a step.
fn name_notes(nodes: &mut [Node], may_clash: impl Fn(&Node) -> bool) {
    if !nodes.iter().any(|node| node.is_note() && may_clash(node)) {
        return;
    }
    let mut taken: HashMap<String, usize> = HashMap::new();
    for node in nodes.iter() {
        *taken.entry(node.name().to_owned()).or_default() += 1;
    }
    for node in nodes.iter_mut().filter(|node| node.is_note()) {
        if !may_clash(node) || taken.get(node.name()).is_none_or(|count| *count < 2) {
            continue;
        }
        let free = (1..u64::MAX).map(|number| format!("Sticky Note{number}")).find(|name| !taken.contains_key(name));
        if let Some(name) = free {
            taken.entry(node.name().to_owned()).and_modify(|count| *count -= 1);
            taken.insert(name.clone(), 1);
            node.put("name", Some(name.into()));
        }
    }
}

fn connect(workflow: &mut Workflow, before: &Graph, after: &Graph, steps: &BTreeMap<&str, &Step>) {
    let (then, now): (HashSet<&Edge>, HashSet<&Edge>) = (before.edges.iter().collect(), after.edges.iter().collect());
    let name = |id: &StepId| steps.get(id.as_str()).map(|step| step.name.as_str());
    for edge in before.edges.iter().filter(|edge| !now.contains(edge)) {
        if let (Some(from), Some(to)) = (name(&edge.from), name(&edge.to)) {
            edge::remove(&mut workflow.connections, edge, from, to);
        }
    }
    for edge in after.edges.iter().filter(|edge| !then.contains(edge)) {
        if let (Some(from), Some(to)) = (name(&edge.from), name(&edge.to)) {
            edge::add(&mut workflow.connections, edge, from, to);
        }
    }
}
