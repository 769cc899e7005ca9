//! What a webhook refuses, its owner sees.

use axum::{body::Body, http::Request};
use rstest::rstest;
use serde_json::json;

use crate::support::TestServer;

#[rstest]
#[case::malformed("application/json", b"{\"password\":\"s3cret\"".to_vec(), 400, "not JSON")]
#[case::charset("text/plain; charset=klingon", b"s3cret".to_vec(), 415, "klingon")]
#[case::too_large("text/plain", vec![b's'; 1024 * 1024 + 1], 413, "1 MiB")]
#[tokio::test]
async fn a_refused_delivery_is_listed_with_its_reason_and_without_its_body(
    #[case] content_type: &str,
    #[case] body: Vec<u8>,
    #[case] status: u16,
    #[case] reason: &str,
) {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (flow, hook) = ada.webhook(&json!({})).await;
    for _ in 0..30 {
        let request = Request::post(&hook).header("content-type", content_type);
        let answer = server.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{:?}", answer.body);
    }
    let list = ada.get(&ada.at(&format!("/runs?flow={flow}"))).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "a flood is not written row by row: {list}");
    let run = &list["items"][0];
    assert_eq!((&run["status"], &run["trigger"]), (&json!("failed"), &json!("webhook")));
    assert!(run["error"].as_str().unwrap().contains(reason), "{run}");
    let details = ada.get(&ada.at(&format!("/runs/{}", run["id"].as_str().unwrap()))).await;
    assert_eq!(details.json()["steps"], json!([]));
    assert!(!format!("{:?}", details.body).contains("s3cret"));
    let again =
        ada.post(&ada.at(&format!("/runs/{}/retry", run["id"].as_str().unwrap())), &json!({"from": "start"})).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "nothing_received"));
}

#[tokio::test]
async fn what_is_no_delivery_is_not_listed() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.hook(&json!({"methods": ["POST"]}), &[]).await;
    for method in ["GET", "HEAD", "OPTIONS"] {
        server.send(Request::builder().method(method).uri(&hook).body(Body::empty()).unwrap()).await;
    }
    let large = Request::post("/hooks/00000000000000000000000000000000").body(Body::from(vec![0; 1024 * 1024 + 1]));
    assert_eq!(server.send(large.unwrap()).await.status, 413);
    assert_eq!(ada.get(&ada.at("/runs")).await.json()["items"], json!([]));
}
