//! Bad input is refused with a stable code, the field and what would be right, and changes nothing.

use axum::{body::Body, http::Method};
use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestServer};

fn set(id: &str, value: &str) -> Value {
    let settings = json!({"values": {"x": value}});
    json!({"id": id, "kind": "action", "name": id, "piece": "core", "operation": "set", "settings": settings})
}

fn trigger() -> Value {
    json!({"id": "trigger", "kind": "trigger", "name": "Call", "piece": "core", "operation": "webhook", "settings": {}})
}

fn edge(from: &str, to: &str) -> Value {
    json!({"from": from, "port": "next", "to": to})
}

/// The refusal in the one form there is; `field` is named, with a sentence that says more than that it is wrong.
fn refused(answer: &Answer, status: u16, code: &str, field: Option<&str>) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{:?}", answer.body);
    let body = answer.json();
    assert!(body["request_id"].is_string() && body["title"].is_string(), "{body}");
    assert!(body["detail"].as_str().unwrap().len() > 20, "it does not say what to do: {body}");
    if let Some(field) = field {
        let fault = &body["errors"][0];
        assert_eq!(fault["field"], field, "{body}");
        assert!(fault["message"].as_str().unwrap().contains(' '), "{body}");
    }
}

/// All that could have been changed.
async fn state(ada: &Browser<'_>, flow: &str) -> (Value, Value, Value) {
    let list = ada.get(&ada.at("/flows")).await.json();
    let audit = ada.get(&ada.at("/audit")).await.json();
    (list, ada.get(&ada.at(&format!("/flows/{flow}"))).await.json(), audit)
}

#[tokio::test]
async fn a_graph_that_is_none_is_refused_and_leaves_nothing_behind() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (flow, _) = ada.webhook(&json!({"status": 200})).await;
    let before = state(&ada, &flow).await;
    for (graph, field) in [
        (json!({"steps": [trigger()], "edges": [edge("trigger", "gone")]}), "graph"),
        (json!({"steps": [trigger(), set("a", ""), set("a", "")], "edges": [edge("trigger", "a")]}), "graph.steps[2]"),
        (
            json!({
                "steps": [trigger(), set("a", ""), set("b", "")],
                "edges": [edge("trigger", "a"), edge("a", "b"), edge("b", "a")],
            }),
            "graph.steps[1]",
        ),
        (json!({"steps": "none", "edges": []}), "graph.steps"),
    ] {
        let answer = ada.post(&ada.at("/flows"), &json!({"name": "Bad", "graph": graph})).await;
        refused(&answer, 422, "invalid_input", Some(field));
    }
    assert_eq!(state(&ada, &flow).await, before);
}

#[tokio::test]
async fn what_a_draft_lacks_is_an_issue_at_its_step_and_keeps_it_from_going_live() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let mut unknown = set("a", "");
    unknown["piece"] = json!("nope");
    let mut missing = set("a", "");
    (missing["operation"], missing["settings"]) = (json!("http"), json!({"method": "GET"}));
    for (step, field, code) in [
        (unknown, "piece", "unknown_piece"),
        (missing, "url", "required"),
        (set("a", "{{ 1 + }}"), "values.x", "expression"),
    ] {
        let graph = json!({"steps": [trigger(), step], "edges": [edge("trigger", "a")]});
        let made = ada.post(&ada.at("/flows"), &json!({"name": "Draft", "graph": graph})).await;
        assert_eq!(made.status, 201, "work that is not done yet is kept: {:?}", made.body);
        let flow = made.json()["id"].as_str().unwrap().to_owned();
        let before = state(&ada, &flow).await;
        let answer = ada.post(&ada.at(&format!("/flows/{flow}/publish")), &json!({})).await;
        refused(&answer, 422, "not_ready", Some("a"));
        let issue = &answer.json()["issues"][0];
        assert_eq!((&issue["step"], &issue["field"], &issue["code"]), (&json!("a"), &json!(field), &json!(code)));
        assert!(issue["message"].as_str().unwrap().contains(' '), "{issue}");
        assert_eq!(state(&ada, &flow).await, before);
    }
}

#[tokio::test]
async fn an_edit_on_a_stale_base_is_refused_with_both_sides_and_nothing_is_lost() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (flow, _) = ada.webhook(&json!({"status": 200})).await;
    let edits = ada.at(&format!("/flows/{flow}/edits"));
    let rename = |name: &str| json!({"base": "1", "edits": [{"op": "rename", "name": name}]});
    assert_eq!(ada.post(&edits, &rename("Theirs")).await.status, 200);
    let before = state(&ada, &flow).await;
    let answer = ada.post(&edits, &rename("Mine")).await;
    refused(&answer, 409, "conflict", None);
    let body = answer.json();
    assert_eq!((&body["current"], &body["theirs"][0]["name"]), (&json!("2"), &json!("Theirs")), "{body}");
    assert_eq!(body["mine"][0]["name"], "Mine");
    assert_eq!(state(&ada, &flow).await, before);
}

#[tokio::test]
async fn bytes_and_pages_that_make_no_sense_are_refused_by_name() {
    let server = TestServer::open();
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let (flow, _) = ada.webhook(&json!({"status": 200})).await;
    ada.webhook(&json!({"status": 200})).await;
    let before = state(&ada, &flow).await;

    let large = ada.request(Method::POST, &ada.at("/flows"), Body::from(vec![b' '; 10_000_000]));
    refused(&server.send(large).await, 413, "too_large", None);
    let garbled = ada.request(Method::POST, &ada.at("/flows"), Body::from(&b"{\"name\":\"\xff\"}"[..]));
    refused(&server.send(garbled).await, 400, "malformed", None);
    refused(&ada.get(&ada.at("/flows?limit=0")).await, 422, "invalid_input", Some("limit"));
    let first = ada.get(&ada.at("/flows?limit=1")).await.json();
    let cursor = first["next"].as_str().unwrap();
    let foreign = bob.get(&bob.at(&format!("/flows?limit=1&cursor={cursor}"))).await;
    refused(&foreign, 422, "invalid_input", Some("cursor"));
    refused(&ada.get(&ada.at("/flows?cursor=nonsense")).await, 422, "invalid_input", Some("cursor"));
    refused(&ada.get(&ada.at("/flows?colour=red")).await, 422, "invalid_input", Some("colour"));
    assert_eq!(state(&ada, &flow).await, before);
}
