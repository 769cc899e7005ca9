//! What people send and what their automations make of it: a value is never guessed.

use std::sync::Arc;

use pmos::{
    core::{Pmos, run::InboundRequest},
    storage::MemoryStore,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{setup, town::call};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn post(kind: &str, body: &str) -> InboundRequest {
    InboundRequest {
        method: "POST".to_owned(),
        headers: vec![("content-type".to_owned(), kind.to_owned().into())],
        query: None,
        body: body.to_owned().into(),
        body_limit: 1 << 20,
        raw: false,
    }
}

/// The secret part of the address of a live webhook with these steps.
async fn live(pmos: &Pmos, steps: Value, edges: Value) -> (pmos::core::action::Caller, String) {
    let home = setup::at_home(pmos, &setup::sign_up(pmos, "Ada").await).await;
    let graph = json!({"steps": steps, "edges": edges});
    let flow = call(&home, "flows.create", json!({"name": "Say", "graph": graph})).await;
    let live = call(&home, "flows.publish", json!({"flow": flow["id"], "enable": true})).await;
    (home, live["hook_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
}

fn webhook() -> Value {
    json!({"id": "trigger", "kind": "trigger", "name": "Sent", "piece": "core", "operation": "webhook",
           "settings": {"respond": "at_end"}})
}

fn reply(id: &str, body: Value) -> Value {
    json!({"id": id, "kind": "action", "name": id, "piece": "core", "operation": "respond", "settings": {"body": body}})
}

/// What a webhook that answers with one expression says, or why its run failed.
async fn say(expression: &str, kind: &str, body: &str) -> Result<Value, String> {
    let pmos = setup::open(Arc::new(MemoryStore::new()), "");
    let steps = json!([webhook(), reply("reply", json!({"v": expression}))]);
    let (home, token) = live(&pmos, steps, json!([{"from": "trigger", "port": "next", "to": "reply"}])).await;
    let answer = pmos.deliver(&token, post(kind, body)).await.map_err(|error| error.to_string())?;
    if answer.status == 200 {
        return Ok(answer.body["v"].clone());
    }
    let runs = call(&home, "runs.list", json!({})).await;
    let run = call(&home, "runs.get", json!({"run": runs["items"][0]["id"]})).await;
    Err(run["error"].as_str().unwrap_or_default().to_owned())
}

#[rstest]
#[case::tripled("{{ trigger.body.qty | int * 3 }}", FORM, "qty=4", json!(12))]
#[case::guarded("{{ trigger.body.customer.name | default('none') }}", JSON, "{}", json!("none"))]
#[case::spelled("{{ 'n=' ~ trigger.body.n ~ ' y=' ~ trigger.body.y }}", JSON, r#"{"n":null,"y":true}"#, json!("n= y=true"))]
#[case::digits("{{ trigger.body.id }}", JSON, r#"{"id":9007199254740993}"#, json!(9_007_199_254_740_993_u64))]
#[case::largest("{{ trigger.body.id }}", JSON, r#"{"id":18446744073709551615}"#, json!(u64::MAX))]
#[tokio::test]
async fn what_is_clear_is_answered(
    #[case] expression: &str,
    #[case] kind: &str,
    #[case] body: &str,
    #[case] expected: Value,
) {
    assert_eq!(say(expression, kind, body).await, Ok(expected));
}

#[rstest]
#[case::compared("{{ trigger.body.total > 100 }}", FORM, "total=5", "body.v: compares a text with a number")]
#[case::multiplied("{{ trigger.body.qty * 3 }}", FORM, "qty=4", "body.v: cannot compute a text * a number")]
#[case::missing("orders/{{ trigger.body.id | urlencode }}", JSON, "{}", "body.v: `trigger.body.id` is not there")]
#[case::power("{{ 2 ** 64 }}", JSON, "{}", "body.v: gives the whole number 18446744073709551616, which is too long")]
#[case::long_number(
    "{{ trigger.body.id }}",
    JSON,
    r#"{"id":123456789012345678901234567890}"#,
    "the whole number 123456789012345678901234567890 is too long to be kept exactly"
)]
#[tokio::test]
async fn what_would_be_a_guess_fails_and_says_why(
    #[case] expression: &str,
    #[case] kind: &str,
    #[case] body: &str,
    #[case] expected: &str,
) {
    let why = say(expression, kind, body).await.unwrap_err();
    assert!(why.contains(expected), "{why}");
}

/// A branch that was not taken left nothing behind, and its steps can be asked for.
#[tokio::test]
async fn a_step_that_did_not_run_is_not_defined() {
    let pmos = setup::open(Arc::new(MemoryStore::new()), "");
    let way = json!({"id": "way", "kind": "action", "name": "way", "piece": "core", "operation": "branch",
        "settings": {"branches": [{"name": "fetch", "when": "{{ trigger.body.fetch is defined }}"}]}});
    let fetch = json!({"id": "fetch", "kind": "action", "name": "fetch", "piece": "core", "operation": "set",
        "settings": {"values": {"body": {"id": 7}}}});
    let answer =
        json!({"known": "{{ steps.fetch.body.id is defined }}", "id": "{{ steps.fetch.body.id | default(0) }}"});
    let steps = json!([webhook(), way, fetch, reply("reply", answer)]);
    let edges = json!([
        {"from": "trigger", "port": "next", "to": "way"},
        {"from": "way", "port": "branch:0", "to": "fetch"},
        {"from": "way", "port": "next", "to": "reply"},
    ]);
    let (_, token) = live(&pmos, steps, edges).await;
    for (body, expected) in
        [("{}", json!({"known": false, "id": 0})), (r#"{"fetch":1}"#, json!({"known": true, "id": 7}))]
    {
        assert_eq!(pmos.deliver(&token, post(JSON, body)).await.unwrap().body, expected);
    }
}
