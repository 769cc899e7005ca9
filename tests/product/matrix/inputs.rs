//! For each action an input that is right, and everything it needs to be done.

use pmos::core::Role;
use serde_json::{Value, json};

use crate::{
    setup,
    town::{Person, Tenant},
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
pub(crate) async fn sample(place: &Tenant, action: &str) -> Option<Sample> {
    let nothing = |input: Value| Sample { input, object: None, owner: None };
    let about =
        |object: &'static str, id: Value| Sample { input: json!({ object: id }), object: Some(object), owner: None };
    let and = |sample: Sample, field: &str, value: Value| Sample { input: with(&sample.input, field, value), ..sample };
    let by = |owner: Person, sample: Sample| Sample { owner: Some(owner), ..sample };
    let password = json!({ "password": setup::PASSWORD });
    Some(match action {
        "me.edit" => by(place.newcomer().await, nothing(json!({ "name": "Another name" }))),
        "me.password" => {
            let change = json!({ "current": setup::PASSWORD, "new": "a very different secret" });
            by(place.newcomer().await, nothing(change))
        }
        "me.step_up" | "me.delete" => by(place.newcomer().await, nothing(password)),
        "me.end_session" => {
            let owner = place.newcomer().await;
            let session = json!(owner.session(place).await);
            by(owner, about("id", session))
        }
        "invitations.show" => nothing(json!({ "token": place.invite("open@example.com", Role::Viewer).await })),
        "invitations.accept" => {
            let owner = place.outsider().await;
            let token = place.invite(&owner.email, Role::Viewer).await;
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
        | "admin.workspaces.list" => nothing(json!({})),
        "workspaces.create" => nothing(json!({ "name": "Another one" })),
        "workspace.update" => nothing(json!({ "retention_days": 30 })),
        "workspace.delete" => nothing(json!({ "confirm": place.name })),
        "members.update" => and(about("user", json!(place.guest)), "role", json!("viewer")),
        "members.remove" => about("user", json!(place.guest)),
        "invitations.create" => nothing(json!({ "email": "new@example.com", "role": "viewer" })),
        "invitations.revoke" => about("id", invitation(place).await),
        "api_keys.create" => nothing(json!({ "name": "Mine", "scopes": ["flows.*"] })),
        "api_keys.revoke" => about("key", json!(place.key(place.worker, &["flows.*".to_owned()]).await.0)),
        "flows.create" => nothing(json!({ "name": "Order intake", "graph": setup::order_intake() })),
        "engines.connect" => nothing(json!({ "engine": "away", "provision": true })),
        "engines.check" | "engines.rotate" | "engines.disconnect" => {
            place.act("engines.connect", json!({ "engine": "away", "provision": true })).await;
            nothing(json!({ "engine": "away" }))
        }
        "flows.get" | "flows.history" | "flows.validate" | "flows.duplicate" | "flows.delete" | "flows.publish" => {
            about("flow", draft(place).await)
        }
        "flows.rename" => and(about("flow", draft(place).await), "name", json!("Renamed")),
        "flows.edit" => {
            let edits = json!([{ "op": "rename", "name": "Renamed" }]);
            and(and(about("flow", draft(place).await), "base", json!("1")), "edits", edits)
        }
        "flows.undo" => about("flow", edited(place).await),
        "flows.enable" => about("flow", published(place, false).await),
        "flows.disable" | "runs.start" => about("flow", published(place, true).await),
        "runs.get" | "runs.cancel" => about("run", run(place).await),
        "runs.retry" => and(about("run", ended(place).await), "from", json!("start")),
        "pieces.list" => nothing(json!({ "engine": "embedded" })),
        "pieces.get" => nothing(json!({ "engine": "embedded", "piece": "core" })),
        "pieces.options" => {
            nothing(json!({ "engine": "embedded", "piece": "core", "operation": "http", "field": "method" }))
        }
        "connections.form" => {
            place.act("engines.connect", json!({ "engine": "away", "provision": true })).await;
            nothing(json!({ "engine": "away", "kind": "httpHeaderAuth" }))
        }
        "connections.create" => nothing(credential()),
        "connections.rename" => and(about("connection", connection(place).await), "name", json!("Renamed")),
        "connections.replace_secret" => {
            and(about("connection", connection(place).await), "secret", json!({ "token": "another-token" }))
        }
        "connections.test" | "connections.delete" => about("connection", connection(place).await),
        "quota.set" => nothing(json!({ "workspace": place.workspace, "limits": { "flows": 100 } })),
        "admin.act_as" => nothing(json!({ "workspace": place.workspace, "reason": "a member asked for help" })),
        _ => return None,
    })
}

async fn invitation(place: &Tenant) -> Value {
    place.act("invitations.create", json!({ "email": "open@example.com", "role": "viewer" })).await["id"].clone()
}

/// A draft with a change that can be taken back.
pub(crate) async fn edited(place: &Tenant) -> Value {
    let flow = draft(place).await;
    place.act("flows.rename", json!({ "flow": flow, "name": "Renamed" })).await;
    flow
}

/// A run that has ended, at an engine outside: without background work only those end at once.
async fn ended(place: &Tenant) -> Value {
    place.act("engines.connect", json!({ "engine": "away", "provision": true })).await;
    let input = json!({ "name": "Order intake", "engine": "away", "graph": setup::order_intake() });
    let flow = place.act("flows.create", input).await["id"].clone();
    place.act("flows.publish", json!({ "flow": flow })).await;
    let run = place.act("runs.start", json!({ "flow": flow })).await["id"].clone();
    place.act("runs.cancel", json!({ "run": run })).await;
    run
}

pub(crate) async fn draft(place: &Tenant) -> Value {
    let input = json!({ "name": "Order intake", "graph": setup::order_intake() });
    place.act("flows.create", input).await["id"].clone()
}

async fn published(place: &Tenant, enable: bool) -> Value {
    let flow = draft(place).await;
    place.act("flows.publish", json!({ "flow": flow, "enable": enable })).await["id"].clone()
}

async fn run(place: &Tenant) -> Value {
    let flow = published(place, true).await;
    place.act("runs.start", json!({ "flow": flow, "input": {} })).await["id"].clone()
}

pub(crate) fn credential() -> Value {
    json!({ "name": "Shop", "kind": "bearer", "secret": { "token": "a-token-for-the-shop" }, "hosts": ["shop.example"] })
}

pub(crate) async fn connection(place: &Tenant) -> Value {
    place.act("connections.create", credential()).await["id"].clone()
}
