//! What keeps a workflow from doing what it should, as far as that shows without the catalogue.

use std::collections::HashSet;

use pmos_core::flow::{Graph, Issue, Step, StepId};
use serde_json::Value;

use super::{
    document::N8nDocument,
    expression::{self, Target},
    lens::CAPABILITIES,
    mapping::{ids, owners},
    node::{Node, short_type},
};

/// More than anybody reads at once.
const MAX_ISSUES: usize = 200;

/// Codes: those of [`Graph::structure`], and `empty`, `no_trigger`, `duplicate_name`, `no_type`, `no_position`,
/// `unknown_connection`, `dangling_edge`, `unknown_reference`, `required`.
pub(super) fn check(document: &N8nDocument, graph: &Graph) -> Vec<Issue> {
    let mut issues = graph.structure(&CAPABILITIES);
    if graph.steps.is_empty() {
        issues.push(of_flow("empty", "The flow is empty; begin with a trigger."));
    } else if !graph.triggers().any(starts_alone) {
        let message = "Nothing starts the flow by itself; add a trigger other than a manual one, and do not skip it.";
        issues.push(of_flow("no_trigger", message));
    }
    check_steps(graph, &mut issues);
    check_connections(document, &mut issues);
    check_references(document, graph, &mut issues);
    for id in document.pending.keys().filter_map(|id| id.parse().ok()) {
        let message = "uses a connection that is not there; choose another";
        issues.push(of(&id, Some("connection"), "unknown_connection", message));
    }
    issues.truncate(MAX_ISSUES);
    issues
}

fn of_flow(code: &str, message: impl Into<String>) -> Issue {
    Issue { step: None, field: None, code: code.to_owned(), message: message.into() }
}

fn of(step: &StepId, field: Option<&str>, code: &str, message: impl Into<String>) -> Issue {
    let field = field.map(str::to_owned);
    Issue { step: Some(step.clone()), field, code: code.to_owned(), message: message.into() }
}

/// The server refuses to activate a workflow that only people start.
fn starts_alone(trigger: &Step) -> bool {
    !trigger.skip && !matches!(short_type(&trigger.piece), "manualTrigger" | "manualChatTrigger" | "start")
}

fn check_steps(graph: &Graph, issues: &mut Vec<Issue>) {
    let mut names: HashSet<&str> = HashSet::new();
    let models: HashSet<&StepId> = graph
        .edges
        .iter()
        .filter(|edge| edge.port.as_str().starts_with("ai_languageModel:"))
        .map(|edge| &edge.to)
        .collect();
    for step in &graph.steps {
        if !names.insert(&step.name) {
            let message = "another step is called so; give one of them another name";
            issues.push(of(&step.id, Some("name"), "duplicate_name", message));
        }
        if step.piece.is_empty() {
            issues.push(of(&step.id, Some("piece"), "no_type", "does not say what it is; replace it"));
        }
        if step.position.is_none() {
            issues.push(of(&step.id, Some("position"), "no_position", "has no place on the canvas; give it one"));
        }
        if let Some(setting) = required(&step.piece)
            && step.settings.get(setting).is_none_or(|value| value.is_null() || value.as_str() == Some(""))
        {
            issues.push(of(&step.id, Some(setting), "required", format!("{setting:?} is required; fill it in")));
        }
        if needs_model(&step.piece) && !step.skip && !models.contains(&step.id) {
            issues.push(of(&step.id, None, "required", "needs a language model; connect one"));
        }
    }
}

/// The one setting without which a node of this type cannot work, whatever its version.
fn required(node_type: &str) -> Option<&'static str> {
    match node_type {
        "n8n-nodes-base.httpRequest" => Some("url"),
        "n8n-nodes-base.executeWorkflow" => Some("workflowId"),
        _ => None,
    }
}

fn needs_model(node_type: &str) -> bool {
    let name = node_type.strip_prefix("@n8n/n8n-nodes-langchain.").unwrap_or_default();
    matches!(name, "agent" | "chainLlm" | "chainSummarization" | "informationExtractor" | "textClassifier")
}

fn check_connections(document: &N8nDocument, issues: &mut Vec<Issue>) {
    let shown = ids(&document.workflow.nodes);
    let owners = owners(&document.workflow.nodes, &shown);
    let mut missing: HashSet<&str> = HashSet::new();
    for (from, kinds) in &document.workflow.connections {
        let outputs = kinds.as_object().into_iter().flat_map(|kinds| kinds.values());
        let entries = outputs.filter_map(Value::as_array).flatten().filter_map(Value::as_array).flatten();
        let ends = entries.filter_map(|entry| entry.get("node").and_then(Value::as_str));
        missing.extend(ends.chain([from.as_str()]).filter(|name| !owners.contains_key(name)));
    }
    let mut missing: Vec<&str> = missing.into_iter().collect();
    missing.sort_unstable();
    for name in missing {
        issues.push(of_flow("dangling_edge", format!("An edge needs a step {name:?} that is not there.")));
    }
}

fn check_references(document: &N8nDocument, graph: &Graph, issues: &mut Vec<Issue>) {
    let names: HashSet<&str> = document.workflow.nodes.iter().map(Node::name).collect();
    for step in &graph.steps {
        expression::visit(&step.piece, &step.settings, &mut |field, text, dress| {
            for found in expression::find(text, dress) {
                if let Target::Named { name, .. } = found.target
                    && !names.contains(name.as_str())
                {
                    let message = format!("uses a step {name:?} that is not there; choose another");
                    issues.push(of(&step.id, Some(field), "unknown_reference", message));
                }
            }
        });
    }
}
