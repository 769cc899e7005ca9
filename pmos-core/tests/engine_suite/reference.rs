//! Two small engines that keep their documents in a form of their own, and ways to get it wrong.
//!
//! A document is `{"flow": {"nodes": [...], "lines": [...], "notes": [...]}, ...}`; what else stands in it is kept.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use pmos_core::{
    Error, Result,
    engine::Tenancy,
    flow::{
        Capabilities, Catalog, Dialect, Document, EngineDescriptor, FlowEdit, FlowEngine, FlowLens, Graph, Guarded,
        Host, Issue, NewStep, Piece, PieceSummary, PlainDialect, Port, Reference, Remains, Template,
    },
    run::{RunContext, RunOrder, Runner, StepRecord},
};
use serde_json::{Map, Value, json};

/// How an engine goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Writes the document anew from what the view shows.
    Forgets,
    /// Puts moved and added steps somewhere else than was asked.
    Misplaces,
    /// Takes the settings of an update as all there are.
    Overwrites,
    /// Chooses other ids than `expand` promised.
    Renames,
    /// Leaves ids to be chosen later.
    Implicit,
    /// Does not see removed steps.
    ForgetsToRemove,
    /// Finds everything fine.
    Careless,
    /// Takes no edit at all.
    Refuses,
    /// Stops before the end of a list.
    DropsTheLast,
    /// Does not say what was wrong with a request.
    Mumbles,
    /// Counts something in a step whenever the document is written.
    Fidgets,
    /// Keeps nothing of what edits take away.
    Discards,
}

#[derive(Debug)]
pub(crate) struct ReferenceEngine {
    descriptor: EngineDescriptor,
    lens: Lens,
    pieces: Arc<[Piece]>,
    templates: Arc<[Template]>,
}

impl ReferenceEngine {
    pub(crate) fn structured(fault: Fault) -> Self {
        Self::new("reference-tree", Capabilities::default(), tree_pieces(), fault)
    }

    pub(crate) fn free(fault: Fault) -> Self {
        let capabilities = Capabilities { free_layout: true, multiple_triggers: true, ..Capabilities::default() };
        Self::new("reference-free", capabilities, free_pieces(), fault)
    }

    fn new(name: &str, capabilities: Capabilities, pieces: Value, fault: Fault) -> Self {
        let pieces: Arc<[Piece]> = serde_json::from_value::<Vec<Piece>>(pieces).unwrap().into();
        let template = json!({"name": "first", "title": "First", "summary": "One step.", "graph": {"steps": [
            {"id": "trigger", "kind": "trigger", "name": "Start", "piece": "core", "operation": "manual"}]}});
        Self {
            descriptor: EngineDescriptor {
                name: name.to_owned(),
                title: "Reference".to_owned(),
                version: "1".to_owned(),
                capabilities,
            },
            lens: Lens { capabilities, pieces: pieces.clone(), fault },
            pieces,
            templates: vec![serde_json::from_value(template).unwrap()].into(),
        }
    }

    /// Documents with more in them than the view shows.
    pub(crate) fn documents(&self) -> Vec<Document> {
        let graph: Graph = serde_json::from_value(json!({
            "steps": [
                {"id": "trigger", "kind": "trigger", "name": "Start", "piece": "core", "operation": "manual"},
                {"id": "a", "kind": "action", "name": "A", "piece": "core", "operation": "set", "settings": {"values": {"x": 1}}},
                {"id": "b", "kind": "action", "name": "B", "piece": "core", "operation": "set", "settings": {"values": {"x": 1}}}],
            "edges": [{"from": "trigger", "port": self.lens.output(), "to": "a"}, {"from": "a", "port": self.lens.output(), "to": "b"}]
        }))
        .unwrap();
        let document = self.lens.create(&graph).unwrap();
        let mut value: Value = document.read().unwrap();
        value["viewport"] = json!({"zoom": 1});
        for node in value["flow"]["nodes"].as_array_mut().unwrap() {
            node["pinned"] = json!({"sample": [1, 2]});
        }
        vec![Document::write(&value).unwrap()]
    }
}

impl fmt::Display for ReferenceEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.descriptor.name)
    }
}

impl FlowEngine for ReferenceEngine {
    fn descriptor(&self) -> &EngineDescriptor {
        &self.descriptor
    }
    fn lens(&self) -> &dyn FlowLens {
        &self.lens
    }
    fn host(&self) -> Host<'_> {
        Host::Embedded(self)
    }
    fn catalog(&self) -> Guarded<'_, dyn Catalog> {
        Guarded::new(self)
    }
}

#[async_trait]
impl Runner for ReferenceEngine {
    async fn run(&self, _: RunOrder, _: Vec<StepRecord>, _: &dyn RunContext) -> Result<()> {
        Err(Error::unsupported("running flows"))
    }
}

#[async_trait]
impl Catalog for ReferenceEngine {
    async fn pieces<'a>(&self, _: Option<&'a Tenancy>) -> Result<Arc<[PieceSummary]>> {
        Ok(self.pieces.iter().map(Piece::summary).collect())
    }
    async fn piece<'a>(&self, _: Option<&'a Tenancy>, name: &str) -> Result<Option<Arc<Piece>>> {
        Ok(self.pieces.iter().find(|piece| piece.name == name).cloned().map(Arc::new))
    }
    async fn templates(&self) -> Result<Arc<[Template]>> {
        Ok(self.templates.clone())
    }
}

#[derive(Debug)]
struct Lens {
    capabilities: Capabilities,
    pieces: Arc<[Piece]>,
    fault: Fault,
}

const SHOWN: [&str; 12] = [
    "id",
    "kind",
    "name",
    "piece",
    "operation",
    "settings",
    "connection",
    "skip",
    "on_error",
    "retry",
    "timeout_s",
    "position",
];

impl Lens {
    fn output(&self) -> Port {
        if self.capabilities.free_layout { "main:0".parse().unwrap() } else { Port::next() }
    }

    fn write(&self, old: &Value, graph: &Graph) -> Document {
        let empty = Map::new();
        let kept: Vec<&Map<String, Value>> =
            old["flow"]["nodes"].as_array().into_iter().flatten().map(|node| node.as_object().unwrap()).collect();
        let mut nodes = Vec::new();
        for step in &graph.steps {
            let before = kept.iter().find(|node| node["id"] == step.id.as_str()).copied().unwrap_or(&empty);
            let mut node = before.clone();
            node.retain(|key, _| !SHOWN.contains(&key.as_str()));
            if self.fault == Fault::Forgets {
                node.clear();
            }
            if self.fault == Fault::Fidgets {
                let count = node.get("count").and_then(Value::as_u64).unwrap_or_default();
                node.insert("count".to_owned(), json!(count + 1));
            }
            node.extend(serde_json::to_value(step).unwrap().as_object().unwrap().clone());
            nodes.push(Value::Object(node));
        }
        let mut new = if old.is_object() { old.clone() } else { json!({}) };
        new["flow"] = json!({"nodes": nodes, "lines": graph.edges, "notes": graph.notes});
        Document::write(&new).unwrap()
    }
}

impl FlowLens for Lens {
    fn create(&self, graph: &Graph) -> Result<Document> {
        graph.admit(&self.capabilities)?;
        Ok(self.write(&Value::Null, graph))
    }

    fn view(&self, document: &Document) -> Result<Graph> {
        let foreign = || Error::invalid("document", "is not of this engine");
        let value: Value = document.read().map_err(|_| foreign())?;
        let mut flow = value.get("flow").cloned().ok_or_else(foreign)?;
        for node in flow["nodes"].as_array_mut().ok_or_else(foreign)? {
            node.as_object_mut().ok_or_else(foreign)?.retain(|key, _| SHOWN.contains(&key.as_str()));
        }
        let graph = json!({"steps": flow["nodes"], "edges": flow["lines"], "notes": flow["notes"]});
        serde_json::from_value(graph).map_err(|_| foreign())
    }

    fn expand(&self, document: &Document, edit: &FlowEdit) -> Result<Vec<FlowEdit>> {
        match self.fault {
            Fault::Refuses => return Err(Error::invalid("edits[0].op", "is not welcome")),
            Fault::Mumbles => return Err(Error::internal("think")),
            _ => {}
        }
        let mut edits = self.view(document)?.expand(std::slice::from_ref(edit), &self.capabilities, self)?;
        if self.fault == Fault::Implicit {
            for edit in &mut edits {
                if let FlowEdit::AddStep { step, .. } = edit {
                    step.id = None;
                }
            }
        }
        Ok(edits)
    }

    fn apply(&self, document: &Document, edits: &[FlowEdit]) -> Result<Document> {
        let mut edits = edits.to_vec();
        for edit in &mut edits {
            match (self.fault, edit) {
                (Fault::Misplaces, FlowEdit::AddStep { port: Some(port), .. } | FlowEdit::MoveStep { port, .. }) => {
                    *port = Port::next();
                }
                (Fault::Misplaces, FlowEdit::SetPosition { x, .. }) => *x += 1.0,
                (Fault::Renames, FlowEdit::AddStep { step, .. }) => {
                    step.id = step.id.as_ref().and_then(|id| format!("my_{id}").parse().ok());
                }
                (Fault::Overwrites, FlowEdit::UpdateStep { id, set }) => {
                    let graph = self.view(document)?;
                    if let (Some(step), Some(Value::Object(settings))) = (graph.step(id), set.get_mut("settings")) {
                        for key in step.settings.keys() {
                            settings.entry(key).or_insert(Value::Null);
                        }
                    }
                }
                _ => {}
            }
        }
        if self.fault == Fault::Implicit {
            for edit in &mut edits {
                if let FlowEdit::AddStep { step: NewStep { id: id @ None, .. }, .. } = edit {
                    *id = "later".parse().ok();
                }
            }
        }
        let graph = self.view(document)?.apply(&edits, &self.capabilities)?;
        let old: Value = document.read().map_err(|_| Error::internal("read a document"))?;
        Ok(if edits.is_empty() { document.clone() } else { self.write(&old, &graph) })
    }

    fn edit(&self, document: &Document, edits: &[FlowEdit]) -> Result<(Document, Vec<FlowEdit>)> {
        let graph = self.view(document)?;
        let explicit = graph.expand(edits, &self.capabilities, self)?;
        let kept = if self.fault == Fault::DropsTheLast { explicit.len().saturating_sub(1) } else { explicit.len() };
        Ok((self.apply(document, &explicit[..kept])?, explicit))
    }

    fn remains(&self, document: &Document, edits: &[FlowEdit]) -> Result<Option<Remains>> {
        let after = self.view(document)?.apply(edits, &self.capabilities)?;
        let value: Value = document.read().map_err(|_| Error::internal("read a document"))?;
        let is_gone = |node: &&Value| !after.steps.iter().any(|step| node["id"] == step.id.as_str());
        let gone: Vec<Value> = value["flow"]["nodes"].as_array().unwrap().iter().filter(is_gone).cloned().collect();
        let keeps = self.fault != Fault::Discards && !gone.is_empty();
        Ok(keeps.then(|| Remains::write(&gone).unwrap()))
    }

    fn restore(&self, document: &Document, edits: &[FlowEdit], remains: &Remains) -> Result<Document> {
        let graph = self.view(document)?.apply(edits, &self.capabilities)?;
        let mut old: Value = document.read().map_err(|_| Error::internal("read a document"))?;
        let gone: Vec<Value> = remains.read().map_err(|_| Error::internal("read remains"))?;
        old["flow"]["nodes"].as_array_mut().unwrap().extend(gone);
        Ok(self.write(&old, &graph))
    }

    fn diff(&self, from: &Graph, to: &Graph) -> Vec<FlowEdit> {
        let mut edits = from.diff(to, &self.capabilities);
        if self.fault == Fault::ForgetsToRemove {
            edits.retain(|edit| !matches!(edit, FlowEdit::RemoveStep { .. }));
        }
        edits
    }

    fn check(&self, document: &Document) -> Vec<Issue> {
        match self.view(document) {
            Ok(_) if self.fault == Fault::Careless => Vec::new(),
            Ok(graph) => graph.check(&self.pieces, &self.capabilities),
            Err(_) => Vec::new(),
        }
    }

    fn dialect(&self) -> &dyn Dialect {
        if self.capabilities.free_layout { self } else { &PlainDialect }
    }

    fn references(&self, _: &Document) -> Vec<Reference> {
        Vec::new()
    }
}

impl Dialect for Lens {
    fn output(&self, _: &NewStep) -> Port {
        self.output()
    }
}

fn operation(name: &str, kind: &str, outputs: &[&str], fields: &Value) -> Value {
    json!({"name": name, "kind": kind, "title": name, "help": "Does it.", "fields": fields, "outputs": outputs, "effect": "pure"})
}

fn tree_pieces() -> Value {
    let text = json!({"type": "text"});
    let http = json!([
        {"name": "url", "title": "Address", "kind": text, "required": true, "expressions": true},
        {"name": "method", "title": "Method", "default": "GET", "kind": {"type": "select", "options": [
            {"value": "GET", "label": "GET"}, {"value": "POST", "label": "POST"}]}},
        {"name": "body", "title": "Body", "kind": {"type": "json"}, "visible_when": {
            "field": "method", "operator": "equals", "values": ["POST"]}},
        {"name": "headers", "title": "Headers", "kind": {"type": "key_value"}},
    ]);
    let values = json!([{"name": "values", "title": "Values", "kind": {"type": "key_value"}, "required": true}]);
    let items = json!([{"name": "items", "title": "Items", "kind": {"type": "json"}, "required": true}]);
    let branches = json!([{"name": "branches", "title": "Branches", "required": true, "kind": {"type": "list", "of":
        {"type": "group", "fields": [{"name": "when", "title": "When", "kind": text, "required": true}]}}}]);
    let mut branch = operation("branch", "action", &["otherwise", "next"], &branches);
    branch["ports_from"] = json!("branches");
    json!([{"name": "core", "title": "Core", "categories": [], "auth": [], "operations": [
        operation("manual", "trigger", &["next"], &json!([])),
        operation("hook", "trigger", &["next"], &json!([{"name": "path", "title": "Path", "kind": text}])),
        operation("set", "action", &["next"], &values),
        operation("http", "action", &["next"], &http),
        operation("loop", "action", &["loop", "next"], &items),
        branch,
    ]}])
}

fn free_pieces() -> Value {
    let values = json!([{"name": "values", "title": "Values", "kind": {"type": "key_value"}, "required": true},
        {"name": "only", "title": "Keep only these", "kind": {"type": "boolean"}}]);
    json!([{"name": "core", "title": "Core", "categories": [], "auth": [], "operations": [
        operation("manual", "trigger", &["main:0"], &json!([])),
        operation("set", "action", &["main:0"], &values),
        operation("if", "action", &["main:0", "main:1"], &json!([{"name": "on", "title": "On", "kind": {"type": "boolean"}}])),
        operation("tool", "action", &["ai_tool:0"], &json!([])),
    ]}])
}
