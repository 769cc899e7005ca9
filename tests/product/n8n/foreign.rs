//! A server that hands out what belongs to others: nothing of one workspace is seen from another.

use pmos_server::RouterConfig;
use serde_json::{Value, json};

use super::{
    Us, calm,
    double::{Double, Traps},
    instance, unique,
};
use crate::web::{Credential, Web};

/// What must be seen from its own workspace only.
const CANARY: &str = "canary-of-ada";

/// A flow with a run and a credential, each of which says its word.
async fn fill(us: &Us) -> (Value, Value, Value) {
    let flow = us.echo(&format!("Flow {CANARY}"), &unique()).await;
    us.act("flows.publish", json!({ "flow": flow["id"] })).await;
    let mut watch = us.watch("").await;
    let run = us.act("runs.start", json!({ "flow": flow["id"], "input": { "body": { "word": CANARY } } })).await;
    watch.until("run.finished").await;
    let connection = us
        .act(
            "connections.create",
            json!({
                "engine": "n8n", "kind": "httpHeaderAuth", "name": format!("Key {CANARY}"),
                "secret": { "name": "x-key", "value": format!("secret-{CANARY}") },
            }),
        )
        .await;
    (flow["id"].clone(), run["id"].clone(), connection["id"].clone())
}

/// Waits until a whole round was made at n8n: a run of one's own is told at its end.
async fn look(us: &Us) {
    let made = us.echo("Mark", &unique()).await;
    us.act("flows.publish", json!({ "flow": made["id"] })).await;
    let mut watch = us.watch("").await;
    us.act("runs.start", json!({ "flow": made["id"] })).await;
    watch.until("run.finished").await;
}

/// Everything that can be seen without an id, and the event stream from its beginning.
async fn seen(us: &Us) -> String {
    let mut seen = String::new();
    for action in ["flows.list", "runs.list", "connections.list", "engines.list"] {
        seen.push_str(&us.ask(action, json!({})).await.everything());
    }
    seen.push_str(&us.ask("connections.list", json!({ "engine": "n8n" })).await.everything());
    for flow in us.act("flows.list", json!({})).await["items"].as_array().unwrap() {
        for action in ["flows.get", "flows.history"] {
            seen.push_str(&us.ask(action, json!({ "flow": flow["id"] })).await.everything());
        }
    }
    for run in us.act("runs.list", json!({})).await["items"].as_array().unwrap() {
        seen.push_str(&us.ask("runs.get", json!({ "run": run["id"] })).await.everything());
    }
    let marked = us.echo("End of what is seen", &unique()).await;
    let mut watch = us.watch("").await;
    seen.push_str(watch.until(marked["id"].as_str().unwrap()).await);
    seen
}

async fn finds_nothing_of(us: &Us, (flow, run, connection): &(Value, Value, Value)) {
    let rename = json!([{ "op": "rename", "name": "Mine now" }]);
    for (action, input) in [
        ("flows.get", json!({ "flow": flow })),
        ("flows.history", json!({ "flow": flow })),
        ("flows.edit", json!({ "flow": flow, "base": "1", "edits": rename })),
        ("flows.publish", json!({ "flow": flow })),
        ("flows.disable", json!({ "flow": flow })),
        ("flows.undo", json!({ "flow": flow })),
        ("flows.delete", json!({ "flow": flow })),
        ("runs.start", json!({ "flow": flow })),
        ("runs.get", json!({ "run": run })),
        ("runs.cancel", json!({ "run": run })),
        ("runs.retry", json!({ "run": run, "from": "failed_step" })),
        ("connections.rename", json!({ "connection": connection, "name": "Mine now" })),
        ("connections.test", json!({ "connection": connection })),
        ("connections.delete", json!({ "connection": connection })),
    ] {
        let answer = us.ask(action, input).await;
        assert_eq!(answer.status, 404, "{action}: {}", answer.text());
        assert!(!answer.everything().contains(CANARY), "{action}");
    }
}

/// How many objects of another workspace an operator sees counted.
async fn alarms(web: &Web, kind: &str) -> u64 {
    let metrics = web.call(&Credential::Nothing, "GET", "/metrics", &Value::Null).await.text();
    let series = format!("pmos_foreign_objects_total{{engine=\"n8n\",kind=\"{kind}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&series)).map_or(0, |count| count.parse().unwrap())
}

async fn is_kept_apart(traps: Traps) {
    let double = Double::start();
    let pmos = instance(&double.server, calm());
    let config = RouterConfig { metrics: Some(crate::setup::metrics()), ..RouterConfig::default() };
    let operator = Web::with(pmos.clone(), config);
    let ada = Us::connected(&pmos, "Ada").await;
    let stan = Us::connected(&pmos, "Stan").await;
    let hers = fill(&ada).await;
    let before = (alarms(&operator, "flow").await, alarms(&operator, "connection").await);
    double.set(traps);
    look(&stan).await;
    finds_nothing_of(&stan, &hers).await;
    let seen = seen(&stan).await;
    for word in [CANARY, "canary-foreign", "of-another"] {
        assert!(!seen.contains(word), "{word} is seen: {seen}");
    }
    for id in [&hers.0, &hers.1, &hers.2] {
        assert!(!seen.contains(id.as_str().unwrap()), "{id} is seen");
    }
    let after = (alarms(&operator, "flow").await, alarms(&operator, "connection").await);
    assert!(after.0 > before.0 && after.1 > before.1, "{before:?} to {after:?}: there was no news");
    double.set(Traps::default());
    let flow = ada.act("flows.get", json!({ "flow": hers.0 })).await;
    assert_eq!((&flow["name"], &flow["enabled"]), (&json!(format!("Flow {CANARY}")), &json!(true)));
}

#[tokio::test]
async fn what_a_server_passes_off_as_the_askers_own_stays_its_owners() {
    is_kept_apart(Traps { lends: true, ..Traps::default() }).await;
}
