//! What the double remembers.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::ws::Message;
use serde_json::{Map, Value, json};
use tokio::sync::{Notify, mpsc::UnboundedSender};

use super::{OWNER, push};

/// Ways in which it is nasty, all of them seen on real servers or feared of false ones.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a trap of its own")]
pub(crate) struct Traps {
    /// So many requests are answered as by a server that starts.
    pub(crate) starting: usize,
    /// How often is asked before a webhook is live, and before it is gone.
    pub(crate) lag: usize,
    /// Answers to writes are those to another's write.
    pub(crate) mixed: bool,
    /// Before the next write of a workflow another program writes this over it.
    pub(crate) in_between: Option<Value>,
    /// After the next write of a workflow another program writes this over it.
    pub(crate) right_after: Option<Value>,
    /// Everything is answered with what is foreign.
    pub(crate) foreign: bool,
    /// It hands out everything of everybody as the asker's own.
    pub(crate) lends: bool,
    /// So many sign-ins are taken before it says that they are too many; none without end.
    pub(crate) sign_ins: Option<usize>,
    /// Signing out everybody, as a restart with another secret does.
    pub(crate) forgets_sessions: bool,
    /// Invitations carry no link.
    pub(crate) no_links: bool,
    /// No key is made.
    pub(crate) no_keys: bool,
    /// It has no MCP.
    pub(crate) no_mcp: bool,
    /// What its licence lacks is what is asked.
    pub(crate) no_licence: bool,
    /// How it behaves to those who listen to runs.
    pub(crate) socket: Socket,
    /// The version it says it is.
    pub(crate) version: Option<&'static str>,
}

/// How it tells of runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Socket {
    /// As it should.
    #[default]
    Works,
    /// It does not know of such a thing.
    Refuses,
    /// It does not answer.
    Hangs,
    /// It closes at once.
    Breaks,
    /// It tells a lot that is not understood in between.
    Garbles,
    /// Before the second step begins it tells more than anybody takes.
    Floods,
    /// It tells of a foreign run, too.
    Foreign,
}

/// What is done there in between.
pub(crate) type Visit = Box<dyn FnOnce(&mut State) + Send>;

/// When it dies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dying {
    /// After so many more requests, at the next one.
    pub(crate) after: usize,
    /// Whether that one is still carried out.
    pub(crate) works: bool,
}

pub(crate) struct State {
    pub(crate) traps: Traps,
    /// Visits, and how many more requests are answered before each.
    pub(crate) visits: Vec<(usize, Visit)>,
    pub(crate) dying: Option<Dying>,
    /// Told when it answers no more.
    pub(crate) death: Arc<Notify>,
    /// Everything that was asked, and what of it is not on the list.
    pub(crate) request: Vec<String>,
    pub(crate) unlisted: Vec<String>,
    pub(super) base_url: String,
    pub(super) users: Vec<User>,
    pub(super) keys: Vec<Key>,
    pub(super) workflows: BTreeMap<String, Workflow>,
    pub(super) executions: Vec<Execution>,
    pub(super) credentials: BTreeMap<String, Credential>,
    /// Who listens, and under what the run is told.
    pub(super) listeners: BTreeMap<String, UnboundedSender<Message>>,
    pub(super) told: BTreeMap<u64, String>,
    next: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) password: Option<String>,
    pub(super) owner: bool,
    pub(super) session: Option<String>,
    pub(super) mcp_key: Option<String>,
    pub(super) mcp_key_told: bool,
    /// Everything of everybody is handed out to it as its own.
    pub(super) lent: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) label: String,
    pub(super) expires_at: Value,
    pub(super) scopes: Value,
    pub(super) raw: String,
}

#[derive(Debug, Clone)]
pub(super) struct Workflow {
    pub(super) id: String,
    pub(super) project: String,
    pub(super) name: String,
    pub(super) description: Value,
    pub(super) nodes: Value,
    pub(super) connections: Value,
    pub(super) settings: Map<String, Value>,
    pub(super) pin_data: Value,
    pub(super) versions: Vec<Arc<Version>>,
    pub(super) counter: u64,
    pub(super) updated: u64,
    pub(super) active: Option<String>,
    /// Whether its webhooks serve, and how often is asked before that follows `active`.
    pub(super) live: Option<String>,
    pub(super) lag: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) id: String,
    pub(super) nodes: Value,
    pub(super) connections: Value,
}

#[derive(Debug, Clone)]
pub(super) struct Execution {
    pub(super) id: u64,
    pub(super) project: String,
    pub(super) workflow: String,
    pub(super) version: String,
    pub(super) mode: String,
    pub(super) status: String,
    pub(super) retry_of: Option<u64>,
    pub(super) data: Value,
    pub(super) nodes: Value,
}

#[derive(Debug, Clone)]
pub(super) struct Credential {
    pub(super) id: String,
    pub(super) project: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) data: Value,
}

impl State {
    pub(super) fn new(base_url: &str) -> Self {
        let owner = User {
            id: "owner".to_owned(),
            email: OWNER.0.to_owned(),
            password: Some(OWNER.1.to_owned()),
            owner: true,
            session: None,
            mcp_key: None,
            mcp_key_told: false,
            lent: false,
        };
        Self {
            traps: Traps::default(),
            visits: Vec::new(),
            dying: None,
            death: Arc::default(),
            request: Vec::new(),
            unlisted: Vec::new(),
            base_url: base_url.to_owned(),
            users: vec![owner],
            keys: Vec::new(),
            workflows: BTreeMap::new(),
            executions: Vec::new(),
            credentials: BTreeMap::new(),
            listeners: BTreeMap::new(),
            told: BTreeMap::new(),
            next: 0,
        }
    }

    pub(crate) fn count(&self, request: &str) -> usize {
        self.request.iter().filter(|known| known.starts_with(request)).count()
    }

    /// The workflow of that name, as it is shown.
    pub(crate) fn workflow(&self, name: &str) -> Value {
        self.workflows.values().find(|workflow| workflow.name == name).unwrap().shown()
    }

    /// The nodes of every version there was, in order.
    pub(crate) fn versions(&self, id: &str) -> Vec<Value> {
        self.workflows[id].versions.iter().map(|version| version.nodes.clone()).collect()
    }

    pub(crate) fn executions(&self) -> usize {
        self.executions.len()
    }

    /// The run that waits goes on to its end.
    pub(crate) fn go_on(&mut self) {
        let run = self.executions.iter_mut().rev().find(|run| run.status == "running").unwrap();
        "success".clone_into(&mut run.status);
        let gave = run.data["resultData"]["runData"]["In"][0]["data"].clone();
        run.data["resultData"]["runData"]["Set"] = json!([{"startTime": 1_769_851_800_001_u64, "executionIndex": 1,
            "executionTime": 2, "executionStatus": "success", "source": [{"previousNode": "In"}], "data": gave}]);
        let id = run.id;
        push::end(self, id);
    }

    /// Changes a workflow as it is now, at the server.
    pub(crate) fn change(&mut self, id: &str, change: impl FnOnce(&mut Value)) {
        let mut order = self.workflows[id].shown();
        change(&mut order);
        let (version, time) = (self.fresh("version-"), self.time());
        self.workflows.get_mut(id).unwrap().take(&order, version, time);
    }

    /// Lets those in whose time has come.
    pub(super) fn drop_in(&mut self) {
        for (after, visit) in std::mem::take(&mut self.visits) {
            match after {
                0 => visit(self),
                after => self.visits.push((after - 1, visit)),
            }
        }
    }

    pub(crate) fn people(&self) -> usize {
        self.users.len()
    }

    pub(super) fn fresh(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}{:08}", self.next)
    }

    pub(super) fn time(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl User {
    pub(super) fn may(&self, project: &str) -> bool {
        self.owner || self.lent || project == project_of(&self.id)
    }
}

pub(super) fn project_of(user: &str) -> String {
    format!("project-{user}")
}

pub(super) fn when(time: u64) -> String {
    format!(
        "2026-01-31T{:02}:{:02}:{:02}.{:03}Z",
        time / 3_600_000 % 24,
        time / 60_000 % 60,
        time / 1_000 % 60,
        time % 1_000
    )
}

impl Workflow {
    /// The same, as the user is told of it.
    pub(super) fn shown_to(&self, user: &User) -> Value {
        let mut shown = self.shown();
        if user.lent {
            shown["shared"][0]["projectId"] = json!(project_of(&user.id));
            shown["shared"][0]["project"] = json!({"id": project_of(&user.id)});
        }
        shown
    }

    pub(super) fn version(&self) -> &str {
        self.versions.last().map(|version| &*version.id).unwrap_or_default()
    }

    pub(super) fn shown(&self) -> Value {
        let active = self.active.as_ref().and_then(|id| self.versions.iter().find(|version| version.id == *id));
        json!({
            "id": self.id, "name": self.name, "description": self.description, "active": self.active.is_some(),
            "activeVersionId": self.active, "versionId": self.version(), "versionCounter": self.counter,
            "createdAt": when(0), "updatedAt": when(self.updated), "isArchived": false, "triggerCount": 1,
            "nodes": self.nodes, "connections": self.connections, "nodeGroups": [], "settings": self.settings,
            "staticData": null, "pinData": self.pin_data, "meta": null, "tags": [], "parentFolder": null,
            "shared": [{"role": "workflow:owner", "projectId": self.project, "project": {"id": self.project}}],
            "activeVersion": active.map(|version| json!({
                "versionId": version.id, "nodes": version.nodes, "connections": version.connections, "nodeGroups": [],
            })),
            "somethingNew": {"that": "not asked for"},
        })
    }

    /// Takes a whole workflow as n8n does: settings are merged, what is not sent stays, and only a change of the graph
    /// makes a version.
    pub(super) fn take(&mut self, order: &Value, version: String, time: u64) {
        order["name"].as_str().unwrap_or_default().clone_into(&mut self.name);
        let mut settings = self.settings.clone();
        settings.extend(order["settings"].as_object().cloned().unwrap_or_default());
        let mut nodes = order["nodes"].clone();
        for (at, node) in nodes.as_array_mut().into_iter().flatten().enumerate() {
            if node.get("id").is_none() {
                node["id"] = json!(format!("node-{version}-{at}"));
            }
        }
        let graph = self.versions.is_empty() || nodes != self.nodes || order["connections"] != self.connections;
        if graph {
            let (nodes, connections) = (nodes.clone(), order["connections"].clone());
            self.versions.push(Arc::new(Version { id: version, nodes, connections }));
        }
        if graph || settings != self.settings {
            self.counter += 1;
        }
        self.nodes = nodes;
        self.connections = order["connections"].clone();
        self.settings = settings;
        if let Some(pinned) = order.get("pinData") {
            self.pin_data = pinned.clone();
        }
        if let Some(description) = order.get("description") {
            self.description = description.clone();
        }
        self.updated = time;
    }
}

impl Execution {
    pub(super) fn shown(&self, with_data: bool) -> Value {
        let ended = !matches!(&*self.status, "running" | "new" | "waiting");
        let mut shown = json!({
            "id": self.id.to_string(), "finished": self.status == "success", "mode": self.mode, "status": self.status,
            "retryOf": self.retry_of.map(|id| id.to_string()), "startedAt": when(self.id), "createdAt": when(self.id),
            "stoppedAt": ended.then(|| when(self.id + 1)), "workflowId": self.workflow, "waitTill": null,
        });
        if with_data {
            shown["workflowVersionId"] = json!(self.version);
            shown["data"] = self.data.clone();
            shown["workflowData"] = json!({"id": self.workflow, "nodes": self.nodes});
        }
        shown
    }
}
