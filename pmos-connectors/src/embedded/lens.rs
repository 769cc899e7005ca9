//! Reads and changes documents. The document of this engine is the [`Graph`] itself as JSON, so that nothing of it is
//! out of sight.

use std::{collections::HashSet, sync::Arc};

use pmos_core::{
    Error, FlowId, Result,
    flow::{
        Capabilities, Datum, Dialect, Document, FlowEdit, FlowLens, Graph, Issue, NewStep, Reference, Renamed, Step,
        StepId, operation_of,
    },
};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{
    catalog,
    expression::{join, renamed, uses},
    operation::Operations,
    program::{self, Program},
};

/// The lens of the embedded engine.
#[derive(Debug)]
pub(super) struct EmbeddedLens {
    capabilities: Capabilities,
    operations: Arc<Operations>,
}

impl EmbeddedLens {
    pub(super) fn new(capabilities: Capabilities, operations: Arc<Operations>) -> Self {
        Self { capabilities, operations }
    }
}

impl FlowLens for EmbeddedLens {
    fn create(&self, graph: &Graph) -> Result<Document> {
        graph.admit(&self.capabilities)?;
        write(&graph.in_reading_order())
    }

    fn view(&self, document: &Document) -> Result<Graph> {
        document.read().map_err(|cause| Error::internal("read a flow").because(cause))
    }

    fn view_text(&self, document: &Document) -> Result<Box<RawValue>> {
        Ok(document.to_raw())
    }

    fn expand(&self, document: &Document, edit: &FlowEdit) -> Result<Vec<FlowEdit>> {
        Ok(self.view(document)?.expand(std::slice::from_ref(edit), &self.capabilities, self)?)
    }

    fn apply(&self, document: &Document, edits: &[FlowEdit]) -> Result<Document> {
        write(&self.view(document)?.apply(edits, &self.capabilities)?)
    }

    fn diff(&self, from: &Graph, to: &Graph) -> Vec<FlowEdit> {
        from.diff(to, &self.capabilities)
    }

    fn check(&self, document: &Document) -> Vec<Issue> {
        let graph = match self.view(document) {
            Ok(graph) => graph,
            Err(error) => {
                let (code, message) = ("unreadable".to_owned(), error.detail().to_owned());
                return vec![Issue { step: None, field: None, code, message }];
            }
        };
        let mut issues = graph.check(self.operations.pieces(), &self.capabilities);
        let said: HashSet<_> = issues.iter().map(|issue| (issue.step.clone(), issue.field.clone())).collect();
        let malformed = issues.iter().any(|issue| issue.field.is_none());
        let own = Program::compile(&graph, &self.operations).err().unwrap_or_default();
        // One word per fault: what the catalogue says about a setting, and the core about the form, stands.
        let new = |issue: &Issue| match issue.code.as_str() {
            "structure" => !malformed,
            _ => !said.contains(&(issue.step.clone(), issue.field.clone())),
        };
        issues.extend(own.into_iter().filter(new));
        issues
    }

    fn scope(&self, document: &Document, step: &StepId) -> Result<Vec<Datum>> {
        Ok(program::scope(&self.view(document)?, &self.operations, step))
    }

    fn calls(&self, document: &Document) -> Vec<(StepId, FlowId)> {
        let called = |step: Step| Some((step.id, step.settings.get("flow")?.as_str()?.parse().ok()?));
        let steps = self.view(document).unwrap_or_default().steps;
        let calls = |step: &Step| step.piece == catalog::CORE && step.operation == "subflow" && !step.skip;
        steps.into_iter().filter(calls).filter_map(called).collect()
    }

    fn dialect(&self) -> &dyn Dialect {
        self
    }

    fn references(&self, document: &Document) -> Vec<Reference> {
        let graph = self.view(document).unwrap_or_default();
        let trigger = graph.triggers().next().map(|trigger| &trigger.id);
        let mut found = Vec::new();
        for step in &graph.steps {
            for (field, value) in &step.settings {
                refer(&step.id, field, value, trigger, &mut found);
            }
        }
        found
    }
}

impl Dialect for EmbeddedLens {
    fn title(&self, step: &NewStep) -> String {
        let operation = operation_of(self.operations.pieces(), step.kind, &step.piece, &step.operation);
        operation.map_or_else(|| step.operation.clone(), |operation| operation.title.clone())
    }

    fn rewrite(&self, _: &str, settings: &Map<String, Value>, new: &Renamed) -> Option<Map<String, Value>> {
        let mut rewritten = settings.clone();
        rewritten.values_mut().for_each(|value| rename(value, new));
        (rewritten != *settings).then_some(rewritten)
    }
}

fn write(graph: &Graph) -> Result<Document> {
    Document::write(graph).map_err(|cause| Error::internal("write a flow").because(cause))
}

fn rename(value: &mut Value, new: &Renamed) {
    match value {
        Value::String(text) => {
            let name = |old: &str| new.ids.get(&old.parse().ok()?).map(ToString::to_string);
            *text = renamed(text, name);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, new)),
        Value::Object(map) => map.values_mut().for_each(|item| rename(item, new)),
        _ => {}
    }
}

fn refer(step: &StepId, field: &str, value: &Value, trigger: Option<&StepId>, found: &mut Vec<Reference>) {
    match value {
        Value::String(text) => {
            for used in uses(text) {
                let target = match &used.step {
                    Some(id) => id.parse().ok(),
                    None => trigger.cloned(),
                };
                if let Some(target) = target {
                    let (step, field) = (step.clone(), field.to_owned());
                    found.push(Reference { step, field, range: used.range, target, path: used.path });
                }
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                refer(step, &format!("{field}[{n}]"), item, trigger, found);
            }
        }
        Value::Object(map) => map.iter().for_each(|(key, item)| refer(step, &join(field, key), item, trigger, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use pmos_core::flow::{Catalog, edit_document};
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::embedded::engine::CAPABILITIES;

    fn lens() -> EmbeddedLens {
        EmbeddedLens::new(CAPABILITIES, Arc::new(Operations::for_tests()))
    }

    fn graph() -> Graph {
        let action = |id: &str, operation: &str, settings: Value| json!({"id": id, "kind": "action", "name": id, "piece": "core", "operation": operation, "settings": settings});
        let graph = json!({
            "steps": [
                {"id": "trigger", "kind": "trigger", "name": "Order received", "piece": "core", "operation": "webhook"},
                action("each", "loop", json!({"items": "{{ trigger.body.lines }}"})),
                action("set", "set", json!({"values": {"a": "{{ item.qty }}"}})),
                action("more", "set", json!({"values": {"b": ["x {{ steps.set.a }}"]}})),
            ],
            "edges": [
                {"from": "trigger", "port": "next", "to": "each"},
                {"from": "each", "port": "loop", "to": "set"},
                {"from": "set", "port": "next", "to": "more"},
            ],
        });
        serde_json::from_value(graph).unwrap()
    }

    #[test]
    fn references_are_found_with_their_places() {
        let document = lens().create(&graph()).unwrap();
        let found: Vec<_> = lens()
            .references(&document)
            .into_iter()
            .map(|found| format!("{} {} {:?} {} {}", found.step, found.field, found.range, found.target, found.path))
            .collect();
        assert_eq!(found, ["each items (3, 21) trigger body.lines", "more values.b[0] (5, 16) set a"]);
    }

    #[test]
    fn a_copy_of_a_loop_refers_to_its_own_steps() {
        let document = lens().create(&graph()).unwrap();
        let edit = serde_json::from_value(json!({"op": "duplicate_step", "id": "each"})).unwrap();
        let (document, _) = edit_document(&lens(), &document, &[edit]).unwrap();
        let view = lens().view(&document).unwrap();
        let copy = view.steps.iter().find(|step| step.id.as_str() == "more_2").unwrap();
        assert_eq!(copy.settings["values"]["b"][0], "x {{ steps.set_2.a }}");
        assert_eq!(lens().check(&document), []);
    }

    #[test]
    fn a_new_step_is_named_after_what_it_does() {
        let document = lens().create(&graph()).unwrap();
        let edit = json!({"op": "add_step", "after": "each", "step": {"piece": "core", "operation": "http", "settings": {"url": "x"}}});
        let (document, _) = edit_document(&lens(), &document, &[serde_json::from_value(edit).unwrap()]).unwrap();
        let view = lens().view(&document).unwrap();
        assert_eq!(view.step(&"http".parse().unwrap()).unwrap().name, "HTTP request");
    }

    #[rstest]
    #[case::expression("more", json!({"values": {"b": "{{ steps.set. }}"}}), "values.b", "expression")]
    #[case::reference("set", json!({"values": {"a": "{{ steps.more.b }}"}}), "values.a", "reference")]
    #[case::required("more", json!({}), "values", "required")]
    #[case::unknown_setting("more", json!({"values": {}, "x": 1}), "x", "unknown_setting")]
    #[case::range("each", json!({"items": [], "concurrency": 17}), "concurrency", "invalid")]
    fn every_fault_is_said_once(#[case] step: &str, #[case] settings: Value, #[case] field: &str, #[case] code: &str) {
        let mut graph = graph();
        let at = graph.steps.iter().position(|known| known.id.as_str() == step).unwrap();
        graph.steps[at].settings = settings.as_object().unwrap().clone();
        let issues = lens().check(&Document::write(&graph).unwrap());
        let found: Vec<_> =
            issues.iter().map(|issue| (issue.field.as_deref().unwrap_or_default(), issue.code.as_str())).collect();
        assert_eq!(found, [(field, code)], "{issues:?}");
    }

    #[test]
    fn an_empty_flow_can_be_kept_and_says_what_it_lacks() {
        let document = lens().create(&Graph::default()).unwrap();
        let codes: Vec<_> = lens().check(&document).into_iter().map(|issue| issue.code).collect();
        assert_eq!(codes, ["empty"]);
    }

    #[tokio::test]
    async fn every_template_passes_the_check() {
        for template in catalog::PieceCatalog::new(&[catalog::core()]).templates().await.unwrap().iter() {
            let document = lens().create(&template.graph).unwrap();
            assert_eq!(lens().check(&document), [], "{}", template.name);
        }
    }
}
