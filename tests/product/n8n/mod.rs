//! The whole product over HTTP with n8n behind it: a double of it, and the real one where it is installed.

mod copies;
#[path = "../../../pmos-connectors/tests/n8n/double/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is the adapter's, whose tests need more of it")]
mod double;
mod foreign;
mod forms;
mod live;
mod live_steps;
mod restart;
#[path = "../../../pmos-connectors/tests/n8n/server.rs"]
#[allow(dead_code, reason = "shared with the adapter's tests")]
mod server;
mod storm;

use std::{sync::Arc, time::Duration};

use pmos::{
    connectors::n8n::{Instance, Limits, N8nConfig, N8nEngine, N8nLens},
    core::{
        Pmos, SystemClock, WorkspaceId,
        flow::{Document, FlowLens},
        vault::Secret,
    },
    storage::MemoryStore,
};
use pmos_server::Metrics;
use serde_json::{Value, json};

use self::server::Server;
use crate::{
    setup,
    town::Person,
    web::{Answer, Credential, Watch, Web},
};

/// Patient as in an instance, with short pauses.
fn calm() -> Limits {
    Limits { look: Duration::from_millis(5), rest: Duration::from_millis(50), ..Limits::default() }
}

/// An instance whose operator runs this server.
fn instance(server: &Server, limits: Limits) -> Pmos {
    let operator = Instance {
        base_url: server.base_url.clone(),
        webhook_url: None,
        owner_email: Some(server.email.clone()),
        owner_password: Some(Secret::new(server.password.clone())),
        api_key: None,
    };
    let config = N8nConfig { operator: Some(operator), limits, ..N8nConfig::default() };
    let engine = N8nEngine::new(config, Arc::new(SystemClock), Arc::new(Metrics)).unwrap();
    let builder = Pmos::builder(Arc::new(MemoryStore::new())).engine(Arc::new(engine)).observer(Arc::new(Metrics));
    let pmos = builder.master_key(setup::MASTER_KEY).build().unwrap();
    for job in pmos.background().unwrap() {
        tokio::spawn(job);
    }
    pmos
}

/// A person in a workspace of their own, with a browser.
#[derive(Clone)]
struct Us {
    web: Web,
    who: Credential,
    workspace: WorkspaceId,
}

impl Us {
    /// With a place at n8n.
    async fn connected(pmos: &Pmos, name: &str) -> Self {
        let person = Person::new(pmos, name).await;
        let workspace = setup::at_home(pmos, person.signed_in()).await.scope().unwrap().workspace();
        let us = Self { web: Web::new(pmos.clone()), who: person.browser(), workspace };
        let connected = us.act("engines.connect", json!({ "engine": "n8n", "provision": true })).await;
        assert_eq!(connected["state"], "ready", "{connected}");
        us
    }

    async fn ask(&self, action: &str, input: Value) -> Answer {
        let entry = self.web.pmos.table().iter().find(|entry| entry.spec.name == action).unwrap();
        self.web.act(&self.who, entry, self.workspace, &input).await
    }

    async fn act(&self, action: &str, input: Value) -> Value {
        let answer = self.ask(action, input.clone()).await;
        assert!(answer.is_success(), "{action} {input}: {} {}", answer.status, answer.text());
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    async fn watch(&self, query: &str) -> Watch {
        self.web.watch(&self.who, self.workspace, query).await
    }

    /// A flow that is called at `path` and answers with what it got.
    async fn echo(&self, name: &str, path: &str) -> Value {
        self.act("flows.create", json!({ "name": name, "engine": "n8n", "graph": echo(path) })).await
    }

    /// Changes the newest revision.
    async fn edit(&self, flow: &Value, edits: Value) -> Answer {
        let now = self.act("flows.get", json!({ "flow": flow })).await;
        self.ask("flows.edit", json!({ "flow": flow, "base": now["revision"], "edits": edits })).await
    }

    /// All of it, the newest first.
    async fn history(&self, flow: &Value) -> Vec<Value> {
        let mut entries = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let mut input = json!({ "flow": flow, "limit": 200 });
            if !cursor.is_null() {
                input["cursor"] = cursor;
            }
            let page = self.act("flows.history", input).await;
            entries.extend(page["items"].as_array().unwrap().iter().cloned());
            cursor = page["next"].clone();
            if cursor.is_null() {
                return entries;
            }
        }
    }
}

fn echo(path: &str) -> Value {
    json!({
        "steps": [
            {"id": "in", "kind": "trigger", "name": "In", "piece": "n8n-nodes-base.webhook", "operation": "execute",
             "settings": {"httpMethod": "POST", "path": path, "responseMode": "lastNode"}, "position": {"x": 0, "y": 0}},
            {"id": "set", "kind": "action", "name": "Set", "piece": "n8n-nodes-base.set", "operation": "execute",
             "settings": {"assignments": {"assignments": [
                {"id": "a", "name": "got", "value": "={{ $json.body }}", "type": "object"}]}},
             "position": {"x": 220, "y": 0}}
        ],
        "edges": [{"from": "in", "port": "main:0", "to": "set"}]
    })
}

fn name_of(step: &str, name: &str) -> Value {
    json!([{ "op": "update_step", "id": step, "set": { "name": name } }])
}

fn unique() -> String {
    use pmos::core::Clock;
    SystemClock.uuid().unwrap().simple().to_string()
}

/// What a workflow of n8n shows.
fn view(workflow: &Value) -> Value {
    let mut kept = json!({});
    for key in ["nodes", "connections", "settings"] {
        kept[key] = workflow[key].clone();
    }
    let document = Document::write(&json!({ "workflow": kept, "links": {} })).unwrap();
    serde_json::to_value(N8nLens::default().view(&document).unwrap()).unwrap()
}
