//! A delivery that its sender names comes once, however often it is sent.

use axum::{body::Body, http::Request};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestServer};

async fn send(server: &TestServer, hook: &str, header: &str, key: &str, body: &Value) -> Answer {
    let request = Request::post(hook).header("content-type", "application/json").header(header, key);
    server.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn runs(ada: &Browser<'_>) -> usize {
    ada.get(&ada.at("/runs")).await.json()["items"].as_array().unwrap().len()
}

#[rstest]
#[case::of_the_contract("Idempotency-Key")]
#[case::of_standard_webhooks("webhook-id")]
#[tokio::test]
async fn the_same_name_and_content_is_one_run_and_the_same_answer(#[case] header: &str) {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let respond =
        json!({"status": 201, "headers": {"x-own": "1"}, "body": {"run": "{{ run.id }}", "n": "{{ trigger.body.n }}"}});
    let (_, hook) = ada.webhook(&respond).await;
    let first = send(&server, &hook, header, "one", &json!({"n": 1})).await;
    assert_eq!(first.status, 201, "{:?}", first.body);
    for _ in 0..3 {
        let again = send(&server, &hook, header, "one", &json!({"n": 1})).await;
        assert_eq!(
            (again.status, &again.body, &again.headers["x-own"]),
            (first.status, &first.body, &first.headers["x-own"])
        );
        assert_eq!(again.headers["content-type"], first.headers["content-type"]);
    }
    assert_eq!(runs(&ada).await, 1);
    assert_ne!(send(&server, &hook, header, "two", &json!({"n": 1})).await.body, first.body);
    assert_eq!(runs(&ada).await, 2);
}

#[tokio::test]
async fn the_same_name_with_another_content_is_refused() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({})).await;
    assert_eq!(send(&server, &hook, "idempotency-key", "one", &json!({"n": 1})).await.status, 200);
    let other = send(&server, &hook, "idempotency-key", "one", &json!({"n": 2})).await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "idempotency_mismatch"));
    let query = send(&server, &format!("{hook}?a=1"), "idempotency-key", "one", &json!({"n": 1})).await;
    assert_eq!(query.code(), "idempotency_mismatch");
    assert_eq!(runs(&ada).await, 1);
}

#[tokio::test]
async fn a_name_counts_for_one_automation_alone() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, one) = ada.webhook(&json!({})).await;
    let (_, two) = ada.webhook(&json!({})).await;
    for hook in [one, two] {
        assert_eq!(send(&server, &hook, "idempotency-key", "k", &json!({})).await.status, 200);
    }
    assert_eq!(runs(&ada).await, 2);
}

#[tokio::test]
async fn what_failed_is_answered_again_and_not_done_again() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"body": "{{ trigger.body.missing }}"})).await;
    let first = send(&server, &hook, "idempotency-key", "k", &json!({})).await;
    assert_eq!(first.status, 422);
    assert_eq!(send(&server, &hook, "idempotency-key", "k", &json!({})).await.body, first.body);
    assert_eq!(runs(&ada).await, 1);
}

#[tokio::test]
async fn deliveries_that_come_at_once_are_one_run() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"body": "{{ run.id }}"})).await;
    let body = json!({"n": 1});
    let answers = futures::future::join_all((0..20).map(|_| send(&server, &hook, "webhook-id", "msg_1", &body))).await;
    for answer in &answers {
        let still_at_work =
            answer.status == 409 && answer.code() == "in_progress" && answer.headers.contains_key("retry-after");
        assert!(answer.status == 200 || still_at_work, "{:?}", answer.body);
    }
    assert!(answers.iter().any(|answer| answer.status == 200));
    assert_eq!(runs(&ada).await, 1);
}

#[tokio::test]
async fn a_sender_that_hung_up_gets_the_answer_when_it_sends_again() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"body": "{{ run.id }}"})).await;
    let body = json!({});
    {
        let first = send(&server, &hook, "idempotency-key", "k", &body);
        tokio::pin!(first);
        // It is given up after a single look.
        assert!(futures::poll!(first.as_mut()).is_pending());
    }
    let again = loop {
        let again = send(&server, &hook, "idempotency-key", "k", &body).await;
        if again.status != 409 {
            break again;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(again.status, 200, "{:?}", again.body);
    assert_eq!(runs(&ada).await, 1);
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused_and_a_strange_webhook_id_ignored() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({})).await;
    let refused = send(&server, &hook, "idempotency-key", "not a key", &json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "invalid_input"));
    assert_eq!(send(&server, &hook, "webhook-id", "not a key", &json!({})).await.status, 200);
    assert_eq!(runs(&ada).await, 1);
}
