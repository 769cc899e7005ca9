//! A server of n8n, real or not, and workspaces on it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use pmos_connectors::{
    n8n::{Instance, Limits, N8nConfig, N8nHost},
    outbound::{Method, Outbound, OutboundRequest},
};
use pmos_core::{
    Clock, Id, Observer, RunId, SystemClock, WorkspaceId,
    engine::{FlowHost, Provisioning, RemoteFlow, Stored, Tenancy},
    flow::Document,
    store::ObjectKind,
    vault::Secret,
};
use serde_json::{Value, json};

use crate::server::Server;

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) host: N8nHost,
    pub(crate) alarm: Arc<Alarm>,
    outbound: Outbound,
}

/// How many objects of another workspace were told of, by their kind.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Mutex<BTreeMap<ObjectKind, usize>>);

impl Alarm {
    pub(crate) fn count(&self, kind: ObjectKind) -> usize {
        self.0.lock().get(&kind).copied().unwrap_or_default()
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.0.lock().is_empty()
    }
}

impl Observer for Alarm {
    fn run_finished(&self, _: &str, _: &str, _: Duration) {}

    fn foreign_object(&self, engine: &str, kind: ObjectKind) {
        assert_eq!(engine, "n8n");
        *self.0.lock().entry(kind).or_default() += 1;
    }
}

impl World {
    pub(crate) fn of(server: Server, limits: Limits) -> Self {
        let allow = server.host().parse().unwrap();
        let outbound = Outbound::builder().allow(allow).build().unwrap();
        let alarm = Arc::<Alarm>::default();
        let host = N8nHost::new(config(&server, limits), Arc::new(SystemClock), alarm.clone()).unwrap();
        Self { server, host, alarm, outbound }
    }

    /// A workspace with a tenancy of its own.
    pub(crate) async fn workspace(&self) -> Tenancy {
        self.host.join(new_workspace(), &Provisioning::Managed).await.unwrap()
    }

    /// What is done at n8n itself with the key of a workspace.
    pub(crate) async fn request_externally(
        &self,
        tenancy: &Tenancy,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let access: Value = serde_json::from_str(tenancy.access.expose()).unwrap();
        let request = OutboundRequest::new(method, &format!("{}{path}", self.server.base_url)).unwrap();
        let request = request.header("x-n8n-api-key", access["api_key"].as_str().unwrap_or_default()).unwrap();
        let request = body.into_iter().fold(request, OutboundRequest::json);
        let answer = self.outbound.send(request).await.unwrap();
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// A call of an address that the host named.
    pub(crate) async fn call(&self, url: &str, body: &Value) -> (u16, Value) {
        let request = OutboundRequest::post(url).unwrap().json(body);
        let answer = self.outbound.send(request).await.unwrap();
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    pub(crate) async fn make(&self, tenancy: &Tenancy, name: &str, workflow: &Value) -> RemoteFlow {
        self.host.create(tenancy, name, &document(workflow)).await.unwrap()
    }

    pub(crate) async fn fetch(&self, tenancy: &Tenancy, flow: &RemoteFlow) -> RemoteFlow {
        self.host.fetch(tenancy, &flow.id).await.unwrap().unwrap()
    }
}

pub(crate) fn config(server: &Server, limits: Limits) -> N8nConfig {
    let operator = Instance {
        base_url: server.base_url.clone(),
        webhook_url: None,
        owner_email: Some(server.email.clone()),
        owner_password: Some(Secret::new(server.password.clone())),
        api_key: None,
    };
    N8nConfig { operator: Some(operator), allow: server.host().parse().unwrap(), limits, ..N8nConfig::default() }
}

pub(crate) fn new_workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(SystemClock.uuid().unwrap())
}

pub(crate) fn new_run() -> RunId {
    RunId::from_uuid(SystemClock.uuid().unwrap())
}

pub(crate) fn unique() -> String {
    SystemClock.uuid().unwrap().simple().to_string()
}

pub(crate) fn document(workflow: &Value) -> Document {
    Document::write(&json!({"workflow": workflow, "links": {}})).unwrap()
}

pub(crate) fn workflow(document: &Document) -> Value {
    document.read::<Value>().unwrap()["workflow"].clone()
}

pub(crate) fn done(stored: Stored) -> RemoteFlow {
    match stored {
        Stored::Done(flow) => flow,
        other => panic!("{other:?}"),
    }
}

/// A webhook that answers with what it got.
pub(crate) fn echo(path: &str) -> Value {
    json!({
        "nodes": [
            {"id": "8b7c0001-0000-4000-8000-000000000001", "name": "In", "type": "n8n-nodes-base.webhook", "typeVersion": 2,
             "position": [0, 0], "webhookId": unique_uuid(),
             "parameters": {"httpMethod": "POST", "path": path, "responseMode": "lastNode"}},
            {"id": "8b7c0001-0000-4000-8000-000000000002", "name": "Set", "type": "n8n-nodes-base.set", "typeVersion": 3.4,
             "position": [220, 0], "parameters": {"assignments": {"assignments": [
                {"id": "a", "name": "got", "value": "={{ $json.body }}", "type": "object"}]}}},
        ],
        "connections": {"In": {"main": [[{"node": "Set", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1"},
    })
}

/// Fails after it has begun.
pub(crate) fn failing(path: &str) -> Value {
    let mut workflow = echo(path);
    workflow["nodes"][1] = json!({
        "id": "8b7c0001-0000-4000-8000-000000000003", "name": "Set", "type": "n8n-nodes-base.stopAndError",
        "typeVersion": 1, "position": [220, 0], "parameters": {"errorMessage": "no such order"},
    });
    workflow
}

/// Waits long enough to be stopped.
pub(crate) fn waiting(path: &str) -> Value {
    let mut workflow = echo(path);
    workflow["nodes"][0]["parameters"]["responseMode"] = json!("onReceived");
    workflow["nodes"][1] = json!({
        "id": "8b7c0001-0000-4000-8000-000000000004", "name": "Set", "type": "n8n-nodes-base.wait", "typeVersion": 1.1,
        "position": [220, 0], "webhookId": unique_uuid(), "parameters": {"amount": 30, "unit": "seconds"},
    });
    workflow
}

/// Waits some seconds between two steps.
pub(crate) fn pausing(path: &str, seconds: u64) -> Value {
    let mut workflow = waiting(path);
    workflow["nodes"][1]["name"] = json!("Pause");
    workflow["nodes"][1]["parameters"]["amount"] = json!(seconds);
    let mut last = echo(path)["nodes"][1].clone();
    last["name"] = json!("Last");
    workflow["nodes"].as_array_mut().unwrap().push(last);
    let to = |node: &str| json!({"main": [[{"node": node, "type": "main", "index": 0}]]});
    workflow["connections"] = json!({"In": to("Pause"), "Pause": to("Last")});
    workflow
}

/// Goes through a list one by one.
pub(crate) fn looping(path: &str) -> Value {
    let mut workflow = echo(path);
    let node = |name: &str, kind: &str, version: f64, parameters: Value| {
        json!({"id": unique_uuid(), "name": name, "type": format!("n8n-nodes-base.{kind}"), "typeVersion": version,
            "position": [440, 0], "parameters": parameters})
    };
    let nodes = workflow["nodes"].as_array_mut().unwrap();
    nodes.truncate(1);
    nodes.push(node("List", "splitOut", 1.0, json!({"fieldToSplitOut": "body.list", "options": {}})));
    nodes.push(node("Each", "splitInBatches", 3.0, json!({"options": {}})));
    nodes.push(node("One", "noOp", 1.0, json!({})));
    let to = |node: &str| json!([{"node": node, "type": "main", "index": 0}]);
    workflow["connections"] = json!({"In": {"main": [to("List")]}, "List": {"main": [to("Each")]},
        "Each": {"main": [[], to("One")]}, "One": {"main": [to("Each")]}});
    workflow
}

fn unique_uuid() -> String {
    SystemClock.uuid().unwrap().to_string()
}
