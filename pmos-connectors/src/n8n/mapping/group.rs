//! `nodeGroups`: frames on the canvas around some nodes, which they name by id.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::n8n::document::Workflow;

/// A group that a node was in, as it was, and its place among the groups.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Membership {
    at: usize,
    group: Map<String, Value>,
}

fn groups(workflow: &mut Workflow) -> Option<&mut Vec<Value>> {
    workflow.rest.get_mut("nodeGroups")?.as_array_mut()
}

fn has(members: &[Value], id: &str) -> bool {
    members.iter().any(|member| member.as_str() == Some(id))
}

/// The groups that a node is in.
pub(super) fn of(workflow: &Workflow, id: &str) -> Vec<Membership> {
    let groups = workflow.rest.get("nodeGroups").and_then(Value::as_array).into_iter().flatten();
    let around = groups.enumerate().filter_map(|(at, group)| {
        let members = group.get("nodeIds")?.as_array()?;
        has(members, id).then(|| Some(Membership { at, group: group.as_object()?.clone() }))?
    });
    around.collect()
}

/// Takes nodes that are gone out of their groups; a group that had no others goes too.
pub(super) fn leave(workflow: &mut Workflow, is_gone: &dyn Fn(&str) -> bool) {
    let Some(groups) = groups(workflow) else { return };
    groups.retain_mut(|group| {
        let Some(members) = group.get_mut("nodeIds").and_then(Value::as_array_mut) else { return true };
        let before = members.len();
        members.retain(|member| !member.as_str().is_some_and(is_gone));
        members.len() == before || !members.is_empty()
    });
}

/// Puts a node back into the groups it was in.
pub(super) fn rejoin(workflow: &mut Workflow, id: &str, memberships: &[Membership]) {
    if memberships.is_empty() {
        return;
    }
    workflow.rest.entry("nodeGroups").or_insert_with(|| Value::Array(Vec::new()));
    let Some(groups) = groups(workflow) else { return };
    for Membership { at, group } in memberships {
        let then = group.get("nodeIds").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let place = groups.iter().position(|other| other.get("id") == group.get("id")).unwrap_or_else(|| {
            let place = (*at).min(groups.len());
            let mut empty = group.clone();
            empty.insert("nodeIds".to_owned(), Value::Array(Vec::new()));
            groups.insert(place, Value::Object(empty));
            place
        });
        let Some(now) = groups[place].get_mut("nodeIds").and_then(Value::as_array_mut) else { continue };
        if has(now, id) {
            continue;
        }
        // Behind those that stood before it then and are there now.
        let ahead = then.iter().take_while(|member| member.as_str() != Some(id));
        let place =
            ahead.filter_map(|member| now.iter().position(|other| other == member)).max().map_or(0, |at| at + 1);
        now.insert(place, id.into());
    }
}
