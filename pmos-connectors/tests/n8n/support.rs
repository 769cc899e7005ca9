//! An engine around the lens, and workflows as people have them.

use std::{fmt, path::Path, sync::Arc};

use async_trait::async_trait;
use pmos_connectors::n8n::{N8nLens, descriptor};
use pmos_core::{
    Error, Result,
    engine::Tenancy,
    flow::{Catalog, Document, EngineDescriptor, FlowEngine, FlowLens, Guarded, Host, Piece, PieceSummary, Template},
    run::{RunContext, RunOrder, Runner, StepRecord},
};
use serde_json::{Value, json};

/// Builds flows of a few nodes that everybody knows, and runs none.
#[derive(Debug)]
pub(crate) struct Workbench {
    descriptor: EngineDescriptor,
    lens: N8nLens,
    pieces: Arc<[Piece]>,
}

impl Workbench {
    pub(crate) fn new() -> Self {
        let pieces: Vec<Piece> = serde_json::from_value(pieces()).unwrap();
        Self { descriptor: descriptor("2.40.7"), lens: N8nLens::default(), pieces: pieces.into() }
    }
}

impl fmt::Display for Workbench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.descriptor.name)
    }
}

impl FlowEngine for Workbench {
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
impl Runner for Workbench {
    async fn run(&self, _: RunOrder, _: Vec<StepRecord>, _: &dyn RunContext) -> Result<()> {
        Err(Error::unsupported("running flows"))
    }
}

#[async_trait]
impl Catalog for Workbench {
    async fn pieces<'a>(&self, _: Option<&'a Tenancy>) -> Result<Arc<[PieceSummary]>> {
        Ok(self.pieces.iter().map(Piece::summary).collect())
    }
    async fn piece<'a>(&self, _: Option<&'a Tenancy>, name: &str) -> Result<Option<Arc<Piece>>> {
        Ok(self.pieces.iter().find(|piece| piece.name == name).cloned().map(Arc::new))
    }
    async fn templates(&self) -> Result<Arc<[Template]>> {
        let template = json!({"name": "call", "title": "Call", "summary": "Fetches a page once an hour.", "graph": {
            "steps": [
                {"id": "hourly", "kind": "trigger", "name": "Hourly", "piece": "n8n-nodes-base.scheduleTrigger",
                 "operation": "execute", "settings": {"rule": {}}, "position": {"x": 0, "y": 0}},
                {"id": "fetch", "kind": "action", "name": "Fetch", "piece": "n8n-nodes-base.httpRequest",
                 "operation": "execute", "settings": {"url": "https://x.example"}, "position": {"x": 220, "y": 0}}],
            "edges": [{"from": "hourly", "port": "main:0", "to": "fetch"}]}});
        Ok(vec![serde_json::from_value(template).unwrap()].into())
    }
}

fn pieces() -> Value {
    let field = |name: &str, kind: &Value| json!({"name": name, "title": name, "kind": kind, "expressions": true});
    let (text, json_kind, pairs) = (json!({"type": "text"}), json!({"type": "json"}), json!({"type": "key_value"}));
    let mut url = field("url", &text);
    url["required"] = json!(true);
    let rows = json!([field(
        "fields",
        &json!({"type": "list", "of": {"type": "group", "fields": [
        {"name": "name", "title": "Name", "kind": text}, {"name": "value", "title": "Value", "kind": json_kind}]}})
    )]);
    let piece = |name: &str, operations: &[Value]| json!({"name": name, "title": name, "categories": [], "auth": [], "operations": operations});
    let operation = |name: &str, kind: &str, outputs: &[&str], fields: &Value| json!({"name": name, "kind": kind, "title": name, "help": "Does it.", "fields": fields, "outputs": outputs, "effect": "write"});
    let base = |name: &str| format!("n8n-nodes-base.{name}");
    let ai = |name: &str| format!("@n8n/n8n-nodes-langchain.{name}");
    let trigger = |fields: &Value| operation("execute", "trigger", &["main:0"], fields);
    let action = |fields: &Value| operation("execute", "action", &["main:0"], fields);
    let part = |port: &str| operation("execute", "action", &[port], &json!([field("options", &pairs)]));
    json!([
        piece(&base("manualTrigger"), &[trigger(&json!([]))]),
        piece(&base("scheduleTrigger"), &[trigger(&json!([field("rule", &json_kind)]))]),
        piece(&base("webhook"), &[trigger(&json!([field("path", &text), field("options", &pairs)]))]),
        piece(&base("set"), &[action(&rows)]),
        piece(&base("httpRequest"), &[action(&json!([url, field("headers", &pairs), field("body", &json_kind)]))]),
        piece(
            &base("if"),
            &[operation("execute", "action", &["main:0", "main:1"], &json!([field("conditions", &json_kind)]))]
        ),
        piece(&base("merge"), &[action(&json!([]))]),
        piece(
            &base("splitInBatches"),
            &[operation(
                "execute",
                "action",
                &["main:0", "main:1"],
                &json!([field("batchSize", &json!({"type": "number"}))])
            )]
        ),
        piece(
            &base("slack"),
            &[
                operation("message:post", "action", &["main:0"], &json!([field("text", &text)])),
                operation("message:", "action", &["main:0"], &json!([field("text", &text), field("options", &pairs)])),
                operation("update", "action", &["main:0"], &json!([field("ts", &text)])),
                operation("user:get-many", "action", &["main:0"], &json!([]))
            ]
        ),
        piece(&ai("agent"), &[action(&json!([field("text", &text), field("options", &pairs)]))]),
        piece(&ai("lmChatOpenAi"), &[part("ai_languageModel:0")]),
        piece(&ai("memoryBufferWindow"), &[part("ai_memory:0")]),
        piece(&ai("toolCalculator"), &[part("ai_tool:0")]),
    ])
}

/// The workflows of the folder `corpus`, each with its name.
pub(crate) fn corpus() -> Vec<(String, Document)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/n8n/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| Document::parse(std::fs::read_to_string(path).unwrap().trim().to_owned()).unwrap();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut corpus: Vec<_> = files.iter().map(|path| (name(path), read(path))).collect();
    corpus.push(("three_hundred_nodes".to_owned(), large(300)));
    corpus
}

/// One workflow of the corpus.
pub(crate) fn sample(name: &str) -> Document {
    corpus().into_iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("there is no {name}")).1
}

/// A workflow of many nodes: chains of calls, each step using the one before by name.
pub(crate) fn large(count: usize) -> Document {
    let id = |at: usize| format!("00000000-0000-4000-8000-{at:012}");
    let name = |at: usize| if at == 0 { "Start".to_owned() } else { format!("Step {at}") };
    let nodes: Vec<Value> = (0..count)
        .map(|at| match at {
            0 => json!({"id": id(0), "name": name(0), "type": "n8n-nodes-base.webhook", "typeVersion": 2,
                "position": [0, 0], "webhookId": id(900_000), "parameters": {"path": "start"}}),
            _ => json!({"id": id(at), "name": name(at), "type": "n8n-nodes-base.httpRequest", "typeVersion": 4.2,
                "position": [220 * (at % 20), 160 * (at / 20)], "parameters": {
                    "url": format!("=https://x.example/{at}?id={{{{ $('{}').item.json.id }}}}", name(at - 1)),
                    "sendHeaders": true,
                    "headerParameters": {"parameters": [{"name": "X-Step", "value": at.to_string()}]},
                    "options": {"timeout": 3000, "response": {"response": {"fullResponse": true}}}}}),
        })
        .collect();
    let connections: serde_json::Map<String, Value> = (1..count)
        .map(|at| (name(at - 1), json!({"main": [[{"node": name(at), "type": "main", "index": 0}]]})))
        .collect();
    Document::write(&json!({"workflow": {"nodes": nodes, "connections": connections, "settings": {}}})).unwrap()
}
