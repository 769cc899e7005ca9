//! Several processes on one store, as far as they share what is beside it.

use std::time::Duration;

use pmos::core::{
    Channel, Pmos, Result,
    action::{Caller, RequestInfo},
    cluster::{Cluster, LeaseKey},
    run::InboundRequest,
    store::AnswerKey,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    setup::{self, On, TestStore},
    town::{call, try_call},
};

/// Two nodes that one person uses.
struct Nodes {
    one: Caller,
    other: Caller,
    cluster: Cluster,
    _kept: TestStore,
}

/// Whether a node hears what the other says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hints {
    Heard,
    Lost,
}

impl Nodes {
    async fn open(on: On, hints: Hints) -> Option<Self> {
        let kept = on.store().await?;
        let cluster = Cluster::local(kept.store.clone());
        let node = |cluster: &Cluster| {
            let node = setup::builder(kept.store.clone(), "").cluster(cluster.clone()).build().unwrap();
            for job in node.background().unwrap() {
                tokio::spawn(job);
            }
            node
        };
        let one = node(&cluster);
        let other = match hints {
            Hints::Heard => node(&cluster),
            Hints::Lost => node(&Cluster::local(kept.store.clone())),
        };
        let who = setup::sign_up(&one, "Ada").await;
        let (one, other) = (setup::at_home(&one, &who).await, setup::at_home(&other, &who).await);
        Some(Self { one, other, cluster, _kept: kept })
    }

    /// The secret part of the address of a live webhook with these steps between its trigger and its answer.
    async fn live(&self, graph: Value) -> (Value, String) {
        let flow = call(&self.one, "flows.create", json!({"name": "Orders", "graph": graph})).await;
        let live = call(&self.one, "flows.publish", json!({"flow": flow["id"], "enable": true})).await;
        (flow["id"].clone(), live["hook_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
    }
}

async fn order(pmos: &Pmos, token: &str) -> Result<Value> {
    let headers = vec![("content-type".to_owned(), "application/json".into())];
    let body = json!({"qty": 4}).to_string().into();
    let request =
        InboundRequest { method: "POST".to_owned(), headers, query: None, body, body_limit: 1024, raw: false };
    Ok(pmos.deliver(token, request).await?.body)
}

/// Asks again and again until it is so.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asked).await.expect("it never is so");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_at_one_node_is_live_at_the_other(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
    #[values(Hints::Heard, Hints::Lost)] hints: Hints,
) {
    let Some(nodes) = Nodes::open(on, hints).await else { return };
    let (flow, token) = nodes.live(setup::order_intake()).await;
    let revision = call(&nodes.one, "flows.get", json!({"flow": flow})).await["revision"].clone();
    assert_eq!(order(&nodes.other.pmos(), &token).await.unwrap(), json!({"total": 12}));
    let now_five_times = json!({"flow": flow, "base": revision, "edits": [
        {"op": "update_step", "id": "set", "set": {"settings": {"values": {"total": "{{ trigger.body.qty * 5 }}"}}}},
    ]});
    call(&nodes.one, "flows.edit", now_five_times).await;
    call(&nodes.one, "flows.publish", json!({"flow": flow})).await;
    until(async || order(&nodes.other.pmos(), &token).await.unwrap() == json!({"total": 20})).await;
    call(&nodes.one, "flows.disable", json!({"flow": flow})).await;
    until(async || order(&nodes.other.pmos(), &token).await.is_err_and(|error| error.code() == "not_found")).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_named_delivery_is_one_run_at_whichever_node_it_comes(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(nodes) = Nodes::open(on, Hints::Lost).await else { return };
    let mut graph = setup::order_intake();
    graph["steps"][2]["settings"]["body"] = json!("{{ run.id }}");
    let (flow, token) = nodes.live(graph).await;
    let send = async |pmos: &Pmos, body: &str| {
        let headers = [("content-type", "application/json"), ("webhook-id", "msg_1")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.into())).to_vec();
        let (method, body) = ("POST".to_owned(), body.to_owned().into());
        pmos.deliver(&token, InboundRequest { method, headers, query: None, body, body_limit: 1024, raw: false }).await
    };
    let first = send(&nodes.one.pmos(), r#"{"qty":4}"#).await.unwrap();
    for pmos in [nodes.other.pmos(), nodes.one.pmos()] {
        assert_eq!(send(&pmos, r#"{"qty":4}"#).await.unwrap(), first);
        assert_eq!(send(&pmos, r#"{"qty":5}"#).await.unwrap_err().code(), "idempotency_mismatch");
    }
    let runs = call(&nodes.one, "runs.list", json!({"flow": flow})).await;
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "{runs}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_stopped_at_the_node_that_works_on_it(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(nodes) = Nodes::open(on, Hints::Heard).await else { return };
    let mut graph = setup::order_intake();
    // Short enough to be spent in the process.
    graph["steps"][1] = json!({
        "id": "set", "kind": "action", "name": "Wait", "piece": "core", "operation": "delay", "settings": {"seconds": 5},
    });
    graph["steps"][2]["settings"]["body"] = json!("late");
    let (flow, token) = nodes.live(graph).await;
    let pmos = nodes.one.pmos();
    let sent = tokio::spawn(async move { order(&pmos, &token).await });
    let runs = async || call(&nodes.other, "runs.list", json!({"flow": flow})).await["items"].clone();
    until(async || runs().await[0]["status"] == "running").await;
    let run = runs().await[0]["id"].clone();
    call(&nodes.other, "runs.cancel", json!({"run": run})).await;
    until(async || runs().await[0]["status"] == "cancelled").await;
    let run = call(&nodes.other, "runs.get", json!({"run": run})).await;
    assert_ne!(run["steps"][1]["status"], "succeeded", "it did not wait to the end: {run}");
    drop(sent.await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_was_made_a_viewer_at_one_node_is_one_at_the_other(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
    #[values(Hints::Heard, Hints::Lost)] hints: Hints,
) {
    let Some(nodes) = Nodes::open(on, hints).await else { return };
    let invitation = json!({"email": setup::email("Ben"), "role": "member"});
    let invited = call(&nodes.one, "invitations.create", invitation).await;
    let token = invited["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let ben = setup::sign_up_with(&nodes.one.pmos(), "Ben", Some(&token)).await;
    let session = ben.token;
    let role_at = async |pmos: &Pmos| {
        let principal = pmos.authenticate(pmos::core::Presented::Session(&session)).await.unwrap();
        principal.role_in(nodes.one.scope().unwrap().workspace()).unwrap()
    };
    assert_eq!(role_at(&nodes.other.pmos()).await, pmos::core::Role::Member);
    call(&nodes.one, "members.update", json!({"user": ben.person.id, "role": "viewer"})).await;
    until(async || role_at(&nodes.other.pmos()).await == pmos::core::Role::Viewer).await;
}

#[tokio::test]
async fn a_repeated_request_waits_for_the_one_at_work_at_another_node() {
    let nodes = Nodes::open(On::Memory, Hints::Heard).await.unwrap();
    let request = |pmos: &Pmos| RequestInfo {
        idempotency_key: Some("first".parse().unwrap()),
        ..RequestInfo::internal(pmos).unwrap()
    };
    let (person, workspace) =
        (nodes.one.principal().person.as_ref().unwrap().id, nodes.one.scope().unwrap().workspace());
    let principal = nodes.other.pmos().vouch(person, Channel::Rust).await.unwrap();
    let again = nodes.other.pmos().enter(&principal, workspace, request(&nodes.other.pmos())).await.unwrap();
    let key = AnswerKey { actor: principal.actor.to_string(), action: "flows.create", key: "first".to_owned() };
    let at_work = nodes.cluster.leases.acquire(LeaseKey::Request(Some(workspace), key)).await.unwrap();
    let refused = try_call(&again, "flows.create", json!({"name": "Orders"})).await.unwrap_err();
    assert_eq!((refused.code(), refused.wait()), ("in_progress", Some(Duration::from_secs(1))));
    drop(at_work);
    try_call(&again, "flows.create", json!({"name": "Orders"})).await.unwrap();
}
