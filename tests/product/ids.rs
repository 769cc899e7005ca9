//! Every place in an input where an id can hide: a foreign one there looks like a missing one, and changes nothing.

use std::sync::Arc;

use pmos::{
    core::action::{Entry, Reach},
    storage::MemoryStore,
};
use serde_json::{Value, json};

use crate::{
    matrix::{
        inputs::{connection, draft, edited, run},
        missing, prepared,
    },
    setup,
    town::{Tenant, Town},
    web::{Answer, with},
};

/// Fields that hold an id, by their place in an input: `/graph/steps/*/connection`.
fn hiding_places(entry: &Entry) -> Vec<String> {
    let mut found = Vec::new();
    walk(&entry.input, &entry.input, String::new(), &mut Vec::new(), &mut found);
    found.sort();
    found.dedup();
    found
}

fn walk(root: &Value, schema: &Value, at: String, through: &mut Vec<String>, found: &mut Vec<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        if !through.iter().any(|seen| seen == target) {
            through.push(target.to_owned());
            let definition = root.pointer(target.trim_start_matches('#')).unwrap();
            walk(root, definition, at.clone(), through, found);
            through.pop();
        }
    }
    if schema["pattern"].as_str().is_some_and(|pattern| pattern.ends_with("_[0-9a-f]{32}$")) {
        found.push(at.clone());
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        walk(root, field, format!("{at}/{name}"), through, found);
    }
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            walk(root, &schema[inner], format!("{at}/*"), through, found);
        }
    }
    for several in ["anyOf", "oneOf", "allOf", "prefixItems"] {
        for option in schema[several].as_array().into_iter().flatten() {
            walk(root, option, at.clone(), through, found);
        }
    }
}

fn http_step(connection: &Value) -> Value {
    json!({
        "id": "call", "kind": "action", "name": "Call", "piece": "core", "operation": "http",
        "settings": { "method": "GET", "url": "https://shop.example/" }, "connection": connection,
    })
}

/// An input with `id` in that place.
async fn hidden(tenant: &Tenant, action: &str, at: &str, id: &Value) -> Value {
    let edits = |flow: Value, edits: Value| json!({ "flow": flow, "base": "1", "edits": edits });
    match (action, at) {
        ("runs.list" | "chat.sessions.create", "/flow") => json!({ "flow": id }),
        ("pieces.options", "/connection") => json!({
            "engine": "embedded", "piece": "core", "operation": "http", "field": "method", "connection": id,
        }),
        ("flows.create", "/graph/steps/*/connection") => {
            let mut graph = setup::order_intake();
            graph["steps"].as_array_mut().unwrap().push(http_step(id));
            graph["edges"] = json!([
                { "from": "trigger", "port": "next", "to": "set" }, { "from": "set", "port": "next", "to": "call" },
                { "from": "call", "port": "next", "to": "reply" },
            ]);
            json!({ "name": "Borrowed", "graph": graph })
        }
        ("flows.edit", "/edits/*/step/connection") => {
            edits(draft(tenant).await, json!([{ "op": "add_step", "step": http_step(id), "after": "set" }]))
        }
        ("chat.send", "/screen/flow" | "/screen/run") => {
            let session = tenant.act("chat.sessions.create", json!({})).await["id"].clone();
            let what = at.rsplit('/').next().unwrap();
            json!({ "session": session, "text": "What is this?", "screen": { what: id } })
        }
        ("flows.undo", "/edit") => json!({ "flow": draft(tenant).await, "edit": id }),
        _ => panic!("an id can hide in {action} at {at}: put one there and say what happens"),
    }
}

#[tokio::test]
async fn a_foreign_id_anywhere_in_an_input_is_as_good_as_none() {
    let town = Town::over(setup::idle(Arc::new(MemoryStore::new()), "")).await;
    let (tenant, elsewhere) = (town.tenant().await, town.elsewhere().await);
    let mut places = 0;
    for entry in town.pmos.table().iter().filter(|entry| entry.spec.reach == Reach::Workspace) {
        let action = entry.spec.name;
        let named = prepared(&tenant, action).await.object;
        for at in hiding_places(entry) {
            // What names the object of the act itself is a column of the matrix.
            if named.is_some_and(|field| at == format!("/{field}")) {
                continue;
            }
            places += 1;
            let foreign = match at.rsplit('/').next() {
                Some("connection") => connection(&elsewhere).await,
                Some("edit") => edit(&elsewhere).await,
                Some("run") => run(&elsewhere).await,
                _ => draft(&elsewhere).await,
            };
            let mut outcomes = Vec::new();
            for id in [&foreign, &missing(&foreign)] {
                let input = hidden(&tenant, action, &at, id).await;
                let answer = town.web.act(&town.admin.browser(), entry, tenant.workspace, &input).await;
                outcomes.push(outcome(&town, &tenant, answer, id).await);
            }
            assert_eq!(outcomes[0], outcomes[1], "{action} at {at} tells foreign from missing");
        }
    }
    assert!(places >= 4, "only {places} hiding places were found");
}

/// A change of a draft.
async fn edit(tenant: &Tenant) -> Value {
    let history = tenant.act("flows.history", json!({ "flow": edited(tenant).await })).await;
    history["items"][0]["id"].clone()
}

/// What came of it, without what differs between any two calls.
async fn outcome(town: &Town, tenant: &Tenant, answer: Answer, id: &Value) -> (u16, Value) {
    let answer = answer.without_id();
    let mut body = answer.json();
    let flow = body["id"].clone();
    if flow.as_str().is_some_and(|flow| flow.starts_with("flow_")) {
        // A draft may name anything; what would use it is refused.
        let publish = town.pmos.table().get("flows.publish").unwrap();
        let refused =
            town.web.act(&town.admin.browser(), publish, tenant.workspace, &json!({ "flow": flow })).await.without_id();
        assert_eq!((refused.status, refused.code().as_deref()), (422, Some("not_ready")), "{}", refused.text());
        body = refused.json();
    }
    assert!(!body.to_string().contains(id.as_str().unwrap()), "the answer says the id again: {body}");
    (answer.status, body)
}

#[tokio::test]
async fn a_draft_that_names_a_foreign_credential_never_gets_it() {
    let pmos = setup::open(Arc::new(MemoryStore::new()), "127.0.0.1:9");
    let town = Town::over(pmos).await;
    let (tenant, elsewhere) = (town.tenant().await, town.elsewhere().await);
    let foreign = connection(&elsewhere).await;
    let mut errors = Vec::new();
    for id in [&foreign, &missing(&foreign)] {
        let input = hidden(&tenant, "flows.create", "/graph/steps/*/connection", id).await;
        let flow = tenant.act("flows.create", input).await["id"].clone();
        let run = json!({ "flow": flow, "draft": true, "input": { "body": { "qty": 1 } } });
        let run = tenant.act("runs.start", run).await["id"].clone();
        let run = tenant.finished(&run).await;
        assert_eq!(run["status"], "failed", "{run}");
        let step = run["steps"].as_array().unwrap().iter().find(|step| step["id"] == "call").unwrap().clone();
        errors.push(step["error"].clone());
    }
    assert_eq!(errors[0], errors[1]);
    assert!(!errors[0].is_null());
}

#[tokio::test]
async fn a_cursor_of_another_workspace_is_refused_by_name() {
    let town = Town::over(setup::idle(Arc::new(MemoryStore::new()), "")).await;
    let (tenant, elsewhere) = (town.tenant().await, town.elsewhere().await);
    for _ in 0..2 {
        draft(&elsewhere).await;
    }
    let cursor = elsewhere.act("flows.list", json!({ "limit": 1 })).await["next"].clone();
    assert!(cursor.is_string());
    let mut lists = 0;
    for entry in town.pmos.table().iter().filter(|entry| entry.input["properties"]["cursor"].is_object()) {
        lists += 1;
        let who = if entry.spec.reach == Reach::Instance { &town.root } else { &town.admin };
        let whole = prepared(&tenant, entry.spec.name).await.input;
        let named = |cursor: &Value| with(&whole, "cursor", cursor.clone());
        for limit in [named(&cursor), with(&named(&cursor), "limit", 1), named(&json!("%00"))] {
            let answer = town.web.act(&who.browser(), entry, tenant.workspace, &limit).await;
            assert_eq!(answer.status, 422, "{} {}", entry.spec.name, answer.text());
            assert_eq!(answer.json()["errors"][0]["field"], "cursor", "{}", entry.spec.name);
        }
    }
    assert!(lists >= 8, "only {lists} lists were found");
}
