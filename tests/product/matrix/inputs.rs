//! For each action an input that is right, and everything it needs to be done.

use pmos::core::{Channel, Role, action::Called};
use serde_json::{Value, json};

use crate::{
    setup,
    town::{Person, Tenant, call},
    web::with,
};

/// An input that works in the place it was made for.
pub(crate) struct Sample {
    pub(crate) input: Value,
    /// The field that names an object of the workspace.
    pub(crate) object: Option<&'static str>,
    /// Whose act it is, of one on a person's own account.
    pub(crate) owner: Option<Person>,
}

/// Makes what `action` needs in a place, and says how to call it. None for an action without a sample.
pub(crate) async fn sample(tenant: &Tenant, action: &str) -> Option<Sample> {
    let nothing = |input: Value| Sample { input, object: None, owner: None };
    let about =
        |object: &'static str, id: Value| Sample { input: json!({ object: id }), object: Some(object), owner: None };
    let and = |sample: Sample, field: &str, value: Value| Sample { input: with(&sample.input, field, value), ..sample };
    let by = |owner: Person, sample: Sample| Sample { owner: Some(owner), ..sample };
    let password = json!({ "password": setup::PASSWORD });
    Some(match action {
        "me.edit" => by(tenant.newcomer().await, nothing(json!({ "name": "Another name" }))),
        "me.password" => {
            let change = json!({ "current": setup::PASSWORD, "new": "a very different secret" });
            by(tenant.newcomer().await, nothing(change))
        }
        "me.step_up" | "me.delete" => by(tenant.newcomer().await, nothing(password)),
        "me.end_session" => {
            let owner = tenant.newcomer().await;
            let session = json!(owner.session(tenant).await);
            by(owner, about("id", session))
        }
        "invitations.show" => nothing(json!({ "token": tenant.invite("open@example.com", Role::Viewer).await })),
        "invitations.accept" => {
            let owner = tenant.outsider().await;
            let token = tenant.invite(&owner.email, Role::Viewer).await;
            by(owner, nothing(json!({ "token": token })))
        }
        "me.get"
        | "me.sessions"
        | "workspaces.list"
        | "workspace.get"
        | "members.list"
        | "members.leave"
        | "invitations.list"
        | "api_keys.list"
        | "dashboard.get"
        | "flows.list"
        | "templates.list"
        | "connections.list"
        | "runs.list"
        | "audit.list"
        | "audit.verify"
        | "engines.list"
        | "quota.get"
        | "admin.audit.list"
        | "admin.audit.verify"
        | "admin.workspaces.list" => nothing(json!({})),
        "workspaces.create" => nothing(json!({ "name": "Another one" })),
        "workspace.update" => nothing(json!({ "retention_days": 30 })),
        "workspace.delete" => nothing(json!({ "confirm": tenant.name })),
        "members.update" => and(about("user", json!(tenant.guest)), "role", json!("viewer")),
        "members.remove" => about("user", json!(tenant.guest)),
        "invitations.create" => nothing(json!({ "email": "new@example.com", "role": "viewer" })),
        "invitations.revoke" => about("id", invitation(tenant).await),
        "api_keys.create" => nothing(json!({ "name": "Mine", "scopes": ["flows.*"] })),
        "api_keys.revoke" => about("key", json!(tenant.key(tenant.worker, &["flows.*".to_owned()]).await.0)),
        "flows.create" => nothing(json!({ "name": "Order intake", "graph": setup::order_intake() })),
        "engines.connect" => nothing(json!({ "engine": "remote", "provision": true })),
        "engines.check" | "engines.rotate" | "engines.disconnect" => {
            tenant.act("engines.connect", json!({ "engine": "remote", "provision": true })).await;
            nothing(json!({ "engine": "remote" }))
        }
        "flows.get" | "flows.history" | "flows.versions" | "flows.validate" | "flows.duplicate" | "flows.delete"
        | "flows.publish" => about("flow", draft(tenant).await),
        "flows.scope" => and(about("flow", draft(tenant).await), "step", json!("trigger")),
        "flows.rename" => and(about("flow", draft(tenant).await), "name", json!("Renamed")),
        "flows.edit" => {
            let edits = json!([{ "op": "rename", "name": "Renamed" }]);
            and(and(about("flow", draft(tenant).await), "base", json!("1")), "edits", edits)
        }
        "flows.undo" => about("flow", edited(tenant).await),
        "flows.compare" | "flows.restore" => and(about("flow", published(tenant, false).await), "version", json!(1)),
        "flows.enable" => about("flow", published(tenant, false).await),
        "flows.disable" | "runs.start" => about("flow", published(tenant, true).await),
        "runs.get" | "runs.cancel" => about("run", run(tenant).await),
        "runs.retry" => and(about("run", ended(tenant).await), "from", json!("start")),
        "pieces.list" => nothing(json!({ "engine": "embedded" })),
        "pieces.get" => nothing(json!({ "engine": "embedded", "piece": "core" })),
        "pieces.options" => {
            nothing(json!({ "engine": "embedded", "piece": "core", "operation": "http", "field": "method" }))
        }
        "connections.form" => {
            tenant.act("engines.connect", json!({ "engine": "remote", "provision": true })).await;
            nothing(json!({ "engine": "remote", "kind": "httpHeaderAuth" }))
        }
        "connections.create" => nothing(credential()),
        "connections.rename" => and(about("connection", connection(tenant).await), "name", json!("Renamed")),
        "connections.replace_secret" => {
            and(about("connection", connection(tenant).await), "secret", json!({ "token": "another-token" }))
        }
        "connections.test" | "connections.delete" => about("connection", connection(tenant).await),
        "quota.set" => nothing(json!({ "workspace": tenant.workspace, "limits": { "flows": 100 } })),
        "admin.act_as" => nothing(json!({ "workspace": tenant.workspace, "reason": "a member asked for help" })),
        _ => return of_the_assistant(tenant, action).await,
    })
}

/// The same for what concerns the assistant.
async fn of_the_assistant(tenant: &Tenant, action: &str) -> Option<Sample> {
    let nothing = |input: Value| Sample { input, object: None, owner: None };
    let about =
        |object: &'static str, id: Value| Sample { input: json!({ object: id }), object: Some(object), owner: None };
    let and = |sample: Sample, field: &str, value: Value| Sample { input: with(&sample.input, field, value), ..sample };
    Some(match action {
        "approvals.list"
        | "approvals.policy.get"
        | "chat.sessions.create"
        | "chat.sessions.list"
        | "grants.list"
        | "models.catalog"
        | "models.list" => nothing(json!({})),
        "approvals.get" => about("approval", waiting(tenant).await),
        "approvals.decide" => and(about("approval", waiting(tenant).await), "decision", json!("approve")),
        "approvals.policy.set" => nothing(json!({ "four_eyes": true })),
        "grants.revoke" => about("grant", grant(tenant).await),
        "chat.sessions.get" | "chat.sessions.delete" | "chat.events" | "chat.stop" => {
            about("session", conversation(tenant).await)
        }
        "chat.sessions.rename" => and(about("session", conversation(tenant).await), "title", json!("Renamed")),
        "chat.send" => and(about("session", conversation(tenant).await), "text", json!("Hello")),
        "models.connect" => nothing(provider()),
        "models.check" | "models.disconnect" => {
            tenant.act("models.connect", provider()).await;
            nothing(json!({ "provider": "test" }))
        }
        _ => return None,
    })
}

async fn invitation(tenant: &Tenant) -> Value {
    tenant.act("invitations.create", json!({ "email": "open@example.com", "role": "viewer" })).await["id"].clone()
}

/// An act of the worker's assistant that waits for an approval.
async fn waiting(tenant: &Tenant) -> Value {
    let flow = draft(tenant).await;
    let agent = tenant.worker_by(Channel::Agent).await;
    match agent.call("flows.publish", json!({ "flow": flow })).await.unwrap() {
        Called::Parked(approval) => json!(approval),
        Called::Done(output) => panic!("it does not wait: {output}"),
    }
}

async fn grant(tenant: &Tenant) -> Value {
    let approval = waiting(tenant).await;
    tenant.act("approvals.decide", json!({ "approval": approval, "decision": "approve", "grant_for": 3600 })).await;
    tenant.act("grants.list", json!({})).await["items"][0]["id"].clone()
}

/// A conversation of the worker.
async fn conversation(tenant: &Tenant) -> Value {
    call(&tenant.worker_by(Channel::Browser).await, "chat.sessions.create", json!({})).await["id"].clone()
}

fn provider() -> Value {
    json!({ "provider": "test", "kind": "ollama", "default_model": "scripted" })
}

/// A draft with a change that can be taken back.
pub(crate) async fn edited(tenant: &Tenant) -> Value {
    let flow = draft(tenant).await;
    tenant.act("flows.rename", json!({ "flow": flow, "name": "Renamed" })).await;
    flow
}

/// A run that has ended, at a remote engine: without background work only those end at once.
async fn ended(tenant: &Tenant) -> Value {
    tenant.act("engines.connect", json!({ "engine": "remote", "provision": true })).await;
    let input = json!({ "name": "Order intake", "engine": "remote", "graph": setup::order_intake() });
    let flow = tenant.act("flows.create", input).await["id"].clone();
    tenant.act("flows.publish", json!({ "flow": flow })).await;
    let run = tenant.act("runs.start", json!({ "flow": flow })).await["id"].clone();
    tenant.act("runs.cancel", json!({ "run": run })).await;
    run
}

pub(crate) async fn draft(tenant: &Tenant) -> Value {
    let input = json!({ "name": "Order intake", "graph": setup::order_intake() });
    tenant.act("flows.create", input).await["id"].clone()
}

async fn published(tenant: &Tenant, enable: bool) -> Value {
    let flow = draft(tenant).await;
    tenant.act("flows.publish", json!({ "flow": flow, "enable": enable })).await["id"].clone()
}

pub(crate) async fn run(tenant: &Tenant) -> Value {
    let flow = published(tenant, true).await;
    tenant.act("runs.start", json!({ "flow": flow, "input": {} })).await["id"].clone()
}

pub(crate) fn credential() -> Value {
    json!({ "name": "Shop", "kind": "bearer", "secret": { "token": "a-token-for-the-shop" }, "hosts": ["shop.example"] })
}

pub(crate) async fn connection(tenant: &Tenant) -> Value {
    tenant.act("connections.create", credential()).await["id"].clone()
}
