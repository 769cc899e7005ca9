//! Many people at the same automation at the same moment: no change is lost, and no fault is shown.

use std::collections::BTreeSet;

use pmos::core::{Error, Kind, Result};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    setup::On,
    town::{Tenant, Town, try_call},
};

/// How many do something at once.
const CROWD: usize = 12;

/// An automation with a step for everybody.
async fn automation(tenant: &Tenant, engine: &str) -> Value {
    let step = |n: usize| json!({ "id": format!("step{n}"), "kind": "action", "name": "Before", "piece": "core", "operation": "set", "settings": { "values": { "n": n } } });
    let edge = |n: usize| {
        let from = if n == 0 { "trigger".to_owned() } else { format!("step{}", n - 1) };
        json!({ "from": from, "port": "next", "to": format!("step{n}") })
    };
    let trigger = json!({ "id": "trigger", "kind": "trigger", "name": "Order received", "piece": "core", "operation": "webhook", "settings": {} });
    let steps: Vec<_> = std::iter::once(trigger).chain((0..CROWD).map(step)).collect();
    let edges: Vec<_> = (0..CROWD).map(edge).collect();
    tenant
        .act(
            "flows.create",
            json!({ "name": "Crowded", "engine": engine, "graph": { "steps": steps, "edges": edges } }),
        )
        .await
}

/// What everybody gets who does one of these at the same moment.
async fn at_once(tenant: &Tenant, acts: impl IntoIterator<Item = (&'static str, Value)>) -> Vec<Result<Value>> {
    let begun: Vec<_> = acts
        .into_iter()
        .map(|(action, input)| {
            let caller = tenant.caller.clone();
            tokio::spawn(async move { try_call(&caller, action, input).await })
        })
        .collect();
    futures::future::join_all(begun).await.into_iter().map(Result::unwrap).collect()
}

fn edit(flow: &Value, step: &str, name: &str) -> (&'static str, Value) {
    let edits = json!([{ "op": "update_step", "id": step, "set": { "name": name } }]);
    ("flows.edit", json!({ "flow": flow["id"], "base": flow["revision"], "edits": edits }))
}

fn names(flow: &Value) -> BTreeSet<String> {
    let steps = flow["draft"]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["name"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_of_different_steps_at_once_are_all_put_together(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
    #[values("embedded", "remote")] engine: &str,
) {
    let Some(town) = Town::open(on).await else { return };
    let tenant = town.tenant().await;
    if engine == "remote" {
        tenant.act("engines.connect", json!({ "engine": "remote", "provision": true })).await;
    }
    let flow = automation(&tenant, engine).await;
    let acts = (0..CROWD).map(|n| edit(&flow, &format!("step{n}"), &format!("By {n}")));
    for outcome in at_once(&tenant, acts).await {
        outcome.unwrap();
    }
    let now = tenant.act("flows.get", json!({ "flow": flow["id"] })).await;
    let wanted: BTreeSet<_> = (0..CROWD).map(|n| format!("By {n}")).chain(["Order received".to_owned()]).collect();
    assert_eq!(names(&now), wanted);
    assert_eq!(now["revision"], (CROWD + 1).to_string());
    let history = tenant.act("flows.history", json!({ "flow": flow["id"], "limit": 100 })).await;
    assert_eq!(history["items"].as_array().unwrap().len(), CROWD);
    assert_eq!(tenant.act("audit.verify", json!({})).await["ok"], true);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_changes_of_one_step_at_once_one_is_taken_and_the_others_are_told_of_it(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(town) = Town::open(on).await else { return };
    let tenant = town.tenant().await;
    let flow = automation(&tenant, "embedded").await;
    let acts = (0..CROWD).map(|n| edit(&flow, "step0", &format!("By {n}")));
    let (taken, refused): (Vec<_>, Vec<_>) = at_once(&tenant, acts).await.into_iter().partition(Result::is_ok);
    let taken: Vec<_> = taken.into_iter().map(Result::unwrap).collect();
    assert_eq!((taken.len(), refused.len()), (1, CROWD - 1));
    for error in refused.into_iter().map(Result::unwrap_err) {
        assert_eq!((error.kind(), error.code()), (Kind::Conflict, "conflict"), "{error:?}");
        let told = |name: &str| &error.more()[name];
        assert_eq!(told("current"), "2", "{error:?}");
        assert_eq!((&told("theirs")[0]["id"], &told("mine")[0]["id"]), (&json!("step0"), &json!("step0")));
    }
    let now = tenant.act("flows.get", json!({ "flow": flow["id"] })).await;
    assert_eq!((&now["revision"], names(&now)), (&json!("2"), names(&taken[0])));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn publishing_switching_renaming_and_editing_at_once_lose_nothing(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(town) = Town::open(on).await else { return };
    let tenant = town.tenant().await;
    let flow = automation(&tenant, "embedded").await;
    let about = json!({ "flow": flow["id"] });
    tenant.act("flows.publish", about.clone()).await;
    let mut acts = Vec::new();
    for n in 0..CROWD / 3 {
        acts.push(edit(&flow, &format!("step{n}"), &format!("By {n}")));
        acts.push(("flows.publish", about.clone()));
        acts.push((if n % 2 == 0 { "flows.disable" } else { "flows.enable" }, about.clone()));
        acts.push(("flows.rename", json!({ "flow": flow["id"], "name": format!("Name {n}") })));
    }
    let faults: Vec<Error> = at_once(&tenant, acts).await.into_iter().filter_map(Result::err).collect();
    assert!(faults.is_empty(), "{faults:?}");
    let now = tenant.act("flows.get", about.clone()).await;
    let edited = names(&now).into_iter().filter(|name| name.starts_with("By ")).count();
    assert_eq!((edited, now["name"].as_str().unwrap().starts_with("Name ")), (CROWD / 3, true), "{now}");
    assert_eq!(now["revision"], (1 + 2 * (CROWD / 3)).to_string(), "an edit and a name are a revision each");
    let live = tenant.act("flows.publish", about).await;
    assert_eq!((&live["pending"], &live["enabled"]), (&json!(false), &json!(true)));
}
