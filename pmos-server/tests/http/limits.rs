//! How much a caller may send.

use axum::{
    body::{Body, Bytes},
    http::Method,
};
use futures::stream;
use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn a_body_above_a_mebibyte_is_refused_whether_it_says_so_or_not() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"status": 200})).await;
    for path in [ada.at("/flows"), hook, "/api/v1/auth/sign-in".to_owned()] {
        let whole = Body::from(vec![b' '; 1024 * 1024 + 1]);
        let pieces = stream::iter((0..3).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 512 * 1024]))));
        for body in [whole, Body::from_stream(pieces)] {
            let answer = server.send(ada.request(Method::POST, &path, body)).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (413, "too_large"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_body_in_pieces_is_read_as_one() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let pieces = [r#"{"na"#, r#"me":"#, r#""In pieces"}"#].map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece)));
    let request = ada.request(Method::POST, &ada.at("/flows"), Body::from_stream(stream::iter(pieces)));
    let made = server.send(request).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.json()["name"], "In pieces");
}

#[tokio::test]
async fn who_may_not_need_not_send_a_body() {
    let server = TestServer::open();
    let unread = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let request = axum::http::Request::post("/api/v1/workspaces").body(unread).unwrap();
    assert_eq!(server.send(request).await.status, 401);
}

#[tokio::test]
async fn an_address_above_eight_kibibytes_is_refused() {
    let server = TestServer::open();
    let answer = server.get(&format!("/api/v1/me?q={}", "x".repeat(8 * 1024))).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (414, "uri_too_long"));
}

#[tokio::test]
async fn a_limited_workspace_is_told_what_is_left_of_a_minute() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let list = ada.at("/flows");
    let unlimited = ada.get(&list).await;
    assert!(!unlimited.headers.contains_key("ratelimit-limit"), "there is no limit to tell of");
    let quota = format!("/api/v1/admin/workspaces/{}/quota", ada.workspace);
    let set = ada.send(Method::PUT, &quota, &json!({"limits": {"requests_per_minute": 3}})).await;
    assert_eq!(set.status, 204, "{:?}", set.body);
    let told = |answer: &crate::support::Answer| {
        let number = |name: &str| answer.headers[name].to_str().unwrap().parse::<u64>().unwrap();
        (number("ratelimit-limit"), number("ratelimit-remaining"), number("ratelimit-reset"))
    };
    assert_eq!(told(&ada.get(&list).await), (3, 2, 20), "the one that was used comes back in a third of a minute");
    let refused = ada.get(&ada.at("/flows/flow_00000000000000000000000000000000")).await;
    assert_eq!(refused.status, 404);
    assert_eq!(told(&refused).1, 1, "a request that fails counts, and says so");
    assert_eq!(told(&ada.get(&list).await).1, 0);
    let over = ada.get(&list).await;
    assert_eq!((over.status.as_u16(), over.code().as_str()), (429, "quota_exceeded"));
    let (limit, remaining, reset) = told(&over);
    assert_eq!((limit, remaining), (3, 0));
    assert_eq!(over.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap(), reset);
}
