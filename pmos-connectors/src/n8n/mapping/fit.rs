//! What a workflow cannot hold.

use std::collections::{HashMap, HashSet};

use pmos_core::flow::{Edge, Graph, Mismatch, Part, Step, StepId, StepKind};

use super::{edge, operation, step};
use crate::n8n::node::{NOTE_TYPE, kind_of};

/// Looks at what differs between two graphs: whether the second can be a workflow where the first is one.
pub(in crate::n8n) fn fit(before: &Graph, after: &Graph) -> Result<(), Mismatch> {
    let old: HashMap<&StepId, &Step> = before.steps.iter().map(|step| (&step.id, step)).collect();
    let mut names: HashMap<&str, usize> = HashMap::new();
    after.steps.iter().for_each(|step| *names.entry(step.name.as_str()).or_default() += 1);
    let shares_its_name = |step: &Step| names.get(step.name.as_str()).is_some_and(|count| *count > 1);

    for step in &after.steps {
        let before = old.get(&step.id).copied();
        if before == Some(step) {
            continue;
        }
        let mismatch = |field, message: String| Mismatch::new(Part::Step(step.id.clone()), field, message);
        if before.is_none_or(|before| before.name != step.name) && shares_its_name(step) {
            return Err(mismatch("name", "another step is called so; give it another name".to_owned()));
        }
        if let Some((field, message)) = fault(step) {
            return Err(mismatch(field, message));
        }
        if before.is_none() && after.notes.iter().any(|note| note.id == step.id.as_str()) {
            return Err(mismatch("id", "is the id of a note; choose another".to_owned()));
        }
    }
    for note in after.notes.iter().filter(|note| !before.notes.iter().any(|old| old.id == note.id)) {
        if note.id.parse().is_ok_and(|id: StepId| after.step(&id).is_some()) {
            return Err(Mismatch::new(Part::Note(note.id.clone()), "id", "is the id of a step; choose another"));
        }
    }
    let known: HashSet<&Edge> = before.edges.iter().collect();
    let steps: HashMap<&StepId, &Step> = after.steps.iter().map(|step| (&step.id, step)).collect();
    for edge in after.edges.iter().filter(|edge| !known.contains(edge)) {
        let mismatch = |field, message: &str| Err(Mismatch::new(Part::Edge(edge.clone()), field, message));
        if edge::parts(edge.port.as_str()).is_none() {
            return mismatch("port", "must be a kind and a number, as main:0, main:1 or ai_tool:0");
        }
        if edge.input.as_deref().is_some_and(|input| edge::parts(input).is_none()) {
            return mismatch("input", "must be a kind and a number, as main:1; leave it out for the usual one");
        }
        for (field, end) in [("from", &edge.from), ("to", &edge.to)] {
            if steps.get(end).is_some_and(|step| shares_its_name(step)) {
                return mismatch(field, "shares its name with another step; rename one of them first");
            }
        }
    }
    Ok(())
}

fn fault(step: &Step) -> Option<(&'static str, String)> {
    if step.piece.is_empty() || step.piece == NOTE_TYPE {
        return Some(("piece", "is no step; notes are added with add_note".to_owned()));
    }
    if step.kind != kind_of(&step.piece) {
        let is = match step.kind {
            StepKind::Action => "starts runs; its kind is trigger",
            StepKind::Trigger => "takes part in runs; its kind is action",
        };
        return Some(("kind", format!("{} {is}", step.piece)));
    }
    if operation::join(&step.operation, &step.settings).is_none() {
        let message = "does not go with the settings: `resource` and `operation` are no settings but what the step does, \
                       as message:post, or execute where there is nothing to choose; change it with replace_step";
        return Some(("operation", message.to_owned()));
    }
    if let Some(retry) = &step.retry {
        if retry.times >= step::MAX_TRIES {
            return Some(("retry.times", format!("must be at most {} in this engine", step::MAX_TRIES - 1)));
        }
        if retry.backoff_s > step::MAX_WAIT_S {
            return Some(("retry.backoff_s", format!("must be at most {} in this engine", step::MAX_WAIT_S)));
        }
    }
    if step.timeout_s.is_some() {
        return Some(("timeout_s", "steps have no time limit of their own in this engine; leave it out".to_owned()));
    }
    None
}
