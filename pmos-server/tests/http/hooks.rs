//! Inbound webhooks.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn a_call_gets_the_answer_of_the_flow() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let respond = json!({"status": 201, "headers": {"x-own": "yes"}, "body": {"total": "{{ trigger.body.qty * 3 }}"}});
    let (flow, hook) = ada.webhook(&respond).await;
    let answer = server.post(&hook, &json!({"qty": 4})).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    assert_eq!(answer.json(), json!({"total": 12}));
    assert_eq!(answer.headers["x-own"], "yes");
    let runs = ada.get(&ada.at(&format!("/runs?flow={flow}"))).await.json();
    assert_eq!(runs["items"][0]["status"], "succeeded");
    assert_eq!(runs["items"][0]["result"], json!({"total": 12}));
}

#[tokio::test]
async fn what_a_flow_answers_cannot_act_as_one_of_our_pages() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let page = json!({"headers": {"content-type": "text/html"}, "body": "<script>alert(1)</script>"});
    let (_, hook) = ada.webhook(&page).await;
    let answer = server.post(&hook, &json!({})).await;
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8", "{:?}", answer.body);
    assert!(answer.headers["content-security-policy"].to_str().unwrap().starts_with("sandbox;"));
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn a_wrong_partial_or_disabled_address_is_not_found() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (flow, hook) = ada.webhook(&json!({"status": 200})).await;
    let wrong = ["/hooks/00000000000000000000000000000000", &hook[..hook.len() - 1], "/hooks/", "/hooks/%61"];
    for path in wrong {
        assert_eq!(server.post(path, &json!({})).await.status, 404, "{path}");
    }
    assert_eq!(server.post(&hook, &json!({})).await.status, 200);
    assert_eq!(ada.post(&ada.at(&format!("/flows/{flow}/disable")), &json!({})).await.status, 200);
    assert_eq!(server.post(&hook, &json!({})).await.status, 404);
}

#[tokio::test]
async fn a_body_that_is_not_what_it_says_is_malformed() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"status": 200})).await;
    let request = Request::builder().method(Method::POST).uri(&hook).header("content-type", "application/json");
    let answer = server.send(request.body(Body::from("{")).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "malformed_body"));
}
